/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/serial.h - serial numbers: positive, 20 octets, not predictable, local in an index
 *
 * 4 octets of time (seconds, so that inserts stay together) and 128 random bits; the time is
 * that at which it was leased (store/ca/cert.h), which nothing but the order rests on. The first
 * octet is 0x40..0x7f: never negative, never shorter. CA/B BR 7.1 asks for 64 bits.
 */

#include <stdint.h>

#include "base/err.h"

#define SG_ISSUE_SERIAL_LEN 20u
#define SG_ISSUE_SERIAL_RANDOM_LEN 16u

void
sg_issue_serial_from(int64_t now, const uint8_t random[SG_ISSUE_SERIAL_RANDOM_LEN],
    uint8_t ret[SG_ISSUE_SERIAL_LEN]);
SG_RC
sg_issue_serial_make(int64_t now, uint8_t ret[SG_ISSUE_SERIAL_LEN], struct sg_err *err);
