/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/backup.h - what a role answers when its database is asked for (GET /v1/ROLE/backup)
 */

#include "api/call.h"
#include "base/err.h"

struct sg_db;

/*
 * Give out a copy of a database as a file of that name. record, unless NULL, is called before the
 * first byte, and what it fails with is the answer. Who got it, or why not all of it, is in the
 * log. Errors of sg_db_backup.
 */
SG_RC
sg_backup_answer(struct sg_api_call *call, struct sg_db *db, const char *name,
    enum sg_code (*record)(struct sg_api_call *call, struct sg_err *err), struct sg_err *err);
