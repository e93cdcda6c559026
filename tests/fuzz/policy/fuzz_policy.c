/* SPDX-License-Identifier: Apache-2.0 */

/* Every decision about a request that was parsed: none crashes, each refusal has a rule. */

#include "fuzz/fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "policy/policy.h"
#include "policy/renewal.h"
#include "policy/request.h"

static struct sg_patterns *
patterns(void)
{
	static struct sg_patterns *p;

	if (p != NULL)
		return p;
	if (sg_patterns_new(SG_NAME_LENGTHS_X520, &p, NULL) != SG_OK ||
	    sg_patterns_add_subject(p, sg_slice_str("CN=*.dev.example, O=Test"), NULL) != SG_OK ||
	    sg_patterns_add_subject(p, sg_slice_str("CN=dev*"), NULL) != SG_OK ||
	    sg_patterns_add_san(p, sg_slice_str("dns:*.dev.example"), NULL) != SG_OK ||
	    sg_patterns_add_san(p, sg_slice_str("upn:*@dev.example"), NULL) != SG_OK ||
	    sg_patterns_add_san(p, sg_slice_str("uri:urn:*"), NULL) != SG_OK)
		abort();
	return p;
}

static void
explained(enum sg_code rc, const struct sg_err *err)
{
	if (rc != SG_OK && (err->rule == NULL || err->text[0] == '\0' || err->code != rc))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_csr csr;
	struct sg_err err = {.rule = NULL};
	struct sg_binding binding = {.any = false}, back;
	sg_buf_scoped text = {0}, der = {0};

	/* A stored binding, damaged or not. */
	explained(sg_binding_get(sg_slice(data, len), &back, &err), &err);
	if (sg_csr_parse(sg_slice(data, len), &csr, NULL) != SG_OK)
		return 0;
	struct sg_template tmpl;
	sg_template_client(&tmpl);
	explained(sg_request_check(&csr, &tmpl, &err), &err);
	explained(sg_challenge_of(&csr, &text, &err), &err);
	explained(sg_patterns_match(patterns(), &csr, &err), &err);
	/* A challenge that is bound to exactly this request fits it. */
	binding.subject = csr.subject;
	binding.sans = csr.exts.sans;
	if (sg_binding_check(&binding, NULL) != SG_OK)
		return 0;
	for (size_t i = 0; i < binding.sans.n; i++) {
		if (binding.sans.item[i].type == SG_SAN_OTHER) /* never written */
			return 0;
	}
	sg_binding_put(&der, &binding);
	if (sg_buf_check(&der, NULL) != SG_OK ||
	    sg_binding_get(sg_buf_slice(&der), &back, NULL) != SG_OK ||
	    sg_binding_match(&back, &csr, NULL) != SG_OK)
		abort();
	return 0;
}
