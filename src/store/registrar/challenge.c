/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/registrar/challenge.c - the rows of one-time challenges: made, found by their keyed hash,
 * forgotten
 */

#include "store/registrar/challenge.h"

#include "base/alloc.h"
#include "db/db.h"
#include "db/driver.h"
#include "db/writer.h"
#include "store/registrar/challenge_private.h"

#define CHALLENGE_COLS                                                                             \
	"hash, state, tx, failures, created_at, expires_at, endpoint, subject, sans, "             \
	"created_by, note"

/* The row that a query stands on, its slices lent. */
static enum sg_code
fill(struct sg_query *q, struct sg_regdb_challenge *ret, struct sg_err *err)
{
	sg_query_col_fixed(q, 0, ret->hash, sizeof(ret->hash));
	ret->state = (enum sg_challenge_state)sg_query_col_int(q, 1);
	ret->tx = sg_query_col_int(q, 2);
	ret->failures = (uint32_t)sg_query_col_int(q, 3);
	ret->created_at = sg_query_col_int(q, 4);
	ret->expires_at = sg_query_col_int(q, 5);
	ret->endpoint = sg_query_col(q, 6);
	ret->subject = sg_query_col(q, 7);
	ret->sans = sg_query_col(q, 8);
	ret->created_by = sg_query_col(q, 9);
	ret->note = sg_query_col(q, 10);
	return sg_query_check(q, err);
}

static enum sg_code
job_add(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct sg_regdb_challenge *c = arg;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "INSERT INTO challenge (" CHALLENGE_COLS ") "
	    "VALUES (?1, " SG_SQL_NO(CHALLENGE_FREE) ", 0, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	sg_query_blob(&q, c->hash, sizeof(c->hash));
	sg_query_int(&q, c->created_at);
	sg_query_int(&q, c->expires_at);
	sg_query_text(&q, c->endpoint);
	sg_query_blob(&q, c->subject.p, c->subject.len);
	sg_query_text(&q, c->sans);
	sg_query_text(&q, c->created_by);
	sg_query_text(&q, c->note);
	enum sg_code rc = sg_query_run(&q, err);
	if (rc == SG_E_CONFLICT)
		return sg_fail(
		    err, rc, "challenge.exists", "this challenge exists already; make another");
	return rc;
}

SG_RC
sg_regdb_challenge_add(
    struct sg_db *store, const struct sg_regdb_challenge *row, struct sg_err *err)
{
	struct sg_regdb_challenge copy = *row;
	return sg_db_do(store, job_add, &copy, err);
}

struct sg_offer
sg_regdb_challenge_offer(const struct sg_regdb_challenge *row)
{
	return (struct sg_offer){.state = row->state,
	    .failures = row->failures,
	    .expires_at = row->expires_at,
	    .endpoint = row->endpoint,
	    .binding = row->subject};
}

SG_RC
sg_regdb_challenge_find(struct sg_query *q, struct sg_sql *db,
    const uint8_t hash[SG_STORE_HASH_LEN], bool *ret_found, struct sg_regdb_challenge *ret,
    struct sg_err *err)
{
	sg_query_begin(q, db, "SELECT " CHALLENGE_COLS " FROM challenge WHERE hash = ?1");
	sg_query_blob(q, hash, SG_STORE_HASH_LEN);
	enum sg_code rc = sg_query_next(q, ret_found, err);
	return rc == SG_OK && *ret_found ? fill(q, ret, err) : rc;
}

struct find {
	const uint8_t *hash;
	struct sg_buf *ret;
};

static enum sg_code
read_binding(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct find *find = arg;
	struct sg_regdb_challenge row = {0};
	bool found = false;
	sg_query_scoped q = {0};
	enum sg_code rc = sg_regdb_challenge_find(&q, db, find->hash, &found, &row, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "challenge.unknown",
		    "no such challenge (never made, or forgotten after it expired)");
	if (rc != SG_OK)
		return rc;
	sg_buf_reset(find->ret);
	sg_buf_put_slice(find->ret, row.subject);
	return sg_buf_check(find->ret, err);
}

SG_RC
sg_regdb_challenge_binding(struct sg_db *store, const uint8_t hash[SG_STORE_HASH_LEN],
    struct sg_buf *ret, struct sg_err *err)
{
	struct find find = {.hash = hash, .ret = ret};
	return sg_db_read(store, read_binding, &find, err);
}

struct purge {
	int64_t now;
	unsigned max;
	uint64_t purged;
};

static enum sg_code
job_purge(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct purge *p = arg;
	int64_t before = db->drv->changes(db->conn);
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "DELETE FROM challenge WHERE hash IN (SELECT hash FROM challenge "
	    "WHERE expires_at < ?1 AND state <> " SG_SQL_NO(
		CHALLENGE_RESERVED) " ORDER BY expires_at LIMIT ?2)");
	sg_query_int(&q, p->now);
	sg_query_int(&q, p->max);
	enum sg_code rc = sg_query_run(&q, err);
	p->purged = (uint64_t)(db->drv->changes(db->conn) - before);
	return rc;
}

SG_RC
sg_regdb_challenge_purge(
    struct sg_db *store, int64_t now, unsigned max, uint64_t *ret_purged, struct sg_err *err)
{
	struct purge p = {.now = now, .max = max};
	enum sg_code rc = sg_db_do(store, job_purge, &p, err);
	if (rc == SG_OK && ret_purged != NULL)
		*ret_purged = p.purged;
	return rc;
}

struct list {
	unsigned limit;
	bool (*each)(void *arg, const struct sg_regdb_challenge *row);
	void *arg;
};

static enum sg_code
read_list(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct list *list = arg;
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT " CHALLENGE_COLS " FROM challenge ORDER BY expires_at LIMIT ?1");
	sg_query_int(&q, list->limit);
	for (;;) {
		struct sg_regdb_challenge row = {0};
		bool found = false;
		enum sg_code rc = sg_query_next(&q, &found, err);
		if (rc == SG_OK && found)
			rc = fill(&q, &row, err);
		if (rc != SG_OK || !found || !list->each(list->arg, &row))
			return rc;
	}
}

SG_RC
sg_regdb_challenge_list(struct sg_db *store, unsigned limit,
    bool (*each)(void *arg, const struct sg_regdb_challenge *row), void *arg, struct sg_err *err)
{
	struct list list = {.limit = limit, .each = each, .arg = arg};
	return sg_db_read(store, read_list, &list, err);
}
