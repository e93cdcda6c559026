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
	assert_true(s->n == 0 || row->seq == s->last_seq + 1);
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
	assert_ok(sg_cadb_audit_list(t->store, 1, 100, see, &s, &t->err));
	assert_string_equal(s.acts, "issue hold release revoke crl key.new ");
	assert_int_equal(s.last_seq, 6);
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 6);
	assert_memory_equal(head.audit_hash, s.last, 32);
	assert_int_equal(head.crl_number, 1);
}

static void
audit_list__from_and_limit__that_part(void **state)
{
	struct bed *t = *state;
	for (unsigned i = 0; i < 5; i++)
		assert_ok(sg_cadb_audit(
		    t->store, text("root"), text("x"), text(""), text(""), NOW, &t->err));
	struct seen s = {0};
	assert_ok(sg_cadb_audit_list(t->store, 2, 3, see, &s, &t->err));
	assert_int_equal(s.n, 3);
	assert_int_equal(s.last_seq, 4);
	s = (struct seen){.max = 1};
	assert_ok(sg_cadb_audit_list(t->store, 1, 0, see, &s, &t->err));
	assert_int_equal(s.n, 1);
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
	    case_ca(audit_list__from_and_limit__that_part),
	    case_ca(audit__refused_act__no_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
