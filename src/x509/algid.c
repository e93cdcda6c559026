/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/algid.h"

#include "asn1/derw.h"
#include "base/limits.h"
#include "asn1/oid.h"

/* An AlgorithmIdentifier taken apart; params.raw is empty when there are none. */
struct parts {
	struct sg_slice oid;
	struct sg_tlv params;
};

static SG_RC
read_parts(struct sg_der *d, const char *what, struct parts *ret, struct sg_err *err)
{
	struct sg_der seq;
	enum sg_code rc = sg_der_enter(d, SG_DER_SEQUENCE, what, &seq, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&seq, what, &ret->oid, err);
	if (rc == SG_OK && sg_der_more(&seq))
		rc = sg_der_any(&seq, what, &ret->params, err);
	if (rc == SG_OK)
		rc = sg_der_end(&seq, what, err);
	return rc;
}

static bool
has_params(const struct parts *p)
{
	return p->params.raw.len > 0;
}

static SG_RC
want_null(const struct parts *p, const char *what, struct sg_err *err)
{
	if (!has_params(p) || (p->params.tag == SG_DER_NULL && p->params.val.len == 0))
		return SG_OK;
	return sg_fail(err, SG_E_MALFORMED, "alg.params",
	    "RFC 4055 2.1: %s: want NULL or no parameters, found tag 0x%02x with %zu bytes", what,
	    p->params.tag, p->params.val.len);
}

static SG_RC
fail_unknown(struct sg_slice oid, const char *what, struct sg_err *err)
{
	sg_buf_scoped text = {0};
	sg_oid_put_text(&text, oid, 1);
	return sg_fail(
	    err, SG_E_ALG, "alg.unknown", "%s: %s is not supported here", what, sg_buf_text(&text));
}

/* MD2, MD4 and MD5, alone or with RSA: refused under a name of their own. */
static bool
is_md5(struct sg_slice oid)
{
	struct sg_slice md5 = SG_OID(md5), rsa_md5 = SG_OID(rsa_md5);
	if (oid.len == md5.len && memcmp(oid.p, md5.p, md5.len - 1) == 0) {
		uint8_t last = oid.p[oid.len - 1];
		return last == 2 || last == 4 || last == 5;
	}
	if (oid.len == rsa_md5.len && memcmp(oid.p, rsa_md5.p, rsa_md5.len - 1) == 0) {
		uint8_t last = oid.p[oid.len - 1];
		return last == 2 || last == 3 || last == 4;
	}
	return false;
}

static SG_RC
fail_md5(const char *what, struct sg_err *err)
{
	return sg_fail(err, SG_E_ALG, "alg.md5",
	    "%s: MD2, MD4 and MD5 are broken and never accepted; want SHA-256", what);
}

static enum sg_hash
hash_of(struct sg_slice oid)
{
	if (sg_slice_eq(oid, SG_OID(sha256)))
		return SG_HASH_SHA256;
	if (sg_slice_eq(oid, SG_OID(sha512)))
		return SG_HASH_SHA512;
	if (sg_slice_eq(oid, SG_OID(sha384)))
		return SG_HASH_SHA384;
	if (sg_slice_eq(oid, SG_OID(sha1)))
		return SG_HASH_SHA1;
	return SG_HASH_NONE;
}

enum sg_code
sg_algid_get_hash(struct sg_der *d, enum sg_hash *ret, struct sg_err *err)
{
	const char *what = "digest algorithm";
	struct parts p = {0};
	enum sg_code rc = read_parts(d, what, &p, err);
	if (rc != SG_OK)
		return rc;
	if (is_md5(p.oid))
		return fail_md5(what, err);
	enum sg_hash hash = hash_of(p.oid);
	if (hash == SG_HASH_NONE)
		return fail_unknown(p.oid, what, err);
	rc = want_null(&p, what, err);
	if (rc == SG_OK)
		*ret = hash;
	return rc;
}

/* MaskGenAlgorithm: MGF1 and its hash. */
static SG_RC
read_mgf1(struct sg_der *d, enum sg_hash *ret, struct sg_err *err)
{
	const char *what = "mask generation function";
	struct parts p = {0};
	enum sg_code rc = read_parts(d, what, &p, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(p.oid, SG_OID(mgf1)))
		return fail_unknown(p.oid, what, err);
	struct sg_der inner = sg_der_init(p.params.raw);
	return sg_algid_get_hash(&inner, ret, err);
}

/* An EXPLICIT [n] that may be absent; *ret_there says so. */
static SG_RC
enter_opt(struct sg_der *d, unsigned n, const char *what, struct sg_der *ret, bool *ret_there,
    struct sg_err *err)
{
	*ret_there = sg_der_more(d) && sg_der_peek(d) == SG_DER_CTX_CONS(n);
	if (!*ret_there)
		return SG_OK;
	return sg_der_enter(d, SG_DER_CTX_CONS(n), what, ret, err);
}

/* [0] hash and [1] mask generation function, as PSS and OAEP have them; both default to SHA-1. */
static SG_RC
read_hashes(struct sg_der *d, enum sg_hash *ret_hash, enum sg_hash *ret_mgf1, struct sg_err *err)
{
	struct sg_der inner;
	bool there;
	*ret_hash = *ret_mgf1 = SG_HASH_SHA1;
	enum sg_code rc = enter_opt(d, 0, "hashAlgorithm", &inner, &there, err);
	if (rc == SG_OK && there)
		rc = sg_algid_get_hash(&inner, ret_hash, err);
	if (rc == SG_OK && there)
		rc = sg_der_end(&inner, "hashAlgorithm", err);
	if (rc == SG_OK)
		rc = enter_opt(d, 1, "maskGenAlgorithm", &inner, &there, err);
	if (rc == SG_OK && there)
		rc = read_mgf1(&inner, ret_mgf1, err);
	if (rc == SG_OK && there)
		rc = sg_der_end(&inner, "maskGenAlgorithm", err);
	return rc;
}

/* An EXPLICIT [n] INTEGER with a default. */
static SG_RC
read_int(struct sg_der *d, unsigned n, const char *what, uint64_t *io, struct sg_err *err)
{
	struct sg_der inner;
	bool there;
	enum sg_code rc = enter_opt(d, n, what, &inner, &there, err);
	if (rc == SG_OK && there)
		rc = sg_der_uint(&inner, UINT64_MAX, what, io, err);
	if (rc == SG_OK && there)
		rc = sg_der_end(&inner, what, err);
	return rc;
}

static SG_RC
read_pss(const struct parts *p, struct sg_sigalg *ret, struct sg_err *err)
{
	struct sg_der outer = sg_der_init(p->params.raw), seq;
	struct sg_sigalg alg = {.scheme = SG_SIG_RSA_PSS};
	enum sg_hash mgf1;
	uint64_t salt = 20, trailer = 1;
	enum sg_code rc = sg_der_enter(&outer, SG_DER_SEQUENCE, "RSASSA-PSS-params", &seq, err);
	if (rc == SG_OK)
		rc = read_hashes(&seq, &alg.hash, &mgf1, err);
	if (rc == SG_OK)
		rc = read_int(&seq, 2, "saltLength", &salt, err);
	if (rc == SG_OK)
		rc = read_int(&seq, 3, "trailerField", &trailer, err);
	if (rc == SG_OK)
		rc = sg_der_end(&seq, "RSASSA-PSS-params", err);
	if (rc != SG_OK)
		return rc;
	if (mgf1 != alg.hash)
		return sg_fail(err, SG_E_ALG, "alg.pss.mgf1",
		    "RFC 4055 3.1: want the same hash in PSS and its MGF1, found %s and %s",
		    sg_hash_name(alg.hash), sg_hash_name(mgf1));
	if (salt > SG_PSS_SALT_MAX)
		return sg_fail(err, SG_E_ALG, "alg.pss.salt",
		    "RFC 8017 9.1.1: want a PSS salt shorter than the modulus, of at most %u "
		    "bytes, found %llu",
		    SG_PSS_SALT_MAX, (unsigned long long)salt);
	if (trailer != 1)
		return sg_fail(err, SG_E_ALG, "alg.pss.trailer",
		    "RFC 4055 3.1: want PSS trailerField 1, found %llu",
		    (unsigned long long)trailer);
	alg.pss_salt_len = (int)salt;
	*ret = alg;
	return SG_OK;
}

struct sig_row {
	const struct sg_slice *oid;
	enum sg_sigscheme scheme;
	enum sg_hash hash;
};

static const struct sig_row sig_rows[] = {
    {&sg_oid_rsa_sha256, SG_SIG_RSA_PKCS1, SG_HASH_SHA256},
    {&sg_oid_rsa_sha384, SG_SIG_RSA_PKCS1, SG_HASH_SHA384},
    {&sg_oid_rsa_sha512, SG_SIG_RSA_PKCS1, SG_HASH_SHA512},
    {&sg_oid_rsa_sha1, SG_SIG_RSA_PKCS1, SG_HASH_SHA1},
    {&sg_oid_rsa, SG_SIG_RSA_PKCS1, SG_HASH_NONE},
    {&sg_oid_ecdsa_sha256, SG_SIG_ECDSA, SG_HASH_SHA256},
    {&sg_oid_ecdsa_sha384, SG_SIG_ECDSA, SG_HASH_SHA384},
    {&sg_oid_ecdsa_sha512, SG_SIG_ECDSA, SG_HASH_SHA512},
    {&sg_oid_ecdsa_sha1, SG_SIG_ECDSA, SG_HASH_SHA1},
};

static const struct sig_row *
sig_find(struct sg_slice oid)
{
	for (size_t i = 0; i < sizeof sig_rows / sizeof sig_rows[0]; i++) {
		if (sg_slice_eq(*sig_rows[i].oid, oid))
			return &sig_rows[i];
	}
	return NULL;
}

enum sg_code
sg_algid_get_sig(struct sg_der *d, struct sg_sigalg *ret, struct sg_err *err)
{
	const char *what = "signature algorithm";
	struct parts p = {0};
	enum sg_code rc = read_parts(d, what, &p, err);
	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(p.oid, SG_OID(rsa_pss)))
		return read_pss(&p, ret, err);
	if (is_md5(p.oid))
		return fail_md5(what, err);
	const struct sig_row *row = sig_find(p.oid);
	if (row == NULL)
		return fail_unknown(p.oid, what, err);
	if (row->scheme == SG_SIG_ECDSA && has_params(&p))
		return sg_fail(err, SG_E_MALFORMED, "alg.params",
		    "RFC 5758 3.2: ECDSA: want no parameters, found tag 0x%02x", p.params.tag);
	rc = want_null(&p, what, err);
	if (rc == SG_OK)
		*ret = (struct sg_sigalg){.scheme = row->scheme, .hash = row->hash};
	return rc;
}

static const struct cipher_row {
	const struct sg_slice *oid;
	enum sg_cipher cipher;
} cipher_rows[] = {
    {&sg_oid_aes128_cbc, SG_CIPHER_AES128_CBC},
    {&sg_oid_aes192_cbc, SG_CIPHER_AES192_CBC},
    {&sg_oid_aes256_cbc, SG_CIPHER_AES256_CBC},
    {&sg_oid_des3_cbc, SG_CIPHER_DES3_CBC},
    {&sg_oid_des_cbc, SG_CIPHER_DES_CBC},
};

enum sg_code
sg_algid_get_cipher(
    struct sg_der *d, enum sg_cipher *ret, struct sg_slice *ret_iv, struct sg_err *err)
{
	const char *what = "content cipher";
	enum sg_cipher cipher = SG_CIPHER_NONE;
	struct parts p = {0};
	enum sg_code rc = read_parts(d, what, &p, err);
	if (rc != SG_OK)
		return rc;
	for (size_t i = 0; i < sizeof cipher_rows / sizeof cipher_rows[0]; i++) {
		if (sg_slice_eq(*cipher_rows[i].oid, p.oid))
			cipher = cipher_rows[i].cipher;
	}
	if (cipher == SG_CIPHER_NONE)
		return fail_unknown(p.oid, what, err);
	size_t want = sg_cipher_block_len(cipher);
	if (p.params.tag != SG_DER_OCTET_STRING || p.params.val.len != want)
		return sg_fail(err, SG_E_MALFORMED, "alg.iv",
		    "RFC 3565 4.1: %s: want an IV of %zu bytes in an OCTET STRING, found tag "
		    "0x%02x "
		    "with %zu",
		    sg_cipher_name(cipher), want, p.params.tag, p.params.val.len);
	*ret = cipher;
	*ret_iv = p.params.val;
	return SG_OK;
}

/* [2] pSourceAlgorithm: absent or pSpecified with the empty label. */
static SG_RC
read_label(struct sg_der *d, struct sg_err *err)
{
	struct sg_der inner;
	struct parts p = {0};
	bool there;
	enum sg_code rc = enter_opt(d, 2, "pSourceFunc", &inner, &there, err);
	if (rc != SG_OK || !there)
		return rc;
	rc = read_parts(&inner, "pSourceFunc", &p, err);
	if (rc == SG_OK)
		rc = sg_der_end(&inner, "pSourceFunc", err);
	if (rc != SG_OK)
		return rc;
	if (!sg_slice_eq(p.oid, SG_OID(p_specified)) || p.params.tag != SG_DER_OCTET_STRING ||
	    p.params.val.len != 0)
		return sg_fail(err, SG_E_ALG, "alg.oaep.label",
		    "RFC 4055 4.1: want an empty OAEP label, found tag 0x%02x with %zu bytes",
		    p.params.tag, p.params.val.len);
	return SG_OK;
}

static SG_RC
read_oaep(const struct parts *p, struct sg_keytrans *ret, struct sg_err *err)
{
	struct sg_keytrans trans = {
	    SG_TRANSPORT_OAEP, .oaep_hash = SG_HASH_SHA1, .mgf1_hash = SG_HASH_SHA1};
	enum sg_code rc = SG_OK;
	/* Absent parameters are what older Windows sends for the defaults. */
	if (has_params(p)) {
		struct sg_der outer = sg_der_init(p->params.raw), seq;
		rc = sg_der_enter(&outer, SG_DER_SEQUENCE, "RSAES-OAEP-params", &seq, err);
		if (rc == SG_OK)
			rc = read_hashes(&seq, &trans.oaep_hash, &trans.mgf1_hash, err);
		if (rc == SG_OK)
			rc = read_label(&seq, err);
		if (rc == SG_OK)
			rc = sg_der_end(&seq, "RSAES-OAEP-params", err);
	}
	if (rc == SG_OK)
		*ret = trans;
	return rc;
}

enum sg_code
sg_algid_get_keytrans(struct sg_der *d, struct sg_keytrans *ret, struct sg_err *err)
{
	const char *what = "key transport algorithm";
	struct parts p = {0};
	enum sg_code rc = read_parts(d, what, &p, err);
	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(p.oid, SG_OID(rsa_oaep)))
		return read_oaep(&p, ret, err);
	if (!sg_slice_eq(p.oid, SG_OID(rsa)))
		return fail_unknown(p.oid, what, err);
	rc = want_null(&p, what, err);
	if (rc == SG_OK)
		*ret = (struct sg_keytrans){.transport = SG_TRANSPORT_PKCS1};
	return rc;
}

/* An algorithm that cannot be written is a mistake of ours. */
static void
fail_put(struct sg_buf *b)
{
	if (b->failed == SG_OK)
		b->failed = SG_E_INTERNAL;
}

static void
put_with_null(struct sg_buf *b, struct sg_slice oid)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, oid);
	sg_derw_null(b);
	sg_derw_end(b, seq);
}

void
sg_algid_put_hash(struct sg_buf *b, enum sg_hash hash)
{
	switch (hash) {
	case SG_HASH_SHA1:
		put_with_null(b, SG_OID(sha1));
		return;
	case SG_HASH_SHA256:
		put_with_null(b, SG_OID(sha256));
		return;
	case SG_HASH_SHA384:
		put_with_null(b, SG_OID(sha384));
		return;
	case SG_HASH_SHA512:
		put_with_null(b, SG_OID(sha512));
		return;
	case SG_HASH_NONE:
		break;
	}
	fail_put(b);
}

/* [0] hash and [1] MGF1 with its hash; SHA-1 is the DEFAULT, which DER leaves out. */
static void
put_hashes(struct sg_buf *b, enum sg_hash hash, enum sg_hash mgf1)
{
	if (hash != SG_HASH_SHA1) {
		size_t mark = sg_derw_begin(b, SG_DER_CTX_CONS(0));
		sg_algid_put_hash(b, hash);
		sg_derw_end(b, mark);
	}
	if (mgf1 != SG_HASH_SHA1) {
		size_t mark = sg_derw_begin(b, SG_DER_CTX_CONS(1));
		size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_derw_oid(b, SG_OID(mgf1));
		sg_algid_put_hash(b, mgf1);
		sg_derw_end(b, seq);
		sg_derw_end(b, mark);
	}
}

static void
put_pss(struct sg_buf *b, struct sg_sigalg alg)
{
	int salt = alg.pss_salt_len > 0 ? alg.pss_salt_len : (int)sg_hash_len(alg.hash);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(rsa_pss));
	size_t params = sg_derw_begin(b, SG_DER_SEQUENCE);
	put_hashes(b, alg.hash, alg.hash);
	if (salt != 20) {
		size_t mark = sg_derw_begin(b, SG_DER_CTX_CONS(2));
		sg_derw_uint(b, (uint64_t)salt);
		sg_derw_end(b, mark);
	}
	sg_derw_end(b, params);
	sg_derw_end(b, seq);
}

void
sg_algid_put_sig(struct sg_buf *b, struct sg_sigalg alg)
{
	if (alg.scheme == SG_SIG_RSA_PSS) {
		put_pss(b, alg);
		return;
	}
	for (size_t i = 0; i < sizeof sig_rows / sizeof sig_rows[0]; i++) {
		const struct sig_row *row = &sig_rows[i];
		if (row->scheme != alg.scheme || row->hash != alg.hash)
			continue;
		if (row->scheme == SG_SIG_RSA_PKCS1) {
			put_with_null(b, *row->oid);
			return;
		}
		size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_derw_oid(b, *row->oid);
		sg_derw_end(b, seq);
		return;
	}
	fail_put(b);
}

void
sg_algid_put_signer_sig(struct sg_buf *b, struct sg_sigalg alg)
{
	if (alg.scheme == SG_SIG_RSA_PKCS1)
		alg.hash = SG_HASH_NONE;
	sg_algid_put_sig(b, alg);
}

void
sg_algid_put_cipher(struct sg_buf *b, enum sg_cipher cipher, const uint8_t *iv)
{
	for (size_t i = 0; i < sizeof cipher_rows / sizeof cipher_rows[0]; i++) {
		if (cipher_rows[i].cipher != cipher)
			continue;
		size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_derw_oid(b, *cipher_rows[i].oid);
		sg_derw_tlv(b, SG_DER_OCTET_STRING, sg_slice(iv, sg_cipher_block_len(cipher)));
		sg_derw_end(b, seq);
		return;
	}
	fail_put(b);
}

void
sg_algid_put_keytrans(struct sg_buf *b, struct sg_keytrans trans)
{
	if (trans.transport == SG_TRANSPORT_PKCS1) {
		put_with_null(b, SG_OID(rsa));
	} else if (trans.transport == SG_TRANSPORT_OAEP) {
		size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
		sg_derw_oid(b, SG_OID(rsa_oaep));
		size_t params = sg_derw_begin(b, SG_DER_SEQUENCE);
		put_hashes(b, trans.oaep_hash, trans.mgf1_hash);
		sg_derw_end(b, params);
		sg_derw_end(b, seq);
	} else {
		fail_put(b);
	}
}
