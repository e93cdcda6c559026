/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/duration.h - durations in text
 */

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* A duration as the configuration and the command line write it: a number and one of
 * s m h d w y ("90d"; y is 365 days). SG_E_MALFORMED ("duration"). */
SG_RC
sg_duration_parse(struct sg_slice text, int64_t *ret_s, struct sg_err *err);
