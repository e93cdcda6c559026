/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "store/ca/audit.h"
#include "store/ca/crl.h"
#include "store/ca/revoke.h"

struct seen {
	unsigned n, max;
	char acts[256];
	uint8_t last[32];
	int64_t last_seq;
};

static bool
see(void *arg, const struct sg_cadb_audit_row *row)
{
	struct seen *s = arg;
	size_t at = strlen(s->acts);
	snprintf(s->acts + at, sizeof(s->acts) - at, "%.*s ", (int)row->act.len,
	    (const char *)row->act.p);
	s->last_seq = row->seq;
	memcpy(s->last, row->hash, 32);
	s->n++;
	return s->max == 0 || s->n < s->max;
}

static void
audit__acts__one_chain(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_head head = {.audit_seq = 42};
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 0);
	issue_one(t, 1);
	struct sg_slice serial = serial_of(1);
	assert_ok(sg_cadb_revoke(
	    t->store, serial, SG_CADB_REASON_HOLD, false, text("admin"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_release(t->store, serial, text("admin"), NOW, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial, 1, false, text("admin"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial, 1, false, text("admin"), NOW, NULL, &t->err));
	struct sg_cadb_crl crl = {.issuer = 1, .number = 1, .this_update = NOW, .der = text("crl")};
	assert_ok(sg_cadb_crl_publish(t->store, &crl, text("ca"), NOW, &t->err));
	assert_ok(sg_cadb_audit(
	    t->store, text("root"), text("key.new"), text("ca"), text("P-256"), NOW, &t->err));
	struct seen s = {0};
	struct sg_cadb_audit_filter all = {.ascending = true};
	assert_ok(sg_cadb_audit_list(t->store, &all, see, &s, &t->err));
	assert_string_equal(s.acts, "issue hold release revoke crl key.new ");
	assert_int_equal(s.n, 6);
	assert_int_equal(s.last_seq, 6);
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 6);
	assert_memory_equal(head.audit_hash, s.last, 32);
	assert_int_equal(head.crl_number, 1);
}

/* Both directions, from a number on, and one act. */
static void
audit_list__filters__that_part(void **state)
{
	struct bed *t = *state;
	static const struct {
		struct sg_cadb_audit_filter filter;
		const char *acts;
		int64_t last;
	} rows[] = {
	    {{.limit = 2}, "e d ", 4},
	    {{.before = 4}, "c b a ", 1},
	    {{.before = 1}, "", 0},
	    {{.ascending = true}, "a b c d e ", 5},
	    {{.ascending = true, .after = 2, .limit = 2}, "c d ", 4},
	    {{.ascending = true, .after = 5}, "", 0},
	    {{.act = {(const uint8_t *)"c", 1}}, "c ", 3},
	    {{.act = {(const uint8_t *)"c", 1}, .before = 3}, "", 0},
	};
	static const char *const acts[] = {"a", "b", "c", "d", "e"};
	for (unsigned i = 0; i < 5; i++)
		assert_ok(sg_cadb_audit(
		    t->store, text("root"), text(acts[i]), text(""), text(""), NOW, &t->err));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct seen s = {0};
		assert_ok(sg_cadb_audit_list(t->store, &rows[i].filter, see, &s, &t->err));
		assert_string_equal(s.acts, rows[i].acts);
		assert_int_equal(s.last_seq, rows[i].last);
	}
	struct seen one = {.max = 1};
	struct sg_cadb_audit_filter any = {0};
	assert_ok(sg_cadb_audit_list(t->store, &any, see, &one, &t->err));
	assert_int_equal(one.n, 1);
}

static void
audit__refused_act__no_row(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_head head = {0};
	assert_rule(sg_cadb_revoke(t->store, serial_of(1), 1, false, text("a"), NOW, NULL, &t->err),
	    SG_E_NOTFOUND, "serial.unknown");
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 0);
	assert_rule(sg_cadb_audit(t->store, text("a"), text(""), text(""), text(""), NOW, &t->err),
	    SG_E_INTERNAL, "store.argument");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(audit__acts__one_chain),
	    case_ca(audit_list__filters__that_part),
	    case_ca(audit__refused_act__no_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
