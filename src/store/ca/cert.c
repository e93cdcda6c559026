/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/cert.c - certificates: recorded before they leave ca, found again by whatever names them
 */

#include "store/ca/cert.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "db/db.h"
#include "db/db_private.h"
#include "db/driver.h"
#include "db/writer.h"
#include "store/ca/audit_private.h"
#include "store/ca/cert_private.h"
#include "store/ca/crl_private.h"
#include "store/ca/lease_private.h"
#include "store/ca/lineage_private.h"
#include "store/filter_private.h"

#define LIST_DEFAULT 100u
#define REQUEST_ID_MAX 64u
#define ORDER_ID_MAX 64u
#define ALL_ISSUED                                                                                 \
	(1u << SG_CADB_CERT_GOOD | 1u << SG_CADB_CERT_HOLD | 1u << SG_CADB_CERT_REVOKED |          \
	    1u << SG_CADB_CERT_WITHDRAWN)
#define CERT_COLS                                                                                  \
	"c.id, c.state, c.issuer, c.shard, c.reason, c.intent_at, c.not_before, c.not_after, "     \
	"c.done_at, c.revoked_at, c.request_id, c.serial, c.trace, c.csr_hash, c.spki_hash, "      \
	"c.cert_hash, c.endpoint, c.template, c.subject, c.order_id, c.renews, c.failure, "        \
	"c.lineage, c.signer"
#define LIST_SQL(more)                                                                             \
	"SELECT " CERT_COLS " FROM cert c WHERE c.id < ?1 AND ((1 << c.state) & ?2) <> 0 "         \
	"AND (?3 = 0 OR c.issuer = ?3) AND (?4 = 0 OR c.not_after < ?4) "                          \
	"AND c.subject LIKE ?5 ESCAPE '!' AND c.trace BETWEEN ?6 AND ?7 " more                     \
	"ORDER BY c.id DESC LIMIT ?8"
#define NEXT_ID "(SELECT coalesce(max(id), 0) + 1 FROM cert)"
#define CERT_FROM " FROM cert c LEFT JOIN cert_der d ON d.id = c.id "

static const uint8_t no_hash[SG_STORE_HASH_LEN];

void
sg_cadb_cert_clear(struct sg_cadb_cert *row)
{
	sg_free(row->mem);
	*row = (struct sg_cadb_cert){0};
}

/* The row that a query over CERT_COLS stands on, its slices lent. */
static enum sg_code
fill(struct sg_query *q, struct sg_cadb_cert *ret, struct sg_err *err)
{
	ret->id = sg_query_col_int(q, 0);
	ret->state = (enum sg_cadb_cert_state)sg_query_col_int(q, 1);
	ret->issuer = (int)sg_query_col_int(q, 2);
	ret->shard = (unsigned)sg_query_col_int(q, 3);
	ret->reason = (int)sg_query_col_int(q, 4);
	ret->intent_at = sg_query_col_int(q, 5);
	ret->not_before = sg_query_col_int(q, 6);
	ret->not_after = sg_query_col_int(q, 7);
	ret->done_at = sg_query_col_int(q, 8);
	ret->revoked_at = sg_query_col_int(q, 9);
	ret->request_id = sg_query_col(q, 10);
	ret->serial = sg_query_col(q, 11);
	sg_query_col_fixed(q, 12, ret->trace, sizeof(ret->trace));
	sg_query_col_fixed(q, 13, ret->csr_hash, sizeof(ret->csr_hash));
	sg_query_col_fixed(q, 14, ret->spki_hash, sizeof(ret->spki_hash));
	sg_query_col_fixed(q, 15, ret->cert_hash, sizeof(ret->cert_hash));
	ret->endpoint = sg_query_col(q, 16);
	ret->template_name = sg_query_col(q, 17);
	ret->subject = sg_query_col(q, 18);
	ret->order_id = sg_query_col(q, 19);
	ret->renews = sg_query_col(q, 20);
	ret->failure = sg_query_col(q, 21);
	ret->lineage = sg_query_col_int(q, 22);
	ret->signer = sg_query_col(q, 23);
	return sg_query_check(q, err);
}

/* As fill, with the certificate in column 24 and memory of its own. */
static enum sg_code
fill_owned(struct sg_query *q, struct sg_cadb_cert *ret, struct sg_err *err)
{
	struct sg_cadb_cert row = {0};
	enum sg_code rc = fill(q, &row, err);
	row.der = sg_query_col(q, 24);
	if (rc == SG_OK)
		rc = sg_query_check(q, err);
	if (rc != SG_OK)
		return rc;
	bool issued = row.state > SG_CADB_CERT_INTENT && row.state < SG_CADB_CERT_FAILED;
	if (issued && row.der.len == 0)
		return sg_fail(err, SG_E_INTERNAL, "store.corrupt",
		    "certificate %lld has no bytes: run signet fsck, restore a backup",
		    (long long)row.id);
	struct sg_slice *const own[] = {&row.request_id, &row.serial, &row.endpoint,
	    &row.template_name, &row.subject, &row.order_id, &row.renews, &row.signer, &row.failure,
	    &row.der};
	rc = sg_sql_own_slices(own, sizeof(own) / sizeof(own[0]), &row.mem, err);
	if (rc == SG_OK)
		*ret = row;
	return rc;
}

static enum sg_code
load_by_request(struct sg_sql *db, struct sg_slice request_id, bool *ret_found,
    struct sg_cadb_cert *ret, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT " CERT_COLS ", d.der" CERT_FROM "WHERE c.request_id = ?1");
	sg_query_blob(&q, request_id.p, request_id.len);
	enum sg_code rc = sg_query_next(&q, ret_found, err);
	return rc == SG_OK && *ret_found ? fill_owned(&q, ret, err) : rc;
}

SG_RC
sg_cadb_cert_get_state(
    struct sg_sql *db, struct sg_slice serial, int64_t *ret_state, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT state FROM cert WHERE serial = ?1");
	sg_query_blob(&q, serial.p, serial.len);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK)
		*ret_state = found ? sg_query_col_int(&q, 0) : 0;
	return rc;
}

/* The three things that exist once; looked at before anything is written. */
static enum sg_code
check_unique(struct sg_sql *db, const struct sg_cadb_new_cert *in, struct sg_err *err)
{
	bool found = false;
	int64_t state = 0;
	enum sg_code rc = sg_cadb_cert_get_state(db, in->serial, &state, err);
	if (rc == SG_OK && state != 0)
		rc = sg_fail(err, SG_E_CONFLICT, "serial.taken", "this serial number is in use");
	if (rc != SG_OK)
		return rc;
	if (in->order_id.len > 0) {
		sg_query_scoped by_order;
		sg_query_begin(&by_order, db,
		    "SELECT id FROM cert WHERE order_id = ?1 AND order_id IS NOT NULL "
		    "AND state <= 4");
		sg_query_blob(&by_order, in->order_id.p, in->order_id.len);
		rc = sg_query_next(&by_order, &found, err);
		if (rc == SG_OK && found)
			rc = sg_fail(err, SG_E_DENIED, "order.used",
			    "this order has given certificate %lld already",
			    (long long)sg_query_col_int(&by_order, 0));
	}
	if (rc == SG_OK && in->renews.len > 0) {
		sg_query_scoped by_signer;
		sg_query_begin(&by_signer, db,
		    "SELECT id FROM cert WHERE renews_hash = ?1 AND csr_hash = ?2 "
		    "AND renews_hash IS NOT NULL AND state <= 4");
		sg_query_blob(&by_signer, in->renews_hash, sizeof(in->renews_hash));
		sg_query_blob(&by_signer, in->csr_hash, sizeof(in->csr_hash));
		rc = sg_query_next(&by_signer, &found, err);
		if (rc == SG_OK && found)
			rc = sg_fail(err, SG_E_DENIED, "renewal.repeated",
			    "this certificate and this request have given certificate %lld "
			    "already",
			    (long long)sg_query_col_int(&by_signer, 0));
	}
	return rc;
}

struct issue {
	const struct sg_cadb_new_cert *what;
	uint8_t hash[SG_STORE_HASH_LEN];
	int64_t lineage; /* that it joins; 0: its own */
	bool fresh;
	struct sg_cadb_cert row;
};

static enum sg_code
insert_cert(struct sg_sql *db, const struct issue *i, int64_t *ret_id, struct sg_err *err)
{
	const struct sg_cadb_new_cert *in = i->what;
	bool renews = in->renews.len > 0;
	sg_query_scoped q;
	/* What begins a lineage has its own id in it; rows are never deleted. */
	sg_query_begin(&q, db,
	    "INSERT INTO cert (state, issuer, shard, reason, intent_at, not_before, not_after, "
	    "done_at, revoked_at, request_id, serial, trace, csr_hash, spki_hash, cert_hash, "
	    "endpoint, template, subject, order_id, renews, renews_hash, id, lineage, signer) "
	    "VALUES (2, ?1, ?2, 0, ?3, ?4, ?5, ?3, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
	    "?15, ?16, ?17, " NEXT_ID ", CASE ?18 WHEN 0 THEN " NEXT_ID " ELSE ?18 END, ?19)");
	sg_query_int(&q, in->issuer);
	sg_query_int(&q, in->shard);
	sg_query_int(&q, in->now);
	sg_query_int(&q, in->not_before);
	sg_query_int(&q, in->not_after);
	sg_query_blob(&q, in->request_id.p, in->request_id.len);
	sg_query_blob(&q, in->serial.p, in->serial.len);
	sg_query_blob(&q, in->trace, sizeof(in->trace));
	sg_query_blob(&q, in->csr_hash, sizeof(in->csr_hash));
	sg_query_blob(&q, in->spki_hash, sizeof(in->spki_hash));
	sg_query_blob(&q, i->hash, sizeof(i->hash));
	sg_query_text(&q, in->endpoint);
	sg_query_text(&q, in->template_name);
	sg_query_text(&q, in->subject);
	sg_query_blob_or_null(&q, in->order_id);
	sg_query_blob_or_null(&q, in->renews);
	sg_query_blob_or_null(
	    &q, renews ? sg_slice(in->renews_hash, sizeof(in->renews_hash)) : sg_slice("", 0));
	sg_query_int(&q, i->lineage);
	sg_query_blob_or_null(&q, in->signer);
	enum sg_code rc = sg_query_run(&q, err);
	if (rc == SG_OK)
		*ret_id = db->drv->last_id(db->conn);
	return rc;
}

/* The intent of an earlier version becomes a certificate. */
static enum sg_code
finish_intent(struct sg_sql *db, const struct issue *i, int64_t id, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE cert SET state = 2, done_at = ?2, cert_hash = ?3, lineage = ?4 "
	    "WHERE id = ?1");
	sg_query_int(&q, id);
	sg_query_int(&q, i->what->now);
	sg_query_blob(&q, i->hash, sizeof(i->hash));
	sg_query_int(&q, i->lineage != 0 ? i->lineage : id);
	return sg_query_run(&q, err);
}

/* What every certificate has beside its row: its bytes, the audit. */
static enum sg_code
insert_rest(struct sg_sql *db, const struct issue *i, int64_t id, struct sg_err *err)
{
	const struct sg_cadb_new_cert *in = i->what;
	sg_query_scoped q;
	sg_query_begin(&q, db, "INSERT INTO cert_der (id, der) VALUES (?1, ?2)");
	sg_query_int(&q, id);
	sg_query_blob(&q, in->der.p, in->der.len);
	enum sg_code rc = sg_query_run(&q, err);
	sg_buf_scoped serial = {0}, detail = {0};
	sg_hex_put(&serial, in->serial);
	sg_buf_puts(&detail, "sha256=");
	sg_hex_put(&detail, sg_slice(i->hash, sizeof(i->hash)));
	if (rc == SG_OK)
		rc = sg_buf_check(&serial, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&detail, err);
	if (rc != SG_OK)
		return rc;
	return sg_cadb_audit_add(
	    db, in->who, "issue", sg_buf_slice(&serial), sg_buf_slice(&detail), in->now, NULL, err);
}

static bool
is_import(const struct sg_cadb_new_cert *in)
{
	size_t len = strlen(SG_CADB_IMPORT);
	return in->request_id.len >= len && memcmp(in->request_id.p, SG_CADB_IMPORT, len) == 0;
}

/* What there is for this request id: does it belong to this request, is it to be finished? */
static enum sg_code
judge_known(const struct issue *i, bool *ret_finish, struct sg_err *err)
{
	const struct sg_cadb_new_cert *in = i->what;
	/* Cancelled before it came: there is no request to compare with. */
	bool cancelled = i->row.state == SG_CADB_CERT_FAILED && i->row.serial.len == 0;
	if (!cancelled && memcmp(i->row.csr_hash, in->csr_hash, sizeof(in->csr_hash)) != 0)
		return sg_fail(err, SG_E_CONFLICT, "request.mismatch",
		    "this request id belongs to another request (certificate %lld): was the "
		    "registrar's database set back?",
		    (long long)i->row.id);
	*ret_finish = i->row.state == SG_CADB_CERT_INTENT && sg_slice_eq(i->row.serial, in->serial);
	return SG_OK;
}

static enum sg_code
job_issue(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct issue *i = arg;
	const struct sg_cadb_new_cert *in = i->what;
	bool found = false, finish = false;
	int64_t id = 0;
	sg_cadb_cert_clear(&i->row);
	i->fresh = false;
	enum sg_code rc = load_by_request(db, in->request_id, &found, &i->row, err);
	if (rc == SG_OK && found)
		rc = judge_known(i, &finish, err);
	if (rc != SG_OK || (found && !finish))
		return rc;
	if (!finish)
		rc = check_unique(db, in, err);
	if (rc == SG_OK)
		rc = sg_cadb_lineage_join(db, in, &i->lineage, err);
	if (rc == SG_OK && finish) {
		id = i->row.id;
		sg_cadb_cert_clear(&i->row);
		rc = finish_intent(db, i, id, err);
	} else if (rc == SG_OK) {
		rc = insert_cert(db, i, &id, err);
	}
	if (rc == SG_OK)
		rc = insert_rest(db, i, id, err);
	if (rc == SG_OK && is_import(in))
		rc = sg_cadb_crl_take_adopted(db, id, in, err);
	if (rc == SG_OK && in->lease != NULL)
		rc = sg_cadb_lease_write(db, in->lease, in->now, err);
	i->fresh = rc == SG_OK;
	return rc;
}

SG_RC
sg_cadb_cert_add(struct sg_db *store, const struct sg_cadb_new_cert *cert, bool *ret_new,
    struct sg_cadb_cert *ret, struct sg_err *err)
{
	struct issue i = {.what = cert};
	bool ok = cert->request_id.len > 0 && cert->request_id.len <= REQUEST_ID_MAX &&
		  cert->serial.len > 0 && cert->serial.len <= SG_CADB_SERIAL_KEY_MAX &&
		  cert->order_id.len <= ORDER_ID_MAX && cert->renews.len <= SG_SERIAL_MAX &&
		  cert->signer.len <= SG_SERIAL_MAX && cert->issuer > 0 && cert->der.len > 0 &&
		  cert->der.len <= SG_CERT_MAX;
	enum sg_code rc = sg_db_check(ok, "an incomplete certificate", err);
	if (rc == SG_OK && cert->lease != NULL)
		rc = sg_cadb_lease_check(cert->lease, err);
	/* Hashed by the caller's thread, not by the one that everybody waits for. */
	if (rc == SG_OK)
		rc = sg_sha256(cert->der, i.hash, err);
	if (rc == SG_OK)
		rc = sg_db_do(store, job_issue, &i, err);
	if (rc != SG_OK) {
		sg_cadb_cert_clear(&i.row);
		return rc;
	}
	*ret_new = i.fresh;
	if (!i.fresh)
		*ret = i.row;
	return SG_OK;
}

/* ---- requests that were given up ---- */

struct fail {
	struct sg_slice request_id, reason;
	int64_t now;
	struct sg_cadb_cert row;
};

static enum sg_code
mark_failed(struct sg_sql *db, const struct fail *f, int64_t id, struct sg_err *err)
{
	sg_query_scoped q;
	/* The intent of an earlier version. */
	sg_query_begin(
	    &q, db, "UPDATE cert SET state = 6, done_at = ?2, failure = ?3 WHERE id = ?1");
	sg_query_int(&q, id);
	sg_query_int(&q, f->now);
	sg_query_text(&q, f->reason);
	return sg_query_run(&q, err);
}

/* A failed row for a request that never came, so that it cannot come any more. */
static enum sg_code
insert_cancelled(struct sg_sql *db, const struct fail *f, struct sg_err *err)
{
	static const uint8_t no_trace[SG_STORE_TRACE_LEN];
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "INSERT INTO cert (state, issuer, shard, reason, intent_at, not_before, not_after, "
	    "done_at, revoked_at, request_id, trace, csr_hash, spki_hash, cert_hash, endpoint, "
	    "template, subject, failure) VALUES (6, 0, 0, 0, ?1, 0, 0, ?1, 0, ?2, ?3, ?4, ?4, ?4, "
	    "'', '', '', ?5)");
	sg_query_int(&q, f->now);
	sg_query_blob(&q, f->request_id.p, f->request_id.len);
	sg_query_blob(&q, no_trace, sizeof(no_trace));
	sg_query_blob(&q, no_hash, sizeof(no_hash));
	sg_query_text(&q, f->reason);
	return sg_query_run(&q, err);
}

static enum sg_code
job_cancel(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct fail *f = arg;
	bool found = false;
	sg_cadb_cert_clear(&f->row);
	enum sg_code rc = load_by_request(db, f->request_id, &found, &f->row, err);
	if (rc != SG_OK || (found && f->row.state != SG_CADB_CERT_INTENT))
		return rc;
	rc = found ? mark_failed(db, f, f->row.id, err) : insert_cancelled(db, f, err);
	if (rc != SG_OK)
		return rc;
	sg_cadb_cert_clear(&f->row);
	return load_by_request(db, f->request_id, &found, &f->row, err);
}

SG_RC
sg_cadb_cert_cancel(struct sg_db *store, struct sg_slice request_id, struct sg_slice reason,
    int64_t now, struct sg_cadb_cert *ret, struct sg_err *err)
{
	struct fail f = {.request_id = request_id, .reason = reason, .now = now};
	enum sg_code rc = sg_db_check(
	    request_id.len > 0 && request_id.len <= REQUEST_ID_MAX, "no request id", err);
	if (rc == SG_OK)
		rc = sg_db_do(store, job_cancel, &f, err);
	if (rc != SG_OK) {
		sg_cadb_cert_clear(&f.row);
		return rc;
	}
	*ret = f.row;
	return SG_OK;
}

/* ---- reading ---- */

struct find {
	struct sg_slice id; /* request id or serial */
	struct sg_slice der;
	struct sg_cadb_cert row;
};

static enum sg_code
read_by_request(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct find *f = arg;
	bool found = false;
	enum sg_code rc = load_by_request(db, f->id, &found, &f->row, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "request.unknown", "no such request");
	return rc;
}

SG_RC
sg_cadb_cert_by_request(
    struct sg_db *store, struct sg_slice request_id, struct sg_cadb_cert *ret, struct sg_err *err)
{
	struct find f = {.id = request_id};
	enum sg_code rc = sg_db_read(store, read_by_request, &f, err);
	if (rc == SG_OK)
		*ret = f.row;
	return rc;
}

static enum sg_code
read_by_serial(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct find *f = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT " CERT_COLS ", d.der" CERT_FROM
	    "WHERE c.serial = ?1 AND c.state BETWEEN 2 AND 5");
	sg_query_blob(&q, f->id.p, f->id.len);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "serial.unknown",
		    "this CA has issued no certificate with this serial number");
	return rc == SG_OK ? fill_owned(&q, &f->row, err) : rc;
}

SG_RC
sg_cadb_cert_by_serial(
    struct sg_db *store, struct sg_slice serial, struct sg_cadb_cert *ret, struct sg_err *err)
{
	struct find f = {.id = serial};
	enum sg_code rc = sg_db_read(store, read_by_serial, &f, err);
	if (rc == SG_OK)
		*ret = f.row;
	return rc;
}

SG_RC
sg_cadb_cert_by_der(struct sg_db *store, struct sg_slice serial, struct sg_slice cert_der,
    struct sg_cadb_cert *ret, struct sg_err *err)
{
	struct find f = {.id = serial};
	enum sg_code rc = sg_db_read(store, read_by_serial, &f, err);
	if (rc == SG_OK && !sg_slice_eq(f.row.der, cert_der)) {
		sg_cadb_cert_clear(&f.row);
		rc = sg_fail(err, SG_E_NOTFOUND, "cert.altered",
		    "our certificate with this serial number has other bytes");
	}
	if (rc == SG_OK)
		*ret = f.row;
	return rc;
}

struct list {
	const struct sg_cadb_cert_filter *filter;
	bool (*each)(void *arg, const struct sg_cadb_cert *row);
	void *arg;
};

static enum sg_code
read_list(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct list *list = arg;
	const struct sg_cadb_cert_filter *f = list->filter;
	uint8_t first[SG_STORE_TRACE_LEN], last[SG_STORE_TRACE_LEN];
	sg_buf_scoped like = {0};
	sg_store_like_pattern(f->subject, &like);
	enum sg_code rc = sg_buf_check(&like, err);
	if (rc == SG_OK)
		rc = sg_store_trace_range(f->trace_prefix, first, last, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	/* A lineage is few of many: by its index. */
	bool all = f->lineage == 0;
	if (all)
		sg_query_begin(&q, db, LIST_SQL(""));
	else
		sg_query_begin(&q, db, LIST_SQL("AND " SG_CADB_IN_LINEAGE("c", "?9") " "));
	sg_query_int(&q, f->before_id > 0 ? f->before_id : INT64_MAX);
	sg_query_int(&q, f->states != 0 ? f->states : ALL_ISSUED);
	sg_query_int(&q, f->issuer);
	sg_query_int(&q, f->expires_before);
	sg_query_text(&q, sg_buf_slice(&like));
	sg_query_blob(&q, first, sizeof(first));
	sg_query_blob(&q, last, sizeof(last));
	sg_query_int(&q, f->limit > 0 ? f->limit : LIST_DEFAULT);
	if (!all)
		sg_query_int(&q, f->lineage);
	for (;;) {
		struct sg_cadb_cert row = {0};
		bool found = false;
		rc = sg_query_next(&q, &found, err);
		if (rc == SG_OK && found)
			rc = fill(&q, &row, err);
		if (rc != SG_OK || !found || !list->each(list->arg, &row))
			return rc;
	}
}

SG_RC
sg_cadb_cert_list(struct sg_db *store, const struct sg_cadb_cert_filter *filter,
    bool (*each)(void *arg, const struct sg_cadb_cert *row), void *arg, struct sg_err *err)
{
	struct list list = {.filter = filter, .each = each, .arg = arg};
	return sg_db_read(store, read_list, &list, err);
}

static enum sg_code
read_count(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct sg_cadb_cert_counts *ret = arg;
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT state, count(*) FROM cert WHERE state BETWEEN 1 AND 6 GROUP BY state");
	for (;;) {
		bool found = false;
		enum sg_code rc = sg_query_next(&q, &found, err);
		if (rc != SG_OK || !found)
			return rc;
		int64_t state = sg_query_col_int(&q, 0);
		if (state > 0 && state <= SG_CADB_CERT_FAILED)
			ret->by_state[state] = (uint64_t)sg_query_col_int(&q, 1);
	}
}

SG_RC
sg_cadb_cert_count(struct sg_db *store, struct sg_cadb_cert_counts *ret, struct sg_err *err)
{
	struct sg_cadb_cert_counts counts = {0};
	enum sg_code rc = sg_db_read(store, read_count, &counts, err);
	if (rc == SG_OK)
		*ret = counts;
	return rc;
}
