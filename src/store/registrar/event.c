/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/registrar/event.c - refusals, and room for them: as fast as they come, others go
 */

#include "store/registrar/event.h"

#include "base/buf.h"
#include "db/db.h"
#include "db/driver.h"
#include "db/writer.h"
#include "store/filter_private.h"
#include "store/registrar/size_private.h"

#define LIST_DEFAULT 100u
#define EVENT_COLS "id, at_us, trace, role, level, code, rule, text, endpoint, peer, txid, subject"

struct add {
	const struct sg_regdb_event *rows;
	size_t n;
	const struct sg_regdb_event_keep *keep;
};

static enum sg_code
add_one(struct sg_sql *db, const struct sg_regdb_event *e, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "INSERT INTO event (at_us, trace, role, level, code, rule, text, endpoint, peer, "
	    "txid, subject) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
	sg_query_int(&q, e->at_us);
	sg_query_blob(&q, e->trace, sizeof(e->trace));
	sg_query_int(&q, e->role);
	sg_query_int(&q, e->level);
	sg_query_int(&q, (int64_t)e->code);
	sg_query_text(&q, e->rule);
	sg_query_text(&q, e->text);
	sg_query_text(&q, e->endpoint);
	sg_query_text(&q, e->peer);
	sg_query_blob(&q, e->txid.p, e->txid.len);
	sg_query_text(&q, e->subject);
	return sg_query_run(&q, err);
}

/* One row less, or none when none may go. */
static enum sg_code
drop_one(struct sg_sql *db, const struct sg_regdb_event *added, uint64_t few, struct sg_err *err)
{
	int64_t before = db->drv->changes(db->conn);
	enum sg_code rc = SG_OK;

	if (added != NULL) {
		sg_query_scoped own;
		sg_query_begin(&own, db,
		    "DELETE FROM event WHERE id = "
		    "(SELECT id FROM event WHERE peer = ?1 ORDER BY id LIMIT 1) AND EXISTS "
		    "(SELECT 1 FROM event WHERE peer = ?1 ORDER BY id LIMIT 1 OFFSET ?2)");
		sg_query_text(&own, added->peer);
		sg_query_int(&own, (int64_t)few);
		rc = sg_query_run(&own, err);
	}
	if (rc != SG_OK || db->drv->changes(db->conn) != before)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "DELETE FROM event WHERE id = (SELECT min(id) FROM event) "
	    "AND id < (SELECT max(id) FROM event)");
	return sg_query_run(&q, err);
}

/* First what those give up who came now, then more of the oldest, should keep have been larger. */
static enum sg_code
make_room(struct sg_sql *db, const struct add *add, struct sg_err *err)
{
	uint64_t few = add->keep->rows / SG_REGDB_EVENT_PARTS;
	enum sg_code rc = SG_OK;

	few = few > SG_REGDB_EVENT_FEW ? few : SG_REGDB_EVENT_FEW;
	for (size_t i = 0; rc == SG_OK && i < 2 * add->n + SG_REGDB_EVENT_DROP_MORE; i++) {
		struct sg_regdb_size size;
		rc = sg_regdb_get_size(db, "event", &size, err);
		if (rc != SG_OK || (size.n <= add->keep->rows && size.bytes <= add->keep->bytes))
			return rc;
		rc = drop_one(db, i < add->n ? &add->rows[i] : NULL, few, err);
	}
	return rc;
}

static enum sg_code
job_add(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct add *add = arg;
	for (size_t i = 0; i < add->n; i++) {
		enum sg_code rc = add_one(db, &add->rows[i], err);
		if (rc != SG_OK)
			return rc;
	}
	return make_room(db, add, err);
}

SG_RC
sg_regdb_event_add(struct sg_db *store, const struct sg_regdb_event *rows, size_t n,
    const struct sg_regdb_event_keep *keep, struct sg_err *err)
{
	struct add add = {.rows = rows, .n = n, .keep = keep};
	enum sg_code rc = sg_db_check(
	    n > 0 && n <= SG_REGDB_EVENT_BATCH_MAX, "no events or too many", err);
	return rc == SG_OK ? sg_db_do(store, job_add, &add, err) : rc;
}

static enum sg_code
fill(struct sg_query *q, struct sg_regdb_event *ret, struct sg_err *err)
{
	ret->id = sg_query_col_int(q, 0);
	ret->at_us = sg_query_col_int(q, 1);
	sg_query_col_fixed(q, 2, ret->trace, sizeof(ret->trace));
	ret->role = (unsigned)sg_query_col_int(q, 3);
	ret->level = (unsigned)sg_query_col_int(q, 4);
	ret->code = (enum sg_code)sg_query_col_int(q, 5);
	ret->rule = sg_query_col(q, 6);
	ret->text = sg_query_col(q, 7);
	ret->endpoint = sg_query_col(q, 8);
	ret->peer = sg_query_col(q, 9);
	ret->txid = sg_query_col(q, 10);
	ret->subject = sg_query_col(q, 11);
	return sg_query_check(q, err);
}

struct list {
	const struct sg_regdb_event_filter *filter;
	bool (*each)(void *arg, const struct sg_regdb_event *row);
	void *arg;
};

#define LIST_WHERE                                                                                 \
	"at_us >= ?1 AND at_us < ?2 AND (?3 = x'' OR txid = ?3) AND (?4 = '' OR rule = ?4) "       \
	"AND subject LIKE ?5 ESCAPE '!' "
#define LIST_HEAD "SELECT " EVENT_COLS " FROM event WHERE " LIST_WHERE

static enum sg_code
read_list(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct list *list = arg;
	const struct sg_regdb_event_filter *f = list->filter;
	uint8_t first[SG_STORE_TRACE_LEN], last[SG_STORE_TRACE_LEN];
	sg_buf_scoped like = {0};
	sg_store_like_pattern(f->subject, &like);
	enum sg_code rc = sg_buf_check(&like, err);
	if (rc == SG_OK)
		rc = sg_store_trace_range(f->trace_prefix, first, last, err);
	if (rc != SG_OK)
		return rc;
	bool by_trace = f->trace_prefix.len > 0;
	sg_query_scoped q;
	if (f->ascending)
		sg_query_begin(&q, db,
		    LIST_HEAD "AND id > ?7 AND trace BETWEEN ?8 AND ?9 ORDER BY id LIMIT ?6");
	else if (by_trace)
		sg_query_begin(&q, db,
		    LIST_HEAD
		    "AND +id < ?7 AND trace BETWEEN ?8 AND ?9 ORDER BY +id DESC LIMIT ?6");
	else
		sg_query_begin(&q, db, LIST_HEAD "AND id < ?7 ORDER BY id DESC LIMIT ?6");
	/* A clock before 1970 is no reason not to show what was refused. */
	sg_query_int(&q, f->from_us > 0 ? f->from_us : INT64_MIN);
	sg_query_int(&q, f->until_us > 0 ? f->until_us : INT64_MAX);
	sg_query_blob(&q, f->txid.p, f->txid.len);
	sg_query_text(&q, f->rule);
	sg_query_text(&q, sg_buf_slice(&like));
	sg_query_int(&q, f->limit > 0 ? f->limit : LIST_DEFAULT);
	if (f->ascending)
		sg_query_int(&q, f->after_id);
	else
		sg_query_int(&q, f->before_id > 0 ? f->before_id : INT64_MAX);
	if (f->ascending || by_trace) {
		sg_query_blob(&q, first, sizeof(first));
		sg_query_blob(&q, last, sizeof(last));
	}
	for (;;) {
		struct sg_regdb_event row = {0};
		bool found = false;
		rc = sg_query_next(&q, &found, err);
		if (rc == SG_OK && found)
			rc = fill(&q, &row, err);
		if (rc != SG_OK || !found || !list->each(list->arg, &row))
			return rc;
	}
}

SG_RC
sg_regdb_event_list(struct sg_db *store, const struct sg_regdb_event_filter *filter,
    bool (*each)(void *arg, const struct sg_regdb_event *row), void *arg, struct sg_err *err)
{
	struct list list = {.filter = filter, .each = each, .arg = arg};
	return sg_db_read(store, read_list, &list, err);
}
