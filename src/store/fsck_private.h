/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/fsck_private.h - what the parts of fsck share, private to src/store
 */

#include "store/fsck.h"
#include "db/sql.h"

struct sg_fsck {
	const struct sg_fsck_conf *conf;
	struct sg_fsck_counts counts;
};

/* One invariant as a query: each row is a finding, its first column says which. ?1, where
 * there is one, is the static window. */
struct sg_fsck_check {
	const char *invariant;
	const char *sql;
	const char *what;
	bool window;
};

void
sg_fsck_found(struct sg_fsck *f, const char *invariant, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
SG_RC
sg_fsck_run(struct sg_fsck *f, struct sg_sql *db, const struct sg_fsck_check *checks, size_t n,
    struct sg_err *err);
/* The single integer that a query gives. */
SG_RC
sg_fsck_count(struct sg_sql *db, const char *sql, uint64_t *ret, struct sg_err *err);

SG_RC
sg_fsck_both(struct sg_fsck *f, struct sg_sql *reg, struct sg_sql *ca, struct sg_err *err);
