/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/csr.h"

#include "asn1/der.h"
#include "base/ascii.h"
#include "asn1/derw.h"
#include "x509/algid.h"
#include "x509/chars.h"
#include "x509/ext_private.h"
#include "x509/name.h"
#include "asn1/oid.h"

/* The one value of an attribute. */
static SG_RC
read_single(struct sg_slice values, const char *what, const char *rule, struct sg_tlv *ret,
    struct sg_err *err)
{
	struct sg_der d = sg_der_init(values);
	if (!sg_der_more(&d))
		return sg_fail(err, SG_E_MALFORMED, rule,
		    "RFC 2985 5.4: %s: want one value, found none", what);
	enum sg_code rc = sg_der_any(&d, what, ret, err);
	if (rc == SG_OK && sg_der_more(&d))
		return sg_fail(err, SG_E_MALFORMED, rule,
		    "RFC 2985 5.4: %s: want one value, found more", what);
	return rc;
}

/* The encoding is checked, the content is for who knows the challenge. */
static SG_RC
check_string(const struct sg_tlv *tlv, struct sg_err *err)
{
	struct sg_chars chars = sg_chars_init(tlv->tag, tlv->val);
	enum sg_chars_step step;
	uint32_t c;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE)
		;
	if (step == SG_CHARS_BROKEN)
		return sg_fail(err, SG_E_MALFORMED, "csr.challenge.encoding",
		    "challengePassword: is no encoding of string type 0x%02x", tlv->tag);
	return SG_OK;
}

static SG_RC
parse_challenge(struct sg_slice values, struct sg_csr *csr, struct sg_err *err)
{
	struct sg_tlv tlv;
	if (csr->has_challenge)
		return sg_fail(err, SG_E_MALFORMED, "csr.challenge.dup",
		    "RFC 2985 5.4.1: want challengePassword at most once");
	enum sg_code rc = read_single(
	    values, "challengePassword", "csr.challenge.values", &tlv, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_chars_is_string(tlv.tag) || tlv.tag == SG_DER_NUMERIC)
		return sg_fail(err, SG_E_MALFORMED, "csr.challenge.type",
		    "RFC 2985 5.4.1: challengePassword: want a DirectoryString or IA5String, found "
		    "tag "
		    "0x%02x",
		    tlv.tag);
	if (tlv.val.len > SG_CHALLENGE_MAX)
		return sg_fail(err, SG_E_LIMIT, "csr.challenge.long",
		    "challengePassword: want at most %u bytes, found %zu", SG_CHALLENGE_MAX,
		    tlv.val.len);
	rc = check_string(&tlv, err);
	if (rc != SG_OK)
		return rc;
	csr->has_challenge = true;
	csr->challenge_tag = tlv.tag;
	csr->challenge = tlv.val;
	return SG_OK;
}

static SG_RC
parse_exts(struct sg_slice values, bool *seen, struct sg_csr *csr, struct sg_err *err)
{
	struct sg_tlv tlv;
	if (*seen)
		return sg_fail(err, SG_E_MALFORMED, "csr.exts.dup",
		    "RFC 2985 5.4.2: want extensionRequest or Microsoft's twin at most once");
	*seen = true;
	enum sg_code rc = read_single(values, "extensionRequest", "csr.exts.values", &tlv, err);
	if (rc == SG_OK)
		rc = sg_exts_parse(tlv.raw, &csr->exts, err);
	if (rc == SG_OK)
		sg_sans_unique(&csr->exts.sans); /* a set: counted and certified once */
	return rc;
}

/* Unknown attributes may stand as often and with as many values as they like. */
static SG_RC
parse_attrs(struct sg_der *d, struct sg_csr *csr, struct sg_err *err)
{
	bool seen_exts = false;
	for (size_t n = 0; sg_der_more(d); n++) {
		struct sg_der attr;
		struct sg_slice oid;
		struct sg_tlv values;
		if (n == SG_CSR_ATTRS_MAX)
			return sg_fail(err, SG_E_LIMIT, "csr.attrs.count",
			    "want at most %u attributes", SG_CSR_ATTRS_MAX);
		enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, "Attribute", &attr, err);
		if (rc == SG_OK)
			rc = sg_der_oid(&attr, "attribute type", &oid, err);
		if (rc == SG_OK)
			rc = sg_der_get(&attr, SG_DER_SET, "attribute values", &values, err);
		if (rc == SG_OK)
			rc = sg_der_end(&attr, "Attribute", err);
		if (rc == SG_OK && sg_slice_eq(oid, SG_OID(challenge_password)))
			rc = parse_challenge(values.val, csr, err);
		else if (rc == SG_OK && (sg_slice_eq(oid, SG_OID(ext_request)) ||
					    sg_slice_eq(oid, SG_OID(ms_ext_request))))
			rc = parse_exts(values.val, &seen_exts, csr, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static SG_RC
parse_info(struct sg_slice contents, struct sg_csr *csr, struct sg_err *err)
{
	struct sg_der d = sg_der_init(contents), attrs = {0};
	struct sg_tlv subject, spki;
	uint64_t version;
	enum sg_code rc = sg_der_uint(&d, UINT64_MAX, "version", &version, err);
	if (rc != SG_OK)
		return rc;
	if (version != 0)
		return sg_fail(err, SG_E_MALFORMED, "csr.version",
		    "RFC 2986 4.1: want version 0, found %llu", (unsigned long long)version);
	rc = sg_der_get(&d, SG_DER_SEQUENCE, "subject", &subject, err);
	if (rc == SG_OK)
		rc = sg_name_check(subject.raw, err);
	if (rc == SG_OK)
		rc = sg_der_get(&d, SG_DER_SEQUENCE, "subjectPKInfo", &spki, err);
	/* RFC 2986 wants the field, empty or not; some clients leave an empty one out. */
	if (rc == SG_OK && sg_der_more(&d))
		rc = sg_der_enter(&d, SG_DER_CTX_CONS(0), "attributes", &attrs, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "CertificationRequestInfo", err);
	if (rc == SG_OK)
		rc = parse_attrs(&attrs, csr, err);
	if (rc != SG_OK)
		return rc;
	csr->subject = subject.raw;
	csr->spki = spki.raw;
	return SG_OK;
}

static SG_RC
parse_request(struct sg_slice der, struct sg_csr *csr, struct sg_err *err)
{
	struct sg_tlv whole, info;
	enum sg_code rc = sg_der_whole(der, SG_DER_SEQUENCE, "CertificationRequest", &whole, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(whole.val);
	rc = sg_der_get(&d, SG_DER_SEQUENCE, "CertificationRequestInfo", &info, err);
	if (rc == SG_OK)
		rc = parse_info(info.val, csr, err);
	if (rc == SG_OK)
		rc = sg_algid_get_sig(&d, &csr->sigalg, err);
	if (rc == SG_OK)
		rc = sg_der_bits(&d, "signature", &csr->sig, err);
	if (rc == SG_OK)
		rc = sg_der_end(&d, "CertificationRequest", err);
	if (rc != SG_OK)
		return rc;
	if (csr->sigalg.hash == SG_HASH_NONE)
		return sg_fail(err, SG_E_ALG, "csr.sigalg",
		    "RFC 2986 4.2: want a signature algorithm with its hash, found rsaEncryption");
	if (csr->sig.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "csr.signature.empty",
		    "RFC 2986 4.2: want a signature, found an empty one");
	csr->raw = whole.raw;
	csr->info = info.raw;
	return SG_OK;
}

enum sg_code
sg_csr_parse(struct sg_slice der, struct sg_csr *ret, struct sg_err *err)
{
	if (der.len > SG_MESSAGE_MAX)
		return sg_fail(err, SG_E_LIMIT, "csr.size",
		    "certification request: want at most %u bytes, found %zu", SG_MESSAGE_MAX,
		    der.len);
	struct sg_csr csr = {.exts = {.path_len = -1}};
	enum sg_code rc = parse_request(der, &csr, err);
	if (rc == SG_OK)
		*ret = csr;
	return rc;
}

static void
put_challenge(struct sg_buf *b, struct sg_slice challenge)
{
	size_t attr = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(challenge_password));
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_derw_tlv(
	    b, sg_ascii_is_printable(challenge) ? SG_DER_PRINTABLE : SG_DER_UTF8, challenge);
	sg_derw_end(b, set);
	sg_derw_end(b, attr);
}

static void
put_exts(struct sg_buf *b, const struct sg_csr_facts *facts)
{
	size_t attr = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(ext_request));
	size_t set = sg_derw_begin(b, SG_DER_SET);
	size_t exts = sg_derw_begin(b, SG_DER_SEQUENCE);
	if (facts->key_usage != 0)
		sg_ext_put_key_usage(b, facts->key_usage);
	if (facts->eku_n > 0)
		sg_ext_put_eku(b, facts->eku, facts->eku_n);
	if (facts->sans != NULL && facts->sans->n > 0)
		sg_ext_put_san(b, facts->sans, sg_name_is_empty(facts->subject));
	sg_derw_end(b, exts);
	sg_derw_end(b, set);
	sg_derw_end(b, attr);
}

void
sg_csr_put_info(struct sg_buf *b, const struct sg_csr_facts *facts)
{
	size_t info = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_uint(b, 0);
	sg_buf_put_slice(b, facts->subject);
	sg_buf_put_slice(b, facts->spki);
	size_t attrs = sg_derw_begin(b, SG_DER_CTX_CONS(0));
	if (facts->challenge.len > 0)
		put_challenge(b, facts->challenge);
	if (facts->key_usage != 0 || facts->eku_n > 0 ||
	    (facts->sans != NULL && facts->sans->n > 0))
		put_exts(b, facts);
	sg_derw_sort(b, attrs);
	sg_derw_end(b, attrs);
	sg_derw_end(b, info);
}

void
sg_signed_put(struct sg_buf *b, struct sg_slice tbs, struct sg_sigalg alg, struct sg_slice sig)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, tbs);
	sg_algid_put_sig(b, alg);
	sg_derw_bits(b, sig);
	sg_derw_end(b, seq);
}
