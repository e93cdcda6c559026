/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/lineage.c - what comes from one enrolment: joined by each renewal, counted, revoked as
 * one
 *
 * A renewal is judged here, in the transaction that records it, after what ca has looked at before
 * it signed: of two renewals at once the second sees the first, and none slips past a revocation.
 */

#include "store/ca/lineage.h"

#include <string.h>

#include "base/buf.h"
#include "db/db.h"
#include "db/writer.h"
#include "store/ca/cert.h"
#include "store/ca/lineage_private.h"
#include "store/ca/revoke.h"
#include "store/ca/revoke_private.h"

/* What ended a day ago or earlier was neither live nor recorded since: the index ends there. */
static enum sg_code
count_use(
    struct sg_sql *db, int64_t lineage, int64_t now, struct sg_renewal_use *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT count(CASE WHEN state IN (2, 3) AND not_after >= ?2 THEN 1 END), "
	    "min(CASE WHEN state IN (2, 3) AND not_after >= ?2 THEN not_after END), "
	    "count(CASE WHEN renews IS NOT NULL AND abs(done_at - ?2) < ?3 THEN 1 END), "
	    "min(CASE WHEN renews IS NOT NULL AND abs(done_at - ?2) < ?3 THEN done_at END) "
	    "FROM cert c WHERE not_after > ?2 - ?3 AND state BETWEEN 2 AND 5 "
	    "AND " SG_CADB_IN_LINEAGE("c", "?1"));
	sg_query_int(&q, lineage);
	sg_query_int(&q, now);
	sg_query_int(&q, SG_RENEWAL_DAY_S);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && found)
		*ret = (struct sg_renewal_use){.now = now,
		    .live = (uint64_t)sg_query_col_int(&q, 0),
		    .live_ends = sg_query_col_int(&q, 1),
		    .renewals = (uint64_t)sg_query_col_int(&q, 2),
		    .renewals_from = sg_query_col_int(&q, 3)};
	return rc;
}

SG_RC
sg_cadb_lineage_join(
    struct sg_sql *db, const struct sg_cadb_new_cert *in, int64_t *ret_lineage, struct sg_err *err)
{
	uint8_t hash[SG_STORE_HASH_LEN];
	struct sg_renewal_use use = {0};
	bool found = false;
	*ret_lineage = 0;
	if (in->renews.len == 0)
		return SG_OK;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT state, lineage, cert_hash, not_after FROM cert WHERE serial = ?1 "
	    "AND state BETWEEN 2 AND 5");
	sg_query_blob(&q, in->renews.p, in->renews.len);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK)
		return rc;
	if (found)
		sg_query_col_fixed(&q, 2, hash, sizeof(hash));
	rc = sg_query_check(&q, err);
	if (rc != SG_OK)
		return rc;
	bool ours = found && memcmp(hash, in->renews_hash, sizeof(hash)) == 0;
	rc = sg_renewal_still(ours, ours && sg_query_col_int(&q, 0) == SG_CADB_CERT_GOOD, err);
	if (rc != SG_OK)
		return rc;
	*ret_lineage = sg_query_col_int(&q, 1);
	if (!sg_renewal_counts(&in->limits))
		return SG_OK;
	rc = count_use(db, *ret_lineage, in->now, &use, err);
	use.serial = in->renews;
	use.not_after = sg_query_col_int(&q, 3);
	return rc == SG_OK ? sg_renewal_limit(&in->limits, &use, err) : rc;
}

/* ---- reading ---- */

struct look {
	int64_t lineage, now;
	struct sg_renewal_use use;
	struct sg_cadb_lineage all;
};

static enum sg_code
read_use(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct look *l = arg;
	return count_use(db, l->lineage, l->now, &l->use, err);
}

SG_RC
sg_cadb_lineage_get_use(struct sg_db *store, int64_t lineage, int64_t now,
    struct sg_renewal_use *ret, struct sg_err *err)
{
	struct look l = {.lineage = lineage, .now = now};
	enum sg_code rc = sg_db_read(store, read_use, &l, err);
	if (rc == SG_OK)
		*ret = l.use;
	return rc;
}

static enum sg_code
read_all(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct look *l = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT count(*), count(CASE WHEN state IN (2, 3) AND not_after >= ?2 THEN 1 END), "
	    "count(CASE WHEN state = 2 AND not_after >= ?2 THEN 1 END), "
	    "(SELECT serial FROM cert WHERE id = ?1) "
	    "FROM cert c WHERE state BETWEEN 2 AND 5 AND " SG_CADB_IN_LINEAGE("c", "?1"));
	sg_query_int(&q, l->lineage);
	sg_query_int(&q, l->now);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK || !found)
		return rc;
	struct sg_slice first = sg_query_col(&q, 3);
	rc = sg_query_check(&q, err);
	if (rc != SG_OK)
		return rc;
	l->all = (struct sg_cadb_lineage){.size = (uint64_t)sg_query_col_int(&q, 0),
	    .live = (uint64_t)sg_query_col_int(&q, 1),
	    .good = (uint64_t)sg_query_col_int(&q, 2)};
	if (first.len == 0 || first.len > sizeof(l->all.first))
		return sg_fail(err, SG_E_INTERNAL, "store.corrupt",
		    "the lineage of certificate %lld has no beginning: run signet fsck",
		    (long long)l->lineage);
	memcpy(l->all.first, first.p, first.len);
	l->all.first_len = first.len;
	return SG_OK;
}

SG_RC
sg_cadb_lineage_get(struct sg_db *store, int64_t lineage, int64_t now, struct sg_cadb_lineage *ret,
    struct sg_err *err)
{
	struct look l = {.lineage = lineage, .now = now};
	enum sg_code rc = sg_db_read(store, read_all, &l, err);
	if (rc == SG_OK)
		*ret = l.all;
	return rc;
}

/* ---- revocation ---- */

#define MEMBERS_MAX (256u << 20) /* three million certificates of one lineage */

struct member {
	int64_t id;
	struct sg_cadb_lineage_member of; /* its serial points nowhere */
	uint8_t serial[SG_CADB_SERIAL_KEY_MAX];
};

struct revoke_all {
	struct sg_slice serial;
	struct sg_cadb_revoking what;
	struct sg_cadb_lineage_revoked done;
	struct sg_buf members; /* struct member of each */
};

static enum sg_code
find_lineage(struct sg_sql *db, struct sg_slice serial, int64_t *ret_lineage, uint64_t *ret_size,
    struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT max(c.lineage), count(*) FROM cert c JOIN cert m WHERE c.serial = ?1 "
	    "AND c.state BETWEEN 2 AND 5 AND m.state BETWEEN 2 AND 5 "
	    "AND " SG_CADB_IN_LINEAGE("m", "c.lineage"));
	sg_query_blob(&q, serial.p, serial.len);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK) {
		*ret_lineage = sg_query_col_int(&q, 0);
		*ret_size = (uint64_t)sg_query_col_int(&q, 1);
	}
	if (rc == SG_OK && *ret_size == 0)
		rc = sg_fail(err, SG_E_NOTFOUND, "serial.unknown",
		    "this CA has issued no certificate with this serial number");
	return rc;
}

/* All of them first, as what is being read must not change. */
static enum sg_code
read_members(struct sg_sql *db, struct revoke_all *r, int64_t lineage, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT id, issuer, not_after, serial, state = 2 OR (state = 3 AND ?2 = 0) "
	    "FROM cert c WHERE state BETWEEN 2 AND 5 AND " SG_CADB_IN_LINEAGE("c", "?1"));
	sg_query_int(&q, lineage);
	sg_query_int(&q, r->what.reason == SG_CADB_REASON_HOLD);
	for (;;) {
		bool found = false;
		enum sg_code rc = sg_query_next(&q, &found, err);
		if (rc != SG_OK || !found)
			return rc;
		struct member m = {.id = sg_query_col_int(&q, 0),
		    .of = {.issuer = (int)sg_query_col_int(&q, 1),
			.ended = sg_query_col_int(&q, 2) < r->what.now,
			.changed = sg_query_col_int(&q, 4) != 0}};
		struct sg_slice serial = sg_query_col(&q, 3);
		rc = sg_query_check(&q, err);
		if (rc == SG_OK && serial.len > sizeof(m.serial))
			rc = sg_fail(err, SG_E_INTERNAL, "store.corrupt",
			    "the serial number of certificate %lld is too long: run signet fsck",
			    (long long)m.id);
		if (rc != SG_OK)
			return rc;
		memcpy(m.serial, serial.p, serial.len); /* UNSAFE: checked above */
		m.of.serial.len = serial.len;
		sg_buf_put(&r->members, &m, sizeof(m));
		rc = sg_buf_check(&r->members, err);
		if (rc != SG_OK)
			return rc;
	}
}

static size_t
count_members(const struct revoke_all *r)
{
	return r->members.len / sizeof(struct member);
}

static struct member
member_at(const struct revoke_all *r, size_t n)
{
	struct member m;
	memcpy(&m, r->members.p + n * sizeof(m), sizeof(m));
	return m;
}

static enum sg_code
job_revoke_all(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct revoke_all *r = arg;
	int64_t lineage = 0;
	int to = r->what.reason == SG_CADB_REASON_HOLD ? SG_CADB_CERT_HOLD : SG_CADB_CERT_REVOKED;
	r->done = (struct sg_cadb_lineage_revoked){0};
	sg_buf_reset(&r->members);
	enum sg_code rc = find_lineage(db, r->serial, &lineage, &r->done.size, err);
	if (rc == SG_OK)
		rc = read_members(db, r, lineage, err);
	for (size_t n = 0; rc == SG_OK && n < count_members(r); n++) {
		struct member m = member_at(r, n);
		if (!m.of.changed)
			continue;
		r->what.serial = sg_slice(m.serial, m.of.serial.len);
		rc = sg_cadb_revoke_cert(db, m.id, to, &r->what, err);
		r->done.changed++;
		r->done.ended += m.of.ended ? 1 : 0;
	}
	return rc;
}

SG_RC
sg_cadb_lineage_revoke(struct sg_db *store, struct sg_slice serial, int reason, struct sg_slice who,
    int64_t now, void (*each)(void *arg, const struct sg_cadb_lineage_member *member), void *arg,
    struct sg_cadb_lineage_revoked *ret, struct sg_err *err)
{
	struct revoke_all r = {.serial = serial,
	    .what = {.who = who, .reason = reason, .revoked_at = now, .now = now},
	    .members = {.max = MEMBERS_MAX}};
	enum sg_code rc = sg_db_check(
	    sg_cadb_revoke_reason_ok(reason), "a revocation reason that does not exist", err);
	if (rc == SG_OK)
		rc = sg_db_do_when_full(store, job_revoke_all, &r, err);
	for (size_t n = 0; rc == SG_OK && n < count_members(&r); n++) {
		struct member m = member_at(&r, n);
		m.of.serial.p = m.serial;
		each(arg, &m.of);
	}
	sg_buf_clear(&r.members);
	if (rc == SG_OK)
		*ret = r.done;
	return rc;
}
