/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/revoke.c - from good to hold or revoked and back: one certificate, with its audit row
 */

#include "store/ca/revoke.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/hex.h"
#include "db/db.h"
#include "db/writer.h"
#include "store/ca/audit_private.h"
#include "store/ca/cert.h"
#include "store/ca/revoke_private.h"
#include "x509/crl.h"

#define REASON_MAX 10

struct revoke {
	struct sg_cadb_revoking what; /* reason -1: release */
	bool withdrawn;
	bool changed;
};

struct standing {
	int64_t id;
	enum sg_cadb_cert_state state;
	int reason;
};

static enum sg_code
load(struct sg_sql *db, struct sg_slice serial, struct standing *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT id, state, reason FROM cert WHERE serial = ?1 AND state BETWEEN 2 AND 5");
	sg_query_blob(&q, serial.p, serial.len);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "serial.unknown",
		    "this CA has issued no certificate with this serial number");
	if (rc != SG_OK)
		return rc;
	ret->id = sg_query_col_int(&q, 0);
	ret->state = (enum sg_cadb_cert_state)sg_query_col_int(&q, 1);
	ret->reason = (int)sg_query_col_int(&q, 2);
	return SG_OK;
}

/* The act's audit row comes first: the list knows by its number whether it has the act. */
static enum sg_code
audit(struct sg_sql *db, const struct sg_cadb_revoking *what, const char *act, int64_t *ret_seq,
    struct sg_err *err)
{
	char detail[32] = "";
	if (what->reason >= 0)
		snprintf(detail, sizeof(detail), "reason=%d", what->reason);
	sg_buf_scoped serial = {0};
	sg_hex_put(&serial, what->serial);
	enum sg_code rc = sg_buf_check(&serial, err);
	if (rc != SG_OK)
		return rc;
	return sg_cadb_audit_add(db, what->who, act, sg_buf_slice(&serial), sg_slice_str(detail),
	    what->now, ret_seq, err);
}

static enum sg_code
set_state(struct sg_sql *db, int64_t id, enum sg_cadb_cert_state state,
    const struct sg_cadb_revoking *what, int64_t seq, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE cert SET state = ?2, reason = ?3, revoked_at = ?4, revoked_seq = ?5, "
	    "last_list = 0 WHERE id = ?1");
	sg_query_int(&q, id);
	sg_query_int(&q, (int64_t)state);
	sg_query_int(&q, state == SG_CADB_CERT_GOOD ? 0 : what->reason);
	sg_query_int(&q, state == SG_CADB_CERT_GOOD ? 0 : what->revoked_at);
	sg_query_int(&q, state == SG_CADB_CERT_GOOD ? 0 : seq);
	return sg_query_run(&q, err);
}

SG_RC
sg_cadb_revoke_cert(struct sg_sql *db, int64_t id, int to_state,
    const struct sg_cadb_revoking *what, struct sg_err *err)
{
	int64_t seq = 0;
	enum sg_code rc = audit(
	    db, what, to_state == SG_CADB_CERT_HOLD ? "hold" : "revoke", &seq, err);
	return rc == SG_OK ? set_state(db, id, (enum sg_cadb_cert_state)to_state, what, seq, err)
			   : rc;
}

static enum sg_code
job_revoke(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct revoke *r = arg;
	struct standing now = {0};
	r->changed = false;
	enum sg_code rc = load(db, r->what.serial, &now, err);
	if (rc != SG_OK)
		return rc;
	enum sg_cadb_cert_state to = SG_CADB_CERT_REVOKED;
	if (r->withdrawn)
		to = SG_CADB_CERT_WITHDRAWN;
	else if (r->what.reason == SG_CADB_REASON_HOLD)
		to = SG_CADB_CERT_HOLD;
	if (now.state == to && now.reason == r->what.reason)
		return SG_OK;
	if (now.state == SG_CADB_CERT_REVOKED || now.state == SG_CADB_CERT_WITHDRAWN) {
		const char *reason = sg_reason_name((enum sg_crl_reason)now.reason);
		return sg_fail(err, SG_E_CONFLICT, "revoke.already",
		    "this certificate is revoked with reason %s, and that stays",
		    reason == NULL ? "unknown" : reason);
	}
	rc = sg_cadb_revoke_cert(db, now.id, (int)to, &r->what, err);
	r->changed = rc == SG_OK;
	return rc;
}

bool
sg_cadb_revoke_reason_ok(int reason)
{
	return reason >= 0 && reason <= REASON_MAX && reason != 7 && reason != 8;
}

SG_RC
sg_cadb_revoke(struct sg_db *store, struct sg_slice serial, int reason, bool withdrawn,
    struct sg_slice who, int64_t now, bool *ret_changed, struct sg_err *err)
{
	struct revoke r = {
	    .what = {.serial = serial, .who = who, .reason = reason, .revoked_at = now, .now = now},
	    .withdrawn = withdrawn};
	enum sg_code rc = sg_db_check(
	    sg_cadb_revoke_reason_ok(reason) && !(withdrawn && reason == SG_CADB_REASON_HOLD),
	    "a revocation reason that does not exist", err);
	if (rc == SG_OK)
		rc = sg_db_do_when_full(store, job_revoke, &r, err);
	if (rc == SG_OK && ret_changed != NULL)
		*ret_changed = r.changed;
	return rc;
}

static enum sg_code
job_release(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct revoke *r = arg;
	struct standing now = {0};
	enum sg_code rc = load(db, r->what.serial, &now, err);
	if (rc == SG_OK && now.state != SG_CADB_CERT_HOLD)
		rc = sg_fail(err, SG_E_CONFLICT, "release.state",
		    "only a certificate on hold can be released; this one is %s",
		    now.state == SG_CADB_CERT_GOOD ? "good" : "revoked for good");
	if (rc == SG_OK)
		rc = audit(db, &r->what, "release", NULL, err);
	return rc == SG_OK ? set_state(db, now.id, SG_CADB_CERT_GOOD, &r->what, 0, err) : rc;
}

SG_RC
sg_cadb_release(struct sg_db *store, struct sg_slice serial, struct sg_slice who, int64_t now,
    struct sg_err *err)
{
	struct revoke r = {.what = {.serial = serial, .who = who, .reason = -1, .now = now}};
	return sg_db_do(store, job_release, &r, err);
}
