/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/fsck_crl.c - I11: the newest list of each issuer has exactly what it must have
 *
 * The list's entries and what the database says was revoked by then come in one order, that of
 * the serial numbers, and are walked side by side.
 */

#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "store/ca/crl_private.h"
#include "store/fsck.h"
#include "store/fsck_crl_private.h"
#include "store/fsck_private.h"

struct series {
	int issuer;
	unsigned shard;
	int64_t number, audit_seq;
	uint64_t entries;
};

/* One list beside the query of what it must have. */
struct walk {
	struct sg_fsck *f;
	struct sg_sql *db;
	const struct series *list;
	struct sg_query must;
	bool has_row;
	uint64_t n;
};

static enum sg_code
step(struct walk *w, struct sg_err *err)
{
	return sg_query_next(&w->must, &w->has_row, err);
}

static void
finding(const struct walk *w, struct sg_slice serial, const char *what)
{
	sg_buf_scoped hex = {0};
	sg_hex_put(&hex, serial);
	sg_fsck_found(w->f, "I11", "CRL number %lld of issuer %d: serial %s %s",
	    (long long)w->list->number, w->list->issuer, sg_buf_text(&hex), what);
}

/* On the list, and not revoked when it was made: was it released, or revoked anew, since? */
static enum sg_code
check_extra(struct walk *w, struct sg_slice serial, struct sg_err *err)
{
	bool found = false, released = false;
	sg_query_scoped q;
	sg_query_begin(&q, w->db,
	    "SELECT 1 FROM cert WHERE serial = ?1 AND issuer = ?2 AND state BETWEEN 3 AND 5 "
	    "AND revoked_seq > ?3 UNION ALL "
	    "SELECT 1 FROM adopted WHERE serial = ?1 AND issuer = ?2 AND seq > ?3");
	sg_query_blob(&q, serial.p, serial.len);
	sg_query_int(&q, w->list->issuer);
	sg_query_int(&q, w->list->audit_seq);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_cadb_crl_released(w->db, serial, w->list->audit_seq, &released, err);
	if (rc == SG_OK && !found && !released)
		finding(w, serial, "is on it and is not revoked");
	return rc;
}

static int
compare(struct sg_slice a, struct sg_slice b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);
	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

static enum sg_code
visit(void *arg, struct sg_slice serial, struct sg_err *err)
{
	struct walk *w = arg;
	enum sg_code rc = SG_OK;
	w->n++;
	while (rc == SG_OK && w->has_row) {
		int c = compare(sg_query_col(&w->must, 0), serial);
		if (c > 0)
			break;
		if (c == 0)
			return step(w, err);
		finding(w, sg_query_col(&w->must, 0), "is revoked and not on it");
		rc = step(w, err);
	}
	return rc == SG_OK ? check_extra(w, serial, err) : rc;
}

static enum sg_code
check_list(struct sg_fsck *f, struct sg_sql *db, const struct series *list, struct sg_slice der,
    struct sg_err *err)
{
	struct walk w = {.f = f, .db = db, .list = list};
	sg_query_begin(&w.must, db,
	    "SELECT serial FROM cert WHERE issuer = ?1 AND shard = ?2 AND state BETWEEN 3 AND 5 "
	    "AND revoked_seq <= ?3 AND (last_list = 0 OR last_list >= ?4) "
	    "UNION ALL SELECT serial FROM adopted WHERE issuer = ?1 AND seq <= ?3 "
	    "ORDER BY serial");
	sg_query_int(&w.must, list->issuer);
	sg_query_int(&w.must, list->shard);
	sg_query_int(&w.must, list->audit_seq);
	sg_query_int(&w.must, list->number);
	enum sg_code rc = step(&w, err);
	if (rc == SG_OK)
		rc = f->conf->crl_read(der, visit, &w, err);
	while (rc == SG_OK && w.has_row) {
		finding(&w, sg_query_col(&w.must, 0), "is revoked and not on it");
		rc = step(&w, err);
	}
	sg_query_end(&w.must);
	if (rc == SG_E_MALFORMED || rc == SG_E_LIMIT) {
		sg_fsck_found(f, "I11", "CRL number %lld of issuer %d cannot be read",
		    (long long)list->number, list->issuer);
		return SG_OK;
	}
	if (rc == SG_OK && w.n != list->entries)
		sg_fsck_found(f, "I11",
		    "CRL number %lld of issuer %d has %llu entries, recorded are %llu",
		    (long long)list->number, list->issuer, (unsigned long long)w.n,
		    (unsigned long long)list->entries);
	return rc;
}

/* Lists of earlier versions, and adopted ones, do not say what they knew of: audit_seq 0. */
SG_RC
sg_fsck_crl(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT issuer, shard, number, audit_seq, entries, der FROM crl c "
	    "WHERE der IS NOT NULL AND audit_seq > 0 AND number = (SELECT max(number) FROM crl n "
	    "WHERE n.issuer = c.issuer AND n.shard = c.shard)");
	for (;;) {
		bool row = false;
		enum sg_code rc = sg_query_next(&q, &row, err);
		if (rc != SG_OK || !row)
			return rc;
		struct series list = {
		    .issuer = (int)sg_query_col_int(&q, 0),
		    .shard = (unsigned)sg_query_col_int(&q, 1),
		    .number = sg_query_col_int(&q, 2),
		    .audit_seq = sg_query_col_int(&q, 3),
		    .entries = (uint64_t)sg_query_col_int(&q, 4),
		};
		struct sg_slice der = sg_query_col(&q, 5);
		rc = sg_query_check(&q, err);
		if (rc == SG_OK)
			rc = check_list(f, db, &list, der, err);
		if (rc != SG_OK)
			return rc;
	}
}
