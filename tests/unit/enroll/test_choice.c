/* SPDX-License-Identifier: Apache-2.0 */

/* Capabilities in, algorithms out: what a server says decides only what its owner did not. */

#include "unit/enroll/pki.h"

#include "enroll/choice.h"
#include "scep/caps.h"

/* GetCACaps as real servers answer it. */
#define SCEPSERVER "Renewal\nSHA-1\nSHA-256\nAES\nDES3\nSCEPStandard\nPOSTPKIOperation"
#define NDES "POSTPKIOperation\nRenewal\nSHA-512\nSHA-256\nSHA-1\nDES3\n"
#define OLD_NDES "DES3\nSHA-1\nRenewal\n"

static void
choose__capabilities__algorithms(void **state)
{
	static const struct {
		const char *caps;
		struct sg_enroll_choice said;
		enum sg_cipher cipher;
		enum sg_hash hash;
		bool post;
	} rows[] = {
	    {SCEPSERVER, {0}, SG_CIPHER_AES128_CBC, SG_HASH_SHA256, true},
	    {"SCEPStandard", {0}, SG_CIPHER_AES128_CBC, SG_HASH_SHA256, true},
	    {"AES\nSHA-512\nSHA-384", {0}, SG_CIPHER_AES128_CBC, SG_HASH_SHA512, false},
	    {"AES\nSHA-384", {0}, SG_CIPHER_AES128_CBC, SG_HASH_SHA384, false},
	    {NDES, {.legacy = true}, SG_CIPHER_DES3_CBC, SG_HASH_SHA256, true},
	    {OLD_NDES, {.legacy = true}, SG_CIPHER_DES3_CBC, SG_HASH_SHA1, false},
	    {"", {.legacy = true}, SG_CIPHER_DES3_CBC, SG_HASH_SHA1, false},
	    /* Legacy allows the old, it does not ask for it. */
	    {SCEPSERVER, {.legacy = true}, SG_CIPHER_AES128_CBC, SG_HASH_SHA256, true},
	    /* What was said counts, whatever is offered. */
	    {"", {.cipher = SG_CIPHER_AES256_CBC, .hash = SG_HASH_SHA384, .post = true},
		SG_CIPHER_AES256_CBC, SG_HASH_SHA384, true},
	    {SCEPSERVER, {.get = true}, SG_CIPHER_AES128_CBC, SG_HASH_SHA256, false},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_enroll_choice choice = rows[n].said;
		struct sg_err err = {0};
		assert_ok(sg_enroll_choose(
			      &choice, sg_scep_caps_parse(sg_slice_str(rows[n].caps)), "", &err),
		    err);
		assert_int_equal(choice.cipher, rows[n].cipher);
		assert_int_equal(choice.hash, rows[n].hash);
		assert_int_equal(choice.post, rows[n].post);
	}
}

static void
choose__nothing_allowed__refusal_says_what_is_offered(void **state)
{
	static const struct {
		const char *caps;
		struct sg_enroll_choice said;
		const char *rule, *text;
	} rows[] = {
	    {OLD_NDES, {0}, "client.cipher",
		"the server does not offer AES; it offers: DES3 Renewal SHA-1; nothing was sent"},
	    {"", {0}, "client.cipher", "GetCACaps gave nothing (HTTP status 404)"},
	    {"AES\nSHA-1", {0}, "client.digest",
		"the server does not offer SHA-256; it offers: AES SHA-1; nothing was sent"},
	    {"", {.cipher = SG_CIPHER_AES128_CBC}, "client.digest", "--legacy allows SHA-1"},
	    {"SHA-256", {.hash = SG_HASH_SHA256}, "client.cipher", "--legacy allows 3DES"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_enroll_choice choice = rows[n].said;
		struct sg_err err = {0};
		enum sg_code rc = sg_enroll_choose(&choice,
		    sg_scep_caps_parse(sg_slice_str(rows[n].caps)), "HTTP status 404", &err);
		assert_refused(rc, err, SG_E_ALG, rows[n].rule, rows[n].text);
		assert_memory_equal(&choice, &rows[n].said, sizeof choice);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(choose__capabilities__algorithms),
	    cmocka_unit_test(choose__nothing_allowed__refusal_says_what_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
