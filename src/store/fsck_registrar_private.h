/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/fsck_registrar_private.h - the checks of registrar's database, private to src/store
 */

#include "store/fsck_private.h"

SG_RC
sg_fsck_registrar(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err);
