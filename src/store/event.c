/* SPDX-License-Identifier: Apache-2.0 */

#include "store/registrar.h"

#include "base/buf.h"
#include "store/priv.h"

#define LIST_DEFAULT 100u
#define EVENT_COLS "id, at_us, trace, role, level, code, rule, text, endpoint, peer, txid, subject"

struct add {
	const struct sg_event_row *rows;
	size_t n;
};

static enum sg_code
add_one(struct sg_sql *db, const struct sg_event_row *e, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_EVENT_ADD,
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

static enum sg_code
job_add(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct add *add = arg;
	for (size_t i = 0; i < add->n; i++) {
		enum sg_code rc = add_one(db, &add->rows[i], err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

SG_RC
sg_reg_event_add(
    struct sg_store *store, const struct sg_event_row *rows, size_t n, struct sg_err *err)
{
	struct add add = {.rows = rows, .n = n};
	enum sg_code rc = sg_store_check(
	    n > 0 && n <= SG_EVENT_BATCH_MAX, "no events or too many", err);
	return rc == SG_OK ? sg_store_do(store, job_add, &add, err) : rc;
}

static enum sg_code
fill(struct sg_query *q, struct sg_event_row *ret, struct sg_err *err)
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
	const struct sg_event_filter *filter;
	bool (*each)(void *arg, const struct sg_event_row *row);
	void *arg;
};

#define LIST_WHERE                                                                                 \
	"at_us >= ?1 AND at_us < ?2 AND (?3 = x'' OR txid = ?3) AND (?4 = '' OR rule = ?4) "       \
	"AND subject LIKE ?5 ESCAPE '!' "
#define LIST_HEAD "SELECT " EVENT_COLS " FROM event WHERE " LIST_WHERE

static const char LIST_SQL[] = LIST_HEAD "ORDER BY id DESC LIMIT ?6";
static const char FOLLOW_SQL[] = LIST_HEAD
    "AND trace BETWEEN ?7 AND ?8 AND id > ?9 ORDER BY id LIMIT ?6";
static const char TRACE_SQL[] = LIST_HEAD "AND trace BETWEEN ?7 AND ?8 ORDER BY +id DESC LIMIT ?6";

static enum sg_code
read_list(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct list *list = arg;
	const struct sg_event_filter *f = list->filter;
	uint8_t first[SG_STORE_TRACE_LEN], last[SG_STORE_TRACE_LEN];
	sg_buf_scoped like = {0};
	sg_like_pattern(f->subject, &like);
	enum sg_code rc = sg_buf_check(&like, err);
	if (rc == SG_OK)
		rc = sg_trace_range(f->trace_prefix, first, last, err);
	if (rc != SG_OK)
		return rc;
	bool by_trace = f->trace_prefix.len > 0;
	sg_query_scoped q;
	if (f->ascending)
		sg_query_begin(&q, db, SG_SLOT_EVENT_FOLLOW, FOLLOW_SQL);
	else if (by_trace)
		sg_query_begin(&q, db, SG_SLOT_EVENT_LIST_TRACE, TRACE_SQL);
	else
		sg_query_begin(&q, db, SG_SLOT_EVENT_LIST, LIST_SQL);
	sg_query_int(&q, f->from_us);
	sg_query_int(&q, f->until_us > 0 ? f->until_us : INT64_MAX);
	sg_query_blob(&q, f->txid.p, f->txid.len);
	sg_query_text(&q, f->rule);
	sg_query_text(&q, sg_buf_slice(&like));
	sg_query_int(&q, f->limit > 0 ? f->limit : LIST_DEFAULT);
	if (f->ascending || by_trace) {
		sg_query_blob(&q, first, sizeof(first));
		sg_query_blob(&q, last, sizeof(last));
	}
	if (f->ascending)
		sg_query_int(&q, f->after_id);
	for (;;) {
		struct sg_event_row row = {0};
		bool found = false;
		rc = sg_query_next(&q, &found, err);
		if (rc == SG_OK && found)
			rc = fill(&q, &row, err);
		if (rc != SG_OK || !found || !list->each(list->arg, &row))
			return rc;
	}
}

SG_RC
sg_reg_event_list(struct sg_store *store, const struct sg_event_filter *filter,
    bool (*each)(void *arg, const struct sg_event_row *row), void *arg, struct sg_err *err)
{
	struct list list = {.filter = filter, .each = each, .arg = arg};
	return sg_store_read(store, read_list, &list, err);
}

struct purge {
	int64_t before_us;
	uint64_t keep;
	unsigned max;
	uint64_t purged;
};

static enum sg_code
job_purge(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct purge *p = arg;
	int64_t before = db->drv->changes(db->conn);
	sg_query_scoped q;
	/* Ids have no gaps but what was purged below, so that counting is subtracting. */
	sg_query_begin(&q, db, SG_SLOT_EVENT_PURGE,
	    "DELETE FROM event WHERE id IN (SELECT id FROM event "
	    "WHERE id < (SELECT max(id) FROM event) "
	    "AND (at_us < ?1 OR id <= (SELECT max(id) FROM event) - ?2) "
	    "ORDER BY id LIMIT ?3)");
	sg_query_int(&q, p->before_us);
	sg_query_int(&q, p->keep < INT64_MAX ? (int64_t)p->keep : INT64_MAX);
	sg_query_int(&q, p->max);
	enum sg_code rc = sg_query_run(&q, err);
	p->purged = (uint64_t)(db->drv->changes(db->conn) - before);
	return rc;
}

SG_RC
sg_reg_event_purge(struct sg_store *store, int64_t before_us, uint64_t keep, unsigned max,
    uint64_t *ret_purged, struct sg_err *err)
{
	struct purge p = {.before_us = before_us, .keep = keep, .max = max};
	enum sg_code rc = sg_store_do(store, job_purge, &p, err);
	if (rc == SG_OK && ret_purged != NULL)
		*ret_purged = p.purged;
	return rc;
}
