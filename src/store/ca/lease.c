/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/lease.c - serial numbers that are on disk before anything is signed with them
 *
 * Which of them became certificates is known from the certificates; the others of a lease may
 * have been signed by a process that ended before it could store what it had signed. They are
 * named in the audit and never used.
 */

#include "store/ca/lease_private.h"

#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "db/db.h"
#include "db/driver.h"
#include "db/writer.h"
#include "store/ca/audit_private.h"
#include "store/ca/cert_private.h"

static enum sg_code
insert(struct sg_sql *db, struct sg_slice serials, int64_t now, int64_t *ret_id, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db, "INSERT INTO lease (at, serials) VALUES (?1, ?2)");
	sg_query_int(&q, now);
	sg_query_blob(&q, serials.p, serials.len);
	enum sg_code rc = sg_query_run(&q, err);
	if (rc == SG_OK)
		*ret_id = db->drv->last_id(db->conn);
	return rc;
}

static enum sg_code
drop(struct sg_sql *db, int64_t id, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db, "DELETE FROM lease WHERE id = ?1");
	sg_query_int(&q, id);
	return sg_query_run(&q, err);
}

/* The numbers that no certificate has, in hexadecimal, a comma between two. */
static enum sg_code
put_unused(struct sg_sql *db, struct sg_slice serials, struct sg_buf *hex, struct sg_err *err)
{
	for (size_t at = 0; at < serials.len; at += SG_CADB_SERIAL_MAX) {
		int64_t state = 0;
		struct sg_slice one = sg_slice(serials.p + at, SG_CADB_SERIAL_MAX);
		enum sg_code rc = sg_cadb_cert_get_state(db, one, &state, err);
		if (rc != SG_OK)
			return rc;
		if (state != 0)
			continue;
		sg_buf_puts(hex, hex->len > 0 ? "," : "");
		sg_hex_put(hex, one);
	}
	return sg_buf_check(hex, err);
}

static enum sg_code
end_one(struct sg_sql *db, int64_t id, int64_t now, struct sg_err *err)
{
	bool row = false;
	sg_buf_scoped unused = {0}, name = {0};
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT serials FROM lease WHERE id = ?1");
	sg_query_int(&q, id);
	enum sg_code rc = sg_query_next(&q, &row, err);
	struct sg_slice serials = rc == SG_OK && row ? sg_query_col(&q, 0) : sg_slice("", 0);
	if (rc == SG_OK)
		rc = sg_query_check(&q, err);
	if (rc != SG_OK || !row)
		return rc;
	if (serials.len == 0 || serials.len % SG_CADB_SERIAL_MAX != 0)
		return sg_fail(err, SG_E_INTERNAL, "store.corrupt",
		    "lease %lld has no serial numbers: run signet fsck, restore a backup",
		    (long long)id);
	rc = put_unused(db, serials, &unused, err);
	sg_query_end(&q);
	sg_buf_printf(&name, "lease=%lld", (long long)id);
	if (rc == SG_OK)
		rc = sg_buf_check(&name, err);
	if (rc == SG_OK && unused.len > 0)
		rc = sg_cadb_audit_add(db, sg_slice_str("ca"), SG_CADB_ACT_ABANDON,
		    sg_buf_slice(&name), sg_buf_slice(&unused), now, NULL, err);
	return rc == SG_OK ? drop(db, id, err) : rc;
}

/* All up to one: of processes that are gone. */
static enum sg_code
end_upto(struct sg_sql *db, int64_t last, int64_t now, struct sg_err *err)
{
	for (;;) {
		bool row = false;
		sg_query_scoped q;
		sg_query_begin(&q, db, "SELECT id FROM lease WHERE id <= ?1 ORDER BY id LIMIT 1");
		sg_query_int(&q, last);
		enum sg_code rc = sg_query_next(&q, &row, err);
		int64_t older = rc == SG_OK && row ? sg_query_col_int(&q, 0) : 0;
		sg_query_end(&q);
		if (rc == SG_OK && row)
			rc = end_one(db, older, now, err);
		if (rc != SG_OK || !row)
			return rc;
	}
}

SG_RC
sg_cadb_lease_check(const struct sg_cadb_lease *lease, struct sg_err *err)
{
	size_t n = lease->serials.len / SG_CADB_SERIAL_MAX;
	bool ok = lease->serials.len % SG_CADB_SERIAL_MAX == 0 && n > 0 && n <= SG_LEASE_MAX &&
		  lease->n_ended <= SG_LEASE_ENDED_MAX;
	return sg_db_check(ok, "no serial numbers or too many", err);
}

SG_RC
sg_cadb_lease_write(struct sg_sql *db, struct sg_cadb_lease *lease, int64_t now, struct sg_err *err)
{
	/* The new one first: so the table is never empty and no number comes again. */
	enum sg_code rc = insert(db, lease->serials, now, &lease->id, err);
	for (unsigned i = 0; rc == SG_OK && i < lease->n_ended; i++)
		rc = end_one(db, lease->ended[i], now, err);
	if (rc == SG_OK && lease->ended_upto > 0)
		rc = end_upto(db, lease->ended_upto, now, err);
	return rc;
}

struct job {
	struct sg_cadb_lease *lease;
	int64_t now;
};

static enum sg_code
job_lease(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct job *j = arg;
	return sg_cadb_lease_write(db, j->lease, j->now, err);
}

SG_RC
sg_cadb_lease_add(struct sg_db *store, struct sg_cadb_lease *lease, int64_t now, struct sg_err *err)
{
	struct job j = {.lease = lease, .now = now};
	enum sg_code rc = sg_cadb_lease_check(lease, err);
	return rc == SG_OK ? sg_db_do(store, job_lease, &j, err) : rc;
}

static enum sg_code
read_last(struct sg_sql *db, void *arg, struct sg_err *err)
{
	bool row = false;
	int64_t *ret = arg;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT id FROM lease ORDER BY id DESC LIMIT 1");
	enum sg_code rc = sg_query_next(&q, &row, err);
	if (rc == SG_OK)
		*ret = row ? sg_query_col_int(&q, 0) : 0;
	return rc;
}

SG_RC
sg_cadb_lease_last(struct sg_db *store, int64_t *ret_id, struct sg_err *err)
{
	return sg_db_read(store, read_last, ret_id, err);
}
