/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/clock.h - time: only roles and commands ask for it, libraries are given it
 */

#include <stdint.h>

/* UTC seconds since 1970. */
int64_t
sg_now(void);
/* UTC microseconds since 1970, for event times. */
int64_t
sg_now_us(void);
/* Monotonic milliseconds and microseconds, for deadlines and durations. */
int64_t
sg_mono_ms(void);
int64_t
sg_mono_us(void);
#define SG_FOREVER INT64_MAX /* a monotonic deadline that never comes */
