/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/ca/cert.h"
#include "store/ca/revoke.h"

static bool
do_revoke(struct bed *t, unsigned n, int reason, bool withdrawn)
{
	bool changed = false;
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(n), reason, withdrawn, text("admin"), NOW + 50, &changed, &t->err));
	return changed;
}

static void
expect(struct bed *t, unsigned n, enum sg_cadb_cert_state state, int reason)
{
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_by_serial(t->store, serial_of(n), &row, &t->err));
	assert_int_equal(row.state, state);
	assert_int_equal(row.reason, reason);
	assert_int_equal(row.revoked_at, state == SG_CADB_CERT_GOOD ? 0 : NOW + 50);
	sg_cadb_cert_clear(&row);
}

static void
revoke__good__stays_revoked(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1);
	assert_true(do_revoke(t, 1, 1, false));
	expect(t, 1, SG_CADB_CERT_REVOKED, 1);
	assert_false(do_revoke(t, 1, 1, false)); /* repeated after a crash */
	struct sg_slice serial = serial_of(1);
	assert_rule(sg_cadb_revoke(t->store, serial, 4, false, text("a"), NOW, NULL, &t->err),
	    SG_E_CONFLICT, "revoke.already");
	assert_non_null(strstr(t->err.text, "with reason keyCompromise,"));
	assert_rule(sg_cadb_revoke(t->store, serial, SG_CADB_REASON_HOLD, false, text("a"), NOW,
			NULL, &t->err),
	    SG_E_CONFLICT, "revoke.already");
	assert_rule(sg_cadb_revoke(t->store, serial, 1, true, text("a"), NOW, NULL, &t->err),
	    SG_E_CONFLICT, "revoke.already");
	assert_rule(sg_cadb_release(t->store, serial, text("a"), NOW, &t->err), SG_E_CONFLICT,
	    "release.state");
	expect(t, 1, SG_CADB_CERT_REVOKED, 1);
}

static void
revoke__hold__release_or_for_good(void **state)
{
	struct bed *t = *state;
	issue_one(t, 1);
	assert_true(do_revoke(t, 1, SG_CADB_REASON_HOLD, false));
	assert_false(do_revoke(t, 1, SG_CADB_REASON_HOLD, false));
	expect(t, 1, SG_CADB_CERT_HOLD, SG_CADB_REASON_HOLD);
	assert_ok(sg_cadb_release(t->store, serial_of(1), text("admin"), NOW, &t->err));
	expect(t, 1, SG_CADB_CERT_GOOD, 0);
	assert_rule(sg_cadb_release(t->store, serial_of(1), text("a"), NOW, &t->err), SG_E_CONFLICT,
	    "release.state");
	assert_true(do_revoke(t, 1, SG_CADB_REASON_HOLD, false));
	assert_true(do_revoke(t, 1, 1, false));
	expect(t, 1, SG_CADB_CERT_REVOKED, 1);
}

static void
revoke__unknown_or_not_issued__notfound(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1);
	assert_rule(sg_cadb_revoke(t->store, in.serial, 1, false, text("a"), NOW, NULL, &t->err),
	    SG_E_NOTFOUND, "serial.unknown");
	sg_db_free(&t->store);
	bed_intent(t->path, &in);
	bed_open(t, &sg_store_schema_ca);
	assert_rule(sg_cadb_revoke(t->store, in.serial, 1, false, text("a"), NOW, NULL, &t->err),
	    SG_E_NOTFOUND, "serial.unknown");
	assert_rule(sg_cadb_release(t->store, in.serial, text("a"), NOW, &t->err), SG_E_NOTFOUND,
	    "serial.unknown");
}

static void
revoke__bad_reason__argument(void **state)
{
	struct bed *t = *state;
	static const int bad[] = {-1, 7, 8, 11};
	issue_one(t, 1);
	struct sg_slice serial = serial_of(1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_rule(
		    sg_cadb_revoke(t->store, serial, bad[i], false, text("a"), NOW, NULL, &t->err),
		    SG_E_INTERNAL, "store.argument");
	assert_rule(sg_cadb_revoke(
			t->store, serial, SG_CADB_REASON_HOLD, true, text("a"), NOW, NULL, &t->err),
	    SG_E_INTERNAL, "store.argument");
	expect(t, 1, SG_CADB_CERT_GOOD, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(revoke__good__stays_revoked),
	    case_ca(revoke__hold__release_or_for_good),
	    case_ca(revoke__unknown_or_not_issued__notfound),
	    case_ca(revoke__bad_reason__argument),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
