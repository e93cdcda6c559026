/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/check_private.h - the checks that need the whole configuration
 */

#include "conf/value.h"

void
sg_conf_check(struct sg_conf_walk *walk, const struct sg_conf *conf);
