/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bind.c - what a one-time challenge is bound to: made when it is ordered, kept with it in the
 * store, and compared with the request that presents it
 */

#include "policy/bind.h"

#include <stdio.h>

#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "policy/request.h"
#include "policy/show.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

static const uint8_t empty_name[] = {SG_DER_SEQUENCE, 0};

SG_RC
sg_binding_check(const struct sg_binding *b, struct sg_err *err)
{
	bool subject = b->subject.len > 0 && !sg_name_is_empty(b->subject);

	if (b->any && (subject || b->sans.n > 0))
		return sg_fail(err, SG_E_USAGE, "binding.any",
		    "a challenge is bound to names or to nothing at all, not both");
	if (!b->any && !subject && b->sans.n == 0)
		return sg_fail(err, SG_E_USAGE, "binding.unbound",
		    "the challenge is not bound to a name: whoever reads it could have any name; "
		    "give a subject or an alternative name, or say that it is for any");
	return SG_OK;
}

/* name and store are where the slices of ret point. */
static enum sg_code
read_text(const struct sg_binding_text *text, const struct sg_template *tmpl, struct sg_buf *name,
    uint8_t (*store)[SG_SAN_LEN_MAX], struct sg_binding *ret, char ret_at[SG_BINDING_AT],
    struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	snprintf(ret_at, SG_BINDING_AT, "subject");
	ret->any = text->any;
	ret->subject = sg_slice(empty_name, sizeof empty_name);
	if (text->subject.len > 0) {
		rc = sg_name_from_text(text->subject, name, err);
		if (rc != SG_OK)
			return rc;
		ret->subject = sg_buf_slice(name);
		rc = sg_request_check_name(ret->subject, tmpl, err);
		if (rc != SG_OK)
			return rc;
	}
	for (size_t n = 0; n < text->sans_n; n++) {
		snprintf(ret_at, SG_BINDING_AT, "sans[%zu]", n);
		rc = sg_san_from_text(text->san[n], &ret->sans.item[n], store[n], err);
		if (rc != SG_OK) {
			sg_buf_scoped shown = {0};
			sg_escape_put(&shown, text->san[n], 100);
			sg_err_prefix(err, "'%s'", sg_buf_text(&shown));
			return rc;
		}
	}
	ret->sans.n = text->sans_n;
	sg_sans_unique(&ret->sans);
	snprintf(ret_at, SG_BINDING_AT, ret->any ? "any" : "subject");
	rc = sg_binding_check(ret, err);
	if (rc == SG_OK && !ret->any && sg_name_is_empty(ret->subject))
		rc = sg_request_check_empty(tmpl, err);
	if (rc != SG_OK || ret->any)
		return rc;
	snprintf(ret_at, SG_BINDING_AT, "sans");
	return sg_request_check_sans(ret->subject, &ret->sans, tmpl, err);
}

SG_RC
sg_binding_from_text(const struct sg_binding_text *text, const struct sg_template *tmpl,
    struct sg_buf *out, char ret_at[SG_BINDING_AT], struct sg_err *err)
{
	struct sg_binding b = {0};
	sg_buf_scoped name = {0};
	uint8_t(*store)[SG_SAN_LEN_MAX] = sg_calloc(text->sans_n + 1, sizeof *store);

	if (store == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a binding");
	enum sg_code rc = read_text(text, tmpl, &name, store, &b, ret_at, err);
	if (rc == SG_OK) {
		sg_binding_put(out, &b);
		rc = sg_buf_check(out, err);
	}
	sg_free(store);
	return rc;
}

void
sg_binding_put(struct sg_buf *out, const struct sg_binding *b)
{
	size_t seq = sg_derw_begin(out, SG_DER_SEQUENCE);

	sg_derw_bool(out, b->any);
	if (b->subject.len > 0)
		sg_buf_put_slice(out, b->subject);
	else
		sg_buf_put(out, empty_name, sizeof empty_name);
	if (b->sans.n > 0)
		sg_sans_put(out, &b->sans);
	sg_derw_end(out, seq);
}

SG_RC
sg_binding_get(struct sg_slice der, struct sg_binding *ret, struct sg_err *err)
{
	struct sg_binding b = {0};
	struct sg_der d = sg_der_init(der, NULL);
	struct sg_der seq = sg_der_inside(&d, sg_der_whole(&d, SG_DER_SEQUENCE, "binding").val);

	b.any = sg_der_bool(&seq, "any");
	b.subject = sg_der_get(&seq, SG_DER_SEQUENCE, "subject").raw;
	struct sg_slice sans = sg_der_opt(&seq, SG_DER_SEQUENCE, "names").raw;
	sg_der_end(&seq, "binding");
	if (sans.len > 0)
		sg_der_try(&seq, sg_sans_parse(sans, &b.sans, NULL));
	sg_sans_unique(&b.sans); /* of challenges from before they were a set */
	if (!sg_name_is_empty(b.subject))
		sg_der_try(&seq, sg_name_check(b.subject, NULL));
	if (!sg_der_ok(&d))
		return sg_fail(err, SG_E_MALFORMED, "binding.encoding",
		    "the stored binding of %zu bytes cannot be read", der.len);
	if (sg_binding_check(&b, NULL) != SG_OK)
		return sg_fail(err, SG_E_MALFORMED, "binding.encoding",
		    "the stored binding neither names a subject nor allows any");
	*ret = b;
	return SG_OK;
}

SG_RC
sg_binding_match(const struct sg_binding *b, const struct sg_csr *csr, struct sg_err *err)
{
	enum sg_code rc = sg_binding_check(b, err);
	if (rc != SG_OK)
		return rc;
	if (b->any)
		return SG_OK;
	sg_buf_scoped names = {0};
	if (!sg_name_equal(b->subject, csr->subject))
		return sg_fail(err, SG_E_DENIED, "binding.subject",
		    "the challenge is for subject %s",
		    sg_policy_show_names(&names, b->subject, csr->subject));
	if (!sg_sans_equal(&b->sans, &csr->exts.sans))
		return sg_fail(err, SG_E_DENIED, "binding.san", "the challenge is for %s",
		    sg_policy_show_sets(&names, &b->sans, &csr->exts.sans));
	return SG_OK;
}
