/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/issuer.h"
#include "store/ca/revoke.h"

static void
expect_new(struct bed *t, const struct sg_cadb_new_cert *in)
{
	struct sg_cadb_cert row = {.id = 42};
	bool fresh = false;
	assert_ok(sg_cadb_cert_add(t->store, in, &fresh, &row, &t->err));
	assert_true(fresh);
	assert_int_equal(row.id, 42);
}

static void
expect_known(struct bed *t, const struct sg_cadb_new_cert *in, enum sg_cadb_cert_state want)
{
	struct sg_cadb_cert row = {0};
	bool fresh = true;
	assert_ok(sg_cadb_cert_add(t->store, in, &fresh, &row, &t->err));
	assert_false(fresh);
	assert_int_equal(row.state, want);
	sg_cadb_cert_clear(&row);
}

static void
expect_refused(
    struct bed *t, const struct sg_cadb_new_cert *in, enum sg_code code, const char *rule)
{
	struct sg_cadb_cert row = {.id = 42};
	bool fresh = true;
	assert_rule(sg_cadb_cert_add(t->store, in, &fresh, &row, &t->err), code, rule);
	assert_int_equal(row.id, 42);
}

/* The database as a version before leases left it, with an intent in it. */
static void
reopen_with_intent(struct bed *t, const struct sg_cadb_new_cert *in)
{
	sg_db_free(&t->store);
	bed_old(t->path, 1);
	bed_intent(t->path, in);
	bed_open(t, &sg_store_schema_ca);
}

/* What failed for another reason than being cancelled before it came: such rows are of an
 * earlier version. */
static void
reopen_failed(struct bed *t, const struct sg_cadb_new_cert *in)
{
	struct sg_cadb_cert row = {0};
	reopen_with_intent(t, in);
	assert_ok(sg_cadb_cert_cancel(t->store, in->request_id, text("lint"), NOW, &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_FAILED);
	sg_cadb_cert_clear(&row);
}

static void
issue__read_back__same(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1);
	struct sg_cadb_cert row = {0};
	uint8_t hash[32];
	in.order_id = text("order-1");
	in.signer = text("\x5a\x09");
	in.shard = 3;
	assert_rule(sg_cadb_cert_by_serial(t->store, in.serial, &row, &t->err), SG_E_NOTFOUND,
	    "serial.unknown");
	expect_new(t, &in);
	assert_ok(sg_cadb_cert_by_serial(t->store, in.serial, &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_GOOD);
	assert_int_equal(row.issuer, 1);
	assert_int_equal(row.shard, 3);
	assert_int_equal(row.intent_at, NOW);
	assert_int_equal(row.not_before, NOW);
	assert_int_equal(row.not_after, NOW + 86400);
	assert_int_equal(row.done_at, NOW);
	assert_int_equal(row.revoked_at, 0);
	assert_true(sg_slice_eq(row.request_id, in.request_id));
	assert_true(sg_slice_eq(row.serial, in.serial));
	assert_true(sg_slice_eq(row.endpoint, in.endpoint));
	assert_true(sg_slice_eq(row.template_name, in.template_name));
	assert_true(sg_slice_eq(row.subject, in.subject));
	assert_true(sg_slice_eq(row.order_id, in.order_id));
	assert_int_equal(row.renews.len, 0);
	assert_true(sg_slice_eq(row.signer, in.signer));
	assert_int_equal(row.lineage, row.id);
	assert_true(sg_slice_eq(row.der, a_cert(1)));
	assert_int_equal(row.failure.len, 0);
	assert_memory_equal(row.trace, in.trace, 16);
	assert_memory_equal(row.csr_hash, in.csr_hash, 32);
	assert_memory_equal(row.spki_hash, in.spki_hash, 32);
	assert_ok(sg_sha256(a_cert(1), hash, &t->err));
	assert_memory_equal(row.cert_hash, hash, 32);
	sg_cadb_cert_clear(&row);
	assert_null(row.mem);
	assert_ok(sg_cadb_cert_by_request(t->store, in.request_id, &row, &t->err));
	assert_true(sg_slice_eq(row.der, a_cert(1)));
	sg_cadb_cert_clear(&row);
}

static void
issue__repeated__first_one_counts(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1), again = in;
	struct sg_cadb_cert row = {0};
	bool fresh = true;
	expect_new(t, &in);
	expect_known(t, &in, SG_CADB_CERT_GOOD);
	/* A second caller was at it at the same time, with a serial number of its own. */
	again.serial = serial_of(2);
	again.der = a_cert(2);
	assert_ok(sg_cadb_cert_add(t->store, &again, &fresh, &row, &t->err));
	assert_false(fresh);
	assert_true(sg_slice_eq(row.serial, in.serial));
	assert_true(sg_slice_eq(row.der, a_cert(1)));
	sg_cadb_cert_clear(&row);
	assert_rule(sg_cadb_cert_by_serial(t->store, serial_of(2), &row, &t->err), SG_E_NOTFOUND,
	    "serial.unknown");
	assert_ok(sg_cadb_revoke(t->store, in.serial, 1, false, text("a"), NOW, NULL, &t->err));
	expect_known(t, &again, SG_CADB_CERT_REVOKED);
}

static void
issue__other_csr_same_request__mismatch(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1);
	expect_new(t, &in);
	hash_of(in.csr_hash, 'q', 2);
	expect_refused(t, &in, SG_E_CONFLICT, "request.mismatch");
}

static void
issue__serial_in_use__taken(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1), other = a_new_cert(2), third = a_new_cert(3);
	expect_new(t, &in);
	other.serial = in.serial;
	expect_refused(t, &other, SG_E_CONFLICT, "serial.taken");
	/* Also when the first one failed: a serial is never used again. */
	reopen_failed(t, &third);
	other.serial = third.serial;
	expect_refused(t, &other, SG_E_CONFLICT, "serial.taken");
	other.serial = sg_slice(serial_of(2).p, serial_of(2).len - 1);
	expect_new(t, &other);
}

static void
issue__order_again__used(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert a = a_new_cert(1), b = a_new_cert(2), c = a_new_cert(3);
	a.order_id = b.order_id = c.order_id = text("order-1");
	/* An intent counts as long as it has not failed. */
	reopen_with_intent(t, &a);
	expect_refused(t, &b, SG_E_DENIED, "order.used");
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_cancel(t->store, a.request_id, text("lint"), NOW, &row, &t->err));
	sg_cadb_cert_clear(&row);
	expect_new(t, &b);
	expect_refused(t, &c, SG_E_DENIED, "order.used");
	/* An ordinary revocation does not give the order back, a withdrawal does. */
	assert_ok(sg_cadb_revoke(
	    t->store, b.serial, SG_CADB_REASON_HOLD, false, text("admin"), NOW, NULL, &t->err));
	expect_refused(t, &c, SG_E_DENIED, "order.used");
	assert_ok(sg_cadb_revoke(t->store, b.serial, 5, true, text("notify"), NOW, NULL, &t->err));
	expect_new(t, &c);
}

static void
issue__renewal_again__repeated(void **state)
{
	struct bed *t = *state;
	issue_one(t, 8);
	issue_one(t, 9);
	struct sg_cadb_new_cert a = a_renewal(1, 8), b = a_renewal(2, 8), c = a_renewal(3, 8),
				d = a_renewal(4, 9);
	memcpy(b.csr_hash, a.csr_hash, 32);
	memcpy(d.csr_hash, a.csr_hash, 32);
	expect_new(t, &a);
	expect_refused(t, &b, SG_E_DENIED, "renewal.repeated");
	expect_new(t, &c); /* another PKCS#10 */
	expect_new(t, &d); /* another signer */
	assert_ok(sg_cadb_revoke(t->store, a.serial, 5, true, text("notify"), NOW, NULL, &t->err));
	expect_new(t, &b);
}

static void
issue__incomplete__argument(void **state)
{
	struct bed *t = *state;
	static const uint8_t large[SG_CERT_MAX + 1];
	struct sg_cadb_new_cert in = a_new_cert(1);
	in.request_id = text("");
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
	in = a_new_cert(1);
	in.serial = text("");
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
	in.serial = text("12345678901234567890123");
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
	in = a_new_cert(1);
	in.issuer = 0;
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
	in = a_new_cert(1);
	in.der = text("");
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
	in.der = sg_slice(large, sizeof(large));
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
	in = a_new_cert(1);
	struct sg_cadb_lease none = {0};
	in.lease = &none;
	expect_refused(t, &in, SG_E_INTERNAL, "store.argument");
}

static void
issue__intent_of_earlier_version__finished(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1), other = in;
	struct sg_cadb_cert row = {0};
	bool fresh = true;
	reopen_with_intent(t, &in);
	hash_of(other.csr_hash, 'q', 2);
	expect_refused(t, &other, SG_E_CONFLICT, "request.mismatch");
	/* What was signed with another serial number is not it. */
	other = in;
	other.serial = serial_of(2);
	assert_ok(sg_cadb_cert_add(t->store, &other, &fresh, &row, &t->err));
	assert_false(fresh);
	assert_int_equal(row.state, SG_CADB_CERT_INTENT);
	assert_int_equal(row.intent_at, NOW);
	assert_true(sg_slice_eq(row.serial, in.serial));
	assert_int_equal(row.der.len, 0);
	sg_cadb_cert_clear(&row);
	in.now = NOW + 7;
	expect_new(t, &in);
	assert_ok(sg_cadb_cert_by_serial(t->store, in.serial, &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_GOOD);
	assert_int_equal(row.done_at, NOW + 7);
	assert_true(sg_slice_eq(row.der, in.der));
	sg_cadb_cert_clear(&row);
	expect_known(t, &other, SG_CADB_CERT_GOOD);
	struct sg_cadb_head head = {0};
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 1);
}

static void
cancel__unknown_intent_issued__never_or_certificate(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_new_cert in = a_new_cert(1), never = a_new_cert(3);
	struct sg_cadb_cert row = {0};
	reopen_with_intent(t, &in);
	assert_ok(
	    sg_cadb_cert_cancel(t->store, in.request_id, text("gave up"), NOW + 9, &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_FAILED);
	assert_int_equal(row.done_at, NOW + 9);
	assert_true(sg_slice_is(row.failure, "gave up"));
	sg_cadb_cert_clear(&row);
	expect_known(t, &in, SG_CADB_CERT_FAILED);

	issue_one(t, 2);
	assert_ok(sg_cadb_cert_cancel(
	    t->store, a_new_cert(2).request_id, text("gave up"), NOW, &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_GOOD);
	assert_true(sg_slice_eq(row.der, a_cert(2)));
	sg_cadb_cert_clear(&row);

	/* It is being signed: what comes of that is not stored. */
	assert_ok(
	    sg_cadb_cert_cancel(t->store, never.request_id, text("gave up"), NOW, &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_FAILED);
	sg_cadb_cert_clear(&row);
	assert_ok(
	    sg_cadb_cert_cancel(t->store, never.request_id, text("other"), NOW, &row, &t->err));
	assert_true(sg_slice_is(row.failure, "gave up"));
	sg_cadb_cert_clear(&row);
	expect_known(t, &never, SG_CADB_CERT_FAILED);
	assert_rule(sg_cadb_cert_by_serial(t->store, never.serial, &row, &t->err), SG_E_NOTFOUND,
	    "serial.unknown");
	assert_rule(sg_cadb_cert_cancel(t->store, text(""), text(""), NOW, &row, &t->err),
	    SG_E_INTERNAL, "store.argument");
}

static void
by_cert__bytes__exactly(void **state)
{
	struct bed *t = *state;
	struct sg_cadb_cert row = {0};
	issue_one(t, 1);
	struct sg_slice serial = serial_of(1);
	assert_ok(sg_cadb_cert_by_der(t->store, serial, a_cert(1), &row, &t->err));
	assert_int_equal(row.state, SG_CADB_CERT_GOOD);
	sg_cadb_cert_clear(&row);
	assert_rule(sg_cadb_cert_by_der(t->store, serial, a_cert(2), &row, &t->err), SG_E_NOTFOUND,
	    "cert.altered");
	assert_rule(sg_cadb_cert_by_der(t->store, text("?"), a_cert(1), &row, &t->err),
	    SG_E_NOTFOUND, "serial.unknown");
	assert_rule(sg_cadb_cert_by_request(t->store, text("?"), &row, &t->err), SG_E_NOTFOUND,
	    "request.unknown");
}

struct seen {
	unsigned n, max;
	int64_t ids[16];
};

static bool
see(void *arg, const struct sg_cadb_cert *row)
{
	struct seen *s = arg;
	assert_true(s->n < 16);
	assert_int_equal(row->der.len, 0);
	s->ids[s->n++] = row->id;
	return s->max == 0 || s->n < s->max;
}

static struct seen
list(struct bed *t, struct sg_cadb_cert_filter f)
{
	struct seen s = {0};
	assert_ok(sg_cadb_cert_list(t->store, &f, see, &s, &t->err));
	return s;
}

static void
ca_list__filters__newest_first(void **state)
{
	struct bed *t = *state;
	for (unsigned i = 1; i <= 5; i++)
		issue_one(t, i);
	struct sg_cadb_new_cert open = a_new_cert(6), dead = a_new_cert(7), other = a_new_cert(8);
	other.subject = text("CN=Other");
	other.issuer = 2;
	other.not_after = NOW + 10;
	reopen_with_intent(t, &open);
	sg_db_free(&t->store);
	bed_intent(t->path, &dead);
	bed_open(t, &sg_store_schema_ca);
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_cancel(t->store, dead.request_id, text("lint"), NOW, &row, &t->err));
	sg_cadb_cert_clear(&row);
	expect_new(t, &other);
	assert_ok(
	    sg_cadb_revoke(t->store, serial_of(2), 1, false, text("admin"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(3), SG_CADB_REASON_HOLD, false, text("admin"), NOW, NULL, &t->err));

	struct seen s = list(t, (struct sg_cadb_cert_filter){0});
	assert_int_equal(s.n, 6);
	assert_int_equal(s.ids[0], 8);
	assert_int_equal(s.ids[1], 5);
	s = list(t, (struct sg_cadb_cert_filter){.limit = 2, .before_id = 4});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 3);
	s = list(t, (struct sg_cadb_cert_filter){.states = 1u << SG_CADB_CERT_INTENT});
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 6);
	s = list(t, (struct sg_cadb_cert_filter){
			.states = 1u << SG_CADB_CERT_REVOKED | 1u << SG_CADB_CERT_HOLD});
	assert_int_equal(s.n, 2);
	s = list(t, (struct sg_cadb_cert_filter){.states = ~0u, .subject = text("cn=other")});
	assert_int_equal(s.n, 1);
	s = list(t, (struct sg_cadb_cert_filter){.states = ~0u, .issuer = 2});
	assert_int_equal(s.n, 1);
	s = list(t, (struct sg_cadb_cert_filter){.states = ~0u, .expires_before = NOW + 11});
	assert_int_equal(s.n, 1);
	s = list(t, (struct sg_cadb_cert_filter){.trace_prefix = sg_slice("\0\0\0\4", 4)});
	assert_int_equal(s.n, 1);
	assert_int_equal(s.ids[0], 4);
	s = (struct seen){.max = 2};
	struct sg_cadb_cert_filter all = {0};
	assert_ok(sg_cadb_cert_list(t->store, &all, see, &s, &t->err));
	assert_int_equal(s.n, 2);

	struct sg_cadb_cert_counts counts = {0};
	assert_ok(sg_cadb_cert_count(t->store, &counts, &t->err));
	assert_int_equal(counts.by_state[SG_CADB_CERT_INTENT], 1);
	assert_int_equal(counts.by_state[SG_CADB_CERT_GOOD], 4);
	assert_int_equal(counts.by_state[SG_CADB_CERT_HOLD], 1);
	assert_int_equal(counts.by_state[SG_CADB_CERT_REVOKED], 1);
	assert_int_equal(counts.by_state[SG_CADB_CERT_WITHDRAWN], 0);
	assert_int_equal(counts.by_state[SG_CADB_CERT_FAILED], 1);
}

static void
issuer__asked_again__same_number(void **state)
{
	struct bed *t = *state;
	uint8_t a[32], b[32];
	int na = 0, nb = 0, again = 0;
	hash_of(a, 'i', 1);
	hash_of(b, 'i', 2);
	assert_ok(sg_cadb_issuer_no(t->store, a, text("CN=CA"), NOW, &na, &t->err));
	assert_ok(sg_cadb_issuer_no(t->store, b, text("CN=Roles"), NOW, &nb, &t->err));
	assert_ok(sg_cadb_issuer_no(t->store, a, text("CN=CA"), NOW, &again, &t->err));
	assert_true(na > 0);
	assert_int_not_equal(na, nb);
	assert_int_equal(na, again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(issue__read_back__same),
	    case_ca(issue__repeated__first_one_counts),
	    case_ca(issue__other_csr_same_request__mismatch),
	    case_ca(issue__serial_in_use__taken),
	    case_ca(issue__order_again__used),
	    case_ca(issue__renewal_again__repeated),
	    case_ca(issue__incomplete__argument),
	    case_ca(issue__intent_of_earlier_version__finished),
	    case_ca(cancel__unknown_intent_issued__never_or_certificate),
	    case_ca(by_cert__bytes__exactly),
	    case_ca(ca_list__filters__newest_first),
	    case_ca(issuer__asked_again__same_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
