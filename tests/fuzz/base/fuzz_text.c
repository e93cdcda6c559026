/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The readers and writers of text in base/: what decodes, encodes to the same; what is escaped
 * can go to a terminal
 */

#include "fuzz/fuzz.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/pem.h"
#include "base/utf8.h"

static void
try_base64(struct sg_slice text)
{
	sg_buf_scoped bytes = {0}, back = {0}, wrapped = {0};

	enum sg_code rc = sg_base64_parse(text, false, &bytes, NULL);
	if (rc == SG_OK) {
		sg_base64_put(&back, sg_buf_slice(&bytes));
		if (!sg_slice_eq(text, sg_buf_slice(&back)))
			abort();
		if (sg_base64_parse(text, true, &wrapped, NULL) != SG_OK ||
		    !sg_slice_eq(sg_buf_slice(&bytes), sg_buf_slice(&wrapped)))
			abort();
	} else {
		sg_ignore(sg_base64_parse(text, true, &wrapped, NULL)); /* only that it ends */
	}
}

static void
try_pem(struct sg_slice text)
{
	size_t pos = 0, last = 0;

	for (;;) {
		sg_buf_scoped der = {0}, pem = {0}, back = {0};
		if (sg_pem_next(text, "A", &pos, &der, NULL) != SG_OK)
			break;
		if (pos <= last || pos > text.len)
			abort();
		last = pos;
		size_t at = 0;
		sg_pem_put(&pem, "A", sg_buf_slice(&der));
		if (sg_pem_next(sg_buf_slice(&pem), "A", &at, &back, NULL) != SG_OK ||
		    !sg_slice_eq(sg_buf_slice(&der), sg_buf_slice(&back)))
			abort();
	}
	if (pos != last)
		abort();
}

static void
try_escape(struct sg_slice text)
{
	for (size_t max = 0; max <= 200; max += 50) {
		sg_buf_scoped out = {0};
		sg_escape_put(&out, text, max);
		if (out.failed != SG_OK || out.len > max + 3 + 4 ||
		    !sg_utf8_is_valid(sg_buf_slice(&out)))
			abort();
		for (size_t n = 0; n < out.len; n++)
			if (out.p[n] < 0x20 || out.p[n] == 0x7f)
				abort();
	}
}

static void
try_numbers(struct sg_slice text)
{
	sg_buf_scoped hex = {0}, bytes = {0}, number = {0};
	uint64_t v;
	int64_t s;

	if (sg_hex_parse(text, &bytes, NULL) == SG_OK) {
		sg_hex_put(&hex, sg_buf_slice(&bytes));
		if (hex.len != 2 * bytes.len || hex.len > text.len)
			abort();
	}
	if (sg_decimal_parse(text, UINT64_MAX, &v, NULL) == SG_OK) {
		sg_buf_printf(&number, "%llu", (unsigned long long)v);
		if (!sg_slice_eq(text, sg_buf_slice(&number)))
			abort();
	}
	if (sg_duration_parse(text, &s, NULL) == SG_OK && s < 0)
		abort();
	if (sg_ascii_is_printable(text) && !sg_utf8_is_valid(text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice text = sg_slice(data, len);

	try_base64(text);
	try_pem(text);
	try_escape(text);
	try_numbers(text);
	return 0;
}
