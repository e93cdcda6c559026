/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/audit.c - the audit chain: a row is added in the transaction of the act that it tells of
 */

#include "store/ca/audit.h"

#include <string.h>

#include "base/buf.h"
#include "crypto/digest.h"
#include "db/db.h"
#include "db/db_private.h"
#include "db/writer.h"
#include "store/ca/audit_private.h"

#define LIST_DEFAULT 100u
#define AUDIT_TEXT_MAX 4096u /* bytes of who, act, object and detail each */

static void
put_field(struct sg_buf *b, struct sg_slice s)
{
	sg_buf_put_u32(b, (uint32_t)s.len);
	sg_buf_put_slice(b, s);
}

SG_RC
sg_cadb_audit_hash(const uint8_t prev[SG_STORE_HASH_LEN], const struct sg_cadb_audit_row *row,
    uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err)
{
	sg_buf_scoped b = {0};
	sg_buf_put(&b, prev, SG_STORE_HASH_LEN);
	sg_buf_put_u64(&b, (uint64_t)row->seq);
	sg_buf_put_u64(&b, (uint64_t)row->at);
	put_field(&b, row->who);
	put_field(&b, row->act);
	put_field(&b, row->object);
	put_field(&b, row->detail);
	enum sg_code rc = sg_buf_check(&b, err);
	return rc == SG_OK ? sg_sha256(sg_buf_slice(&b), ret, err) : rc;
}

/* The end of the chain; seq 0 and zeroes when there is none yet. */
static enum sg_code
audit_head(
    struct sg_sql *db, int64_t *ret_seq, uint8_t ret_hash[SG_STORE_HASH_LEN], struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK)
		return rc;
	*ret_seq = found ? sg_query_col_int(&q, 0) : 0;
	memset(ret_hash, 0, SG_STORE_HASH_LEN);
	if (found)
		sg_query_col_fixed(&q, 1, ret_hash, SG_STORE_HASH_LEN);
	return sg_query_check(&q, err);
}

SG_RC
sg_cadb_audit_add(struct sg_sql *db, struct sg_slice who, const char *act, struct sg_slice object,
    struct sg_slice detail, int64_t at, int64_t *ret_seq, struct sg_err *err)
{
	struct sg_cadb_audit_row row = {
	    .at = at,
	    .who = who,
	    .act = sg_slice_str(act),
	    .object = object,
	    .detail = detail,
	};
	uint8_t prev[SG_STORE_HASH_LEN];
	enum sg_code rc = audit_head(db, &row.seq, prev, err);
	if (rc != SG_OK)
		return rc;
	row.seq++;
	rc = sg_cadb_audit_hash(prev, &row, row.hash, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "INSERT INTO audit (seq, at, who, act, object, detail, hash) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	sg_query_int(&q, row.seq);
	sg_query_int(&q, row.at);
	sg_query_text(&q, row.who);
	sg_query_text(&q, row.act);
	sg_query_text(&q, row.object);
	sg_query_text(&q, row.detail);
	sg_query_blob(&q, row.hash, sizeof(row.hash));
	rc = sg_query_run(&q, err);
	if (rc == SG_OK && ret_seq != NULL)
		*ret_seq = row.seq;
	return rc;
}

struct act {
	struct sg_slice who, act, object, detail;
	int64_t at;
};

static enum sg_code
job_audit(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct act *a = arg;
	sg_buf_scoped word = {0};
	sg_buf_put_slice(&word, a->act);
	enum sg_code rc = sg_buf_check(&word, err);
	if (rc != SG_OK)
		return rc;
	return sg_cadb_audit_add(
	    db, a->who, sg_buf_text(&word), a->object, a->detail, a->at, NULL, err);
}

SG_RC
sg_cadb_audit(struct sg_db *store, struct sg_slice who, struct sg_slice act, struct sg_slice object,
    struct sg_slice detail, int64_t now, struct sg_err *err)
{
	struct act a = {.who = who, .act = act, .object = object, .detail = detail, .at = now};
	enum sg_code rc = sg_db_check(
	    act.len > 0 && act.len <= AUDIT_TEXT_MAX && who.len <= AUDIT_TEXT_MAX &&
		object.len <= AUDIT_TEXT_MAX && detail.len <= AUDIT_TEXT_MAX,
	    "an audit text that is empty or too long", err);
	return rc == SG_OK ? sg_db_do_when_full(store, job_audit, &a, err) : rc;
}

#define COLUMNS "seq, at, who, act, object, detail, hash"

void
sg_cadb_audit_begin(struct sg_query *q, struct sg_sql *db)
{
	sg_query_begin(q, db, "SELECT " COLUMNS " FROM audit ORDER BY seq");
}

SG_RC
sg_cadb_audit_next(
    struct sg_query *q, bool *ret_found, struct sg_cadb_audit_row *ret, struct sg_err *err)
{
	enum sg_code rc = sg_query_next(q, ret_found, err);
	if (rc != SG_OK || !*ret_found)
		return rc;
	*ret = (struct sg_cadb_audit_row){
	    .seq = sg_query_col_int(q, 0),
	    .at = sg_query_col_int(q, 1),
	    .who = sg_query_col(q, 2),
	    .act = sg_query_col(q, 3),
	    .object = sg_query_col(q, 4),
	    .detail = sg_query_col(q, 5),
	};
	sg_query_col_fixed(q, 6, ret->hash, sizeof(ret->hash));
	return sg_query_check(q, err);
}

struct list {
	const struct sg_cadb_audit_filter *filter;
	bool (*each)(void *arg, const struct sg_cadb_audit_row *row);
	void *arg;
};

static enum sg_code
read_list(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct list *list = arg;
	const struct sg_cadb_audit_filter *f = list->filter;
	sg_query_scoped q;

	if (f->ascending) {
		sg_query_begin(&q, db,
		    "SELECT " COLUMNS " FROM audit WHERE seq > ?1 AND (?2 = '' OR act = ?2) "
		    "ORDER BY seq LIMIT ?3");
		sg_query_int(&q, f->after);
	} else {
		sg_query_begin(&q, db,
		    "SELECT " COLUMNS " FROM audit WHERE seq < ?1 AND (?2 = '' OR act = ?2) "
		    "ORDER BY seq DESC LIMIT ?3");
		sg_query_int(&q, f->before > 0 ? f->before : INT64_MAX);
	}
	sg_query_text(&q, f->act);
	sg_query_int(&q, f->limit > 0 ? f->limit : LIST_DEFAULT);
	for (;;) {
		bool found = false;
		struct sg_cadb_audit_row row;
		enum sg_code rc = sg_cadb_audit_next(&q, &found, &row, err);
		if (rc != SG_OK || !found || !list->each(list->arg, &row))
			return rc;
	}
}

SG_RC
sg_cadb_audit_list(struct sg_db *store, const struct sg_cadb_audit_filter *filter,
    bool (*each)(void *arg, const struct sg_cadb_audit_row *row), void *arg, struct sg_err *err)
{
	struct list list = {.filter = filter, .each = each, .arg = arg};
	return sg_db_read(store, read_list, &list, err);
}

static enum sg_code
read_head(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct sg_cadb_head *ret = arg;
	enum sg_code rc = audit_head(db, &ret->audit_seq, ret->audit_hash, err);
	if (rc != SG_OK)
		return rc;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT coalesce(max(number), 0) FROM crl");
	rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && found)
		ret->crl_number = (uint64_t)sg_query_col_int(&q, 0);
	return rc;
}

SG_RC
sg_cadb_get_head(struct sg_db *store, struct sg_cadb_head *ret, struct sg_err *err)
{
	struct sg_cadb_head head = {0};
	enum sg_code rc = sg_db_read(store, read_head, &head, err);
	if (rc == SG_OK)
		*ret = head;
	return rc;
}
