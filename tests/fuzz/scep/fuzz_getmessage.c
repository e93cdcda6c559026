/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_getmessage.c - the message= value of a GET; what decodes can be written and decoded
 * again to the same bytes
 */

#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "scep/getmsg.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_buf_scoped out = {0}, value = {0}, again = {0};
	struct sg_err err = {0};

	if (sg_scep_getmsg_decode(sg_slice(data, len), &out, &err) != SG_OK) {
		require(err.rule != NULL && out.len == 0);
		return 0;
	}
	require(out.len > 0 && out.len <= SG_MESSAGE_MAX);
	sg_scep_getmsg_put(&value, sg_buf_slice(&out));
	if (value.len > SG_HTTP_LINE_MAX)
		return 0;
	enum sg_code rc = sg_scep_getmsg_decode(sg_buf_slice(&value), &again, &err);
	require(rc == SG_OK);
	require(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&again)));
	return 0;
}
