/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sg_exts_parse, sg_sans_parse, sg_san_from_text: names that we can write come back the same
 */

#include "fuzz/fuzz.h"

#include "x509/ext.h"
#include "x509/san_text.h"

static void
rewrite(const struct sg_sans *sans)
{
	sg_buf_scoped der = {0};
	struct sg_sans again;
	for (size_t i = 0; i < sans->n; i++) {
		if (sans->item[i].type == SG_SAN_OTHER)
			return;
	}
	sg_sans_put(&der, sans);
	if (sg_sans_parse(sg_buf_slice(&der), &again, NULL) != SG_OK ||
	    (!sg_sans_equal(sans, &again)))
		abort();
}

static void
try_text(struct sg_slice text)
{
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_sans one = {.n = 1};
	if (sg_san_from_text(text, &one.item[0], store, NULL) == SG_OK)
		rewrite(&one);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice input = sg_slice(data, len);
	struct sg_exts exts;
	struct sg_sans sans;
	struct sg_err err;
	if (sg_exts_parse(input, &exts, &err) == SG_OK) {
		if ((exts.has_key_usage && exts.key_usage == 0) ||
		    (exts.has_eku && exts.eku_n == 0) || exts.has_san != (exts.sans.n > 0))
			abort();
		if (exts.has_san)
			rewrite(&exts.sans);
	}
	if (sg_sans_parse(input, &sans, &err) == SG_OK)
		rewrite(&sans);
	try_text(input);
	return 0;
}
