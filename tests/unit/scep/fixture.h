/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages for the tests of scep/: keys, certificates, a request, and a builder that makes
 * SignedData and EnvelopedData right or wrong at any place.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "scep/certrep.h"
#include "cms/envelope.h"
#include "scep/check.h"
#include "scep/message.h"
#include "scep/request.h"
#include "scep/verify.h"
#include "x509/cert.h"

#define FX_TXID "0123456789abcdef"
#define FX_NONCE "sixteen bytes..!"
#define FX_TIME 1700000000

struct fx {
	struct sg_key *ra_key, *dev_key, *ec_key;
	struct sg_buf ra_der, dev_der, ec_der, issued_der; /* certificates */
	struct sg_cert ra, dev, ec, issued; /* issued: dev_key's, issuer is ra's subject */
	struct sg_buf csr, envelope;	    /* a PKCS#10 with challenge; to ra, AES-128 */
	uint8_t cek[16], iv[16];	    /* of envelope */
};

extern struct fx fx;

/* cmocka group set-up and tear-down. */
int
fx_setup(void **state);
int
fx_teardown(void **state);

/* A Name TLV from its text. */
void
fx_name(struct sg_buf *b, const char *text);

/* A certificate as the light reader sees it. */
struct sg_cert_light
fx_light(const struct sg_cert *cert);

/* One attribute: values is how often the value is in its set. */
struct fx_attr {
	struct sg_slice oid;
	unsigned tag;
	struct sg_slice val;
	unsigned values;
};

/* A message, field by field; fx_spec() gives a good PKCSReq. */
struct fx_spec {
	unsigned version, si_version;
	unsigned hash_n; /* in digestAlgorithms */
	struct sg_slice etype;
	bool no_content, segmented;
	struct sg_slice content;
	size_t cert_n;
	struct sg_slice cert[SG_CMS_CERTS_MAX + 1];
	bool crls;
	unsigned signer_n;
	bool ski; /* SignerIdentifier by key id of ra */
	const struct sg_cert *signer;
	const struct sg_key *key;
	enum sg_hash hash;
	struct sg_sigalg sigalg;
	struct sg_slice hash_raw, sig_raw; /* instead of the algorithms' own encoding */
	size_t attr_n;
	struct fx_attr attr[40];
	bool no_attrs, unsorted, sign_sorted, unsigned_attrs;
	bool bad_sig;
	uint8_t md[64]; /* storage of messageDigest */
};

void
fx_spec(struct fx_spec *s);
/* Find an attribute by its identifier; fails the test when it is not there. */
struct fx_attr *
fx_attr(struct fx_spec *s, struct sg_slice oid);
void
fx_drop_attr(struct fx_spec *s, struct sg_slice oid);
void
fx_add_attr(struct fx_spec *s, struct sg_slice oid, unsigned tag, struct sg_slice val);
/* Recompute messageDigest after content or hash changed. */
void
fx_digest(struct fx_spec *s);
/* Append the message; signed as the spec says. */
void
fx_build(const struct fx_spec *s, struct sg_buf *b);

/* Rewrite DER as BER: every constructed element gets an indefinite length and every OCTET
 * STRING of more than two bytes becomes constructed with two segments. */
void
fx_ber(struct sg_slice der, struct sg_buf *b);

/* Build the message and decode it. */
enum sg_code
fx_decode(const struct fx_spec *s, struct sg_buf *der, struct sg_scep_msg *msg, struct sg_err *err);
/* Assert that decoding fails: nobody could be answered. */
void
fx_refused(const struct fx_spec *s, enum sg_code code, const char *rule);
/* Assert that decoding goes well enough to answer, and that the check does not. */
void
fx_put_off(const struct fx_spec *s, enum sg_code code, const char *rule);
/* Assert that nothing is decided by it: only profile strict minds. */
void
fx_fault(const struct fx_spec *s, const char *rule);

/* Every refusal: the code and the rule. */
#define fx_assert_fails(rc, err, want_code, want_rule)                                             \
	do {                                                                                       \
		enum sg_code fx_rc_ = (rc);                                                        \
		if (fx_rc_ != (want_code) || strcmp((err).rule, (want_rule)) != 0)                 \
			print_error("have %s %s: %s\n", sg_code_name(fx_rc_),                      \
			    fx_rc_ != SG_OK ? (err).rule : "-",                                    \
			    fx_rc_ != SG_OK ? (err).text : "-");                                   \
		assert_int_equal(fx_rc_, (want_code));                                             \
		assert_string_equal((err).rule, (want_rule));                                      \
	} while (0)

#define fx_assert_ok(rc, err)                                                                      \
	do {                                                                                       \
		enum sg_code fx_rc_ = (rc);                                                        \
		if (fx_rc_ != SG_OK)                                                               \
			print_error(                                                               \
			    "have %s %s: %s\n", sg_code_name(fx_rc_), (err).rule, (err).text);     \
		assert_int_equal(fx_rc_, SG_OK);                                                   \
	} while (0)

#define fx_assert_slice(have, want)                                                                \
	do {                                                                                       \
		struct sg_slice fx_a_ = (have), fx_b_ = (want);                                    \
		assert_int_equal(fx_a_.len, fx_b_.len);                                            \
		if (fx_b_.len > 0)                                                                 \
			assert_memory_equal(fx_a_.p, fx_b_.p, fx_b_.len);                          \
	} while (0)

/* Rules that accept everything but SHA-1. */
#define FX_HASHES (1u << SG_HASH_SHA256 | 1u << SG_HASH_SHA384 | 1u << SG_HASH_SHA512)
#define FX_CIPHERS                                                                                 \
	(1u << SG_CIPHER_AES128_CBC | 1u << SG_CIPHER_AES192_CBC | 1u << SG_CIPHER_AES256_CBC |    \
	    1u << SG_CIPHER_DES3_CBC)
