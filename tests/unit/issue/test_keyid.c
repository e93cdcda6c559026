/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "issue/keyid_private.h"

static void
issue_capable__types_of_key__usages(void **state)
{
	sg_buf_scoped ec = {0}, rsa = {0};
	uint32_t usage = 0;

	(void)state;
	assert_ok(sg_key_put_spki(dev_ec, &ec, NULL));
	assert_ok(sg_key_put_spki(dev_rsa, &rsa, NULL));
	assert_ok(sg_issue_capable(sg_buf_slice(&ec), &usage, NULL));
	assert_true(usage & SG_KU_KEY_AGREEMENT);
	assert_false(usage & (SG_KU_KEY_ENCIPHERMENT | SG_KU_DATA_ENCIPHERMENT));
	assert_ok(sg_issue_capable(sg_buf_slice(&rsa), &usage, NULL));
	assert_false(usage & SG_KU_KEY_AGREEMENT);
	assert_true(usage & SG_KU_KEY_ENCIPHERMENT);
}

static void
issue_keyid__prefixes_and_other_types__refused(void **state)
{
	/* An Ed25519 key. */
	static const uint8_t other[] = {
	    0x30, 0x0a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x01, 0x00};
	sg_buf_scoped spki = {0};
	uint8_t id[SG_ISSUE_KEYID_LEN];
	uint32_t usage = 0;

	(void)state;
	assert_ok(sg_key_put_spki(dev_ec, &spki, NULL));
	for (size_t n = 0; n < spki.len; n++) {
		assert_rule(
		    sg_issue_keyid(sg_slice(spki.p, n), id, err), SG_E_MALFORMED, "issue.spki");
		assert_rule(sg_issue_capable(sg_slice(spki.p, n), &usage, err), SG_E_MALFORMED,
		    "issue.spki");
	}
	sg_buf_put_u8(&spki, 0);
	assert_rule(sg_issue_keyid(sg_buf_slice(&spki), id, err), SG_E_MALFORMED, "issue.spki");
	assert_rule(sg_issue_capable(sg_slice(other, sizeof other), &usage, err), SG_E_MALFORMED,
	    "issue.spki");
	assert_int_equal(usage, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(issue_capable__types_of_key__usages),
	    cmocka_unit_test(issue_keyid__prefixes_and_other_types__refused),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
