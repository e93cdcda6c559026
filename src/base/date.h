/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/date.h - dates, without a clock and a time zone
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

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
sg_date_put(struct sg_buf *b, int64_t at);
/* "2026-11-20T13:44:00.123456Z" from microseconds. */
void
sg_date_put_us(struct sg_buf *b, int64_t at_us);
