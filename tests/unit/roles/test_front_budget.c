/* SPDX-License-Identifier: Apache-2.0 */

/* Accounts of addresses, of each prefix that they are in, and of all together. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "lib/alloc_fail.h"
#include "roles/front/budget.h"

#define RATE 20u
#define BURST (RATE * SG_BUDGET_BURST_S)
#define ALONE 0x0a000001u /* 10.0.0.1 */
#define OTHER 0xc6336407u /* 198.51.100.7: no prefix in common */

static struct budget *
make_rule(struct budget_rule rule)
{
	struct budget *b = NULL;
	struct sg_err err;
	assert_int_equal(front_budget_new(&rule, &b, &err), SG_OK);
	return b;
}

static struct budget *
make(void)
{
	return make_rule((struct budget_rule){RATE, SG_BUDGET_BURST_S, true, 0});
}

static void
charge(struct budget *b, uint64_t addr, int64_t now_ms, unsigned times)
{
	for (unsigned n = 0; n < times; n++)
		front_budget_charge(b, addr, 1, now_ms);
}

static void
charge__burst_spent__over_until_time_passes(void **state)
{
	struct budget *b = make();
	(void)state;
	assert_false(front_budget_is_over(b, ALONE, 1000));
	charge(b, ALONE, 1000, BURST - 1);
	assert_false(front_budget_is_over(b, ALONE, 1000));
	charge(b, ALONE, 1000, 1);
	assert_true(front_budget_is_over(b, ALONE, 1000));
	assert_true(front_budget_is_over(b, ALONE, 1000 + 1000 / RATE - 1));
	assert_false(front_budget_is_over(b, ALONE, 1000 + 1000 / RATE));
	assert_false(front_budget_is_over(b, OTHER, 1000));
	front_budget_free(&b);
	assert_null(b);
	front_budget_free(&b);
}

static void
is_half_spent__half__before_it_is_over(void **state)
{
	struct budget *b = make();
	(void)state;
	assert_false(front_budget_is_half_spent(b, ALONE, 0));
	charge(b, ALONE, 0, BURST / 2 - 1);
	assert_false(front_budget_is_half_spent(b, ALONE, 0));
	charge(b, ALONE, 0, 1);
	assert_true(front_budget_is_half_spent(b, ALONE, 0));
	assert_false(front_budget_is_over(b, ALONE, 0));
	assert_false(front_budget_is_half_spent(b, ALONE, 1000 / RATE));
	assert_false(front_budget_is_half_spent(b, OTHER, 0));
	/* Of the network, too: eight of its addresses, each below its own half. */
	for (unsigned n = 1; n <= 9; n++)
		charge(b, 0x0a010200u + n, 0, BURST / 2 - 1);
	assert_true(front_budget_is_half_spent(b, 0x0a0102f0u, 0));
	assert_false(front_budget_is_over(b, 0x0a0102f0u, 0));
	front_budget_free(&b);
}

static void
charge__cost__taken_at_once(void **state)
{
	struct budget *b = make();
	(void)state;
	front_budget_charge(b, ALONE, BURST - 1, 0);
	assert_false(front_budget_is_over(b, ALONE, 0));
	front_budget_charge(b, ALONE, 1, 0);
	assert_true(front_budget_is_over(b, ALONE, 0));
	front_budget_charge(b, OTHER, UINT64_MAX, 0);
	assert_true(front_budget_is_over(b, OTHER, 0));
	assert_false(front_budget_is_over(b, OTHER, 2 * SG_BUDGET_BURST_S * 1000));
	front_budget_free(&b);
}

static void
owes__after_charges__a_second_each(void **state)
{
	struct budget *b = make();
	(void)state;
	assert_int_equal(front_budget_owes(b, ALONE, 0), 0);
	charge(b, ALONE, 0, 10);
	assert_int_equal(front_budget_owes(b, ALONE, 0), 10);
	assert_int_equal(front_budget_owes(b, ALONE, 1), 10);
	assert_int_equal(front_budget_owes(b, ALONE, 1000), 9);
	assert_int_equal(front_budget_owes(b, ALONE, 9999), 1);
	assert_int_equal(front_budget_owes(b, ALONE, 10000), 0);
	charge(b, ALONE, 20000, 1000);
	assert_int_equal(front_budget_owes(b, ALONE, 20000), SG_BUDGET_OWES_S);
	assert_int_equal(front_budget_owes(b, ALONE, INT64_MAX), 0);
	assert_int_equal(front_budget_owes(b, ALONE + 1, 0), 0);
	front_budget_free(&b);
}

static void
charge__at_the_rate__never_over(void **state)
{
	struct budget *b = make();
	(void)state;
	for (int64_t ms = 0; ms < 3600 * 1000; ms += 1000 / RATE) {
		assert_false(front_budget_is_over(b, ALONE, ms));
		charge(b, ALONE, ms, 1);
	}
	front_budget_free(&b);
}

static void
charge__far_beyond__debt_is_bounded(void **state)
{
	struct budget *b = make();
	(void)state;
	charge(b, ALONE, 0, 100 * BURST);
	assert_true(front_budget_is_over(b, ALONE, SG_BUDGET_BURST_S * 1000));
	assert_false(front_budget_is_over(b, ALONE, 2 * SG_BUDGET_BURST_S * 1000));
	/* A long time pays everything, and no more. */
	assert_false(front_budget_is_over(b, ALONE, INT64_MAX));
	front_budget_free(&b);
}

static void
charge__clock_goes_back__debt_stays(void **state)
{
	struct budget *b = make();
	(void)state;
	charge(b, ALONE, 5000, BURST);
	assert_true(front_budget_is_over(b, ALONE, 0));
	charge(b, ALONE, 0, 1);
	assert_true(front_budget_is_over(b, ALONE, 5000 + 1000 / RATE));
	front_budget_free(&b);
}

/* Each width: addresses that have nothing narrower in common spend what the prefix has, a neighbour
 * who asked for nothing is over with it, and whoever is just outside is not. */
static void
charge__each_prefix__has_a_multiple(void **state)
{
	static const struct {
		const char *text; /* of the n-th address */
		unsigned base, times;
		const char *inside, *outside;
	} rows[] = {
	    {"10.1.2.%u", 1, 8, "10.1.2.200", "10.1.3.1"},
	    {"10.1.%u.1", 0, 32, "10.1.200.1", "10.2.0.1"},
	    {"2001:db8:1:00%02x::1", 0, 2, "2001:db8:1:ff::1", "2001:db8:1:100::1"},
	    {"2001:db8:1:%02x00::1", 0, 8, "2001:db8:1:ffff::1", "2001:db8:2::1"},
	    {"2001:db8:%x::1", 0, 64, "2001:db8:ffff::1", "2001:db9::1"},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct budget *b = make();
		unsigned spent = 0;
		/* Half of what each has alone: only together they are over. */
		for (unsigned i = 0; i < 2 * rows[n].times; i++) {
			char text[64];
			/* NOLINTNEXTLINE: formats of the table above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof text, rows[n].text, rows[n].base + i);
#pragma GCC diagnostic pop
			uint64_t addr = sg_addr_key_text(text);
			assert_false(front_budget_is_over(b, addr, 0));
			charge(b, addr, 0, BURST / 2);
			spent += BURST / 2;
		}
		assert_int_equal(spent, rows[n].times * BURST);
		assert_true(front_budget_is_over(b, sg_addr_key_text(rows[n].inside), 0));
		assert_false(front_budget_is_over(b, sg_addr_key_text(rows[n].outside), 0));
		/* It is paid back as fast as it is large. */
		assert_true(front_budget_is_over(b, sg_addr_key_text(rows[n].inside), 0));
		assert_false(
		    front_budget_is_over(b, sg_addr_key_text(rows[n].inside), 1000 / RATE));
		front_budget_free(&b);
	}
}

/* What a whole /24 or /48 gets through, address after address, as fast as it can. */
static void
charge__every_address_of_a_prefix__no_more_than_its_multiple(void **state)
{
	struct budget *b = make();
	unsigned v4 = 0, v6 = 0;
	(void)state;
	for (uint64_t round = 0; round < BURST; round++)
		for (uint64_t n = 0; n < 256; n++) {
			uint64_t small = 0x0a010200u + n, large = 0x20010db800010000u + (n << 8);
			if (!front_budget_is_over(b, small, 0)) {
				charge(b, small, 0, 1);
				v4++;
			}
			if (!front_budget_is_over(b, large, 0)) {
				charge(b, large, 0, 1);
				v6++;
			}
		}
	assert_int_equal(v4, 8 * BURST);
	assert_int_equal(v6, 8 * BURST);
	front_budget_free(&b);
}

static void
charge__all_together__bounded(void **state)
{
	struct budget *b = make_rule((struct budget_rule){RATE, SG_BUDGET_BURST_S, true, 4});
	unsigned spent = 0;
	(void)state;
	for (uint64_t n = 1; n < 200; n++)
		for (unsigned i = 0; i < BURST && !front_budget_is_over(b, n << 24, 0); i++) {
			charge(b, n << 24, 0, 1);
			spent++;
		}
	assert_int_equal(spent, 4 * BURST);
	assert_true(front_budget_is_over(b, OTHER, 0));
	assert_false(front_budget_is_over(b, OTHER, 1000 / RATE));
	front_budget_free(&b);
}

/* Four who are greedy leave a quarter to those who are not. */
static void
is_over__all_nearly_spent__the_modest_pass(void **state)
{
	struct budget *b = make_rule((struct budget_rule){RATE, SG_BUDGET_BURST_S, true, 4});
	unsigned spent = 0;
	(void)state;
	for (uint64_t n = 1; n <= 4; n++)
		for (unsigned i = 0; i < BURST && !front_budget_is_over(b, n << 24, 0); i++) {
			charge(b, n << 24, 0, 1);
			spent++;
		}
	assert_in_range(spent, 3 * BURST, 3 * BURST + BURST / 4);
	for (unsigned i = 0; i < BURST / 8; i++) {
		assert_false(front_budget_is_over(b, OTHER, 0));
		charge(b, OTHER, 0, 1);
	}
	front_budget_free(&b);
}

static void
new__not_each__only_all_together(void **state)
{
	struct budget *b = make_rule((struct budget_rule){RATE, SG_BUDGET_BURST_S, false, 4});
	(void)state;
	charge(b, ALONE, 0, 4 * BURST - 1);
	assert_false(front_budget_is_over(b, ALONE, 0));
	assert_int_equal(front_budget_owes(b, ALONE, 0), 0);
	charge(b, ALONE, 0, 1);
	assert_true(front_budget_is_over(b, OTHER, 0));
	front_budget_free(&b);
	b = make_rule((struct budget_rule){0, SG_BUDGET_BURST_S, false, 0});
	charge(b, ALONE, 0, 10000);
	assert_false(front_budget_is_over(b, ALONE, 0));
	front_budget_free(&b);
}

/* ---- what is said ---- */

struct said {
	unsigned n;
	uint64_t away, per_second;
	char of[64];
};

static void
hear(void *arg, const struct budget_over *over)
{
	struct said *s = arg;
	s->n++;
	s->away += over->away;
	s->per_second = over->per_second;
	snprintf(s->of, sizeof s->of, "%s", over->of);
}

static struct said
say(struct budget *b, int64_t now_ms, bool at_end)
{
	struct said s = {0};
	front_budget_say(b, now_ms, at_end, hear, &s);
	return s;
}

static void
say__goes_on__once_a_minute_all_counted(void **state)
{
	struct budget *b = make();
	(void)state;
	assert_int_equal(say(b, 0, true).n, 0);
	charge(b, ALONE, 0, 2 * BURST);
	assert_true(front_budget_is_over(b, ALONE, 0)); /* only asked: nobody was turned away */
	assert_int_equal(say(b, 0, true).n, 0);
	assert_true(front_budget_turns_away(b, ALONE, 0));
	struct said s = say(b, 0, false);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.away, 1);
	assert_int_equal(s.per_second, RATE);
	assert_string_equal(s.of, "10.0.0.1");
	unsigned more = 0;
	for (int64_t ms = 10; ms < SG_BUDGET_SAY_MS; ms += 10) {
		charge(b, ALONE, ms, 1);
		assert_true(front_budget_turns_away(b, ALONE, ms));
		assert_int_equal(say(b, ms, false).n, 0);
		more++;
	}
	s = say(b, SG_BUDGET_SAY_MS + 1, false);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.away, more);
	assert_int_equal(say(b, 10 * SG_BUDGET_SAY_MS, false).n, 0);
	/* At the end what would wait for its minute is said, too. */
	charge(b, ALONE, 10 * SG_BUDGET_SAY_MS, 2 * BURST);
	assert_true(front_budget_turns_away(b, ALONE, 10 * SG_BUDGET_SAY_MS));
	assert_int_equal(say(b, 10 * SG_BUDGET_SAY_MS, false).n, 1);
	assert_true(front_budget_turns_away(b, ALONE, 10 * SG_BUDGET_SAY_MS));
	assert_int_equal(say(b, 10 * SG_BUDGET_SAY_MS, false).n, 0);
	assert_int_equal(say(b, 10 * SG_BUDGET_SAY_MS, true).away, 1);
	front_budget_free(&b);
}

static void
say__wide_prefix__named_once(void **state)
{
	struct budget *b = make();
	(void)state;
	for (uint64_t n = 0; n < 8; n++)
		charge(b, 0x20010db800010000u + (n << 8), 0, BURST);
	for (uint64_t n = 0; n < 256; n++)
		assert_true(front_budget_turns_away(b, 0x20010db800010000u + n, 0));
	struct said s = say(b, 0, false);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.away, 256);
	assert_int_equal(s.per_second, 8 * RATE);
	assert_string_equal(s.of, "2001:db8:1::/48");
	for (uint64_t n = 0; n < 32; n++)
		charge(b, 0x0a010200u + n, 0, BURST);
	assert_true(front_budget_turns_away(b, 0x0a0102ffu, 0));
	assert_string_equal(say(b, 0, false).of, "10.1.0.0/16");
	front_budget_free(&b);
	b = make_rule((struct budget_rule){RATE, SG_BUDGET_BURST_S, false, 1});
	charge(b, ALONE, 0, BURST);
	assert_true(front_budget_turns_away(b, ALONE, 0));
	assert_string_equal(say(b, 0, false).of, "all addresses");
	front_budget_free(&b);
}

/* ---- the table ---- */

/* More addresses than places: whoever owes much is kept, whoever owes little makes room, and what
 * was counted of those is said all the same. */
static void
charge__many_addresses__debtors_stay(void **state)
{
	struct budget *b = make();
	unsigned kept = 0;
	(void)state;
	/* Of networks of their own, so that only their own accounts count. */
	for (uint64_t n = 1; n <= 100; n++)
		charge(b, n << 48 | 1u << 31, 0, 2 * BURST);
	for (uint64_t n = 1000; n < 1000 + 20 * SG_BUDGET_ACCOUNTS; n++)
		charge(b, 0x2001000000000000u + (n << 20), 0, 1);
	for (uint64_t n = 1; n <= 100; n++)
		kept += front_budget_turns_away(b, n << 48 | 1u << 31, 0);
	assert_int_equal(kept, 100);
	assert_int_equal(say(b, 0, true).away, 100);
	front_budget_free(&b);
}

/* Every place has somebody with much debt: a newcomer pushes none out, and its wider prefixes have
 * what it costs. */
static void
charge__table_full_of_debtors__none_pushed_out(void **state)
{
	struct budget *b = make_rule((struct budget_rule){RATE, SG_BUDGET_BURST_S, true, 0});
	unsigned kept = 0, n_debtors = 0;
	(void)state;
	for (uint64_t n = 1; n <= 4 * SG_BUDGET_ACCOUNTS; n++)
		charge(b, n << 48 | 1, 0, BURST);
	for (uint64_t n = 1; n <= 4 * SG_BUDGET_ACCOUNTS; n++)
		n_debtors += front_budget_is_over(b, n << 48 | 1, 0);
	assert_true(n_debtors >= SG_BUDGET_ACCOUNTS * 9 / 10);
	for (uint64_t n = 1; n <= 100000; n++)
		charge(b, 0xfd00000000000000u + (n << 20), 0, 1);
	for (uint64_t n = 1; n <= 4 * SG_BUDGET_ACCOUNTS; n++)
		kept += front_budget_is_over(b, n << 48 | 1, 0);
	assert_int_equal(kept, n_debtors);
	front_budget_free(&b);
}

static void
new__no_memory__refused(void **state)
{
	struct budget_rule rule = {1, 1, true, 0};
	struct budget *b = NULL;
	struct sg_err err;
	(void)state;
	alloc_fail_at(1);
	assert_int_equal(front_budget_new(&rule, &b, &err), SG_E_NOMEM);
	alloc_fail_at(0);
	assert_string_equal(err.rule, "memory");
	assert_null(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(charge__burst_spent__over_until_time_passes),
	    cmocka_unit_test(charge__cost__taken_at_once),
	    cmocka_unit_test(is_half_spent__half__before_it_is_over),
	    cmocka_unit_test(owes__after_charges__a_second_each),
	    cmocka_unit_test(charge__at_the_rate__never_over),
	    cmocka_unit_test(charge__far_beyond__debt_is_bounded),
	    cmocka_unit_test(charge__clock_goes_back__debt_stays),
	    cmocka_unit_test(charge__each_prefix__has_a_multiple),
	    cmocka_unit_test(charge__every_address_of_a_prefix__no_more_than_its_multiple),
	    cmocka_unit_test(charge__all_together__bounded),
	    cmocka_unit_test(is_over__all_nearly_spent__the_modest_pass),
	    cmocka_unit_test(new__not_each__only_all_together),
	    cmocka_unit_test(say__goes_on__once_a_minute_all_counted),
	    cmocka_unit_test(say__wide_prefix__named_once),
	    cmocka_unit_test(charge__many_addresses__debtors_stay),
	    cmocka_unit_test(charge__table_full_of_debtors__none_pushed_out),
	    cmocka_unit_test(new__no_memory__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
