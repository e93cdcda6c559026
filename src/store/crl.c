/* SPDX-License-Identifier: Apache-2.0 */

#include "store/ca.h"

#include <stdio.h>

#include "base/alloc.h"
#include "store/priv.h"

#define KEEP_NUMBERS 1000 /* rows of earlier CRLs that stay, for looking back */

void
sg_crl_row_clear(struct sg_crl_row *row)
{
	sg_free(row->mem);
	*row = (struct sg_crl_row){0};
}

struct number {
	int issuer;
	unsigned shard;
	int64_t now;
	int64_t number;
};

static enum sg_code
job_number(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct number *n = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_CRL_TAKE,
	    "INSERT INTO crl (issuer, shard, number, taken_at, this_update, next_update, entries) "
	    "SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, 0, 0, 0 FROM crl "
	    "WHERE issuer = ?1 AND shard = ?2 RETURNING number");
	sg_query_int(&q, n->issuer);
	sg_query_int(&q, n->shard);
	sg_query_int(&q, n->now);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && found)
		n->number = sg_query_col_int(&q, 0);
	return rc;
}

SG_RC
sg_ca_crl_number(struct sg_store *store, int issuer, unsigned shard, int64_t now,
    uint64_t *ret_number, struct sg_err *err)
{
	struct number n = {.issuer = issuer, .shard = shard, .now = now};
	enum sg_code rc = sg_store_do(store, job_number, &n, err);
	if (rc == SG_OK)
		*ret_number = (uint64_t)n.number;
	return rc;
}

struct entries {
	int issuer;
	unsigned shard;
	int64_t valid_at;
	bool (*each)(void *arg, const struct sg_ca_crl_item *item);
	void *arg;
};

static enum sg_code
read_entries(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct entries *e = arg;
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_CRL_ENTRIES,
	    "SELECT serial, revoked_at, reason FROM cert WHERE issuer = ?1 AND shard = ?2 "
	    "AND state BETWEEN 3 AND 5 AND not_after >= ?3 ORDER BY serial");
	sg_query_int(&q, e->issuer);
	sg_query_int(&q, e->shard);
	sg_query_int(&q, e->valid_at);
	for (;;) {
		bool found = false;
		enum sg_code rc = sg_query_next(&q, &found, err);
		if (rc != SG_OK || !found)
			return rc;
		struct sg_ca_crl_item item = {
		    .serial = sg_query_col(&q, 0),
		    .revoked_at = sg_query_col_int(&q, 1),
		    .reason = (int)sg_query_col_int(&q, 2),
		};
		rc = sg_query_check(&q, err);
		if (rc != SG_OK || !e->each(e->arg, &item))
			return rc;
	}
}

SG_RC
sg_ca_crl_entries(struct sg_store *store, int issuer, unsigned shard, int64_t valid_at,
    bool (*each)(void *arg, const struct sg_ca_crl_item *item), void *arg, struct sg_err *err)
{
	struct entries e = {
	    .issuer = issuer, .shard = shard, .valid_at = valid_at, .each = each, .arg = arg};
	return sg_store_read(store, read_entries, &e, err);
}

struct publish {
	struct sg_crl_row crl;
	struct sg_slice who;
	int64_t now;
};

/* The number must be the newest that was handed out, and not have been used. */
static enum sg_code
check_number(struct sg_sql *db, const struct sg_crl_row *crl, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_CRL_OPEN,
	    "SELECT number, this_update FROM crl WHERE issuer = ?1 AND shard = ?2 "
	    "ORDER BY number DESC LIMIT 1");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK)
		return rc;
	int64_t newest = found ? sg_query_col_int(&q, 0) : 0;
	if (newest != (int64_t)crl->number || sg_query_col_int(&q, 1) != 0)
		return sg_fail(err, SG_E_CONFLICT, "crl.number",
		    "CRL number %llu is not the one that was handed out last (%lld), or has been "
		    "used",
		    (unsigned long long)crl->number, (long long)newest);
	return SG_OK;
}

/* Only the newest keeps its bytes; very old numbers go. */
static enum sg_code
forget_older(struct sg_sql *db, const struct sg_crl_row *crl, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_CRL_FORGET,
	    "UPDATE crl SET der = NULL WHERE issuer = ?1 AND shard = ?2 AND number < ?3 "
	    "AND der IS NOT NULL");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	sg_query_int(&q, (int64_t)crl->number);
	enum sg_code rc = sg_query_run(&q, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped trim;
	sg_query_begin(&trim, db, SG_SLOT_CRL_TRIM,
	    "DELETE FROM crl WHERE issuer = ?1 AND shard = ?2 AND number <= ?3");
	sg_query_int(&trim, crl->issuer);
	sg_query_int(&trim, crl->shard);
	sg_query_int(&trim, (int64_t)crl->number - KEEP_NUMBERS);
	return sg_query_run(&trim, err);
}

static enum sg_code
job_publish(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct publish *p = arg;
	const struct sg_crl_row *crl = &p->crl;
	char object[64], detail[128];
	enum sg_code rc = check_number(db, crl, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_CRL_PUBLISH,
	    "UPDATE crl SET this_update = ?4, next_update = ?5, entries = ?6, der = ?7 "
	    "WHERE issuer = ?1 AND shard = ?2 AND number = ?3");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	sg_query_int(&q, (int64_t)crl->number);
	sg_query_int(&q, crl->this_update);
	sg_query_int(&q, crl->next_update);
	sg_query_int(&q, (int64_t)crl->entries);
	sg_query_blob(&q, crl->der.p, crl->der.len);
	rc = sg_query_run(&q, err);
	if (rc == SG_OK)
		rc = forget_older(db, crl, err);
	if (rc != SG_OK)
		return rc;
	snprintf(object, sizeof(object), "issuer=%d shard=%u", crl->issuer, crl->shard);
	snprintf(detail, sizeof(detail), "number=%llu entries=%llu",
	    (unsigned long long)crl->number, (unsigned long long)crl->entries);
	return sg_audit_add(
	    db, p->who, "crl", sg_slice_str(object), sg_slice_str(detail), p->now, err);
}

SG_RC
sg_ca_crl_publish(struct sg_store *store, const struct sg_crl_row *crl, struct sg_slice who,
    int64_t now, struct sg_err *err)
{
	struct publish p = {.crl = *crl, .who = who, .now = now};
	enum sg_code rc = sg_store_check(
	    crl->number > 0 && crl->number < INT64_MAX && crl->this_update > 0 && crl->der.len > 0,
	    "an incomplete CRL", err);
	return rc == SG_OK ? sg_store_do(store, job_publish, &p, err) : rc;
}

struct latest {
	int issuer;
	unsigned shard;
	struct sg_crl_row row;
};

static enum sg_code
read_latest(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct latest *l = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_SLOT_CRL_LATEST,
	    "SELECT number, this_update, next_update, entries, der FROM crl WHERE issuer = ?1 "
	    "AND shard = ?2 AND der IS NOT NULL ORDER BY number DESC LIMIT 1");
	sg_query_int(&q, l->issuer);
	sg_query_int(&q, l->shard);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "crl.none", "no CRL has been published yet");
	if (rc != SG_OK)
		return rc;
	struct sg_crl_row row = {
	    .issuer = l->issuer,
	    .shard = l->shard,
	    .number = (uint64_t)sg_query_col_int(&q, 0),
	    .this_update = sg_query_col_int(&q, 1),
	    .next_update = sg_query_col_int(&q, 2),
	    .entries = (uint64_t)sg_query_col_int(&q, 3),
	    .der = sg_query_col(&q, 4),
	};
	rc = sg_query_check(&q, err);
	if (rc != SG_OK)
		return rc;
	struct sg_slice *const own[] = {&row.der};
	rc = sg_own_slices(own, 1, &row.mem, err);
	if (rc == SG_OK)
		l->row = row;
	return rc;
}

SG_RC
sg_ca_crl_latest(
    struct sg_store *store, int issuer, unsigned shard, struct sg_crl_row *ret, struct sg_err *err)
{
	struct latest l = {.issuer = issuer, .shard = shard};
	enum sg_code rc = sg_store_read(store, read_latest, &l, err);
	if (rc == SG_OK)
		*ret = l.row;
	return rc;
}
