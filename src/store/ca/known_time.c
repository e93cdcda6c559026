/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/known_time.c - the known time, with which a clock that went back is noticed after a
 * restart
 */

#include "store/ca/known_time.h"

#include <stdio.h>

#include "db/writer.h"
#include "store/ca/audit_private.h"

struct tick {
	int64_t now, known;
	struct sg_slice who;
};

static enum sg_code
known(struct sg_sql *db, int64_t *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT at FROM clock WHERE id = 1");
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK)
		*ret = found ? sg_query_col_int(&q, 0) : 0;
	return rc;
}

static enum sg_code
set(struct sg_sql *db, int64_t at, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db, "UPDATE clock SET at = ?1 WHERE id = 1");
	sg_query_int(&q, at);
	return sg_query_run(&q, err);
}

static enum sg_code
job_clock(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct tick *t = arg;
	enum sg_code rc = known(db, &t->known, err);
	return rc == SG_OK && t->now > t->known ? set(db, t->now, err) : rc;
}

SG_RC
sg_cadb_known_time(struct sg_db *store, int64_t now, int64_t *ret_known, struct sg_err *err)
{
	struct tick t = {.now = now};
	enum sg_code rc = sg_db_do(store, job_clock, &t, err);
	if (rc == SG_OK)
		*ret_known = t.known;
	return rc;
}

static enum sg_code
job_set_back(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct tick *t = arg;
	char detail[64];
	enum sg_code rc = known(db, &t->known, err);
	if (rc == SG_OK)
		rc = set(db, t->now, err);
	snprintf(detail, sizeof(detail), "known=%lld", (long long)t->known);
	if (rc == SG_OK)
		rc = sg_cadb_audit_add(db, t->who, "clock", sg_slice_str("set-back"),
		    sg_slice_str(detail), t->now, NULL, err);
	return rc;
}

SG_RC
sg_cadb_known_time_set_back(
    struct sg_db *store, struct sg_slice who, int64_t now, struct sg_err *err)
{
	struct tick t = {.now = now, .who = who};
	return sg_db_do(store, job_set_back, &t, err);
}
