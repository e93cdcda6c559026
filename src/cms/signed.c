/* SPDX-License-Identifier: Apache-2.0 */

#include "cms/signed.h"

#include "asn1/ber.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "asn1/oid.h"

/* More than one digest algorithm is legal; nobody sends more than one or two. */
#define DIGEST_ALGS_MAX 8u

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
sg_cms_open(struct sg_slice message, size_t max, struct sg_slice want, const char *want_name,
    struct sg_buf *own, struct sg_der *ret, struct sg_err *err)
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

static enum sg_code
read_digest_algs(struct sg_der *d, struct sg_err *err)
{
	struct sg_der set = {0};
	struct sg_tlv alg = {0};

	enum sg_code rc = sg_der_enter(d, SG_DER_SET, "digestAlgorithms", &set, err);
	for (size_t n = 0; rc == SG_OK && sg_der_more(&set); n++) {
		if (n == DIGEST_ALGS_MAX)
			return sg_fail(err, SG_E_LIMIT, "cms.digests.count",
			    "RFC 5652 5.1: more than %u digestAlgorithms", DIGEST_ALGS_MAX);
		rc = sg_der_get(&set, SG_DER_SEQUENCE, "digestAlgorithm", &alg, err);
	}
	return rc;
}

static enum sg_code
read_encap(struct sg_der *d, struct sg_signed_data *sd, struct sg_err *err)
{
	struct sg_der encap = {0}, exp = {0};
	struct sg_tlv content = {0};

	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, "encapContentInfo", &encap, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&encap, "eContentType", &sd->econtent_type, err);
	if (rc != SG_OK || !sg_der_more(&encap))
		return rc;
	rc = sg_der_enter(&encap, SG_DER_CTX_CONS(0), "eContent", &exp, err);
	if (rc == SG_OK)
		rc = sg_der_end(&encap, "encapContentInfo", err);
	if (rc == SG_OK)
		rc = sg_der_get(&exp, SG_DER_OCTET_STRING, "eContent", &content, err);
	if (rc == SG_OK)
		rc = sg_der_end(&exp, "eContent", err);
	/* RFC 8894 3: without messageData eContent is absent; some send an empty one. */
	sd->has_content = content.val.len > 0;
	sd->content = content.val;
	return rc;
}

static enum sg_code
read_optional_set(struct sg_der *d, unsigned tag, const char *what, bool *ret_has,
    struct sg_der *ret, struct sg_err *err)
{
	struct sg_tlv tlv = {0};

	enum sg_code rc = sg_der_opt(d, tag, what, &tlv, err);
	*ret_has = tlv.raw.len > 0;
	*ret = sg_der_init(tlv.val);
	return rc;
}

enum sg_code
sg_signed_data_read(struct sg_der *d, struct sg_signed_data *ret, struct sg_err *err)
{
	struct sg_signed_data sd = {0};

	enum sg_code rc = sg_cms_version(d, 1, 3, "the version of SignedData", err);
	if (rc == SG_OK)
		rc = read_digest_algs(d, err);
	if (rc == SG_OK)
		rc = read_encap(d, &sd, err);
	if (rc == SG_OK)
		rc = read_optional_set(
		    d, SG_DER_CTX_CONS(0), "certificates", &sd.has_certs, &sd.certs, err);
	if (rc == SG_OK)
		rc = read_optional_set(d, SG_DER_CTX_CONS(1), "crls", &sd.has_crls, &sd.crls, err);
	if (rc == SG_OK)
		rc = sg_der_enter(d, SG_DER_SET, "signerInfos", &sd.signers, err);
	if (rc == SG_OK)
		rc = sg_der_end(d, "SignedData", err);
	if (rc == SG_OK)
		*ret = sd;
	return rc;
}

enum sg_code
sg_cms_collect(struct sg_der set, const char *what, const char *rule,
    struct sg_slice ret[SG_CMS_CERTS_MAX], size_t *ret_n, struct sg_err *err)
{
	size_t n = 0;

	while (sg_der_more(&set)) {
		struct sg_tlv tlv = {0};
		if (n == SG_CMS_CERTS_MAX)
			return sg_fail(err, SG_E_LIMIT, rule, "RFC 5652 5.1: more than %u: %s",
			    SG_CMS_CERTS_MAX, what);
		enum sg_code rc = sg_der_get(&set, SG_DER_SEQUENCE, what, &tlv, err);
		if (rc != SG_OK)
			return rc;
		ret[n++] = tlv.raw;
	}
	*ret_n = n;
	return SG_OK;
}

/* The contents of a serial number, as encoded: throw-away signers write negative and padded
 * ones, and all that counts is that both places have the same bytes. */
static enum sg_code
read_serial(struct sg_der *d, struct sg_slice *ret, struct sg_err *err)
{
	struct sg_tlv tlv = {0};

	enum sg_code rc = sg_der_get(d, SG_DER_INTEGER, "serialNumber", &tlv, err);
	if (rc != SG_OK)
		return rc;
	if (tlv.val.len == 0 || tlv.val.len > SG_SERIAL_MAX)
		return sg_fail(err, SG_E_LIMIT, "cms.serial",
		    "a serialNumber of %zu bytes, want 1 to %u", tlv.val.len, SG_SERIAL_MAX);
	*ret = tlv.val;
	return SG_OK;
}

enum sg_code
sg_cms_id_read(struct sg_der *d, const char *what, struct sg_cms_id *ret, struct sg_err *err)
{
	struct sg_der seq = {0};
	struct sg_tlv issuer = {0}, ski = {0};
	struct sg_slice serial = {0};

	if (sg_der_peek(d) == SG_DER_CTX(0)) {
		enum sg_code rc = sg_der_any(d, what, &ski, err);
		if (rc != SG_OK)
			return rc;
		if (ski.val.len == 0 || ski.val.len > SG_SERIAL_MAX)
			return sg_fail(err, SG_E_LIMIT, "cms.ski",
			    "a subjectKeyIdentifier of %zu bytes, want 1 to %u", ski.val.len,
			    SG_SERIAL_MAX);
		*ret = (struct sg_cms_id){.ski = ski.val};
		return SG_OK;
	}
	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, what, &seq, err);
	if (rc == SG_OK)
		rc = sg_der_get(&seq, SG_DER_SEQUENCE, "issuer", &issuer, err);
	if (rc == SG_OK)
		rc = read_serial(&seq, &serial, err);
	if (rc == SG_OK)
		rc = sg_der_end(&seq, what, err);
	if (rc == SG_OK)
		*ret = (struct sg_cms_id){.issuer = issuer.raw, .serial = serial};
	return rc;
}

enum sg_code
sg_cms_cert_id(struct sg_slice cert, struct sg_cms_id *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(cert), outer = {0}, tbs = {0};
	struct sg_tlv version = {0}, alg = {0}, issuer = {0};
	struct sg_slice serial = {0};

	enum sg_code rc = sg_der_enter(&d, SG_DER_SEQUENCE, "certificate", &outer, err);
	if (rc == SG_OK)
		rc = sg_der_enter(&outer, SG_DER_SEQUENCE, "tbsCertificate", &tbs, err);
	if (rc == SG_OK)
		rc = sg_der_opt(&tbs, SG_DER_CTX_CONS(0), "version", &version, err);
	if (rc == SG_OK)
		rc = read_serial(&tbs, &serial, err);
	if (rc == SG_OK)
		rc = sg_der_get(&tbs, SG_DER_SEQUENCE, "signature", &alg, err);
	if (rc == SG_OK)
		rc = sg_der_get(&tbs, SG_DER_SEQUENCE, "issuer", &issuer, err);
	if (rc == SG_OK)
		*ret = (struct sg_cms_id){.issuer = issuer.raw, .serial = serial};
	return rc;
}

void
sg_cms_put_id(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, issuer);
	sg_derw_tlv(b, SG_DER_INTEGER, serial);
	sg_derw_end(b, seq);
}

void
sg_cms_put_attr(struct sg_buf *b, struct sg_slice oid, unsigned tag, struct sg_slice val)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, oid);
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_derw_tlv(b, tag, val);
	sg_derw_end(b, set);
	sg_derw_end(b, seq);
}
