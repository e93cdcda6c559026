/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What an operator writes as patterns, one a line: refused with a reason, or matched against
 * a request without harm.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "policy/pattern.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

static const struct sg_csr *
request(void)
{
	static struct sg_buf name;
	static uint8_t store[2][SG_SAN_LEN_MAX];
	static struct sg_csr csr;

	if (name.len > 0)
		return &csr;
	csr.exts.sans.n = 2;
	if (sg_name_from_text(sg_slice_str("CN=a.dev.example,O=Test"), &name, NULL) != SG_OK ||
	    sg_san_from_text(sg_slice_str("dns:a.dev.example"), &csr.exts.sans.item[0], store[0],
		NULL) != SG_OK ||
	    sg_san_from_text(sg_slice_str("uri:urn:a:1"), &csr.exts.sans.item[1], store[1], NULL) !=
		SG_OK)
		abort();
	csr.subject = sg_buf_slice(&name);
	return &csr;
}

static void
explained(enum sg_code rc, enum sg_code want, const struct sg_err *err)
{
	if (rc != SG_OK && (rc != want || err->rule == NULL || err->text[0] == '\0'))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_scoped(patterns) p = NULL;
	struct sg_err err = {.rule = NULL};

	if (sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL) != SG_OK)
		abort();
	while (len > 0) {
		const uint8_t *lf = memchr(data, '\n', len);
		size_t n = lf == NULL ? len : (size_t)(lf - data);
		struct sg_slice line = sg_slice(data, n);
		explained(sg_patterns_add_subject(p, line, &err), SG_E_CONF, &err);
		explained(sg_patterns_add_san(p, line, &err), SG_E_CONF, &err);
		n += lf != NULL;
		data += n;
		len -= n;
	}
	explained(sg_patterns_match(p, request(), &err), SG_E_DENIED, &err);
	return 0;
}
