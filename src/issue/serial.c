/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/serial.c - serial numbers, made before they are leased (store/ca/lease.h)
 */

#include "issue/serial.h"

#include <string.h>

#include "crypto/random.h"

void
sg_issue_serial_from(
    int64_t now, const uint8_t random[SG_ISSUE_SERIAL_RANDOM_LEN], uint8_t ret[SG_ISSUE_SERIAL_LEN])
{
	/* 30 bits of seconds come round after 34 years: that costs order, nothing else. */
	uint32_t prefix = 0x40000000u | ((uint32_t)(uint64_t)now & 0x3fffffffu);

	ret[0] = (uint8_t)(prefix >> 24);
	ret[1] = (uint8_t)(prefix >> 16);
	ret[2] = (uint8_t)(prefix >> 8);
	ret[3] = (uint8_t)prefix;
	memcpy(ret + 4, random, SG_ISSUE_SERIAL_RANDOM_LEN);
}

SG_RC
sg_issue_serial_make(int64_t now, uint8_t ret[SG_ISSUE_SERIAL_LEN], struct sg_err *err)
{
	uint8_t random[SG_ISSUE_SERIAL_RANDOM_LEN];
	enum sg_code rc = sg_random(random, sizeof random, err);

	if (rc != SG_OK)
		return rc;
	sg_issue_serial_from(now, random, ret);
	return SG_OK;
}
