/* SPDX-License-Identifier: Apache-2.0 */

/*
 * text.c - names, times and paths as messages of the client say them
 *
 * Every other file of the client writes its refusals and warnings with these.
 */

#include "enroll/text.h"

#include <stdio.h>

#include "base/date.h"
#include "base/escape.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define SHOWN_MAX 1008u

const char *
sg_enroll_name_text(struct sg_buf *b, struct sg_slice name)
{
	sg_buf_reset(b);
	sg_name_put_text(b, name);
	return b->len == 0 ? "(empty)" : sg_buf_text(b);
}

const char *
sg_enroll_time_text(struct sg_buf *b, int64_t at)
{
	sg_buf_reset(b);
	if (at == 0)
		return "-";
	sg_date_put(b, at);
	return sg_buf_text(b);
}

const char *
sg_enroll_shown(struct sg_buf *b, const char *s)
{
	sg_buf_reset(b);
	sg_escape_put(b, sg_slice_str(s), SHOWN_MAX);
	return sg_buf_text(b);
}

enum sg_code
sg_enroll_fingerprint(struct sg_slice der, char ret[2 * SG_SHA256_LEN + 1], struct sg_err *err)
{
	uint8_t md[SG_SHA256_LEN];

	enum sg_code rc = sg_sha256(der, md, err);
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < sizeof md; n++)
		snprintf(ret + 2 * n, 3, "%02x", md[n]);
	return SG_OK;
}
