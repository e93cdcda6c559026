/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/registrar/request_id.c - the name under which ca knows an attempt: never twice, also after
 * a crash
 */

#include "store/registrar/request_id_private.h"

#include <string.h>

#include "db/db_private.h"
#include "store/schema_private.h"

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

/* The instance of a transaction that is older than a backup that came back. */
static enum sg_code
earlier_instance(struct sg_sql *db, int64_t tx, uint8_t ret[16], struct sg_err *err)
{
	bool row = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, SG_STORE_INSTANCE_OF_SQL);
	sg_query_int(&q, tx);
	enum sg_code rc = sg_query_next(&q, &row, err);
	if (rc != SG_OK || !row)
		return rc;
	sg_query_col_fixed(&q, 0, ret, 16);
	return sg_query_check(&q, err);
}

SG_RC
sg_regdb_request_id(struct sg_sql *db, int64_t tx, uint32_t attempt,
    uint8_t ret[SG_STORE_REQUEST_ID_LEN], struct sg_err *err)
{
	uint8_t instance[16];
	enum sg_code rc = SG_OK;

	memcpy(instance, db->store->instance, sizeof instance);
	if (tx <= db->store->instance_until)
		rc = earlier_instance(db, tx, instance, err);
	if (rc == SG_OK)
		sg_regdb_make_request_id(instance, tx, attempt, ret);
	return rc;
}
