/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tests/unit/issue/help.h - a CA and what is needed to issue from it
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "crypto/key.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "issue/ca.h"
#include "issue/issue.h"
#include "issue/serial.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "asn1/oid.h"
#include "crypto/keyfile.h"

#define DAY INT64_C(86400)
#define NOW INT64_C(1795000000) /* 2026-11-18 */

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

/* Made once per program: keys are the slow part. */
static struct sg_key *ca_ec, *ca_rsa, *dev_ec, *dev_rsa;
static struct sg_issuer *issuer_ec, *issuer_rsa;

static inline void
put_name(struct sg_buf *b, const char *text)
{
	assert_ok(sg_name_from_text(sg_slice_str(text), b, NULL));
}

static inline void
make_ca_der(struct sg_buf *out, const struct sg_key *key, int64_t now, int64_t validity)
{
	sg_buf_scoped name = {0};

	put_name(&name, "CN=Test CA, O=Test");
	const struct sg_issue_ca req = {.subject = sg_buf_slice(&name),
	    .key = key,
	    .hash = SG_HASH_SHA256,
	    .now = now,
	    .validity_s = validity,
	    .path_len = 0};
	struct sg_err err = {.text = ""};
	if (sg_issue_ca_make(&req, out, &err) != SG_OK)
		fail_msg("%s: %s", err.rule, err.text);
}

static inline struct sg_issuer *
make_issuer(const struct sg_key *key, int64_t now, int64_t validity)
{
	sg_buf_scoped der = {0};
	struct sg_issuer *ret = NULL;

	make_ca_der(&der, key, now, validity);
	assert_ok(sg_issuer_new(sg_buf_slice(&der), key, SG_HASH_SHA256, NULL, &ret, NULL));
	return ret;
}

static inline int
setup_keys(void **state)
{
	(void)state;
	assert_ok(sg_key_generate(SG_KEY_P256, 0, &ca_ec, NULL));
	assert_ok(sg_key_generate(SG_KEY_RSA, 2048, &ca_rsa, NULL));
	assert_ok(sg_key_generate(SG_KEY_P256, 0, &dev_ec, NULL));
	assert_ok(sg_key_generate(SG_KEY_RSA, 2048, &dev_rsa, NULL));
	issuer_ec = make_issuer(ca_ec, NOW - DAY, 3650 * DAY);
	issuer_rsa = make_issuer(ca_rsa, NOW - DAY, 3650 * DAY);
	return 0;
}

static inline int
teardown_keys(void **state)
{
	(void)state;
	sg_issuer_free(&issuer_ec);
	sg_issuer_free(&issuer_rsa);
	sg_key_free(&ca_ec);
	sg_key_free(&ca_rsa);
	sg_key_free(&dev_ec);
	sg_key_free(&dev_rsa);
	return 0;
}

/* The same RSA key without the NULL of its parameters. */
static inline void
put_without_null(struct sg_buf *out, struct sg_slice spki)
{
	struct sg_der d = sg_der_init(spki, NULL);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "spki");
	struct sg_der alg = sg_der_enter(&seq, SG_DER_SEQUENCE, "alg");
	struct sg_tlv oid = sg_der_any(&alg, "oid");
	struct sg_tlv bits = sg_der_any(&seq, "key");
	sg_der_end(&d, "spki");
	assert_ok(sg_der_status(&d));
	size_t whole = sg_derw_begin(out, SG_DER_SEQUENCE);
	size_t inner = sg_derw_begin(out, SG_DER_SEQUENCE);
	sg_buf_put_slice(out, oid.raw);
	sg_derw_end(out, inner);
	sg_buf_put_slice(out, bits.raw);
	sg_derw_end(out, whole);
	assert_ok(sg_buf_check(out, NULL));
}

/* The template of the tests, like the one of the configuration. */
static inline struct sg_template
client_template(void)
{
	struct sg_template t = {
	    .name = "client",
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT,
	    .eku_n = 1,
	    .validity_s = 365 * DAY,
	    .backdate_s = 3600,
	    .san_types = SG_SAN_BIT(SG_SAN_DNS) | SG_SAN_BIT(SG_SAN_URI),
	    .sans_max = 4,
	};

	t.eku[0] = SG_OID(eku_client_auth);
	return t;
}

/* Everything one certificate is made of. */
struct bench {
	struct sg_template tmpl;
	struct sg_buf subject, spki;
	uint8_t serial[SG_ISSUE_SERIAL_LEN];
	struct sg_sans sans;
	struct sg_issue iss;
};

static inline void
bench_init(struct bench *b, const struct sg_issuer *issuer, const struct sg_key *key)
{
	uint8_t random[SG_ISSUE_SERIAL_RANDOM_LEN] = {0xff, 1, 2, 3};

	memset(b, 0, sizeof *b);
	b->tmpl = client_template();
	put_name(&b->subject, "CN=dev1, O=Test");
	assert_ok(sg_key_put_spki(key, &b->spki, NULL));
	sg_issue_serial_from(NOW, random, b->serial);
	b->iss = (struct sg_issue){.issuer = issuer,
	    .tmpl = &b->tmpl,
	    .serial = sg_slice(b->serial, sizeof b->serial),
	    .subject = sg_buf_slice(&b->subject),
	    .spki = sg_buf_slice(&b->spki),
	    .now = NOW};
}

static inline void
bench_clear(struct bench *b)
{
	sg_buf_clear(&b->subject);
	sg_buf_clear(&b->spki);
}
