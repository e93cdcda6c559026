/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/sql.h - connections and statements, as verbs use them
 *
 * Verbs write one SQL that both engines understand (?1, ON CONFLICT, partial indexes) and
 * go through struct sg_query; a driver prepares, binds, steps. A connection belongs to one
 * thread at a time. A statement is a literal where it is begun; prepared it stays with the
 * connection, which finds it again by the address of the literal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/driver.h"

/* A number that is stored, as a part of a statement: "state = " SG_SQL_NO(TRANSACTION_RUNNING), of
 * the macro SG_NO_TRANSACTION_RUNNING. A parameter would not do everywhere: partial indexes want a
 * constant. The text is looked up, not made with #, so that a name without its macro does not
 * compile; a higher number is one line more. */
#define SG_SQL_NO(name) SG_SQL_NO_VALUE(SG_NO_##name)
#define SG_SQL_NO_VALUE(number) SG_SQL_NO_TEXT(number)
#define SG_SQL_NO_TEXT(number) SG_SQL_NO_TEXT_##number
#define SG_SQL_NO_TEXT_1 "1"
#define SG_SQL_NO_TEXT_2 "2"
#define SG_SQL_NO_TEXT_3 "3"
#define SG_SQL_NO_TEXT_4 "4"
#define SG_SQL_NO_TEXT_5 "5"

/* Run what only reads, in one state of the database: nothing that others commit meanwhile. */
struct sg_sql;
SG_RC
sg_sql_snapshot(struct sg_sql *db,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err);

/* A statement that a connection keeps. */
struct sg_sql_stmt {
	const char *sql;
	void *stmt;
};

#define SG_SQL_STMTS 256u /* places for them: some eighty run on one connection */

/* A connection as verbs see it. */
struct sg_sql {
	const struct sg_sql_driver *drv;
	void *conn;
	struct sg_sql_stmt stmts[SG_SQL_STMTS]; /* by the hash of the text's address */
	struct sg_db *store;			/* NULL in fsck */
};

SG_RC
sg_sql_connect(struct sg_sql *db, const struct sg_sql_driver *drv, const struct sg_sql_open *how,
    struct sg_err *err);
void
sg_sql_disconnect(struct sg_sql *db);

/* A running statement; parameters are bound in order; the first failure (of a bind or a
 * column) sticks and comes out of next, run or check. What is bound must live until the
 * end. */
struct sg_query {
	struct sg_sql *db;
	void *stmt;
	bool once; /* it ends with the query */
	int bound;
	enum sg_code rc;
	struct sg_err prep_err;
};

#define sg_query_scoped __attribute__((cleanup(sg_query_end))) struct sg_query

/* Prepared the first time. Only of a literal (nothing else stands behind ""): the text at an
 * address is the same for ever. At one time one query of a connection runs it. */
#define sg_query_begin(q, db, sql) sg_query_begin_kept(q, db, "" sql)
void
sg_query_begin_kept(struct sg_query *q, struct sg_sql *db, const char *sql);
/* Of a text that is in a table, for what runs seldom: prepared anew each time. */
void
sg_query_begin_once(struct sg_query *q, struct sg_sql *db, const char *sql);
void
sg_query_end(struct sg_query *q);
void
sg_query_int(struct sg_query *q, int64_t v);
void
sg_query_blob(struct sg_query *q, const void *p, size_t len);
void
sg_query_text(struct sg_query *q, struct sg_slice s);
/* NULL when empty. */
void
sg_query_blob_or_null(struct sg_query *q, struct sg_slice s);
/* The next row; when there is none, *ret_row is false and the statement is at its end. */
SG_RC
sg_query_next(struct sg_query *q, bool *ret_row, struct sg_err *err);
/* A statement without rows. */
SG_RC
sg_query_run(struct sg_query *q, struct sg_err *err);
/* After reading columns: were they all there? */
SG_RC
sg_query_check(const struct sg_query *q, struct sg_err *err);
int64_t
sg_query_col_int(struct sg_query *q, int at);
struct sg_slice
sg_query_col(struct sg_query *q, int at);
/* A column of exactly len bytes; zeroes when it is NULL or of another length. */
void
sg_query_col_fixed(struct sg_query *q, int at, uint8_t *out, size_t len);

/* Make the slices point into one block of their own. */
SG_RC
sg_sql_own_slices(struct sg_slice *const *slices, size_t n, void **ret_mem, struct sg_err *err);
