/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/clock.h - what time it is, and whether that can be (private to roles/ca)
 */

#include <stdint.h>

#include "base/err.h"

struct ca;

/* The time, after a look whether the clock went back; now and then it is kept. */
int64_t
ca_clock_look(struct ca *ca);
/* Seconds by which the clock is before the latest time that is known; 0: it is not. */
int64_t
ca_clock_behind(struct ca *ca);
/* An administrator says so: the latest known time is now. */
SG_RC
ca_clock_was_ahead(struct ca *ca, const char *who, struct sg_err *err);
