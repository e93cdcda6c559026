/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/clock.h - time: only roles and commands ask for it, libraries are given it
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

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

/* Proleptic Gregorian calendar, years 1 to 9999. */
struct sg_date {
	int year, month, day, hour, minute, second;
};
struct sg_date
sg_date_from(int64_t at);
/* SG_E_MALFORMED ("time") when a field is out of range (seconds 0..59). */
SG_RC
sg_date_to(const struct sg_date *date, int64_t *ret, struct sg_err *err);

/* "2026-11-20T13:44:00Z". */
void
sg_put_time(struct sg_buf *b, int64_t at);
/* "2026-11-20T13:44:00.123456Z" from microseconds. */
void
sg_put_time_us(struct sg_buf *b, int64_t at_us);
/* A duration as the configuration and the command line write it: a number and one of
 * s m h d w y ("90d"; y is 365 days). SG_E_MALFORMED ("duration"). */
SG_RC
sg_parse_duration(struct sg_slice text, int64_t *ret_s, struct sg_err *err);
