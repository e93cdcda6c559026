/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/date.h - the time of the Date field (RFC 9110 5.6.7)
 */

#include <stdint.h>

#define SG_HTTP_DATE_LEN 29u

/* "Fri, 20 Nov 2026 13:44:00 GMT" with a NUL, from seconds since 1970, years 1970 to 9999. */
void
sg_http_date(char ret[SG_HTTP_DATE_LEN + 1], int64_t at);
