/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "crypto/sign.h"
#include "issue/crl.h"
#include "lib/alloc_fail.h"

/* A list of n rows. */
static enum sg_code
make(const struct sg_issuer *issuer, uint64_t number, size_t n, struct sg_buf *out,
    struct sg_err *err)
{
	struct sg_issue_crl c;
	enum sg_code rc = sg_issue_crl_begin(&c, issuer, number, NOW, NOW + 7 * DAY, err);

	if (rc != SG_OK)
		return rc;
	for (size_t i = 0; i < n && rc == SG_OK; i++) {
		uint8_t serial[SG_ISSUE_SERIAL_LEN] = {
		    0x40, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		rc = sg_issue_crl_entry(
		    &c, sg_slice(serial, sizeof serial), NOW - 1, SG_REASON_SUPERSEDED, err);
	}
	if (rc == SG_OK)
		rc = sg_issue_crl_finish(&c, n, out, err);
	sg_issue_crl_clear(&c);
	return rc;
}

static void
crl__sizes__read_back_and_verified(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 1000};
	const struct sg_issuer *const issuers[] = {issuer_ec, issuer_rsa};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
			sg_buf_scoped der = {0};
			struct sg_crl crl;
			assert_ok(make(issuers[i], 41 + k, sizes[k], &der, NULL));
			assert_ok(sg_crl_parse(sg_buf_slice(&der), &crl, NULL));
			assert_int_equal(crl.number, 41 + k);
			assert_int_equal(crl.this_update, NOW);
			assert_int_equal(crl.next_update, NOW + 7 * DAY);
			assert_int_equal(crl.entries.len == 0, sizes[k] == 0);
			assert_ok(
			    sg_sign_verify(issuers[i]->pub, crl.sigalg, crl.tbs, crl.sig, NULL));
		}
	}
}

static void
crl__hundred_thousand_rows__one_buffer(void **state)
{
	sg_buf_scoped der = {.max = SG_CRL_MAX};

	(void)state;
	assert_ok(make(issuer_ec, 1, 100000, &der, NULL));
	assert_true(der.len > 100000 * 30);
}

static void
crl__bad_rows__refused(void **state)
{
	static const uint8_t long_serial[SG_SERIAL_MAX + 2] = {1};
	struct sg_issue_crl c;

	(void)state;
	assert_rule(sg_issue_crl_begin(&c, issuer_ec, 1, NOW, NOW, err), SG_E_CONF, "crl.next");
	assert_rule(sg_issue_crl_begin(&c, issuer_ec, 1, NOW, NOW - 1, err), SG_E_CONF, "crl.next");
	assert_ok(sg_issue_crl_begin(&c, issuer_ec, 1, NOW, NOW + 1, NULL));
	assert_rule(
	    sg_issue_crl_entry(&c, sg_slice(NULL, 0), NOW, 0, err), SG_E_INTERNAL, "crl.serial");
	assert_rule(sg_issue_crl_entry(&c, sg_slice(long_serial, sizeof long_serial), NOW, 0, err),
	    SG_E_INTERNAL, "crl.serial");
	assert_ok(
	    sg_issue_crl_entry(&c, sg_slice(long_serial, 20), NOW, SG_REASON_UNSPECIFIED, NULL));
	sg_issue_crl_clear(&c);
}

static void
crl__revoked_after_it__clamped(void **state)
{
	static const uint8_t serial[2] = {0x40, 1};
	struct sg_issue_crl c;
	struct sg_crl crl;
	sg_buf_scoped der = {0};

	(void)state;
	assert_ok(sg_issue_crl_begin(&c, issuer_ec, 1, NOW, NOW + 1, NULL));
	assert_ok(sg_issue_crl_entry(&c, sg_slice(serial, 2), NOW + 5000, 1, NULL));
	assert_ok(sg_issue_crl_finish(&c, 1, &der, NULL));
	assert_ok(sg_crl_parse(sg_buf_slice(&der), &crl, NULL));
	struct sg_der d = sg_der_init(crl.entries, NULL);
	assert_int_equal(sg_crl_next(&d).revoked_at, NOW);
	sg_issue_crl_clear(&c);
}

static void
crl__fewer_than_there_are__nothing_leaves(void **state)
{
	static const uint8_t serial[2] = {0x40, 1};
	sg_buf_scoped out = {0};

	(void)state;
	for (uint64_t want = 0; want <= 2; want += 2) {
		struct sg_issue_crl c;
		assert_ok(sg_issue_crl_begin(&c, issuer_ec, 1, NOW, NOW + 1, NULL));
		assert_ok(sg_issue_crl_entry(&c, sg_slice(serial, 2), NOW, 1, NULL));
		assert_rule(sg_issue_crl_finish(&c, want, &out, err), SG_E_INTERNAL, "crl.count");
		assert_int_equal(out.len, 0);
		sg_issue_crl_clear(&c);
	}
}

static void
crl_times__clocks__never_before_the_last(void **state)
{
	static const struct {
		int64_t now, last, want_this, want_next;
	} rows[] = {
	    {NOW, 0, NOW - 600, NOW + DAY}, {NOW, NOW - 601, NOW - 600, NOW + DAY},
	    {NOW, NOW - 600, NOW - 600, NOW + DAY}, {NOW, NOW - 599, NOW - 599, NOW + DAY},
	    {NOW, NOW, NOW, NOW + DAY},
	    {NOW, NOW + 30 * DAY, NOW + 30 * DAY, NOW + 31 * DAY}, /* the clock went back */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_issue_crl_times t = sg_issue_crl_times_of(rows[i].now, rows[i].last, DAY);
		assert_int_equal(t.this_update, rows[i].want_this);
		assert_int_equal(t.next_update, rows[i].want_next);
	}
}

static void
crl__key_exchanged__nothing_leaves(void **state)
{
	struct sg_issuer broken = *issuer_ec;
	sg_buf_scoped out = {0};

	(void)state;
	broken.key = dev_ec;
	assert_rule(make(&broken, 1, 1, &out, err), SG_E_CRYPTO, "issue.verify");
	assert_int_equal(out.len, 0);
}

static void
crl__nth_allocation_fails__nomem(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 500; n++) {
		sg_buf_scoped out = {0};
		alloc_fail_at(n);
		enum sg_code rc = make(issuer_ec, 1, 20, &out, NULL);
		alloc_fail_at(0);
		if (rc == SG_OK)
			return;
		assert_int_equal(rc, SG_E_NOMEM);
		assert_int_equal(out.len, 0);
	}
	fail();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(crl__sizes__read_back_and_verified),
	    cmocka_unit_test(crl__hundred_thousand_rows__one_buffer),
	    cmocka_unit_test(crl__bad_rows__refused),
	    cmocka_unit_test(crl__revoked_after_it__clamped),
	    cmocka_unit_test(crl__fewer_than_there_are__nothing_leaves),
	    cmocka_unit_test(crl_times__clocks__never_before_the_last),
	    cmocka_unit_test(crl__key_exchanged__nothing_leaves),
	    cmocka_unit_test(crl__nth_allocation_fails__nomem),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
