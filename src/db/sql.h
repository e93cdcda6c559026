/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/sql.h - connections and statements, as verbs use them
 *
 * Verbs write one SQL that both engines understand (?1, ON CONFLICT, partial indexes) and
 * go through struct sg_query; a driver prepares, binds, steps. A connection belongs to one
 * thread at a time. Prepared statements stay with the connection, one per slot.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/driver.h"

/* A number that is stored, as a part of a statement: "state = " SG_SQL_NO(ATTEMPT_RUNNING), of the
 * macro SG_NO_ATTEMPT_RUNNING. A parameter would not do everywhere: partial indexes want a
 * constant. */
#define SG_SQL_NO(name) SG_SQL_NO_VALUE(SG_NO_##name)
#define SG_SQL_NO_VALUE(number) SG_SQL_NO_TEXT(number)
#define SG_SQL_NO_TEXT(number) #number

/* One number per statement of the product: its place in a connection's cache. */
enum sg_slot {
	SG_SLOT_CHALLENGE_ADD,
	SG_SLOT_CHALLENGE_GET,
	SG_SLOT_CHALLENGE_MOVE,
	SG_SLOT_CHALLENGE_PURGE,
	SG_SLOT_CHALLENGE_LIST,
	SG_SLOT_TX_STATE_BY_KEY,
	SG_SLOT_TX_BY_KEY,
	SG_SLOT_TX_BY_ID,
	SG_SLOT_TX_INSERT,
	SG_SLOT_TX_AGAIN,
	SG_SLOT_TX_STATE_BY_ID,
	SG_SLOT_TX_ISSUED,
	SG_SLOT_TX_FAILED,
	SG_SLOT_TX_DROP_FAILED,
	SG_SLOT_TX_RUNNING,
	SG_SLOT_TX_LIST,
	SG_SLOT_TX_LIST_TRACE,
	SG_SLOT_EVENT_ADD,
	SG_SLOT_EVENT_LIST,
	SG_SLOT_EVENT_LIST_TRACE,
	SG_SLOT_EVENT_FOLLOW,
	SG_SLOT_EVENT_DROP_OF_PEER,
	SG_SLOT_EVENT_DROP_OLDEST,
	SG_SLOT_SIZE,
	SG_SLOT_META,
	SG_SLOT_ISSUER_GET,
	SG_SLOT_ISSUER_ADD,
	SG_SLOT_CERT_BY_REQUEST,
	SG_SLOT_CERT_BY_SERIAL,
	SG_SLOT_CERT_STATE,
	SG_SLOT_CERT_ORDER_TAKEN,
	SG_SLOT_CERT_RENEWAL_TAKEN,
	SG_SLOT_CERT_INSERT,
	SG_SLOT_CERT_FINISH,
	SG_SLOT_CERT_DER,
	SG_SLOT_CERT_FAIL,
	SG_SLOT_CERT_CANCEL,
	SG_SLOT_CERT_LIST,
	SG_SLOT_CERT_LIST_LINEAGE,
	SG_SLOT_CERT_COUNT,
	SG_SLOT_CERT_REVOKE,
	SG_SLOT_CERT_REVOKE_STATE,
	SG_SLOT_LINEAGE_PARENT,
	SG_SLOT_LINEAGE_USE,
	SG_SLOT_LINEAGE_SIZE,
	SG_SLOT_LINEAGE_FIND,
	SG_SLOT_LINEAGE_MEMBERS,
	SG_SLOT_LEASE_ADD,
	SG_SLOT_LEASE_GET,
	SG_SLOT_LEASE_DROP,
	SG_SLOT_LEASE_UPTO,
	SG_SLOT_LEASE_LAST,
	SG_SLOT_CRL_HIGHEST,
	SG_SLOT_CRL_STATE,
	SG_SLOT_CRL_FIND,
	SG_SLOT_CRL_DATE,
	SG_SLOT_CRL_LEFT,
	SG_SLOT_CRL_REVIVE,
	SG_SLOT_CRL_OWED,
	SG_SLOT_CRL_COUNT,
	SG_SLOT_CRL_ENTRIES,
	SG_SLOT_CRL_NEWEST,
	SG_SLOT_CRL_PUBLISH,
	SG_SLOT_CRL_LAST,
	SG_SLOT_CRL_FORGET,
	SG_SLOT_CRL_TRIM,
	SG_SLOT_CRL_LATEST,
	SG_SLOT_CRL_MISSING,
	SG_SLOT_CRL_RELEASED,
	SG_SLOT_ADOPTED_GET,
	SG_SLOT_ADOPTED_ADD,
	SG_SLOT_ADOPTED_DROP,
	SG_SLOT_CLOCK_GET,
	SG_SLOT_CLOCK_SET,
	SG_SLOT_ISSUER_LIST,
	SG_SLOT_AUDIT_HEAD,
	SG_SLOT_AUDIT_ADD,
	SG_SLOT_AUDIT_LIST,
	SG_SLOT_FSCK_INSTANCE,
	SG_SLOT_FSCK_CERT,
	SG_SLOT_FSCK_TX,
	SG_SLOT_FSCK_ABANDONED,
	SG_SLOT_FSCK_LISTED,
	SG_SLOT_FSCK_LISTS,
	SG_SLOT_FSCK_MUST,
	SG_SLOT_ONCE, /* fsck: prepared anew each time */
	SG_SLOT_COUNT,
};

/* Run what only reads, in one state of the database: nothing that others commit meanwhile. */
struct sg_sql;
SG_RC
sg_sql_snapshot(struct sg_sql *db,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err);

/* A connection as verbs see it. */
struct sg_sql {
	const struct sg_sql_driver *drv;
	void *conn;
	void *stmts[SG_SLOT_COUNT];
	struct sg_db *store; /* NULL in fsck */
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
	int bound;
	enum sg_code rc;
	struct sg_err prep_err;
};

#define sg_query_scoped __attribute__((cleanup(sg_query_end))) struct sg_query

void
sg_query_begin(struct sg_query *q, struct sg_sql *db, enum sg_slot slot, const char *sql);
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
