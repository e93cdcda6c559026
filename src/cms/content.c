/* SPDX-License-Identifier: Apache-2.0 */

/*
 * content.c - the outer layer of every CMS message: from its bytes to the SEQUENCE in its content
 */

#include "cms/content.h"

#include "asn1/ber.h"
#include "asn1/oid.h"
#include "base/limits.h"

static enum sg_code
check_type(struct sg_slice type, struct sg_slice want, const char *want_name, struct sg_err *err)
{
	if (sg_slice_eq(type, want))
		return SG_OK;
	if (sg_slice_eq(type, SG_OID(auth_enveloped_data)))
		return sg_fail(err, SG_E_ALG, "cms.authenveloped",
		    "RFC 5652 3: want contentType %s, have authEnvelopedData", want_name);
	if (sg_slice_eq(type, SG_OID(compressed_data)))
		return sg_fail(err, SG_E_ALG, "cms.compressed",
		    "RFC 5652 3: want contentType %s, have compressedData", want_name);
	return sg_fail(
	    err, SG_E_MALFORMED, "cms.type", "RFC 5652 3: contentType is not %s", want_name);
}

enum sg_code
sg_cms_content_open(struct sg_slice message, size_t max, struct sg_slice want,
    const char *want_name, struct sg_buf *own, struct sg_der *ret, struct sg_err *err)
{
	bool was_der = false;
	struct sg_der info = {0}, content = {0}, inner = {0};
	struct sg_slice type = {0};

	if (message.len > max)
		return sg_fail(err, SG_E_LIMIT, "scep.message.size",
		    "a message of %zu bytes, at most %zu", message.len, max);
	enum sg_code rc = sg_ber_to_der(message, SG_DER_DEPTH_MAX, &was_der, own, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(was_der ? message : sg_buf_slice(own));
	rc = sg_der_enter(&d, SG_DER_SEQUENCE, "ContentInfo", &info, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "ContentInfo", err);
	if (rc == SG_OK)
		rc = sg_der_oid(&info, "contentType", &type, err);
	if (rc == SG_OK)
		rc = check_type(type, want, want_name, err);
	if (rc == SG_OK)
		rc = sg_der_enter(&info, SG_DER_CTX_CONS(0), "content", &content, err);
	if (rc == SG_OK)
		rc = sg_der_end(&info, "ContentInfo", err);
	if (rc == SG_OK)
		rc = sg_der_enter(&content, SG_DER_SEQUENCE, want_name, &inner, err);
	if (rc == SG_OK)
		rc = sg_der_end(&content, "content", err);
	if (rc == SG_OK)
		*ret = inner;
	return rc;
}

enum sg_code
sg_cms_version(struct sg_der *d, unsigned a, unsigned b, const char *what, struct sg_err *err)
{
	uint64_t v = 0;

	enum sg_code rc = sg_der_uint(d, 255, what, &v, err);
	if (rc != SG_OK)
		return rc;
	if (v != a && v != b)
		return sg_fail(err, SG_E_MALFORMED, "cms.version",
		    "RFC 5652: %s is %u, want %u or %u", what, (unsigned)v, a, b);
	return SG_OK;
}
