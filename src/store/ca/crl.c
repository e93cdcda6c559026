/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/crl.c - what a revocation list must have, what was published, what a list knows
 */

#include "store/ca/crl.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hex.h"
#include "db/db.h"
#include "db/writer.h"
#include "store/ca/audit_private.h"
#include "store/ca/cert.h"
#include "store/ca/crl_private.h"
#include "store/ca/revoke.h"
#include "store/ca/revoke_private.h"

#define KEEP_NUMBERS 1000 /* rows of earlier CRLs that stay, for looking back */
#define MISSING_SHOWN 5u  /* serial numbers in a message */

void
sg_cadb_crl_clear(struct sg_cadb_crl *row)
{
	sg_free(row->mem);
	*row = (struct sg_cadb_crl){0};
}

/* 0 before the first. */
static enum sg_code
newest_number(struct sg_sql *db, int issuer, unsigned shard, uint64_t *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT coalesce(max(number), 0) FROM crl WHERE issuer = ?1 AND shard = ?2");
	sg_query_int(&q, issuer);
	sg_query_int(&q, shard);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK)
		*ret = (uint64_t)sg_query_col_int(&q, 0);
	return rc;
}

/* ---- the next list ---- */

struct reading {
	int issuer;
	unsigned shard;
	const struct sg_cadb_crl_reader *reader;
};

/* An entry stays until a list after its certificate's end has had it: last_list. */
#define ENTRIES_FROM                                                                               \
	"FROM cert WHERE issuer = ?1 AND shard = ?2 AND state BETWEEN 3 AND 5 AND last_list = 0 "

/* The number and the date of the list before, the last act, and how many entries there will be. */
static enum sg_code
read_state(
    struct sg_sql *db, const struct reading *r, struct sg_cadb_crl_state *ret, struct sg_err *err)
{
	bool found = false;
	uint64_t newest = 0;
	enum sg_code rc = newest_number(db, r->issuer, r->shard, &newest, err);
	if (rc != SG_OK)
		return rc;
	ret->number = newest + 1;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT (SELECT coalesce(max(seq), 0) FROM audit), "
	    "coalesce((SELECT this_update FROM crl WHERE issuer = ?1 AND shard = ?2 "
	    "AND this_update <> 0 ORDER BY number DESC LIMIT 1), 0), "
	    "(SELECT count(*) " ENTRIES_FROM
	    ") + (SELECT count(*) FROM adopted WHERE issuer = ?1)");
	sg_query_int(&q, r->issuer);
	sg_query_int(&q, r->shard);
	rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK)
		return rc;
	ret->audit_seq = sg_query_col_int(&q, 0);
	ret->last_this_update = sg_query_col_int(&q, 1);
	ret->entries = (uint64_t)sg_query_col_int(&q, 2);
	return SG_OK;
}

static enum sg_code
read_next(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct reading *r = arg;
	const struct sg_cadb_crl_reader *to = r->reader;
	struct sg_cadb_crl_state state = {0};
	enum sg_code rc = read_state(db, r, &state, err);
	if (rc == SG_OK)
		rc = to->begin(to->arg, &state, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT serial, revoked_at, reason " ENTRIES_FROM
	    "UNION ALL SELECT serial, revoked_at, reason FROM adopted WHERE issuer = ?1 "
	    "ORDER BY serial");
	sg_query_int(&q, r->issuer);
	sg_query_int(&q, r->shard);
	for (;;) {
		bool found = false;
		rc = sg_query_next(&q, &found, err);
		if (rc != SG_OK || !found)
			return rc;
		struct sg_cadb_crl_item item = {
		    .serial = sg_query_col(&q, 0),
		    .revoked_at = sg_query_col_int(&q, 1),
		    .reason = (int)sg_query_col_int(&q, 2),
		};
		rc = sg_query_check(&q, err);
		if (rc == SG_OK)
			rc = to->each(to->arg, &item, err);
		if (rc != SG_OK)
			return rc;
	}
}

static enum sg_code
read_in_one_state(struct sg_sql *db, void *arg, struct sg_err *err)
{
	return sg_sql_snapshot(db, read_next, arg, err);
}

SG_RC
sg_cadb_crl_read(struct sg_db *store, int issuer, unsigned shard,
    const struct sg_cadb_crl_reader *reader, struct sg_err *err)
{
	struct reading r = {.issuer = issuer, .shard = shard, .reader = reader};
	return sg_db_read(store, read_in_one_state, &r, err);
}

/* ---- what left while the clock was ahead ---- */

struct reviving {
	struct reading of;
	int64_t now, last_this_update, n;
	struct sg_slice who;
};

static enum sg_code
read_date(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct reviving *r = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT this_update FROM crl WHERE issuer = ?1 AND shard = ?2 AND this_update <> 0 "
	    "ORDER BY number DESC LIMIT 1");
	sg_query_int(&q, r->of.issuer);
	sg_query_int(&q, r->of.shard);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK)
		r->last_this_update = found ? sg_query_col_int(&q, 0) : 0;
	return rc;
}

#define LEFT_TOO_EARLY                                                                             \
	"WHERE issuer = ?1 AND shard = ?2 AND state BETWEEN 3 AND 5 AND last_list <> 0 "           \
	"AND not_after >= ?3"

static enum sg_code
job_revive(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct reviving *r = arg;
	char object[64], detail[64];
	bool found = false;
	int64_t seq = 0;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT count(*) FROM cert " LEFT_TOO_EARLY);
	sg_query_int(&q, r->of.issuer);
	sg_query_int(&q, r->of.shard);
	sg_query_int(&q, r->now);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && found)
		r->n = sg_query_col_int(&q, 0);
	sg_query_end(&q);
	if (rc != SG_OK || r->n == 0)
		return rc;
	snprintf(object, sizeof(object), "issuer=%d shard=%u", r->of.issuer, r->of.shard);
	snprintf(detail, sizeof(detail), "entries=%lld", (long long)r->n);
	rc = sg_cadb_audit_add(
	    db, r->who, "relist", sg_slice_str(object), sg_slice_str(detail), r->now, &seq, err);
	if (rc != SG_OK)
		return rc;
	/* Of this act on, as if they were revoked anew: the list before need not have them. */
	sg_query_scoped set;
	sg_query_begin(&set, db, "UPDATE cert SET last_list = 0, revoked_seq = ?4 " LEFT_TOO_EARLY);
	sg_query_int(&set, r->of.issuer);
	sg_query_int(&set, r->of.shard);
	sg_query_int(&set, r->now);
	sg_query_int(&set, seq);
	return sg_query_run(&set, err);
}

SG_RC
sg_cadb_crl_revive(struct sg_db *store, int issuer, unsigned shard, struct sg_slice who,
    int64_t now, uint64_t *ret_n, struct sg_err *err)
{
	struct reviving r = {.of = {.issuer = issuer, .shard = shard}, .now = now, .who = who};
	enum sg_code rc = sg_db_read(store, read_date, &r, err);
	if (rc == SG_OK && r.last_this_update > now)
		rc = sg_db_do_when_full(store, job_revive, &r, err);
	if (rc == SG_OK)
		*ret_n = (uint64_t)r.n;
	return rc;
}

/* ---- a list that was signed ---- */

struct publish {
	struct sg_cadb_crl crl;
	struct sg_slice who;
	int64_t now;
};

/* Only the newest keeps its bytes; very old numbers go. */
static enum sg_code
forget_older(struct sg_sql *db, const struct sg_cadb_crl *crl, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE crl SET der = NULL WHERE issuer = ?1 AND shard = ?2 AND number < ?3 "
	    "AND der IS NOT NULL");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	sg_query_int(&q, (int64_t)crl->number);
	enum sg_code rc = sg_query_run(&q, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped trim;
	sg_query_begin(
	    &trim, db, "DELETE FROM crl WHERE issuer = ?1 AND shard = ?2 AND number <= ?3");
	sg_query_int(&trim, crl->issuer);
	sg_query_int(&trim, crl->shard);
	sg_query_int(&trim, (int64_t)crl->number - KEEP_NUMBERS);
	return sg_query_run(&trim, err);
}

static enum sg_code
insert_list(struct sg_sql *db, const struct sg_cadb_crl *crl, int64_t now, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "INSERT INTO crl (issuer, shard, number, taken_at, this_update, next_update, entries, "
	    "der, audit_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	sg_query_int(&q, (int64_t)crl->number);
	sg_query_int(&q, now);
	sg_query_int(&q, crl->this_update);
	sg_query_int(&q, crl->next_update);
	sg_query_int(&q, (int64_t)crl->entries);
	sg_query_blob(&q, crl->der.p, crl->der.len);
	sg_query_int(&q, crl->audit_seq);
	enum sg_code rc = sg_query_run(&q, err);
	return rc == SG_OK ? forget_older(db, crl, err) : rc;
}

/* What had ended and was on this list need not be on the next. A list that is dated after now,
 * because the clock was ahead before, says nothing about an end. */
static enum sg_code
mark_last(struct sg_sql *db, const struct sg_cadb_crl *crl, int64_t now, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE cert SET last_list = ?3 WHERE issuer = ?1 AND shard = ?2 "
	    "AND state BETWEEN 3 AND 5 AND last_list = 0 AND not_after < ?4 AND revoked_seq <= ?5");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	sg_query_int(&q, (int64_t)crl->number);
	sg_query_int(&q, crl->this_update < now ? crl->this_update : now);
	sg_query_int(&q, crl->audit_seq);
	return sg_query_run(&q, err);
}

static enum sg_code
job_publish(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct publish *p = arg;
	const struct sg_cadb_crl *crl = &p->crl;
	char object[64], detail[128];
	uint64_t newest = 0;
	enum sg_code rc = newest_number(db, crl->issuer, crl->shard, &newest, err);
	if (rc == SG_OK && crl->number <= newest)
		rc = sg_fail(err, SG_E_CONFLICT, "crl.number",
		    "CRL number %llu: number %llu was published meanwhile",
		    (unsigned long long)crl->number, (unsigned long long)newest);
	if (rc == SG_OK)
		rc = insert_list(db, crl, p->now, err);
	if (rc == SG_OK)
		rc = mark_last(db, crl, p->now, err);
	if (rc != SG_OK)
		return rc;
	snprintf(object, sizeof(object), "issuer=%d shard=%u", crl->issuer, crl->shard);
	snprintf(detail, sizeof(detail), "number=%llu entries=%llu",
	    (unsigned long long)crl->number, (unsigned long long)crl->entries);
	return sg_cadb_audit_add(
	    db, p->who, "crl", sg_slice_str(object), sg_slice_str(detail), p->now, NULL, err);
}

SG_RC
sg_cadb_crl_publish(struct sg_db *store, const struct sg_cadb_crl *crl, struct sg_slice who,
    int64_t now, struct sg_err *err)
{
	struct publish p = {.crl = *crl, .who = who, .now = now};
	enum sg_code rc = sg_db_check(
	    crl->number > 0 && crl->number < INT64_MAX && crl->this_update > 0 && crl->der.len > 0,
	    "an incomplete CRL", err);
	return rc == SG_OK ? sg_db_do_when_full(store, job_publish, &p, err) : rc;
}

struct latest {
	int issuer;
	unsigned shard;
	struct sg_cadb_crl row;
};

static enum sg_code
read_latest(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct latest *l = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT number, this_update, next_update, entries, audit_seq, der FROM crl "
	    "WHERE issuer = ?1 AND shard = ?2 AND der IS NOT NULL ORDER BY number DESC LIMIT 1");
	sg_query_int(&q, l->issuer);
	sg_query_int(&q, l->shard);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "crl.none", "no CRL has been published yet");
	if (rc != SG_OK)
		return rc;
	struct sg_cadb_crl row = {
	    .issuer = l->issuer,
	    .shard = l->shard,
	    .number = (uint64_t)sg_query_col_int(&q, 0),
	    .this_update = sg_query_col_int(&q, 1),
	    .next_update = sg_query_col_int(&q, 2),
	    .entries = (uint64_t)sg_query_col_int(&q, 3),
	    .audit_seq = sg_query_col_int(&q, 4),
	    .der = sg_query_col(&q, 5),
	};
	rc = sg_query_check(&q, err);
	if (rc != SG_OK)
		return rc;
	struct sg_slice *const own[] = {&row.der};
	rc = sg_sql_own_slices(own, 1, &row.mem, err);
	if (rc == SG_OK)
		l->row = row;
	return rc;
}

SG_RC
sg_cadb_crl_latest(
    struct sg_db *store, int issuer, unsigned shard, struct sg_cadb_crl *ret, struct sg_err *err)
{
	struct latest l = {.issuer = issuer, .shard = shard};
	enum sg_code rc = sg_db_read(store, read_latest, &l, err);
	if (rc == SG_OK)
		*ret = l.row;
	return rc;
}

struct owed {
	struct latest of;
	bool is;
};

static enum sg_code
read_owed(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct owed *b = arg;
	sg_query_scoped q;
	/* Adopted lists, and those of earlier versions, know of nothing: audit_seq 0. */
	sg_query_begin(&q, db,
	    "SELECT 1 FROM audit WHERE seq > coalesce((SELECT audit_seq FROM crl WHERE issuer = ?1 "
	    "AND shard = ?2 AND der IS NOT NULL ORDER BY number DESC LIMIT 1), 0) "
	    "AND act IN ('revoke', 'hold', 'release', 'adopt', 'relist') LIMIT 1");
	sg_query_int(&q, b->of.issuer);
	sg_query_int(&q, b->of.shard);
	return sg_query_next(&q, &b->is, err);
}

SG_RC
sg_cadb_crl_owed(struct sg_db *store, int issuer, unsigned shard, bool *ret, struct sg_err *err)
{
	struct owed b = {.of = {.issuer = issuer, .shard = shard}};
	enum sg_code rc = sg_db_read(store, read_owed, &b, err);
	if (rc == SG_OK)
		*ret = b.is;
	return rc;
}

/* ---- a list that knows more than this database ---- */

/* An entry's certificate here; state 0: none of this issuer. */
struct standing {
	int64_t id, state, reason;
};

static enum sg_code
find_cert(
    struct sg_sql *db, int issuer, struct sg_slice serial, struct standing *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT id, state, reason FROM cert WHERE serial = ?1 AND issuer = ?2 "
	    "AND state BETWEEN 2 AND 5");
	sg_query_blob(&q, serial.p, serial.len);
	sg_query_int(&q, issuer);
	enum sg_code rc = sg_query_next(&q, &found, err);
	*ret = (struct standing){0};
	if (rc == SG_OK && found)
		*ret = (struct standing){
		    sg_query_col_int(&q, 0), sg_query_col_int(&q, 1), sg_query_col_int(&q, 2)};
	return rc;
}

static enum sg_code
begin_adopted(struct sg_query *q, struct sg_sql *db, int issuer, struct sg_slice serial,
    bool *ret_found, struct sg_err *err)
{
	sg_query_begin(
	    q, db, "SELECT revoked_at, reason FROM adopted WHERE issuer = ?1 AND serial = ?2");
	sg_query_int(q, issuer);
	sg_query_blob(q, serial.p, serial.len);
	return sg_query_next(q, ret_found, err);
}

/* A hold on one list does not cover a revocation on another. */
static bool
covers(int reason, int reason_there)
{
	return reason != SG_CADB_REASON_HOLD || reason_there == SG_CADB_REASON_HOLD;
}

static enum sg_code
is_adopted(struct sg_sql *db, int issuer, const struct sg_cadb_crl_item *item, bool *ret_found,
    bool *ret_covers, struct sg_err *err)
{
	sg_query_scoped q;
	enum sg_code rc = begin_adopted(&q, db, issuer, item->serial, ret_found, err);
	if (rc == SG_OK)
		*ret_covers = *ret_found && covers((int)sg_query_col_int(&q, 1), item->reason);
	return rc;
}

SG_RC
sg_cadb_crl_released(
    struct sg_sql *db, struct sg_slice serial, int64_t after, bool *ret, struct sg_err *err)
{
	sg_buf_scoped hex = {0};
	sg_hex_put(&hex, serial);
	enum sg_code rc = sg_buf_check(&hex, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT 1 FROM audit WHERE seq > ?1 AND act = 'release' AND object = ?2");
	sg_query_int(&q, after);
	sg_query_text(&q, sg_buf_slice(&hex));
	return sg_query_next(&q, ret, err);
}

struct comparison {
	struct sg_sql *db;
	const struct sg_cadb_crl *crl;
	int64_t
	    since; /* the last act that the list knew of; -1: it was not made of this database */
	struct sg_cadb_crl_source source;
	struct sg_cadb_crl_missing *missing;
};

/* Does the next list have this entry, or is there a reason why not? */
static enum sg_code
is_known(
    const struct comparison *c, const struct sg_cadb_crl_item *item, bool *ret, struct sg_err *err)
{
	struct standing at;
	bool found = false;
	enum sg_code rc = find_cert(c->db, c->crl->issuer, item->serial, &at, err);
	if (rc != SG_OK)
		return rc;
	*ret = at.state > SG_CADB_CERT_GOOD && covers((int)at.reason, item->reason);
	if (at.state == 0)
		rc = is_adopted(c->db, c->crl->issuer, item, &found, ret, err);
	else if (at.state == SG_CADB_CERT_GOOD && item->reason == SG_CADB_REASON_HOLD &&
		 c->since >= 0)
		rc = sg_cadb_crl_released(c->db, item->serial, c->since, ret, err);
	return rc;
}

static enum sg_code
compare_one(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	const struct comparison *c = arg;
	bool known = false;
	enum sg_code rc = is_known(c, item, &known, err);
	if (rc != SG_OK || known || c->missing->n++ >= MISSING_SHOWN)
		return rc;
	sg_buf_puts(c->missing->serials, c->missing->n > 1 ? ", " : "");
	sg_hex_put(c->missing->serials, item->serial);
	return SG_OK;
}

/* Was this list recorded here? A number alone says little: after a backup came back it was given
 * to another list. */
static enum sg_code
find_list(struct sg_sql *db, const struct sg_cadb_crl *crl, int64_t *ret_since, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT audit_seq FROM crl WHERE issuer = ?1 AND shard = ?2 AND number = ?3 "
	    "AND this_update = ?4 AND next_update = ?5");
	sg_query_int(&q, crl->issuer);
	sg_query_int(&q, crl->shard);
	sg_query_int(&q, (int64_t)crl->number);
	sg_query_int(&q, crl->this_update);
	sg_query_int(&q, crl->next_update);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK)
		*ret_since = found ? sg_query_col_int(&q, 0) : -1;
	return rc;
}

static enum sg_code
compare(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct comparison *c = arg;
	c->db = db;
	enum sg_code rc = find_list(db, c->crl, &c->since, err);
	return rc == SG_OK ? c->source.read(c->source.arg, compare_one, c, err) : rc;
}

SG_RC
sg_cadb_crl_find_missing(struct sg_db *store, const struct sg_cadb_crl *crl,
    struct sg_cadb_crl_source source, struct sg_cadb_crl_missing *ret, struct sg_err *err)
{
	struct comparison c = {.crl = crl, .source = source, .missing = ret};
	ret->n = 0;
	enum sg_code rc = sg_db_read(store, compare, &c, err);
	return rc == SG_OK ? sg_buf_check(ret->serials, err) : rc;
}

/* ---- taking over what a list knows ---- */

struct adoption {
	struct sg_sql *db;
	int64_t seq; /* of its audit row */
	struct sg_cadb_crl crl;
	struct sg_cadb_crl_source source;
	struct sg_slice who;
	int64_t now;
	struct sg_cadb_crl_adopted done;
};

static enum sg_code
add_adopted(const struct adoption *a, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, a->db,
	    "INSERT OR REPLACE INTO adopted (issuer, serial, revoked_at, reason, seq) "
	    "VALUES (?1, ?2, ?3, ?4, ?5)");
	sg_query_int(&q, a->crl.issuer);
	sg_query_blob(&q, item->serial.p, item->serial.len);
	sg_query_int(&q, item->revoked_at);
	sg_query_int(&q, item->reason);
	sg_query_int(&q, a->seq);
	return sg_query_run(&q, err);
}

static enum sg_code
adopt_one(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	struct adoption *a = arg;
	struct sg_sql *db = a->db;
	struct standing at;
	bool hold = item->reason == SG_CADB_REASON_HOLD, found = false, known = false;
	enum sg_code rc = find_cert(db, a->crl.issuer, item->serial, &at, err);
	if (rc == SG_OK && at.state == 0)
		rc = is_adopted(db, a->crl.issuer, item, &found, &known, err);
	if (rc != SG_OK)
		return rc;
	if (known || (at.state > SG_CADB_CERT_GOOD && covers((int)at.reason, item->reason))) {
		a->done.known++;
		return SG_OK;
	}
	if (at.state == 0) {
		a->done.foreign++;
		return add_adopted(a, item, err);
	}
	a->done.revoked++;
	struct sg_cadb_revoking what = {.serial = item->serial,
	    .who = a->who,
	    .reason = item->reason,
	    .revoked_at = item->revoked_at,
	    .now = a->now};
	return sg_cadb_revoke_cert(
	    db, at.id, hold ? SG_CADB_CERT_HOLD : SG_CADB_CERT_REVOKED, &what, err);
}

static enum sg_code
job_adopt(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct adoption *a = arg;
	struct sg_cadb_crl crl = a->crl;
	char object[64], detail[64];
	uint64_t newest = 0;
	a->db = db;
	a->done = (struct sg_cadb_crl_adopted){0};
	snprintf(object, sizeof(object), "issuer=%d shard=%u", crl.issuer, crl.shard);
	snprintf(detail, sizeof(detail), "number=%llu entries=%llu", (unsigned long long)crl.number,
	    (unsigned long long)crl.entries);
	enum sg_code rc = sg_cadb_audit_add(
	    db, a->who, "adopt", sg_slice_str(object), sg_slice_str(detail), a->now, &a->seq, err);
	if (rc == SG_OK)
		rc = a->source.read(a->source.arg, adopt_one, a, err);
	if (rc == SG_OK)
		rc = newest_number(db, crl.issuer, crl.shard, &newest, err);
	/* Older ones are only evidence. What was revoked here since is not on it: as of seq 0. */
	if (rc == SG_OK && crl.number > newest)
		rc = insert_list(db, &crl, a->now, err);
	return rc;
}

/* A certificate that came after the list that it is on. */
SG_RC
sg_cadb_crl_take_adopted(
    struct sg_sql *db, int64_t cert_id, const struct sg_cadb_new_cert *cert, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	enum sg_code rc = begin_adopted(&q, db, cert->issuer, cert->serial, &found, err);
	if (rc != SG_OK || !found)
		return rc;
	int reason = (int)sg_query_col_int(&q, 1);
	struct sg_cadb_revoking what = {.serial = cert->serial,
	    .who = cert->who,
	    .reason = reason,
	    .revoked_at = sg_query_col_int(&q, 0),
	    .now = cert->now};
	sg_query_end(&q);
	rc = sg_cadb_revoke_cert(db, cert_id,
	    reason == SG_CADB_REASON_HOLD ? SG_CADB_CERT_HOLD : SG_CADB_CERT_REVOKED, &what, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped drop;
	sg_query_begin(&drop, db, "DELETE FROM adopted WHERE issuer = ?1 AND serial = ?2");
	sg_query_int(&drop, cert->issuer);
	sg_query_blob(&drop, cert->serial.p, cert->serial.len);
	return sg_query_run(&drop, err);
}

SG_RC
sg_cadb_crl_adopt(struct sg_db *store, const struct sg_cadb_crl *crl,
    struct sg_cadb_crl_source source, struct sg_slice who, int64_t now,
    struct sg_cadb_crl_adopted *ret, struct sg_err *err)
{
	struct adoption a = {.crl = *crl, .source = source, .who = who, .now = now};
	a.crl.audit_seq = 0;
	enum sg_code rc = sg_db_check(
	    crl->number < INT64_MAX && crl->this_update > 0 && crl->der.len > 0, "not a CRL", err);
	if (rc == SG_OK)
		rc = sg_db_do_when_full(store, job_adopt, &a, err);
	if (rc == SG_OK)
		*ret = a.done;
	return rc;
}
