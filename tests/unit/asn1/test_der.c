/* SPDX-License-Identifier: Apache-2.0 */

/* What stays of a failure in the readers of asn1/der.h, and what they give after it. */

#include "unit/base/base_test.h"

#include "asn1/der.h"

#define EACH(rows) (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)

static struct sg_slice
bytes(struct sg_buf *b, const char *hex)
{
	sg_buf_reset(b);
	assert_int_equal(*asn_hex(hex, b), '\0');
	return sg_buf_slice(b);
}

/* Every read of d gives zero, and its error is still the first. */
static void
expect_stuck(struct sg_der *d, const struct sg_err *err, enum sg_code code, const char *rule)
{
	struct sg_err first = *err;

	assert_false(sg_der_ok(d));
	assert_false(sg_der_more(d));
	assert_int_equal(sg_der_peek(d), 0);
	struct sg_tlv tlv = sg_der_any(d, "again");
	assert_int_equal(tlv.tag, 0);
	assert_null(tlv.raw.p);
	assert_null(tlv.val.p);
	assert_null(sg_der_get(d, SG_DER_SEQUENCE, "again").raw.p);
	assert_null(sg_der_opt(d, SG_DER_SEQUENCE, "again").raw.p);
	assert_null(sg_der_whole(d, SG_DER_SEQUENCE, "again").raw.p);
	assert_int_equal(sg_der_uint(d, UINT64_MAX, "again"), 0);
	assert_null(sg_der_magnitude(d, 99, "again").p);
	assert_null(sg_der_oid(d, "again").p);
	assert_false(sg_der_bool(d, "again"));
	assert_null(sg_der_bits(d, "again").p);
	assert_int_equal(sg_der_time(d, "again"), 0);
	struct sg_der inner = sg_der_enter(d, SG_DER_SEQUENCE, "again");
	assert_null(inner.rest.p);
	assert_false(sg_der_more(&inner));
	sg_der_end(d, "again");
	sg_der_fail(d, SG_E_DENIED, "other", "another %s", "rule");
	sg_der_try(d, sg_fail(sg_der_err(d), SG_E_DENIED, "other", "another %s", "rule"));
	assert_int_equal(sg_der_status(d), code);
	assert_int_equal(sg_der_status(&inner), code);
	assert_string_equal(err->rule, rule);
	assert_string_equal(err->text, first.text);
	assert_int_equal(err->line, first.line);
}

static void
each_reader__broken__stuck_and_zero(void **state)
{
	(void)state;
	/* Each followed by elements that could be read. */
	static const struct {
		const char *hex;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {"0202007f020101", SG_E_MALFORMED, "der"},
	    {"0201803000", SG_E_MALFORMED, "der"},
	    {"0202010101013000", SG_E_LIMIT, "der.integer"},
	    {"0209010000000000000000", SG_E_LIMIT, "der.integer"},
	};
	for
		EACH(rows)
		{
			sg_buf_scoped b = {0};
			struct sg_err err = {0};
			struct sg_der d = sg_der_init(bytes(&b, rows[n].hex), &err);
			assert_true(sg_der_more(&d));
			assert_int_equal(sg_der_uint(&d, 255, "number"), 0);
			expect_stuck(&d, &err, rows[n].code, rows[n].rule);
		}
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "060180020101"), &err);
	assert_null(sg_der_oid(&d, "type").p);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "010101020101"), &err);
	assert_false(sg_der_bool(&d, "flag"));
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "030207f03000"), &err);
	assert_null(sg_der_bits(&d, "bits").p);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "17013017020101"), &err);
	assert_int_equal(sg_der_time(&d, "at"), 0);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der.time");
	d = sg_der_init(bytes(&b, "30003000"), &err);
	assert_null(sg_der_whole(&d, SG_DER_SEQUENCE, "all").raw.p);
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "3000"), &err);
	sg_der_end(&d, "all");
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	d = sg_der_init(bytes(&b, "3000"), &err);
	sg_der_fail(&d, SG_E_ALG, "a.rule", "want %d", 7);
	assert_string_equal(err.text, "want 7");
	expect_stuck(&d, &err, SG_E_ALG, "a.rule");
}

static void
family__one_fails__all_stuck(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_slice good = bytes(&b, "30060201010201023000");

	struct sg_der d = sg_der_init(good, &err);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "seq");
	struct sg_der other = sg_der_inside(&seq, sg_slice("\x05\x00", 2));
	assert_true(sg_der_more(&other) && sg_der_more(&d) && sg_der_more(&seq));
	assert_int_equal(sg_der_get(&other, SG_DER_NULL, "null").tag, SG_DER_NULL);
	assert_int_equal(sg_der_uint(&seq, 9, "one"), 1);
	sg_der_end(&seq, "seq"); /* there is a second one */
	expect_stuck(&seq, &err, SG_E_MALFORMED, "der");
	expect_stuck(&d, &err, SG_E_MALFORMED, "der");
	expect_stuck(&other, &err, SG_E_MALFORMED, "der");

	/* The parent's failure stops the child. */
	d = sg_der_init(good, &err);
	seq = sg_der_enter(&d, SG_DER_SEQUENCE, "seq");
	sg_der_fail(&d, SG_E_LIMIT, "a.rule", "at most one");
	expect_stuck(&seq, &err, SG_E_LIMIT, "a.rule");

	/* Two readers have two states. */
	struct sg_der fresh = sg_der_init(good, NULL);
	assert_true(sg_der_more(&fresh));
}

static void
loop__failure_inside__ends(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {0};
	struct sg_der d = sg_der_init(bytes(&b, "020101020102040100020103"), &err);
	unsigned n = 0;
	for (; sg_der_more(&d); n++)
		sg_der_uint(&d, 9, "number");
	assert_int_equal(n, 3);
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
}

static SG_RC
judge(unsigned *calls, enum sg_code code, struct sg_err *err)
{
	(*calls)++;
	return code == SG_OK ? SG_OK : sg_fail(err, code, "judged", "judged so");
}

static void
try__code_of_the_call__kept_and_not_asked_again(void **state)
{
	(void)state;
	struct sg_err err = {0};
	unsigned calls = 0;
	struct sg_der d = sg_der_init(sg_slice("", 0), &err);
	sg_der_try(&d, judge(&calls, SG_OK, sg_der_err(&d)));
	assert_true(sg_der_ok(&d));
	sg_der_try(&d, judge(&calls, SG_E_TIME, sg_der_err(&d)));
	sg_der_try(&d, judge(&calls, SG_E_ALG, sg_der_err(&d)));
	assert_int_equal(calls, 2);
	expect_err(sg_der_status(&d), &err, SG_E_TIME, "judged");
}

static void
err__null_or_no_failure__code_only(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	struct sg_err err = {.code = SG_E_BUSY, .rule = "before", .text = "of before"};
	struct sg_der d = sg_der_init(bytes(&b, "0500"), &err);
	sg_der_whole(&d, SG_DER_NULL, "null");
	assert_int_equal(sg_der_status(&d), SG_OK);
	assert_string_equal(err.rule, "before");

	d = sg_der_init(sg_buf_slice(&b), NULL);
	assert_null(sg_der_err(&d));
	sg_der_get(&d, SG_DER_OID, "oid");
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
	sg_der_fail(&d, SG_E_ALG, "a.rule", "not this one");
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
	d = sg_der_init(bytes(&b, "170d323630323330303030303030"
				  "5a"),
	    NULL);
	sg_der_time(&d, "30th of February");
	assert_int_equal(sg_der_status(&d), SG_E_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_reader__broken__stuck_and_zero),
	    cmocka_unit_test(family__one_fails__all_stuck),
	    cmocka_unit_test(loop__failure_inside__ends),
	    cmocka_unit_test(try__code_of_the_call__kept_and_not_asked_again),
	    cmocka_unit_test(err__null_or_no_failure__code_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
