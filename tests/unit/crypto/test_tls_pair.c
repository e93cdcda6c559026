/* SPDX-License-Identifier: Apache-2.0 */

/* Certificates and keys as an operator may put them together. */

#include <time.h>

#include "crypto_test.h"

#include "base/date.h"
#include "base/limits.h"
#include "crypto/tls_pair.h"
#include "lib/tls_peer.h"

static void
assert_refused(struct sg_slice chain, struct sg_slice key, enum sg_code code, const char *rule)
{
	struct sg_tls_info info = {0};
	struct sg_err err = {0};

	assert_sg_fail(
	    sg_tls_pair_info(&(struct sg_tls_pair){chain, key}, &info, &err), code, rule);
	assert_null(info.names.p);
}

static void
info__of_a_public_ca__what_it_says(void **state)
{
	struct tls_made ca, made;
	struct sg_err err;
	sg_tls_info_scoped info = {0};
	int64_t now = time(NULL);

	(void)state;
	tls_make(&(struct tls_want){.ca = true}, &ca);
	tls_make(&(struct tls_want){.names = "DNS:A.Example, DNS:*.b.example, DNS:x_y",
		     .purposes = "serverAuth",
		     .issuer = &ca},
	    &made);
	tls_made_add(&made, &ca);
	struct sg_tls_pair pair = tls_pair_of(&made);
	assert_sg_ok(sg_tls_pair_info(&pair, &info, &err));
	assert_int_equal(info.type, SG_KEY_P256);
	assert_true(info.begins > now - 3700 && info.begins < now - 3500);
	assert_true(info.ends > now + 3500 && info.ends < now + 3700);
	assert_true(info.server_auth && !info.addresses);
	static const char names[] = "a.example\0*.b.example\0x_y";
	assert_true(sg_slice_eq(sg_buf_slice(&info.names), sg_slice(names, sizeof names)));
	tls_made_clear(&made);
	tls_made_clear(&ca);
}

static void
info__purpose_and_address__as_they_are(void **state)
{
	static const struct {
		const char *purposes, *names;
		bool server_auth, addresses;
	} rows[] = {
	    {NULL, NULL, true, false},
	    {"clientAuth", "IP:192.0.2.1", false, true},
	    {"clientAuth, serverAuth", "DNS:a, IP:192.0.2.1", true, true},
	    {"anyExtendedKeyUsage", "email:a@b", true, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tls_made made;
		struct sg_err err;
		sg_tls_info_scoped info = {0};
		tls_make(&(struct tls_want){.names = rows[i].names, .purposes = rows[i].purposes},
		    &made);
		struct sg_tls_pair pair = tls_pair_of(&made);
		assert_sg_ok(sg_tls_pair_info(&pair, &info, &err));
		assert_int_equal(info.server_auth, rows[i].server_auth);
		assert_int_equal(info.addresses, rows[i].addresses);
		tls_made_clear(&made);
	}
}

static void
chain__none_damaged_or_too_long__refused(void **state)
{
	struct tls_made made;
	sg_buf_scoped text = {0};

	(void)state;
	tls_make(&(struct tls_want){0}, &made);
	struct sg_slice key = sg_buf_slice(&made.key_pem);
	assert_refused(sg_slice(NULL, 0), key, SG_E_MALFORMED, "tls.chain");
	assert_refused(key, key, SG_E_MALFORMED, "tls.chain");
	sg_buf_puts(&text, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
	assert_refused(sg_buf_slice(&text), key, SG_E_MALFORMED, "tls.chain");
	sg_buf_reset(&text);
	sg_buf_puts(&text, "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n");
	assert_refused(sg_buf_slice(&text), key, SG_E_MALFORMED, "base64");
	for (unsigned i = 0; i < SG_TLS_CHAIN_MAX; i++)
		tls_made_add(&made, &made);
	assert_refused(sg_buf_slice(&made.chain_pem), key, SG_E_MALFORMED, "tls.chain");
	tls_made_clear(&made);
}

static void
chain__wrong_order__refused(void **state)
{
	struct tls_made root, ca, made, other;

	(void)state;
	tls_make(&(struct tls_want){.ca = true}, &root);
	tls_make(&(struct tls_want){.ca = true, .issuer = &root}, &ca);
	tls_make(&(struct tls_want){.issuer = &ca}, &made);
	tls_make(&(struct tls_want){.issuer = &ca}, &other);
	/* The issuer is missing. */
	tls_made_add(&made, &root);
	assert_refused(sg_buf_slice(&made.chain_pem), sg_buf_slice(&made.key_pem), SG_E_MALFORMED,
	    "tls.chain.order");
	/* One that has the right name, and another key. */
	struct tls_made fake = ca;
	fake.chain_pem = fake.key_pem = (struct sg_buf){0};
	fake.cert = X509_dup(ca.cert);
	assert_int_equal(X509_set_pubkey(fake.cert, root.key), 1);
	assert_true(X509_sign(fake.cert, root.key, EVP_sha256()) > 0);
	tls_made_add(&other, &fake);
	assert_refused(sg_buf_slice(&other.chain_pem), sg_buf_slice(&other.key_pem), SG_E_MALFORMED,
	    "tls.chain.order");
	X509_free(fake.cert);
	tls_made_clear(&made);
	tls_made_clear(&other);
	tls_made_clear(&ca);
	tls_made_clear(&root);
}

static void
key__of_another__refused(void **state)
{
	struct tls_made ca, made, other, rsa;
	struct sg_tls_info info = {0};
	struct sg_err err;

	(void)state;
	tls_make(&(struct tls_want){.ca = true}, &ca);
	tls_make(&(struct tls_want){.issuer = &ca}, &made);
	tls_make(&(struct tls_want){0}, &other);
	tls_make(&(struct tls_want){.type = "RSA"}, &rsa);
	tls_made_add(&made, &ca);
	struct sg_slice chain = sg_buf_slice(&made.chain_pem);
	assert_refused(chain, sg_buf_slice(&other.key_pem), SG_E_MALFORMED, "tls.key");
	assert_refused(chain, sg_buf_slice(&rsa.key_pem), SG_E_MALFORMED, "tls.key");
	assert_refused(chain, sg_slice(NULL, 0), SG_E_MALFORMED, "key.pem");
	/* The file has the issuer first: it says so. */
	struct sg_tls_pair pair = {chain, sg_buf_slice(&ca.key_pem)};
	assert_sg_fail(sg_tls_pair_info(&pair, &info, &err), SG_E_MALFORMED, "tls.key");
	assert_non_null(strstr(err.text, "certificate 2"));
	tls_made_clear(&made);
	tls_made_clear(&other);
	tls_made_clear(&rsa);
	tls_made_clear(&ca);
}

static void
names__not_of_a_host__refused(void **state)
{
	static const char *const names[] = {"DNS:a b", "DNS:a..b", "DNS:.a", "DNS:a.", "DNS:a*.b",
	    "DNS:*", "DNS:*.", "DNS:*.*.a", "DNS:a/b"};
	struct tls_made made;
	sg_buf_scoped many = {0};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		tls_make(&(struct tls_want){.names = names[i]}, &made);
		assert_refused(sg_buf_slice(&made.chain_pem), sg_buf_slice(&made.key_pem),
		    SG_E_MALFORMED, "tls.names");
		tls_made_clear(&made);
	}
	for (unsigned i = 0; i <= SG_TLS_NAMES_MAX; i++)
		sg_buf_printf(&many, "%sDNS:a%u", i > 0 ? "," : "", i);
	tls_make(&(struct tls_want){.names = sg_buf_text(&many)}, &made);
	assert_refused(sg_buf_slice(&made.chain_pem), sg_buf_slice(&made.key_pem), SG_E_MALFORMED,
	    "tls.names");
	tls_made_clear(&made);
}

static void
weak__key_or_signature__refused(void **state)
{
	struct tls_made ca, made;

	(void)state;
	tls_make(&(struct tls_want){.ca = true}, &ca);
	tls_make(&(struct tls_want){.issuer = &ca, .digest = "SHA1"}, &made);
	assert_refused(
	    sg_buf_slice(&made.chain_pem), sg_buf_slice(&made.key_pem), SG_E_ALG, "tls.weak");
	tls_made_clear(&made);
	tls_made_clear(&ca);
	tls_make(&(struct tls_want){.ca = true, .type = "RSA", .bits = 1024}, &ca);
	tls_make(&(struct tls_want){.issuer = &ca}, &made);
	tls_made_add(&made, &ca);
	assert_refused(
	    sg_buf_slice(&made.chain_pem), sg_buf_slice(&made.key_pem), SG_E_ALG, "tls.weak");
	tls_made_clear(&made);
	assert_refused(
	    sg_buf_slice(&ca.chain_pem), sg_buf_slice(&ca.key_pem), SG_E_LIMIT, "key.size");
	tls_made_clear(&ca);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(info__of_a_public_ca__what_it_says),
	    cmocka_unit_test(info__purpose_and_address__as_they_are),
	    cmocka_unit_test(chain__none_damaged_or_too_long__refused),
	    cmocka_unit_test(chain__wrong_order__refused),
	    cmocka_unit_test(key__of_another__refused),
	    cmocka_unit_test(names__not_of_a_host__refused),
	    cmocka_unit_test(weak__key_or_signature__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
