/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/sql.c - a statement from its text to its rows: what verbs call, and the driver under it does
 */

#include "db/sql.h"

#include <string.h>

#include "base/alloc.h"
#include "db/driver.h"

SG_RC
sg_sql_connect(struct sg_sql *db, const struct sg_sql_driver *drv, const struct sg_sql_open *how,
    struct sg_err *err)
{
	void *conn = NULL;
	enum sg_code rc = drv->open(how, &conn, err);
	if (rc != SG_OK)
		return rc;
	*db = (struct sg_sql){.drv = drv, .conn = conn, .store = db->store};
	return SG_OK;
}

void
sg_sql_disconnect(struct sg_sql *db)
{
	if (db->conn == NULL)
		return;
	for (unsigned i = 0; i < SG_SQL_STMTS; i++) {
		if (db->stmts[i].stmt != NULL)
			db->drv->finalize(db->stmts[i].stmt);
		db->stmts[i] = (struct sg_sql_stmt){NULL, NULL};
	}
	db->drv->close(db->conn);
	db->conn = NULL;
}

/* The place of a statement, which is empty where it has not been prepared; NULL: all are taken. */
static struct sg_sql_stmt *
place_of(struct sg_sql *db, const char *sql)
{
	uint32_t mixed = (uint32_t)(uintptr_t)sql * UINT32_C(2654435769); /* 2^32 / golden ratio */
	uint32_t first = mixed >> 24;

	for (uint32_t n = 0; n < SG_SQL_STMTS; n++) {
		struct sg_sql_stmt *st = &db->stmts[(first + n) % SG_SQL_STMTS];
		if (st->sql == sql || st->sql == NULL)
			return st;
	}
	return NULL;
}

void
sg_query_begin_kept(struct sg_query *q, struct sg_sql *db, const char *sql)
{
	struct sg_sql_stmt *place = place_of(db, sql);

	if (place == NULL || place->sql == NULL) {
		sg_query_begin_once(q, db, sql);
		if (place != NULL && q->rc == SG_OK) {
			*place = (struct sg_sql_stmt){sql, q->stmt};
			q->once = false;
		}
		return;
	}
	q->db = db;
	q->stmt = place->stmt;
	q->once = false;
	q->bound = 0;
	q->rc = SG_OK;
}

void
sg_query_begin_once(struct sg_query *q, struct sg_sql *db, const char *sql)
{
	q->db = db;
	q->stmt = NULL;
	q->once = true;
	q->bound = 0;
	q->rc = db->drv->prepare(db->conn, sql, &q->stmt, &q->prep_err);
}

void
sg_query_end(struct sg_query *q)
{
	if (q->stmt != NULL && q->once)
		q->db->drv->finalize(q->stmt);
	else if (q->stmt != NULL)
		q->db->drv->reset(q->stmt);
	q->stmt = NULL;
}

void
sg_query_int(struct sg_query *q, int64_t v)
{
	if (q->rc == SG_OK)
		q->rc = q->db->drv->bind_int(q->stmt, ++q->bound, v);
}

void
sg_query_blob(struct sg_query *q, const void *p, size_t len)
{
	if (q->rc == SG_OK)
		q->rc = q->db->drv->bind_bytes(q->stmt, ++q->bound, sg_slice(p, len), false);
}

void
sg_query_text(struct sg_query *q, struct sg_slice s)
{
	if (q->rc == SG_OK)
		q->rc = q->db->drv->bind_bytes(q->stmt, ++q->bound, s, true);
}

void
sg_query_blob_or_null(struct sg_query *q, struct sg_slice s)
{
	if (s.len > 0)
		sg_query_blob(q, s.p, s.len);
	else if (q->rc == SG_OK)
		q->rc = q->db->drv->bind_null(q->stmt, ++q->bound);
}

SG_RC
sg_query_check(const struct sg_query *q, struct sg_err *err)
{
	if (q->rc == SG_OK)
		return SG_OK;
	if (q->rc == SG_E_NOMEM)
		return sg_fail(err, SG_E_NOMEM, "store.memory", "out of memory in the database");
	return sg_fail(err, q->rc, "store.sql", "a parameter was not taken (number %d)", q->bound);
}

SG_RC
sg_query_next(struct sg_query *q, bool *ret_row, struct sg_err *err)
{
	if (q->rc != SG_OK && q->stmt == NULL) {
		if (err != NULL)
			*err = q->prep_err;
		return q->rc;
	}
	if (q->rc != SG_OK)
		return sg_query_check(q, err);
	return q->db->drv->step(q->db->conn, q->stmt, ret_row, err);
}

SG_RC
sg_query_run(struct sg_query *q, struct sg_err *err)
{
	bool row = false;
	enum sg_code rc = sg_query_next(q, &row, err);
	sg_query_end(q);
	if (rc == SG_OK && row)
		return sg_fail(err, SG_E_INTERNAL, "store.sql", "a row where none was expected");
	return rc;
}

int64_t
sg_query_col_int(struct sg_query *q, int at)
{
	return q->db->drv->col_int(q->stmt, at);
}

struct sg_slice
sg_query_col(struct sg_query *q, int at)
{
	struct sg_slice s = sg_slice("", 0);
	enum sg_code rc = q->db->drv->col_bytes(q->stmt, at, &s);
	if (rc != SG_OK)
		q->rc = rc;
	return s;
}

void
sg_query_col_fixed(struct sg_query *q, int at, uint8_t *out, size_t len)
{
	struct sg_slice s = sg_query_col(q, at);
	if (s.len == len)
		memcpy(out, s.p, len);
	else
		memset(out, 0, len);
}

SG_RC
sg_sql_own_slices(struct sg_slice *const *slices, size_t n, void **ret_mem, struct sg_err *err)
{
	size_t total = 0;
	for (size_t i = 0; i < n; i++)
		total += slices[i]->len + 1;
	uint8_t *mem = sg_alloc(total);
	if (mem == NULL)
		return sg_fail(
		    err, SG_E_NOMEM, "store.memory", "out of memory for a row of %zu bytes", total);
	uint8_t *at = mem;
	for (size_t i = 0; i < n; i++) {
		size_t len = slices[i]->len;
		if (len > 0)
			memcpy(at, slices[i]->p, len); /* UNSAFE: total counts every length + 1 */
		slices[i]->p = at;
		at += len + 1; /* a NUL stays after each */
	}
	*ret_mem = mem;
	return SG_OK;
}

SG_RC
sg_sql_snapshot(struct sg_sql *db,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err)
{
	enum sg_code rc = db->drv->control(db->conn, SG_SQL_BEGIN_READ, err);
	if (rc != SG_OK)
		return rc;
	rc = run(db, arg, err);
	/* Nothing was written: an end that fails changes nothing but what it says. */
	struct sg_err why;
	if (db->drv->control(db->conn, SG_SQL_ROLLBACK, &why) != SG_OK && rc == SG_OK) {
		if (err != NULL)
			*err = why;
		rc = why.code;
	}
	return rc;
}
