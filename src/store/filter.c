/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/filter.c - what a filter of a list asks the database for: a part of a text, a prefix of a
 * trace
 */

#include "store/filter_private.h"

#include <string.h>

#include "db/db.h"

void
sg_store_like_pattern(struct sg_slice part, struct sg_buf *out)
{
	sg_buf_puts(out, "%");
	for (size_t i = 0; i < part.len; i++) {
		if (part.p[i] == '%' || part.p[i] == '_' || part.p[i] == '!')
			sg_buf_puts(out, "!");
		sg_buf_put_u8(out, part.p[i]);
	}
	if (part.len > 0)
		sg_buf_puts(out, "%");
}

SG_RC
sg_store_trace_range(struct sg_slice prefix, uint8_t ret_first[SG_STORE_TRACE_LEN],
    uint8_t ret_last[SG_STORE_TRACE_LEN], struct sg_err *err)
{
	enum sg_code rc = sg_db_check(
	    prefix.len <= SG_STORE_TRACE_LEN, "a trace id that is too long", err);
	if (rc != SG_OK)
		return rc;
	memset(ret_first, 0, SG_STORE_TRACE_LEN);
	memset(ret_last, 0xff, SG_STORE_TRACE_LEN);
	if (prefix.len > 0) {
		memcpy(ret_first, prefix.p, prefix.len);
		memcpy(ret_last, prefix.p, prefix.len);
	}
	return SG_OK;
}
