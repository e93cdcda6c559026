/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/fsck_crl_private.h - the checks of ca's revocation lists, private to src/store
 */

#include "store/fsck_private.h"

SG_RC
sg_fsck_crl(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err);
