/* SPDX-License-Identifier: Apache-2.0 */

/*
 * csr.c - certificate requests: what a client sends inside its message, and what ours writes
 */

#include "x509/csr.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "asn1/oid.h"
#include "base/ascii.h"
#include "x509/algid.h"
#include "x509/chars.h"
#include "x509/csr_exts_private.h"
#include "x509/ext_private.h"
#include "x509/name.h"

/* Several lists are a habit of a few clients, hundreds would be an attack on our time. */
#define LISTS_MAX 4u
#define VERSION_LEN_MAX 8u /* bytes; it is not looked at */

/* The encoding is checked, the content is for who knows the challenge. */
static void
check_string(struct sg_der *d, const struct sg_tlv *tlv)
{
	struct sg_chars chars = sg_chars_init(tlv->tag, tlv->val);
	enum sg_chars_step step;
	uint32_t c;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE)
		;
	if (step == SG_CHARS_BROKEN)
		sg_der_fail(d, SG_E_MALFORMED, "csr.challenge.encoding",
		    "challengePassword: is not in the encoding of its type, %s",
		    sg_chars_type_name(tlv->tag));
}

/* The same text in whatever string type. */
static bool
is_same_challenge(const struct sg_csr *csr, const struct sg_tlv *tlv)
{
	return sg_chars_equal(
	    sg_chars_init(csr->challenge_tag, csr->challenge), sg_chars_init(tlv->tag, tlv->val));
}

static void
read_challenge_value(struct sg_der *values, const char *rule, struct sg_csr *csr)
{
	struct sg_tlv tlv = sg_der_any(values, "challengePassword");
	if (!sg_chars_is_string(tlv.tag) || tlv.tag == SG_DER_NUMERIC)
		sg_der_fail(values, SG_E_MALFORMED, "csr.challenge.type",
		    "RFC 2985 5.4.1: challengePassword: want a DirectoryString or IA5String, found "
		    "tag 0x%02x",
		    tlv.tag);
	if (tlv.val.len > SG_CHALLENGE_MAX)
		sg_der_fail(values, SG_E_LIMIT, "csr.challenge.long",
		    "challengePassword: want at most %u bytes, a fixed limit, found %zu",
		    SG_CHALLENGE_MAX, tlv.val.len);
	if (sg_der_ok(values))
		check_string(values, &tlv);
	if (sg_der_ok(values) && csr->has_challenge && !is_same_challenge(csr, &tlv))
		sg_der_fail(values, SG_E_MALFORMED, rule,
		    "RFC 2985 5.4.1: want one challengePassword, found two that differ");
	csr->has_challenge = true;
	csr->challenge_tag = tlv.tag;
	csr->challenge = tlv.val;
}

/* Reads in a state of its own: a request that needs no challenge does not fail for it. */
static void
read_challenge(struct sg_slice contents, struct sg_csr *csr)
{
	struct sg_der_state state = {
	    .code = csr->challenge_fault.code, .err = &csr->challenge_fault};
	struct sg_der values = {.rest = contents, .state = &state};
	const char *rule = "csr.challenge.dup";
	while (sg_der_more(&values)) {
		read_challenge_value(&values, rule, csr);
		rule = "csr.challenge.values";
	}
	if (sg_der_ok(&values))
		return;
	csr->has_challenge = false;
	csr->challenge_tag = 0;
	csr->challenge = (struct sg_slice){0};
}

/* Programs differ in which of two lists they believe: what contradicts is refused. */
static void
read_exts(struct sg_der *values, size_t *lists, struct sg_csr *csr)
{
	while (sg_der_more(values)) {
		struct sg_tlv tlv = sg_der_any(values, "extensionRequest");
		if (tlv.tag == SG_DER_NULL && tlv.val.len == 0)
			continue;
		if (++*lists > LISTS_MAX)
			sg_der_fail(values, SG_E_LIMIT, "csr.exts.count",
			    "extensionRequest: want at most %u lists of extensions, a fixed limit",
			    LISTS_MAX);
		struct sg_exts list = {.path_len = -1};
		struct sg_der d = sg_der_inside(values, tlv.raw);
		sg_csr_exts_read(&d, &list);
		if (!sg_der_ok(values) || sg_csr_exts_empty(&list))
			continue;
		if (sg_csr_exts_empty(&csr->exts))
			csr->exts = list;
		else if (!sg_csr_exts_equal(&csr->exts, &list))
			sg_der_fail(values, SG_E_MALFORMED, "csr.exts.differ",
			    "RFC 2985 5.4.2: extensionRequest: want one list of extensions, found "
			    "two that ask for different things");
	}
}

/* Unknown attributes may stand as often and with as many values as they like. */
static void
read_attrs(struct sg_der *d, struct sg_csr *csr)
{
	size_t lists = 0;
	for (size_t n = 0; sg_der_more(d); n++) {
		if (n == SG_CSR_ATTRS_MAX)
			sg_der_fail(d, SG_E_LIMIT, "csr.attrs.count",
			    "want at most %u attributes, a fixed limit", SG_CSR_ATTRS_MAX);
		struct sg_der attr = sg_der_enter(d, SG_DER_SEQUENCE, "Attribute");
		struct sg_slice oid = sg_der_oid(&attr, "attribute type");
		struct sg_der values = sg_der_enter(&attr, SG_DER_SET, "attribute values");
		sg_der_end(&attr, "Attribute");
		if (!sg_der_ok(d))
			return;
		if (sg_slice_eq(oid, SG_OID(challenge_password)))
			read_challenge(values.rest, csr);
		else if (sg_slice_eq(oid, SG_OID(ext_request)) ||
			 sg_slice_eq(oid, SG_OID(ms_ext_request)))
			read_exts(&values, &lists, csr);
	}
}

/* CertificationRequestInfo. */
static void
read_info(struct sg_der *d, struct sg_csr *csr)
{
	struct sg_der attrs = {.state = d->state};
	/* No field depends on the version, and appliances write 1 and 2. */
	struct sg_slice version = sg_der_get(d, SG_DER_INTEGER, "version").val;
	if (version.len == 0 || version.len > VERSION_LEN_MAX)
		sg_der_fail(d, SG_E_MALFORMED, "csr.version",
		    "version: want an INTEGER of 1 to %u bytes, found %zu", VERSION_LEN_MAX,
		    version.len);
	csr->subject = sg_der_get(d, SG_DER_SEQUENCE, "subject").raw;
	sg_der_try(d, sg_name_check(csr->subject, sg_der_err(d)));
	csr->spki = sg_der_get(d, SG_DER_SEQUENCE, "subjectPKInfo").raw;
	/* RFC 2986 wants the field, empty or not; some clients leave an empty one out. */
	if (sg_der_more(d))
		attrs = sg_der_enter(d, SG_DER_CTX_CONS(0), "attributes");
	sg_der_end(d, "CertificationRequestInfo");
	read_attrs(&attrs, csr);
}

enum sg_code
sg_csr_parse(struct sg_slice der, struct sg_csr *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, err);
	*ret = (struct sg_csr){.exts = {.path_len = -1}};
	if (der.len > SG_MESSAGE_MAX)
		sg_der_fail(&d, SG_E_LIMIT, "csr.size",
		    "certification request: want at most %u bytes, found %zu", SG_MESSAGE_MAX,
		    der.len);
	struct sg_tlv whole = sg_der_whole(&d, SG_DER_SEQUENCE, "CertificationRequest");
	struct sg_der seq = sg_der_inside(&d, whole.val);
	struct sg_tlv info = sg_der_get(&seq, SG_DER_SEQUENCE, "CertificationRequestInfo");
	struct sg_der fields = sg_der_inside(&d, info.val);
	read_info(&fields, ret);
	ret->sigalg = sg_algid_sig(&seq);
	ret->sig = sg_der_bits(&seq, "signature");
	sg_der_end(&seq, "CertificationRequest");
	if (ret->sigalg.hash == SG_HASH_NONE)
		sg_der_fail(&d, SG_E_ALG, "csr.sigalg",
		    "RFC 2986 4.2: want a signature algorithm with its hash, found rsaEncryption");
	if (ret->sig.len == 0)
		sg_der_fail(&d, SG_E_MALFORMED, "csr.signature.empty",
		    "RFC 2986 4.2: want a signature, found an empty one");
	ret->raw = whole.raw;
	ret->info = info.raw;
	if (!sg_der_ok(&d))
		*ret = (struct sg_csr){.exts = {.path_len = -1}};
	return sg_der_status(&d);
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
