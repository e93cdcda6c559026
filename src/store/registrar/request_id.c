/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/registrar/request_id.c - the name under which ca knows an attempt: never twice, also after
 * a crash
 */

#include "store/registrar/request_id_private.h"

#include <string.h>

void
sg_regdb_make_request_id(
    const uint8_t instance[16], int64_t tx, uint32_t attempt, uint8_t ret[SG_STORE_REQUEST_ID_LEN])
{
	memcpy(ret, instance, 16);
	for (unsigned i = 0; i < 8; i++)
		ret[16 + i] = (uint8_t)((uint64_t)tx >> (8 * (7 - i)));
	for (unsigned i = 0; i < 4; i++)
		ret[24 + i] = (uint8_t)(attempt >> (8 * (3 - i)));
}
