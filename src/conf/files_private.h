/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/files_private.h - that no two options name one file which is for one purpose
 */

#include "conf/value.h"

/* Adds "conf.same-file" for each option whose file an earlier option names. */
void
sg_conf_files_check(struct sg_conf_walk *walk, const struct sg_conf *conf);
