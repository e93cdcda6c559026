/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "roles/front/budget.h"

#define RATE 20u
#define BURST (RATE * SG_BUDGET_BURST_S)

static struct budget *
make(unsigned rate)
{
	struct budget *b = NULL;
	struct sg_err err;
	assert_int_equal(budget_new(rate, &b, &err), SG_OK);
	return b;
}

static bool
over(struct budget *b, uint64_t addr, int64_t now_ms)
{
	uint64_t say;
	return budget_is_over(b, addr, now_ms, &say);
}

static void
charge(struct budget *b, uint64_t addr, int64_t now_ms, unsigned times)
{
	for (unsigned n = 0; n < times; n++)
		budget_charge(b, addr, now_ms);
}

static void
addr_key__texts__one_key_per_customer(void **state)
{
	(void)state;
	assert_int_equal(front_addr_key("192.0.2.1"), 0xc0000201);
	assert_int_not_equal(front_addr_key("192.0.2.1"), front_addr_key("192.0.2.2"));
	assert_true(front_addr_key("2001:db8:0:1::1") == front_addr_key("2001:db8:0:1:ffff::2"));
	assert_true(front_addr_key("2001:db8:0:1::1") != front_addr_key("2001:db8:0:2::1"));
	assert_int_equal(front_addr_key(""), 0);
	assert_int_equal(front_addr_key("nonsense"), 0);
}

static void
charge__burst_spent__over_until_time_passes(void **state)
{
	struct budget *b = make(RATE);
	(void)state;
	assert_false(over(b, 1, 1000));
	charge(b, 1, 1000, BURST - 1);
	assert_false(over(b, 1, 1000));
	charge(b, 1, 1000, 1);
	assert_true(over(b, 1, 1000));
	assert_true(over(b, 1, 1000 + 1000 / RATE - 1));
	assert_false(over(b, 1, 1000 + 1000 / RATE));
	assert_false(over(b, 2, 1000));
	budget_free(&b);
	assert_null(b);
	budget_free(&b);
}

static void
owes__after_charges__a_second_each(void **state)
{
	struct budget *b = make(RATE);
	(void)state;
	assert_int_equal(budget_owes(b, 1, 0), 0);
	charge(b, 1, 0, 10);
	assert_int_equal(budget_owes(b, 1, 0), 10);
	assert_int_equal(budget_owes(b, 1, 1), 10);
	assert_int_equal(budget_owes(b, 1, 1000), 9);
	assert_int_equal(budget_owes(b, 1, 9999), 1);
	assert_int_equal(budget_owes(b, 1, 10000), 0);
	charge(b, 1, 20000, 1000);
	assert_int_equal(budget_owes(b, 1, 20000), SG_BUDGET_OWES_S);
	assert_int_equal(budget_owes(b, 1, INT64_MAX), 0);
	assert_int_equal(budget_owes(b, 2, 0), 0);
	budget_free(&b);
	b = make(0);
	charge(b, 1, 0, 10);
	assert_int_equal(budget_owes(b, 1, 0), 0);
	budget_free(&b);
}

static void
charge__at_the_rate__never_over(void **state)
{
	struct budget *b = make(RATE);
	(void)state;
	for (int64_t ms = 0; ms < 3600 * 1000; ms += 1000 / RATE) {
		assert_false(over(b, 7, ms));
		budget_charge(b, 7, ms);
	}
	budget_free(&b);
}

static void
charge__far_beyond__debt_is_bounded(void **state)
{
	struct budget *b = make(RATE);
	(void)state;
	charge(b, 1, 0, 100 * BURST);
	assert_true(over(b, 1, SG_BUDGET_BURST_S * 1000));
	assert_false(over(b, 1, SG_BUDGET_BURST_S * 1000 + 1000 / RATE));
	/* A long time pays everything, and no more. */
	assert_false(over(b, 1, INT64_MAX));
	budget_free(&b);
}

static void
charge__clock_goes_back__debt_stays(void **state)
{
	struct budget *b = make(RATE);
	(void)state;
	charge(b, 1, 5000, BURST);
	assert_true(over(b, 1, 0));
	charge(b, 1, 0, 1);
	assert_true(over(b, 1, 5000 + 1000 / RATE));
	budget_free(&b);
}

static void
is_over__goes_on__says_so_once_a_minute(void **state)
{
	struct budget *b = make(RATE);
	uint64_t say;
	(void)state;
	charge(b, 1, 0, BURST);
	assert_true(budget_is_over(b, 1, 0, &say));
	assert_int_equal(say, 1);
	int64_t ms = 0;
	unsigned more = 0;
	for (; ms < SG_BUDGET_SAY_MS - 10; ms += 10) {
		charge(b, 1, ms, 1);
		assert_true(budget_is_over(b, 1, ms, &say));
		assert_int_equal(say, 0);
		more++;
	}
	charge(b, 1, SG_BUDGET_SAY_MS + 1, 1);
	assert_true(budget_is_over(b, 1, SG_BUDGET_SAY_MS + 1, &say));
	assert_int_equal(say, more + 1);
	budget_free(&b);
}

static void
new__rate_0__no_limit(void **state)
{
	struct budget *b = make(0);
	(void)state;
	charge(b, 1, 0, 10000);
	assert_false(over(b, 1, 0));
	budget_free(&b);
}

/* More addresses than places: who owes much is kept, who owes little makes room. */
static void
charge__many_addresses__worst_stay(void **state)
{
	struct budget *b = make(RATE);
	unsigned kept = 0;
	(void)state;
	for (uint64_t addr = 1; addr <= 100; addr++)
		charge(b, addr, 0, 2 * BURST);
	for (uint64_t addr = 1000; addr < 1000 + 20 * SG_BUDGET_ADDRS; addr++)
		charge(b, addr, 0, 1);
	for (uint64_t addr = 1; addr <= 100; addr++)
		kept += over(b, addr, 0);
	/* Five of 100 in one set of four is rare, and costs one of them its place. */
	assert_true(kept >= 95);
	budget_free(&b);
}

static void
new__no_memory__refused(void **state)
{
	struct budget *b = NULL;
	struct sg_err err;
	(void)state;
	sg_alloc_fail_at(1);
	assert_int_equal(budget_new(1, &b, &err), SG_E_NOMEM);
	sg_alloc_fail_at(0);
	assert_string_equal(err.rule, "memory");
	assert_null(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addr_key__texts__one_key_per_customer),
	    cmocka_unit_test(charge__burst_spent__over_until_time_passes),
	    cmocka_unit_test(owes__after_charges__a_second_each),
	    cmocka_unit_test(charge__at_the_rate__never_over),
	    cmocka_unit_test(charge__far_beyond__debt_is_bounded),
	    cmocka_unit_test(charge__clock_goes_back__debt_stays),
	    cmocka_unit_test(is_over__goes_on__says_so_once_a_minute),
	    cmocka_unit_test(new__rate_0__no_limit),
	    cmocka_unit_test(charge__many_addresses__worst_stay),
	    cmocka_unit_test(new__no_memory__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
