/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pem.c - blocks of base64 between BEGIN and END lines (RFC 7468), for files of the operator
 */

#include "base/pem.h"

#include <string.h>

#include "base/base64.h"

/* The first occurrence of a text at or after pos, or text.len. */
static size_t
find(struct sg_slice text, size_t pos, const char *what)
{
	size_t len = strlen(what);
	const uint8_t *at = NULL;
	if (pos < text.len)
		at = memmem(text.p + pos, text.len - pos, what, len);
	return at == NULL ? text.len : (size_t)(at - text.p);
}

enum sg_code
sg_pem_next(
    struct sg_slice text, const char *label, size_t *pos, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped begin = {0}, end = {0};

	sg_buf_printf(&begin, "-----BEGIN %s-----", label);
	sg_buf_printf(&end, "-----END %s-----", label);
	enum sg_code rc = sg_buf_check(&begin, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&end, err);
	if (rc != SG_OK)
		return rc;
	size_t from = find(text, *pos, sg_buf_text(&begin)); /* room for the NUL exists */
	if (from == text.len)
		return sg_fail(err, SG_E_NOTFOUND, "pem", "no PEM block \"%s\"", label);
	from += begin.len;
	size_t to = find(text, from, sg_buf_text(&end));
	if (to == text.len)
		return sg_fail(err, SG_E_MALFORMED, "pem", "PEM block \"%s\" has no end", label);
	rc = sg_base64_parse(sg_slice(text.p + from, to - from), true, out, err);
	if (rc == SG_OK)
		*pos = to + end.len;
	return rc;
}

void
sg_pem_put(struct sg_buf *b, const char *label, struct sg_slice der)
{
	sg_buf_printf(b, "-----BEGIN %s-----\n", label);
	for (size_t n = 0; n < der.len; n += 48) {
		size_t len = der.len - n < 48 ? der.len - n : 48;
		sg_base64_put(b, sg_slice(der.p + n, len));
		sg_buf_puts(b, "\n");
	}
	sg_buf_printf(b, "-----END %s-----\n", label);
}
