/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tests/unit/policy/help.h - names, keys and requests for the tests of policy/
 *
 * A "request" here is the struct that sg_csr_parse gives, filled by hand, so that each
 * field can be anything; everything it borrows lives in struct request.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "asn1/derw.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "asn1/oid.h"

#define assert_ok(expr) assert_int_equal((expr), SG_OK)
#define assert_rule(expr, code_, rule_)                                                            \
	do {                                                                                       \
		struct sg_err e_ = {.rule = "(none)"};                                             \
		struct sg_err *err = &e_;                                                          \
		assert_int_equal((expr), (code_));                                                 \
		assert_string_equal(e_.rule, (rule_));                                             \
		assert_true(strlen(e_.text) > 10);                                                 \
		assert_null(strchr(e_.text, '\n'));                                                \
	} while (0)

struct request {
	struct sg_csr csr;
	struct sg_buf subject, spki, sans;
};

static inline void
put_name(struct sg_buf *b, const char *text)
{
	static const uint8_t empty[] = {0x30, 0x00};

	if (text[0] == '\0')
		sg_buf_put(b, empty, sizeof empty);
	else
		assert_ok(sg_name_from_text(sg_slice_str(text), b, NULL));
	assert_ok(sg_buf_check(b, NULL));
}

static inline unsigned
rest_of(const uint8_t *n, size_t len, unsigned p)
{
	unsigned r = 0;

	for (size_t i = 0; i < len; i++)
		r = (r * 256 + n[i]) % p;
	return r;
}

/* A number of so many bits that none of the small primes divides; not a product of two
 * primes, which nothing here looks at. */
static inline size_t
make_modulus(uint8_t *n, unsigned bits)
{
	static const unsigned primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
	size_t len = (bits + 7) / 8;

	memset(n, 0x5a, len);
	n[0] = (uint8_t)(1u << ((bits - 1) % 8));
	for (unsigned last = 1;; last += 2) {
		bool good = true;
		n[len - 1] = (uint8_t)last;
		n[len - 2] = (uint8_t)(last >> 8);
		for (size_t i = 0; i < sizeof primes / sizeof primes[0]; i++)
			good = good && rest_of(n, len, primes[i]) != 0;
		if (good)
			return len;
	}
}

static inline void
put_rsa(struct sg_buf *b, struct sg_slice n, struct sg_slice e)
{
	sg_buf_scoped pub = {0};
	size_t seq = sg_derw_begin(&pub, SG_DER_SEQUENCE);
	sg_derw_magnitude(&pub, n);
	sg_derw_magnitude(&pub, e);
	sg_derw_end(&pub, seq);

	size_t spki = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t alg = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(rsa));
	sg_derw_null(b);
	sg_derw_end(b, alg);
	sg_derw_bits(b, sg_buf_slice(&pub));
	sg_derw_end(b, spki);
}

static inline void
put_rsa_bits(struct sg_buf *b, unsigned bits)
{
	static const uint8_t e[] = {1, 0, 1};
	uint8_t n[2048];
	size_t len = make_modulus(n, bits);

	put_rsa(b, sg_slice(n, len), sg_slice(e, sizeof e));
}

static inline void
put_ec(struct sg_buf *b, struct sg_slice curve, size_t point_len, unsigned first)
{
	uint8_t point[200] = {0};
	size_t spki = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t alg = sg_derw_begin(b, SG_DER_SEQUENCE);

	point[0] = (uint8_t)first;
	sg_derw_oid(b, SG_OID(ec_public_key));
	sg_derw_oid(b, curve);
	sg_derw_end(b, alg);
	sg_derw_bits(b, sg_slice(point, point_len));
	sg_derw_end(b, spki);
}

/* "rsa2048", "p256", ... */
static inline void
put_key(struct sg_buf *b, const char *kind)
{
	unsigned bits = 0;

	if (strncmp(kind, "rsa", 3) == 0) {
		for (const char *p = kind + 3; *p != '\0'; p++)
			bits = bits * 10 + (unsigned)(*p - '0');
		put_rsa_bits(b, bits);
	} else if (strcmp(kind, "p256") == 0) {
		put_ec(b, SG_OID(p256), 65, 4);
	} else if (strcmp(kind, "p384") == 0) {
		put_ec(b, SG_OID(p384), 97, 4);
	} else {
		assert_string_equal(kind, "p521");
		put_ec(b, SG_OID(p521), 133, 4);
	}
}

/* "dns:a;email:b@c": no check at all; "ip:" as its bytes. */
static inline void
set_sans(struct sg_sans *sans, struct sg_buf *store, const char *text)
{
	static const struct {
		const char *word;
		enum sg_san_type type;
	} types[] = {{"dns:", SG_SAN_DNS}, {"email:", SG_SAN_EMAIL}, {"uri:", SG_SAN_URI},
	    {"ip:", SG_SAN_IP}, {"upn:", SG_SAN_UPN}, {"dirname:", SG_SAN_DIRNAME},
	    {"other:", SG_SAN_OTHER}};

	/* The slices point into store: it must not move. */
	assert_non_null(sg_buf_extend(store, 16384));
	store->len = 0;
	while (*text != '\0') {
		size_t len = strcspn(text, ";"), skip = 0;
		struct sg_san *san = &sans->item[sans->n++];
		for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
			if (strncmp(text, types[i].word, strlen(types[i].word)) != 0)
				continue;
			san->type = types[i].type;
			skip = strlen(types[i].word);
		}
		assert_true(skip > 0);
		size_t at = store->len;
		if (san->type == SG_SAN_DIRNAME) {
			sg_buf_scoped word = {0};
			sg_buf_put(&word, text + skip, len - skip);
			put_name(store, sg_buf_text(&word));
		} else {
			sg_buf_put(store, text + skip, len - skip);
		}
		san->val = sg_slice(store->p + at, store->len - at);
		text += len;
		text += *text == ';';
	}
	assert_true(store->len <= 16384);
}

static inline void
request_init(struct request *r, const char *subject, const char *key, const char *sans)
{
	memset(r, 0, sizeof *r);
	put_name(&r->subject, subject);
	put_key(&r->spki, key);
	r->csr.subject = sg_buf_slice(&r->subject);
	r->csr.spki = sg_buf_slice(&r->spki);
	r->csr.exts.path_len = -1;
	set_sans(&r->csr.exts.sans, &r->sans, sans);
	r->csr.exts.has_san = r->csr.exts.sans.n > 0;
}

static inline void
request_clear(struct request *r)
{
	sg_buf_clear(&r->subject);
	sg_buf_clear(&r->spki);
	sg_buf_clear(&r->sans);
}
