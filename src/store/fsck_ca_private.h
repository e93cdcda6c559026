/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/fsck_ca_private.h - the checks of ca's database, private to src/store
 */

#include "store/fsck_private.h"

SG_RC
sg_fsck_ca(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err);
