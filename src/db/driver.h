/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/driver.h - an engine: how SQL reaches a database, private to src/db and the tests
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct sg_db_backup_to;

enum sg_sql_control {
	SG_SQL_BEGIN,	   /* for writing */
	SG_SQL_BEGIN_READ, /* several statements see one state */
	SG_SQL_COMMIT,
	SG_SQL_ROLLBACK,
};

struct sg_sql_open {
	const char *path;
	bool writer;
	unsigned cache_kib;
};

/*
 * An engine. conn and stmt are its own. Codes: see db/db.h; a broken uniqueness
 * is SG_E_CONFLICT "store.unique". Errors name the database file.
 */
struct sg_sql_driver {
	const char *name;
	enum sg_code (*open)(const struct sg_sql_open *how, void **ret_conn, struct sg_err *err);
	void (*close)(void *conn);
	/* SG_SQL_ROLLBACK fails after a failed synchronisation, too: nothing may follow. */
	enum sg_code (*control)(void *conn, enum sg_sql_control what, struct sg_err *err);
	bool (*in_transaction)(void *conn);
	int64_t (*changes)(void *conn); /* rows changed since the connection was opened */
	int64_t (*last_id)(void *conn); /* of the row inserted last; cheaper than RETURNING */
	/* Housekeeping between commits (SQLite: move the log into the database). idle: nothing
	 * waits. "store.full" harms nothing; another failure is as grave as that of a commit. */
	enum sg_code (*tidy)(void *conn, bool idle, struct sg_err *err);
	/* Schema: whose it is (0: empty) and its version; one migration as one transaction. */
	enum sg_code (*schema)(void *conn, int *ret_kind, int *ret_version, struct sg_err *err);
	enum sg_code (*migrate)(
	    void *conn, const char *sql, int kind, int version, struct sg_err *err);

	enum sg_code (*prepare)(void *conn, const char *sql, void **ret_stmt, struct sg_err *err);
	void (*finalize)(void *stmt);
	enum sg_code (*bind_int)(void *stmt, int at, int64_t v);
	enum sg_code (*bind_bytes)(void *stmt, int at, struct sg_slice v, bool text);
	enum sg_code (*bind_null)(void *stmt, int at);
	enum sg_code (*step)(void *conn, void *stmt, bool *ret_row, struct sg_err *err);
	void (*reset)(void *stmt);
	/* Give out what the read transaction sees, as a file. */
	enum sg_code (*copy)(void *conn, const struct sg_db_backup_to *to, struct sg_err *err);
	int64_t (*col_int)(void *stmt, int at);
	/* Lent until the next step or reset; empty for NULL. SG_E_NOMEM. */
	enum sg_code (*col_bytes)(void *stmt, int at, struct sg_slice *ret);
};
