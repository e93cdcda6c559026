/* SPDX-License-Identifier: Apache-2.0 */

/*
 * algid.c - AlgorithmIdentifiers to our enumerators and back: the one place that says which
 * algorithms are known, for certificates, requests, CRLs and messages alike
 */

#include "x509/algid.h"

#include "asn1/derw.h"
#include "base/limits.h"
#include "asn1/oid.h"

/* An AlgorithmIdentifier taken apart; params.raw is empty when there are none. */
struct parts {
	struct sg_slice oid;
	struct sg_tlv params;
};

static struct parts
read_parts(struct sg_der *d, const char *what)
{
	struct sg_der seq = sg_der_enter(d, SG_DER_SEQUENCE, what);
	struct parts p = {.oid = sg_der_oid(&seq, what)};
	if (sg_der_more(&seq))
		p.params = sg_der_any(&seq, what);
	sg_der_end(&seq, what);
	return p;
}

static bool
has_params(const struct parts *p)
{
	return p->params.raw.len > 0;
}

static void
want_null(struct sg_der *d, const struct parts *p, const char *what)
{
	if (has_params(p) && (p->params.tag != SG_DER_NULL || p->params.val.len != 0))
		sg_der_fail(d, SG_E_MALFORMED, "alg.params",
		    "RFC 4055 2.1, RFC 5758 3.2: %s: want NULL or no parameters, found tag 0x%02x "
		    "with %zu bytes",
		    what, p->params.tag, p->params.val.len);
}

static void
fail_unknown(struct sg_der *d, struct sg_slice oid, const char *what)
{
	sg_buf_scoped text = {0};
	if (!sg_der_ok(d))
		return;
	sg_oid_put_text(&text, oid, 1);
	sg_der_fail(
	    d, SG_E_ALG, "alg.unknown", "%s: %s is not supported here", what, sg_buf_text(&text));
}

/* MD2, MD4 and MD5, alone or with RSA: refused under a name of their own. */
static void
refuse_md5(struct sg_der *d, struct sg_slice oid, const char *what)
{
	struct sg_slice md5 = SG_OID(md5), rsa_md5 = SG_OID(rsa_md5);
	uint8_t last = oid.len > 0 ? oid.p[oid.len - 1] : 0;
	bool is_md = false;
	if (oid.len == md5.len && memcmp(oid.p, md5.p, md5.len - 1) == 0)
		is_md = last == 2 || last == 4 || last == 5;
	else if (oid.len == rsa_md5.len && memcmp(oid.p, rsa_md5.p, rsa_md5.len - 1) == 0)
		is_md = last == 2 || last == 3 || last == 4;
	if (is_md)
		sg_der_fail(d, SG_E_ALG, "alg.md5",
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

enum sg_hash
sg_algid_hash(struct sg_der *d)
{
	const char *what = "digest algorithm";
	struct parts p = read_parts(d, what);
	enum sg_hash hash = hash_of(p.oid);
	refuse_md5(d, p.oid, what);
	if (hash == SG_HASH_NONE)
		fail_unknown(d, p.oid, what);
	want_null(d, &p, what);
	return sg_der_ok(d) ? hash : SG_HASH_NONE;
}

/* [0] hash and [1] mask generation function with its hash, as PSS and OAEP have them; both
 * default to SHA-1. */
static void
read_hashes(struct sg_der *d, enum sg_hash *ret_hash, enum sg_hash *ret_mgf1)
{
	*ret_hash = *ret_mgf1 = SG_HASH_SHA1;
	if (sg_der_peek(d) == SG_DER_CTX_CONS(0)) {
		struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(0), "hashAlgorithm");
		*ret_hash = sg_algid_hash(&inner);
		sg_der_end(&inner, "hashAlgorithm");
	}
	if (sg_der_peek(d) == SG_DER_CTX_CONS(1)) {
		const char *what = "mask generation function";
		struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(1), "maskGenAlgorithm");
		struct parts p = read_parts(&inner, what);
		if (!sg_slice_eq(p.oid, SG_OID(mgf1)))
			fail_unknown(d, p.oid, what);
		struct sg_der params = sg_der_inside(d, p.params.raw);
		*ret_mgf1 = sg_algid_hash(&params);
		sg_der_end(&inner, "maskGenAlgorithm");
	}
}

/* An EXPLICIT [n] INTEGER with a default. */
static uint64_t
read_int(struct sg_der *d, unsigned n, const char *what, uint64_t absent)
{
	if (sg_der_peek(d) != SG_DER_CTX_CONS(n))
		return absent;
	struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(n), what);
	uint64_t v = sg_der_uint(&inner, UINT64_MAX, what);
	sg_der_end(&inner, what);
	return v;
}

static struct sg_sigalg
read_pss(struct sg_der *d, const struct parts *p)
{
	/* Absent, they are all defaults: SHA-1, which is judged where SHA-1 is. */
	static const uint8_t defaults[] = {SG_DER_SEQUENCE, 0};
	struct sg_der outer = sg_der_inside(
	    d, has_params(p) ? p->params.raw : sg_slice(defaults, sizeof defaults));
	struct sg_der seq = sg_der_enter(&outer, SG_DER_SEQUENCE, "RSASSA-PSS-params");
	enum sg_hash hash, mgf1;
	read_hashes(&seq, &hash, &mgf1);
	uint64_t salt = read_int(&seq, 2, "saltLength", 20);
	uint64_t trailer = read_int(&seq, 3, "trailerField", 1);
	sg_der_end(&seq, "RSASSA-PSS-params");
	if (salt > SG_PSS_SALT_MAX)
		sg_der_fail(d, SG_E_ALG, "alg.pss.salt",
		    "RFC 8017 9.1.1: want a PSS salt shorter than the modulus, of at most %u "
		    "bytes, found %llu",
		    SG_PSS_SALT_MAX, (unsigned long long)salt);
	if (trailer != 1)
		sg_der_fail(d, SG_E_ALG, "alg.pss.trailer",
		    "RFC 4055 3.1: want PSS trailerField 1, found %llu",
		    (unsigned long long)trailer);
	return (struct sg_sigalg){.scheme = SG_SIG_RSA_PSS,
	    .hash = hash,
	    .pss_salt_len = (int)salt,
	    .pss_mgf1 = mgf1 != hash ? mgf1 : SG_HASH_NONE};
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

struct sg_sigalg
sg_algid_sig(struct sg_der *d)
{
	const char *what = "signature algorithm";
	struct parts p = read_parts(d, what);
	struct sg_sigalg alg = {0};
	if (sg_slice_eq(p.oid, SG_OID(rsa_pss))) {
		alg = read_pss(d, &p);
	} else {
		refuse_md5(d, p.oid, what);
		for (size_t i = 0; i < sizeof sig_rows / sizeof sig_rows[0]; i++)
			if (sg_slice_eq(*sig_rows[i].oid, p.oid))
				alg = (struct sg_sigalg){
				    .scheme = sig_rows[i].scheme, .hash = sig_rows[i].hash};
		if (alg.scheme == SG_SIG_NONE)
			fail_unknown(d, p.oid, what);
		/* RFC 5758 3.2 has none with ECDSA; some write NULL all the same. */
		want_null(d, &p, what);
	}
	return sg_der_ok(d) ? alg : (struct sg_sigalg){0};
}

struct sg_sigalg
sg_algid_sig_lenient(struct sg_der *d, struct sg_slice algid)
{
	struct sg_der own = sg_der_init(algid, NULL), shared = sg_der_inside(d, algid);
	struct sg_sigalg alg = sg_algid_sig(&own);
	enum sg_code rc = sg_der_status(&own);
	if (rc != SG_OK && rc != SG_E_ALG)
		alg = sg_algid_sig(&shared); /* fails again, where it is heard */
	return alg.hash != SG_HASH_NONE ? alg : (struct sg_sigalg){0};
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

enum sg_cipher
sg_algid_cipher(struct sg_der *d, struct sg_slice *ret_iv)
{
	const char *what = "content cipher";
	enum sg_cipher cipher = SG_CIPHER_NONE;
	struct parts p = read_parts(d, what);
	for (size_t i = 0; i < sizeof cipher_rows / sizeof cipher_rows[0]; i++)
		if (sg_slice_eq(*cipher_rows[i].oid, p.oid))
			cipher = cipher_rows[i].cipher;
	if (cipher == SG_CIPHER_NONE)
		fail_unknown(d, p.oid, what);
	size_t want = sg_cipher_block_len(cipher);
	if (p.params.tag != SG_DER_OCTET_STRING || p.params.val.len != want)
		sg_der_fail(d, SG_E_MALFORMED, "alg.iv",
		    "RFC 3565 4.1: %s: want an IV of %zu bytes in an OCTET STRING, found tag "
		    "0x%02x with %zu",
		    sg_cipher_name(cipher), want, p.params.tag, p.params.val.len);
	*ret_iv = sg_der_ok(d) ? p.params.val : (struct sg_slice){0};
	return sg_der_ok(d) ? cipher : SG_CIPHER_NONE;
}

/* [2] pSourceAlgorithm: absent or pSpecified with the empty label. */
static void
read_label(struct sg_der *d)
{
	const char *what = "pSourceFunc";
	if (sg_der_peek(d) != SG_DER_CTX_CONS(2))
		return;
	struct sg_der inner = sg_der_enter(d, SG_DER_CTX_CONS(2), what);
	struct parts p = read_parts(&inner, what);
	sg_der_end(&inner, what);
	if (!sg_slice_eq(p.oid, SG_OID(p_specified)) || p.params.tag != SG_DER_OCTET_STRING ||
	    p.params.val.len != 0)
		sg_der_fail(d, SG_E_ALG, "alg.oaep.label",
		    "want an empty OAEP label, found tag 0x%02x with %zu bytes", p.params.tag,
		    p.params.val.len);
}

struct sg_keytrans
sg_algid_keytrans(struct sg_der *d)
{
	const char *what = "key transport algorithm";
	struct parts p = read_parts(d, what);
	struct sg_keytrans trans = {.transport = SG_TRANSPORT_PKCS1};
	if (sg_slice_eq(p.oid, SG_OID(rsa_oaep))) {
		trans = (struct sg_keytrans){
		    SG_TRANSPORT_OAEP, .oaep_hash = SG_HASH_SHA1, .mgf1_hash = SG_HASH_SHA1};
		/* Absent parameters are what older Windows sends for the defaults. */
		if (has_params(&p)) {
			struct sg_der outer = sg_der_inside(d, p.params.raw);
			struct sg_der seq = sg_der_enter(
			    &outer, SG_DER_SEQUENCE, "RSAES-OAEP-params");
			read_hashes(&seq, &trans.oaep_hash, &trans.mgf1_hash);
			read_label(&seq);
			sg_der_end(&seq, "RSAES-OAEP-params");
		}
	} else if (sg_slice_eq(p.oid, SG_OID(rsa))) {
		want_null(d, &p, what);
	} else {
		fail_unknown(d, p.oid, what);
	}
	return sg_der_ok(d) ? trans : (struct sg_keytrans){0};
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
	put_hashes(b, alg.hash, alg.pss_mgf1 != SG_HASH_NONE ? alg.pss_mgf1 : alg.hash);
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
