/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/clock.h - time: only roles and commands ask for it, libraries are given it
 */

#include <stdint.h>

/* UTC seconds since 1970. */
int64_t
sg_clock_now(void);
/* UTC microseconds since 1970, for event times. */
int64_t
sg_clock_now_us(void);
/* Monotonic milliseconds and microseconds, for deadlines and durations. */
int64_t
sg_clock_mono_ms(void);
int64_t
sg_clock_mono_us(void);
#define SG_CLOCK_SECOND INT64_C(1000000) /* in microseconds */
#define SG_CLOCK_NEVER INT64_MAX	 /* a monotonic deadline that never comes */
