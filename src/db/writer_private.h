/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/writer_private.h - the writer as the engine sees it, private to src/db
 */

#include "base/err.h"
#include "db/db.h"

/* SG_E_IO "store.dead". */
SG_RC
sg_db_dead(const struct sg_db *store, struct sg_err *err);

SG_RC
sg_db_writer_start(struct sg_db *store, struct sg_err *err);
void
sg_db_writer_stop(struct sg_db *store);

/* From now on only jobs with when_full run, until there is room for the reserve again. */
void
sg_db_begin_full(struct sg_db *store, const char *why);
