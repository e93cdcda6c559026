/* SPDX-License-Identifier: Apache-2.0 */

/*
 * request.c - the floor under all policies: registrar asks it before a policy, ca again before it
 * signs, and an order of a challenge in part
 */

#include "policy/request.h"

#include <string.h>

#include "asn1/spki.h"
#include "policy/show.h"
#include "x509/name.h"
#include "x509/san_text.h"
#include "asn1/oid.h"

/* The numbers of a public key; slices borrow. */
struct pubkey {
	enum sg_keytype type;
	unsigned bits;
	struct sg_slice n, e; /* RSA only: magnitudes */
};

static enum sg_code
bad_key(struct sg_err *err, const char *what)
{
	return sg_fail(err, SG_E_DENIED, "request.key",
	    "the public key of the request is not well-formed: %s", what);
}

static SG_RC
unknown_type(struct sg_slice oid, const char *kind, const char *want, struct sg_err *err)
{
	sg_buf_scoped name = {0};
	sg_oid_put_text(&name, oid, 1);
	return sg_fail(err, SG_E_DENIED, "request.key-type", "%s %.100s: want %s", kind,
	    sg_buf_text(&name), want);
}

/* The numbers of an RSA key. */
static SG_RC
read_rsa(struct sg_slice bits, struct pubkey *k, struct sg_err *err)
{
	struct sg_der d = sg_der_init(bits, NULL);
	struct sg_spki_rsa rsa = sg_spki_rsa_read(&d);

	if (!sg_der_ok(&d))
		return bad_key(err, "no RSAPublicKey of a modulus and a publicExponent");
	if (rsa.n.len == 0)
		return bad_key(err, "its RSA modulus is 0");
	if (rsa.n.len > SG_INT_MAX_LEN || rsa.e.len > SG_INT_MAX_LEN)
		return sg_fail(err, SG_E_DENIED, "request.key",
		    "RSA %s of %u bits: want at most %u, a fixed limit",
		    rsa.n.len > SG_INT_MAX_LEN ? "key" : "public exponent",
		    sg_spki_bits(rsa.n.len > SG_INT_MAX_LEN ? rsa.n : rsa.e), SG_RSA_MAX_BITS);
	*k = (struct pubkey){SG_KEY_RSA, sg_spki_bits(rsa.n), rsa.n, rsa.e};
	return SG_OK;
}

static SG_RC
read_spki(struct sg_slice der, struct pubkey *k, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, NULL);
	struct sg_spki spki = sg_spki_read(&d);

	if (!sg_der_ok(&d) || spki.bits.len == 0)
		return bad_key(err, "no SubjectPublicKeyInfo of an algorithm and a key");
	if (sg_slice_eq(spki.alg, SG_OID(rsa)))
		return read_rsa(spki.bits, k, err);
	if (!sg_slice_eq(spki.alg, SG_OID(ec_public_key)))
		return unknown_type(
		    spki.alg, "key of type", "RSA or an EC key on P-256, P-384 or P-521", err);
	struct sg_der params = sg_der_inside(&d, spki.params);
	struct sg_slice oid = sg_der_oid(&params, "namedCurve");
	sg_der_end(&params, "algorithm");
	if (!sg_der_ok(&d))
		return bad_key(err, "an EC key without a named curve");
	const struct sg_spki_curve *curve = sg_spki_curve_find(oid);
	if (curve == NULL)
		return unknown_type(oid, "curve", "P-256, P-384 or P-521", err);
	if (spki.bits.len != sg_spki_point_len(curve) || spki.bits.p[0] != 4)
		return bad_key(err, "not an uncompressed point of its curve");
	k->type = curve->type;
	k->bits = curve->bits;
	return SG_OK;
}

/* An odd prime below 32 that divides the modulus, or 0: catches broken generators. */
static unsigned
small_factor(struct sg_slice n)
{
	static const unsigned primes[] = {3, 5, 7, 11, 13, 17, 19, 23, 29};
	const uint64_t product = 3234846615u; /* of all of them: one pass over the number */
	uint64_t rest = 0;

	for (size_t i = 0; i < n.len; i++)
		rest = (rest << 8 | n.p[i]) % product;
	for (size_t i = 0; i < sizeof primes / sizeof primes[0]; i++)
		if (rest % primes[i] == 0)
			return primes[i];
	return 0;
}

static enum sg_code
check_rsa(const struct pubkey *k, struct sg_err *err)
{
	if (k->e.len > SG_RSA_STRANGER_E_LEN)
		return sg_fail(err, SG_E_DENIED, "request.key-weak",
		    "RSA public exponent of %u bits: want at most %u", sg_spki_bits(k->e),
		    8 * SG_RSA_STRANGER_E_LEN);
	if (k->e.len == 0 || (k->e.p[k->e.len - 1] & 1) == 0)
		return sg_fail(err, SG_E_DENIED, "request.key-weak",
		    "the RSA public exponent is even: no key generator makes such a key");
	if (k->e.len == 1 && k->e.p[0] < 3)
		return sg_fail(err, SG_E_DENIED, "request.key-weak",
		    "the RSA public exponent is 1: want at least 3");
	if ((k->n.p[k->n.len - 1] & 1) == 0)
		return sg_fail(err, SG_E_DENIED, "request.key-weak",
		    "the RSA modulus is even: no key generator makes such a key");
	unsigned factor = small_factor(k->n);
	if (factor != 0)
		return sg_fail(err, SG_E_DENIED, "request.key-weak",
		    "the RSA modulus can be divided by %u: the key is broken", factor);
	return SG_OK;
}

SG_RC
sg_request_key(
    struct sg_slice spki, enum sg_keytype *ret_type, unsigned *ret_bits, struct sg_err *err)
{
	struct pubkey k = {0};
	enum sg_code rc = read_spki(spki, &k, err);

	if (rc != SG_OK)
		return rc;
	if (k.type == SG_KEY_RSA) {
		rc = check_rsa(&k, err);
		if (rc != SG_OK)
			return rc;
	}
	*ret_type = k.type;
	*ret_bits = k.bits;
	return SG_OK;
}

/* The word of 'key-types' that allows it: a range of RSA has its two ends there. */
static const char *
key_word(const struct pubkey *k)
{
	switch (k->type) {
	case SG_KEY_P256:
		return "p256";
	case SG_KEY_P384:
		return "p384";
	case SG_KEY_P521:
		return "p521";
	case SG_KEY_RSA:
	case SG_KEY_NONE:
		break;
	}
	return k->bits < 3072 ? "rsa-2048" : k->bits == 3072 ? "rsa-3072" : "rsa-4096";
}

static enum sg_code
check_key(const struct sg_csr *csr, const struct sg_template *tmpl, struct sg_err *err)
{
	struct pubkey k = {0};
	enum sg_code rc = read_spki(csr->spki, &k, err);

	if (rc != SG_OK)
		return rc;
	const char *word = key_word(&k);
	if ((tmpl->key_types & SG_KEYTYPE_BIT(k.type)) == 0)
		return sg_fail(err, SG_E_DENIED, "request.key-type",
		    "template '%s' does not take %s keys; '%s' in its 'key-types' would allow it",
		    tmpl->name, sg_keytype_name(k.type), word);
	if (k.type != SG_KEY_RSA)
		return SG_OK;
	if (k.bits < SG_RSA_MIN_BITS || k.bits > SG_RSA_STRANGER_BITS)
		return sg_fail(err, SG_E_DENIED, "request.key-size",
		    "RSA key of %u bits, template '%s' wants %u to %u; below %u and above %u no "
		    "option allows it",
		    k.bits, tmpl->name, tmpl->rsa_min_bits, tmpl->rsa_max_bits, SG_RSA_MIN_BITS,
		    SG_RSA_STRANGER_BITS);
	if (k.bits < tmpl->rsa_min_bits || k.bits > tmpl->rsa_max_bits)
		return sg_fail(err, SG_E_DENIED, "request.key-size",
		    "RSA key of %u bits, template '%s' wants %u to %u; '%s' in its 'key-types' "
		    "would allow it",
		    k.bits, tmpl->name, tmpl->rsa_min_bits, tmpl->rsa_max_bits, word);
	return check_rsa(&k, err);
}

/* As they would be certified; the string types of a request may be shorter or longer. */
static enum sg_code
check_room(struct sg_slice subject, const struct sg_sans *sans, struct sg_err *err)
{
	sg_buf_scoped names = {0};
	enum sg_code rc = sg_name_is_empty(subject)
			      ? SG_OK
			      : sg_name_reencode(subject, subject, &names, err);

	if (rc == SG_OK && sans->n > 0)
		sg_sans_put(&names, sans);
	if (rc == SG_OK)
		rc = sg_buf_check(&names, err);
	if (rc != SG_OK || names.len <= SG_CERT_NAMES_MAX)
		return rc;
	return sg_fail(err, SG_E_DENIED, "request.names-size",
	    "subject and subject alternative names of %zu bytes: a certificate has room for %u, a "
	    "fixed limit",
	    names.len, SG_CERT_NAMES_MAX);
}

static enum sg_code
refuse_kind(const struct sg_san *san, const struct sg_template *tmpl, struct sg_err *err)
{
	sg_buf_scoped text = {0};
	struct sg_slice kind;

	sg_san_put_text(&text, san);
	if (san->type == SG_SAN_OTHER)
		return sg_fail(err, SG_E_DENIED, "request.san-type",
		    "template '%s' does not take this type of name, and none can: %.200s",
		    tmpl->name, sg_buf_text(&text));
	/* The word of the option is what stands in front of the value: "dns", "other:1.2.3". */
	kind = sg_slice_str(sg_buf_text(&text));
	size_t skip = san->type == SG_SAN_OTHERNAME ? strlen("other:") : 0;
	kind.len = skip + strcspn(sg_buf_text(&text) + skip, ":");
	return sg_fail(err, SG_E_DENIED, "request.san-type",
	    "template '%s' does not take this type of name: %.200s; '%.*s' in its 'sans' would "
	    "allow it",
	    tmpl->name, sg_buf_text(&text), (int)kind.len, (const char *)kind.p);
}

enum sg_code
sg_request_check_sans(struct sg_slice subject, const struct sg_sans *sans,
    const struct sg_template *tmpl, struct sg_err *err)
{
	if (sans->n > tmpl->sans_max)
		return sg_fail(err, SG_E_DENIED, "request.san-count",
		    "%zu subject alternative names, template '%s' takes at most %zu; 'sans-max: "
		    "%zu' would allow it",
		    sans->n, tmpl->name, tmpl->sans_max, sans->n);
	for (size_t i = 0; i < sans->n; i++) {
		const struct sg_san *san = &sans->item[i];
		if (!sg_san_is_given(tmpl, san))
			return refuse_kind(san, tmpl, err);
		struct sg_err why = {.text = ""};
		if (sg_san_check_bounds(san, tmpl->name_lengths, &why) != SG_OK)
			return sg_fail(err, SG_E_DENIED, "request.san", "%s", why.text);
	}
	return check_room(subject, sans, err);
}

SG_RC
sg_request_check_name(struct sg_slice name, const struct sg_template *tmpl, struct sg_err *err)
{
	struct sg_err why = {.text = ""};
	enum sg_code rc = sg_name_check_bounds(name, tmpl->name_lengths, &why);

	if (rc == SG_OK)
		return SG_OK;
	bool helps = rc == SG_E_LIMIT &&
		     sg_name_check_bounds(name, SG_NAME_LENGTHS_255, NULL) == SG_OK;
	if (helps)
		return sg_fail(err, rc, why.rule,
		    "%.300s; 'name-lengths: 255' in template '%.64s' would allow it", why.text,
		    tmpl->name);
	bool bound = rc == SG_E_LIMIT && strstr(why.text, "a fixed limit") == NULL;
	return sg_fail(err, rc, why.rule, "%.300s%s", why.text, bound ? ", a fixed limit" : "");
}

SG_RC
sg_request_check_empty(const struct sg_template *tmpl, struct sg_err *err)
{
	if (tmpl->empty_subject)
		return SG_OK;
	return sg_fail(err, SG_E_DENIED, "request.subject-empty",
	    "no subject: template '%s' wants one; 'empty-subject: true' would allow it",
	    tmpl->name);
}

static enum sg_code
check_subject(const struct sg_csr *csr, const struct sg_template *tmpl, struct sg_err *err)
{
	if (!sg_name_is_empty(csr->subject)) {
		enum sg_code rc = sg_request_check_name(csr->subject, tmpl, err);
		if (rc == SG_OK || rc == SG_E_NOMEM)
			return rc;
		if (err != NULL)
			err->code = SG_E_DENIED;
		return SG_E_DENIED;
	}
	if (csr->exts.sans.n == 0)
		return sg_fail(err, SG_E_DENIED, "request.subject-empty",
		    "the request has neither a subject nor a subject alternative name");
	return sg_request_check_empty(tmpl, err);
}

/* The first EKU that the template does not give, or NULL. */
static const struct sg_slice *
foreign_eku(const struct sg_exts *x, const struct sg_template *tmpl)
{
	for (size_t i = 0; i < x->eku_n; i++)
		if (!sg_slice_among(tmpl->eku, tmpl->eku_n, x->eku[i]))
			return &x->eku[i];
	return NULL;
}

/* What a request may not ask for whatever the policy says. */
static enum sg_code
check_extensions(const struct sg_exts *x, const struct sg_template *tmpl, struct sg_err *err)
{
	if (x->ca)
		return sg_fail(err, SG_E_DENIED, "request.ca",
		    "the request asks for a CA certificate (basicConstraints CA:TRUE)");
	if (x->has_key_usage && (x->key_usage & (SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN)) != 0)
		return sg_fail(err, SG_E_DENIED, "request.ku",
		    "the request asks for key usage %s, which only a CA has",
		    (x->key_usage & SG_KU_KEY_CERT_SIGN) != 0 ? "keyCertSign" : "cRLSign");
	const struct sg_slice *eku = foreign_eku(x, tmpl);
	if (eku == NULL || tmpl->foreign_eku == SG_FOREIGN_EKU_IGNORE)
		return SG_OK;
	sg_buf_scoped asked = {0}, dotted = {0};
	sg_oid_put_text(&asked, *eku, 1);
	sg_oid_put_text(&dotted, *eku, 0);
	bool never = sg_slice_eq(*eku, SG_OID(eku_any)) || sg_slice_eq(*eku, SG_OID(eku_ocsp)) ||
		     sg_slice_eq(*eku, SG_OID(eku_request_agent));
	return sg_fail(err, SG_E_DENIED, "request.eku",
	    "the request asks for extended key usage %.100s, template '%s' does not give it; "
	    "%s%.100s%s'foreign-eku: ignore' would leave it out",
	    sg_buf_text(&asked), tmpl->name, never ? "" : "'", never ? "" : sg_buf_text(&dotted),
	    never ? "no template can, " : "' in its 'eku' would give it, ");
}

bool
sg_request_leaves_eku_out(const struct sg_csr *csr, const struct sg_template *tmpl)
{
	return foreign_eku(&csr->exts, tmpl) != NULL;
}

SG_RC
sg_request_check(const struct sg_csr *csr, const struct sg_template *tmpl, struct sg_err *err)
{
	enum sg_code rc = check_key(csr, tmpl, err);

	if (rc != SG_OK)
		return rc;
	rc = check_subject(csr, tmpl, err);
	if (rc != SG_OK)
		return rc;
	rc = check_extensions(&csr->exts, tmpl, err);
	if (rc != SG_OK)
		return rc;
	return sg_request_check_sans(csr->subject, &csr->exts.sans, tmpl, err);
}

void
sg_template_client(struct sg_template *ret)
{
	*ret = (struct sg_template){
	    .name = "client",
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT,
	    .eku_n = 1,
	    .validity_s = 365 * 86400LL,
	    .backdate_s = SG_BACKDATE_S,
	    .key_types = SG_KEYTYPE_BIT(SG_KEY_RSA) | SG_KEYTYPE_BIT(SG_KEY_P256) |
			 SG_KEYTYPE_BIT(SG_KEY_P384) | SG_KEYTYPE_BIT(SG_KEY_P521),
	    .rsa_min_bits = SG_RSA_MIN_BITS,
	    .rsa_max_bits = 4096,
	    .san_types = SG_SAN_BIT(SG_SAN_DNS) | SG_SAN_BIT(SG_SAN_EMAIL) |
			 SG_SAN_BIT(SG_SAN_URI) | SG_SAN_BIT(SG_SAN_IP) | SG_SAN_BIT(SG_SAN_UPN),
	    .sans_max = SG_SANS_MAX,
	};
	ret->eku[0] = SG_OID(eku_client_auth);
}
