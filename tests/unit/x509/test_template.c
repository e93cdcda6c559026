/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "x509/template.h"

static void
san_is_given__each_kind__its_bit_or_its_type(void **state)
{
	sg_buf_scoped a = {0}, b = {0};
	struct sg_template t = {.san_others_n = 1, .san_others = {sg_slice("\x2a\x03", 2)}};
	const struct sg_san mine = {SG_SAN_OTHERNAME, asn(&a, "06:2a03 a0{ 05: }")};
	const struct sg_san foreign = {SG_SAN_OTHERNAME, asn(&b, "06:2a04 a0{ 05: }")};
	const struct sg_san broken = {SG_SAN_OTHERNAME, sg_slice("\x06\x02\x2a\x03", 4)};

	(void)state;
	for (unsigned type = SG_SAN_DNS; type <= SG_SAN_OTHER; type++) {
		const struct sg_san san = {(enum sg_san_type)type, sg_slice("a", 1)};
		t.san_types = 0;
		assert_false(sg_san_is_given(&t, &san));
		t.san_types = ~SG_SAN_BIT(type);
		assert_false(sg_san_is_given(&t, &san));
		t.san_types = SG_SAN_BIT(type);
		assert_int_equal(sg_san_is_given(&t, &san), type < SG_SAN_OTHERNAME);
	}
	t.san_types = 0;
	assert_true(sg_san_is_given(&t, &mine));
	t.san_types = UINT32_MAX;
	assert_false(sg_san_is_given(&t, &foreign));
	assert_false(sg_san_is_given(&t, &broken));
	assert_false(sg_san_is_given(&t, &(struct sg_san){0, mine.val}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(san_is_given__each_kind__its_bit_or_its_type),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
