/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "explain/steps.h"
#include "lib/alloc_fail.h"

#define START INT64_C(1795000000000000)
#define assert_ok(expr) assert_int_equal((expr), SG_OK)

static struct sg_steps
sample(void)
{
	struct sg_steps s = {.n = 0};

	sg_steps_mark(&s, SG_STEP_ROLE_FRONT, SG_STEP_RECEIVED, SG_STEP_OK, START);
	sg_steps_mark(&s, SG_STEP_ROLE_FRONT, SG_STEP_DECODED, SG_STEP_OK, START + 100);
	sg_steps_mark(&s, SG_STEP_ROLE_FRONT, SG_STEP_SIGNATURE, SG_STEP_OK, START + 150);
	sg_steps_mark(
	    &s, SG_STEP_ROLE_REGISTRAR, SG_STEP_AUTHORIZATION, SG_STEP_FAILED, START + 2000);
	return s;
}

static bool
same(const struct sg_steps *a, const struct sg_steps *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->item[i].id != b->item[i].id || a->item[i].role != b->item[i].role ||
		    a->item[i].state != b->item[i].state || a->item[i].at_us != b->item[i].at_us)
			return false;
	return true;
}

static void
steps_put__sample__known_text_and_back(void **state)
{
	struct sg_steps s = sample(), back = {.n = 0};
	sg_buf_scoped b = {0};

	(void)state;
	sg_steps_put(&b, &s);
	assert_string_equal(sg_buf_text(&b), "1;ho9vm6h1j4;fb0,fc2s,fd46,rh1jk!");
	assert_ok(sg_steps_add(&back, sg_buf_slice(&b), NULL));
	assert_true(same(&s, &back));
}

static void
steps_add__nothing__no_steps(void **state)
{
	struct sg_steps s = {.n = 0};
	sg_buf_scoped b = {0};

	(void)state;
	sg_steps_put(&b, &s);
	assert_int_equal(b.len, 0);
	assert_ok(sg_steps_add(&s, sg_buf_slice(&b), NULL));
	assert_int_equal(s.n, 0);
}

static void
steps_add__two_records__merged_by_time(void **state)
{
	struct sg_steps s = sample(), ca = {.n = 0}, all = {.n = 0};
	sg_buf_scoped one = {0}, two = {0};

	(void)state;
	sg_steps_mark(&ca, SG_STEP_ROLE_CA, SG_STEP_CA_SIGNED, SG_STEP_OK, START + 1000);
	sg_steps_mark(&ca, SG_STEP_ROLE_CA, SG_STEP_CA_SERIAL, SG_STEP_OK, START + 1000);
	sg_steps_put(&one, &s);
	sg_steps_put(&two, &ca);
	assert_ok(sg_steps_add(&all, sg_buf_slice(&one), NULL));
	assert_ok(sg_steps_add(&all, sg_buf_slice(&two), NULL));
	sg_steps_sort(&all);
	assert_int_equal(all.n, 6);
	assert_int_equal(all.item[2].id, SG_STEP_SIGNATURE);
	assert_int_equal(all.item[3].id, SG_STEP_CA_SERIAL);
	assert_int_equal(all.item[4].id, SG_STEP_CA_SIGNED);
	assert_int_equal(all.item[5].state, SG_STEP_FAILED);
}

static void
steps_add__damaged_text__refused(void **state)
{
	static const char *const bad[] = {"1", "2;a;fb0", "1;", "1;;fb0", "1;a", "1;a;", "1;a;f",
	    "1;a;fb", "1;a;xb0", "1;a;fZ0", "1;a;fb0,", "1;a;fb0,,fc0", "1;a;fb0!!", "1;a;fb0x!y",
	    "1;a;fb0;fc0", "1;A;fb0", "1;a;fb-1", "1;zzzzzzzzzzz;fb0", "1;zzzzzzzzzzzz;fb0",
	    "1;a;fbzzzzzzzzzzz", "1;2gosa7pa2gx;fb0", "1;2gosa7pa2gw;fb1", " 1;a;fb0", "1;a;fb0 ",
	    "1;a;fb0?!"};
	struct sg_steps s = sample(), before = sample();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct sg_err err = {.rule = ""};
		if (sg_steps_add(&s, sg_slice_str(bad[i]), &err) != SG_E_MALFORMED)
			fail_msg("%s", bad[i]);
		assert_string_equal(err.rule, "steps");
		assert_true(same(&s, &before));
	}
}

/* From 2085 on the first time has a digit more. */
static void
steps_add__last_time__read_again(void **state)
{
	struct sg_steps s = {.n = 0};
	sg_buf_scoped b = {0};

	(void)state;
	assert_ok(sg_steps_add(&s, sg_slice_str("1;2gosa7pa2gv;fb0,fc1!"), NULL));
	assert_true(s.item[1].at_us == INT64_C(1) << 53);
	sg_steps_put(&b, &s);
	assert_string_equal(sg_buf_text(&b), "1;2gosa7pa2gv;fb0,fc1!");
}

static void
steps_add__every_prefix__no_crash(void **state)
{
	struct sg_steps s = sample();
	sg_buf_scoped b = {0};

	(void)state;
	sg_steps_put(&b, &s);
	for (size_t n = 1; n < b.len; n++) {
		struct sg_steps got = {.n = 0};
		/* A cut number still is one: the text has no check of its own. */
		if (sg_steps_add(&got, sg_slice(b.p, n), NULL) == SG_OK)
			assert_true(got.n > 0 && got.n <= s.n);
		else
			assert_int_equal(got.n, 0);
	}
}

static void
steps_mark__more_than_fit__last_is_kept(void **state)
{
	struct sg_steps s = {.n = 0}, back = {.n = 0};
	sg_buf_scoped b = {0}, more = {0};

	(void)state;
	for (unsigned i = 0; i < SG_STEPS_MAX + 5; i++)
		sg_steps_mark(&s, SG_STEP_ROLE_FRONT, SG_STEP_DECODED, SG_STEP_OK, START + i);
	assert_int_equal(s.n, SG_STEPS_MAX);
	assert_int_equal(s.item[SG_STEPS_MAX - 1].at_us, START + SG_STEPS_MAX + 4);
	sg_steps_put(&b, &s);
	assert_ok(sg_steps_add(&back, sg_buf_slice(&b), NULL));
	assert_int_equal(back.n, SG_STEPS_MAX);
	sg_buf_put_slice(&more, sg_buf_slice(&b));
	sg_buf_puts(&more, ",fb0");
	assert_int_equal(sg_steps_add(&back, sg_buf_slice(&more), NULL), SG_E_MALFORMED);
}

static void
steps_put__clock_set_back__no_negative_offset(void **state)
{
	struct sg_steps s = {.n = 0}, back = {.n = 0};
	sg_buf_scoped b = {0};

	(void)state;
	sg_steps_mark(&s, SG_STEP_ROLE_FRONT, SG_STEP_RECEIVED, SG_STEP_OK, START);
	sg_steps_mark(&s, SG_STEP_ROLE_FRONT, SG_STEP_DECODED, SG_STEP_OK, START - 5000000);
	sg_steps_put(&b, &s);
	assert_ok(sg_steps_add(&back, sg_buf_slice(&b), NULL));
	assert_true(same(&s, &back));
	struct sg_steps odd = {.n = 0};
	sg_steps_mark(&odd, SG_STEP_ROLE_FRONT, SG_STEP_RECEIVED, SG_STEP_OK, -1);
	sg_buf_reset(&b);
	sg_steps_put(&b, &odd);
	assert_string_equal(sg_buf_text(&b), "1;0;fb0");
}

static void
steps_print__sample__aligned(void **state)
{
	struct sg_steps s = sample();
	sg_buf_scoped b = {0};

	(void)state;
	sg_steps_print(&b, &s);
	assert_string_equal(sg_buf_text(&b),
	    "STEP     WHAT                         ROLE        SINCE START         TOOK  OUTCOME\n"
	    "request  request received             front          0.000 ms     0.000 ms  ok\n"
	    "         SCEP message read            front          0.100 ms     0.100 ms  ok\n"
	    "         message signature verified   front          0.150 ms     0.050 ms  ok\n"
	    "verify   challenge or renewal judged  registrar      2.000 ms     1.850 ms  failed\n");
	sg_buf_reset(&b);
	sg_steps_mark(
	    &s, SG_STEP_ROLE_CA, SG_STEP_CA_STORED, SG_STEP_WAITS, START + INT64_C(61234567));
	sg_steps_print(&b, &s);
	assert_non_null(strstr(sg_buf_text(&b), "issue    certificate stored           ca"));
	assert_non_null(strstr(sg_buf_text(&b), "   61.234 s     61.232 s   waiting\n"));
}

static void
steps_since__sample__from_the_first_and_the_last(void **state)
{
	struct sg_steps s = sample();

	(void)state;
	assert_int_equal(sg_steps_since_us(&s, 0), 0);
	assert_int_equal(sg_steps_took_us(&s, 0), 0);
	assert_int_equal(sg_steps_since_us(&s, 3), 2000);
	assert_int_equal(sg_steps_took_us(&s, 3), 1850);
}

static void
step_group__all__in_the_six_steps(void **state)
{
	(void)state;
	for (int id = 'a', last = 0; id <= 'r'; id++) {
		int group = (int)sg_step_group((enum sg_step_id)id);
		assert_true(group == last || group == last + 1);
		last = group;
	}
	assert_int_equal(sg_step_group(SG_STEP_ORDERED), SG_STEP_GROUP_ORDER);
	assert_int_equal(sg_step_group(SG_STEP_REPORTED), SG_STEP_GROUP_REPORT);
	assert_int_equal(sg_step_group(SG_STEP_NONE), 0);
	assert_int_equal(sg_step_group((enum sg_step_id)'z'), 0);
	assert_string_equal(sg_step_role_name(SG_STEP_ROLE_KEYD), "keyd");
	assert_string_equal(sg_step_role_name(SG_STEP_ROLE_NONE), "unknown");
}

/* Text that is not marked as failed is whole. */
static void
put_with_failure(void (*put)(struct sg_buf *, const struct sg_steps *))
{
	struct sg_steps s = sample();
	sg_buf_scoped want = {0};
	bool whole = false;

	put(&want, &s);
	assert_ok(sg_buf_check(&want, NULL));
	for (unsigned long n = 1; !whole; n++) {
		sg_buf_scoped b = {0};
		alloc_fail_at(n);
		put(&b, &s);
		alloc_fail_at(0);
		whole = sg_buf_check(&b, NULL) == SG_OK;
		if (whole)
			assert_string_equal(sg_buf_text(&b), sg_buf_text(&want));
		else
			assert_int_equal(sg_buf_check(&b, NULL), SG_E_NOMEM);
		assert_true(n > 1 || !whole);
		assert_true(n < 1000);
	}
}

static void
steps_put__nth_allocation_fails__marked_as_failed(void **state)
{
	(void)state;
	put_with_failure(sg_steps_put);
	put_with_failure(sg_steps_print);
}

/* The reader needs no memory. */
static void
steps_add__no_memory__read(void **state)
{
	struct sg_steps s = sample(), back = {.n = 0};
	sg_buf_scoped b = {0};

	(void)state;
	sg_steps_put(&b, &s);
	alloc_fail_at(1);
	enum sg_code rc = sg_steps_add(&back, sg_buf_slice(&b), NULL);
	alloc_fail_at(0);
	assert_ok(rc);
	assert_true(same(&s, &back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_put__sample__known_text_and_back),
	    cmocka_unit_test(steps_add__nothing__no_steps),
	    cmocka_unit_test(steps_add__two_records__merged_by_time),
	    cmocka_unit_test(steps_add__damaged_text__refused),
	    cmocka_unit_test(steps_add__last_time__read_again),
	    cmocka_unit_test(steps_add__every_prefix__no_crash),
	    cmocka_unit_test(steps_mark__more_than_fit__last_is_kept),
	    cmocka_unit_test(steps_put__clock_set_back__no_negative_offset),
	    cmocka_unit_test(steps_print__sample__aligned),
	    cmocka_unit_test(steps_since__sample__from_the_first_and_the_last),
	    cmocka_unit_test(step_group__all__in_the_six_steps),
	    cmocka_unit_test(steps_put__nth_allocation_fails__marked_as_failed),
	    cmocka_unit_test(steps_add__no_memory__read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
