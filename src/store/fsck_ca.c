/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/fsck_ca.c - what must hold in ca's database, as queries whose rows are findings
 */

#include <string.h>

#include "base/buf.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "db/db_private.h"
#include "store/ca/audit.h"
#include "store/ca/audit_private.h"
#include "store/ca/cert.h"
#include "store/ca/cert_private.h"
#include "store/fsck.h"
#include "store/fsck_ca_private.h"
#include "store/fsck_crl_private.h"
#include "store/fsck_private.h"

#define CRL_SERIES_MAX 256u /* issuers and shards whose CRL numbers are followed */
#define CRL_OBJECT_MAX 64u
#define NUMBER "number="

static const struct sg_fsck_check checks[] = {
    {"I1",
	"SELECT 'certificate ' || c.id FROM cert c LEFT JOIN cert_der d ON d.id = c.id "
	"WHERE c.state BETWEEN 2 AND 5 AND d.id IS NULL",
	"issued, but its bytes are not stored", false},
    {"I1",
	"SELECT 'certificate ' || d.id FROM cert_der d LEFT JOIN cert c ON c.id = d.id "
	"WHERE c.id IS NULL OR c.state NOT BETWEEN 2 AND 5",
	"its bytes are stored, but it does not count as issued", false},
    {"I2",
	"SELECT 'serial ' || lower(hex(serial)) FROM cert WHERE serial IS NOT NULL "
	"GROUP BY serial HAVING count(*) > 1",
	"used twice", false},
    {"I2",
	"SELECT 'certificate ' || id FROM cert WHERE state BETWEEN 1 AND 5 "
	"AND (serial IS NULL OR length(serial) NOT BETWEEN 1 AND 22)",
	"without a serial number", false},
    {"I2",
	"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 63) "
	"SELECT 'serial ' || lower(hex(substr(serials, 20 * i + 1, 20))) FROM lease, n "
	"WHERE 20 * i < length(serials) GROUP BY substr(serials, 20 * i + 1, 20) "
	"HAVING count(*) > 1",
	"leased twice", false},
    {"I3",
	"SELECT 'request ' || lower(hex(request_id)) FROM cert GROUP BY request_id "
	"HAVING count(*) > 1",
	"recorded twice", false},
    {"I3",
	"SELECT 'order ' || lower(hex(order_id)) FROM cert WHERE order_id IS NOT NULL "
	"AND state <= 4 GROUP BY order_id HAVING count(*) > 1",
	"gave two certificates", false},
    {"I3",
	"SELECT 'certificates ' || min(id) || ' and ' || max(id) FROM cert "
	"WHERE renews_hash IS NOT NULL AND state <= 4 GROUP BY renews_hash, csr_hash "
	"HAVING count(*) > 1",
	"one renewal request gave both", false},
    {"I5",
	"SELECT 'certificate ' || id FROM cert WHERE state NOT BETWEEN 1 AND 6 "
	"OR (state = 1 AND done_at <> 0) OR (state > 1 AND done_at = 0)",
	"neither an intent, nor issued, nor failed", false},
    {"I5",
	"SELECT 'lease ' || id FROM lease WHERE length(serials) % 20 <> 0 "
	"OR length(serials) NOT BETWEEN 20 AND 1280",
	"what may have been signed with it cannot be told", false},
    {"I6",
	"SELECT 'certificate ' || id FROM cert WHERE (state BETWEEN 3 AND 5 "
	"AND revoked_at = 0) OR (state NOT BETWEEN 3 AND 5 AND revoked_at <> 0) "
	"OR (state = 3 AND reason <> 6)",
	"revoked and not revoked at once", false},
    {"I12",
	"SELECT 'certificate ' || c.id FROM cert c LEFT JOIN cert p ON p.serial = c.renews "
	"AND p.id < c.id AND p.state BETWEEN 2 AND 5 "
	"WHERE c.state BETWEEN 2 AND 5 AND c.lineage <> coalesce(p.lineage, c.id)",
	"not in the lineage of what it renews, or in another's without renewing", false},
    {"I11",
	"SELECT 'serial ' || lower(hex(a.serial)) FROM adopted a JOIN cert c "
	"ON c.serial = a.serial AND c.issuer = a.issuer WHERE c.state BETWEEN 2 AND 5",
	"adopted from a list without a certificate, and has one", false},
};

/* Every stored certificate still has the bytes that were recorded. */
static enum sg_code
check_hashes(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT c.id, c.cert_hash, d.der FROM cert c JOIN cert_der d ON d.id = c.id");
	for (;;) {
		bool row = false;
		uint8_t want[SG_STORE_HASH_LEN], have[SG_STORE_HASH_LEN];
		enum sg_code rc = sg_query_next(&q, &row, err);
		if (rc != SG_OK || !row)
			return rc;
		sg_query_col_fixed(&q, 1, want, sizeof(want));
		rc = sg_sha256(sg_query_col(&q, 2), have, err);
		if (rc == SG_OK)
			rc = sg_query_check(&q, err);
		if (rc != SG_OK)
			return rc;
		if (memcmp(want, have, sizeof(want)) != 0)
			sg_fsck_found(f, "I1", "certificate %lld: its bytes were altered",
			    (long long)sg_query_col_int(&q, 0));
	}
}

/* ---- the audit chain, and what it says against the tables ---- */

struct series {
	char object[CRL_OBJECT_MAX];
	uint64_t number;
};

struct chain {
	int64_t seq;
	uint8_t hash[SG_STORE_HASH_LEN];
	uint64_t issued; /* rows that say so */
	bool broken;
	struct series crl[CRL_SERIES_MAX];
	unsigned n_crl;
};

/* The state of the certificate that an audit row names, or 0. */
static enum sg_code
state_of(struct sg_sql *db, struct sg_slice serial_hex, int64_t *ret, struct sg_err *err)
{
	sg_buf_scoped serial = {0};
	*ret = 0;
	if (sg_hex_parse(serial_hex, &serial, NULL) != SG_OK)
		return SG_OK; /* altered: the chain has said so */
	return sg_cadb_cert_get_state(db, sg_buf_slice(&serial), ret, err);
}

/* A serial number that was given up must not be in a certificate, nor become one. A database that
 * came back from a backup gives up what had been issued since, and that may be imported. */
static enum sg_code
check_abandoned_one(struct sg_fsck *f, struct sg_sql *db, const struct sg_cadb_audit_row *row,
    struct sg_slice hex, struct sg_err *err)
{
	sg_buf_scoped serial = {0};
	bool used = false;
	if (sg_hex_parse(hex, &serial, NULL) != SG_OK || serial.len == 0)
		return SG_OK; /* altered: the chain has said so */
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT 1 FROM cert WHERE serial = ?1 AND substr(request_id, 1, ?3) <> ?2 "
	    "UNION ALL SELECT 1 FROM lease WHERE instr(serials, ?1) > 0");
	sg_query_blob(&q, serial.p, serial.len);
	sg_query_blob(&q, SG_CADB_IMPORT, strlen(SG_CADB_IMPORT));
	sg_query_int(&q, (int64_t)strlen(SG_CADB_IMPORT));
	enum sg_code rc = sg_query_next(&q, &used, err);
	if (rc == SG_OK && used)
		sg_fsck_found(f, "I2",
		    "audit row %lld: serial number %.*s was given up, and is in use",
		    (long long)row->seq, (int)hex.len, (const char *)hex.p);
	return rc;
}

static enum sg_code
check_abandoned(
    struct sg_fsck *f, struct sg_sql *db, const struct sg_cadb_audit_row *row, struct sg_err *err)
{
	struct sg_slice rest = row->detail;
	while (rest.len > 0) {
		const uint8_t *comma = memchr(rest.p, ',', rest.len);
		size_t len = comma != NULL ? (size_t)(comma - rest.p) : rest.len;
		enum sg_code rc = check_abandoned_one(f, db, row, sg_slice(rest.p, len), err);
		if (rc != SG_OK)
			return rc;
		len += comma != NULL ? 1 : 0;
		rest = sg_slice(rest.p + len, rest.len - len);
	}
	return SG_OK;
}

static void
follow_crl(struct sg_fsck *f, struct chain *c, const struct sg_cadb_audit_row *row)
{
	char object[CRL_OBJECT_MAX] = "", detail[128] = "";
	if (row->object.len >= sizeof(object) || row->detail.len >= sizeof(detail))
		return;
	memcpy(object, row->object.p, row->object.len); /* UNSAFE: checked above */
	memcpy(detail, row->detail.p, row->detail.len); /* UNSAFE: checked above */
	const char *at = strstr(detail, NUMBER);
	const char *digits = at != NULL ? at + strlen(NUMBER) : "";
	uint64_t number = 0;
	if (sg_decimal_parse(
		sg_slice(digits, strspn(digits, "0123456789")), INT64_MAX, &number, NULL) != SG_OK)
		return; /* altered: the chain has said so */
	unsigned i = 0;
	while (i < c->n_crl && strcmp(c->crl[i].object, object) != 0)
		i++;
	if (i == CRL_SERIES_MAX)
		return;
	if (i == c->n_crl) {
		memcpy(c->crl[i].object, object, sizeof(object));
		c->n_crl++;
	} else if (number <= c->crl[i].number) {
		sg_fsck_found(f, "I6", "audit row %lld: CRL number %llu of %s follows %llu",
		    (long long)row->seq, (unsigned long long)number, object,
		    (unsigned long long)c->crl[i].number);
	}
	c->crl[i].number = number;
}

static enum sg_code
check_act(struct sg_fsck *f, struct sg_sql *db, struct chain *c,
    const struct sg_cadb_audit_row *row, struct sg_err *err)
{
	bool issue = sg_slice_is(row->act, "issue"), revoke = sg_slice_is(row->act, "revoke");
	if (sg_slice_is(row->act, "crl"))
		follow_crl(f, c, row);
	if (sg_slice_is(row->act, SG_CADB_ACT_ABANDON))
		return check_abandoned(f, db, row, err);
	if (!issue && !revoke)
		return SG_OK;
	int64_t state = 0;
	enum sg_code rc = state_of(db, row->object, &state, err);
	if (rc != SG_OK)
		return rc;
	c->issued += issue ? 1 : 0;
	if (issue && (state < SG_CADB_CERT_GOOD || state > SG_CADB_CERT_WITHDRAWN))
		sg_fsck_found(f, "I1", "audit row %lld: the certificate it says was issued is gone",
		    (long long)row->seq);
	if (revoke && state != SG_CADB_CERT_REVOKED && state != SG_CADB_CERT_WITHDRAWN)
		sg_fsck_found(f, "I6", "audit row %lld: what it revoked is not revoked any more",
		    (long long)row->seq);
	return SG_OK;
}

static enum sg_code
check_link(
    struct sg_fsck *f, struct chain *c, const struct sg_cadb_audit_row *row, struct sg_err *err)
{
	uint8_t want[SG_STORE_HASH_LEN];
	enum sg_code rc = sg_cadb_audit_hash(c->hash, row, want, err);
	if (rc != SG_OK)
		return rc;
	if (row->seq != c->seq + 1)
		sg_fsck_found(f, "I7", "audit row %lld follows row %lld: rows are missing",
		    (long long)row->seq, (long long)c->seq);
	if (memcmp(want, row->hash, sizeof(want)) != 0 && !c->broken) {
		sg_fsck_found(f, "I7",
		    "audit row %lld does not continue the chain: it or an "
		    "earlier row was altered",
		    (long long)row->seq);
		c->broken = true; /* once is enough: go on from what is written */
	}
	c->seq = row->seq;
	memcpy(c->hash, row->hash, sizeof(c->hash));
	return SG_OK;
}

static enum sg_code
check_chain(struct sg_fsck *f, struct sg_sql *db, struct chain *c, struct sg_err *err)
{
	sg_query_scoped q;
	sg_cadb_audit_begin(&q, db); /* altered ones, too */
	for (;;) {
		bool found = false;
		struct sg_cadb_audit_row row;
		enum sg_code rc = sg_cadb_audit_next(&q, &found, &row, err);
		if (rc != SG_OK || !found)
			return rc;
		rc = check_link(f, c, &row, err);
		if (rc == SG_OK)
			rc = check_act(f, db, c, &row, err);
		if (rc != SG_OK)
			return rc;
		f->counts.audit_rows++;
	}
}

SG_RC
sg_fsck_ca(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err)
{
	struct sg_fsck_counts *n = &f->counts;
	struct chain c = {0};
	enum sg_code rc = sg_fsck_run(f, db, checks, sizeof(checks) / sizeof(checks[0]), err);
	if (rc == SG_OK)
		rc = check_hashes(f, db, err);
	if (rc == SG_OK)
		rc = check_chain(f, db, &c, err);
	if (rc == SG_OK && f->conf->crl_read != NULL)
		rc = sg_fsck_crl(f, db, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(db, "SELECT count(*) FROM cert WHERE state BETWEEN 2 AND 5",
		    &n->certificates, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(
		    db, "SELECT count(*) FROM cert WHERE state BETWEEN 3 AND 5", &n->revoked, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(
		    db, "SELECT count(*) FROM cert WHERE state = 1", &n->intents, err);
	if (rc == SG_OK && c.issued != n->certificates)
		sg_fsck_found(f, "I7", "the audit records %llu certificates issued, the table %llu",
		    (unsigned long long)c.issued, (unsigned long long)n->certificates);
	return rc;
}
