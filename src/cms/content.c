/* SPDX-License-Identifier: Apache-2.0 */

/*
 * content.c - the outer layer of every CMS message: from its bytes to the SEQUENCE in its content
 */

#include "cms/content.h"

#include "asn1/ber.h"
#include "asn1/oid.h"
#include "base/limits.h"

static void
check_type(struct sg_der *d, struct sg_slice type, struct sg_slice want, const char *want_name)
{
	if (sg_slice_eq(type, want))
		return;
	if (sg_slice_eq(type, SG_OID(auth_enveloped_data)))
		sg_der_fail(d, SG_E_ALG, "cms.authenveloped",
		    "RFC 5652 3: want contentType %s, have authEnvelopedData", want_name);
	if (sg_slice_eq(type, SG_OID(compressed_data)))
		sg_der_fail(d, SG_E_ALG, "cms.compressed",
		    "RFC 5652 3: want contentType %s, have compressedData", want_name);
	sg_buf_scoped text = {0};
	sg_oid_put_text(&text, type, 1);
	sg_der_fail(d, SG_E_MALFORMED, "cms.type", "RFC 5652 3: want contentType %s, have %s",
	    want_name, sg_buf_text(&text));
}

struct sg_der
sg_cms_content_open(struct sg_der *message, size_t max, struct sg_slice want, const char *want_name,
    struct sg_buf *own)
{
	bool was_der = false;

	if (message->rest.len > max)
		sg_der_fail(message, SG_E_LIMIT, "scep.message.size",
		    "a message of %zu bytes, at most %zu", message->rest.len, max);
	sg_der_try(message,
	    sg_ber_to_der(message->rest, SG_DER_DEPTH_MAX, &was_der, own, sg_der_err(message)));
	struct sg_der d = sg_der_inside(message, was_der ? message->rest : sg_buf_slice(own));
	struct sg_der info = sg_der_enter(&d, SG_DER_SEQUENCE, "ContentInfo");
	sg_der_end(&d, "ContentInfo");
	check_type(&info, sg_der_oid(&info, "contentType"), want, want_name);
	struct sg_der content = sg_der_enter(&info, SG_DER_CTX_CONS(0), "content");
	sg_der_end(&info, "ContentInfo");
	struct sg_der inner = sg_der_enter(&content, SG_DER_SEQUENCE, want_name);
	sg_der_end(&content, "content");
	return inner;
}

bool
sg_cms_version(struct sg_der *d, unsigned a, unsigned b, const char *what)
{
	struct sg_slice v = sg_der_get(d, SG_DER_INTEGER, what).val;

	return v.len == 1 && (v.p[0] == a || v.p[0] == b);
}
