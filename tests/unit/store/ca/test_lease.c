/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "lib/fake_driver.h"
#include "db/db.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"

#define LEN SG_CADB_SERIAL_MAX

/* Serial numbers first to last, 20 bytes each; last one byte differs. */
static struct sg_slice
serials(uint8_t *out, unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		memset(out + (size_t)LEN * i, 0x41, LEN);
		out[LEN * i + LEN - 1] = (uint8_t)(first + i);
	}
	return sg_slice(out, (size_t)LEN * n);
}

static int64_t
last_lease(struct bed *t)
{
	int64_t id = -1;
	assert_ok(sg_cadb_lease_last(t->store, &id, &t->err));
	return id;
}

struct trail {
	unsigned n;
	char object[8][32];
	char detail[8][256];
};

static bool
note(void *arg, const struct sg_cadb_audit_row *row)
{
	struct trail *a = arg;
	if (!sg_slice_is(row->act, SG_CADB_ACT_ABANDON))
		return true;
	assert_true(a->n < 8);
	assert_true(sg_slice_is(row->who, "ca"));
	snprintf(a->object[a->n], 32, "%.*s", (int)row->object.len, (const char *)row->object.p);
	snprintf(a->detail[a->n], 256, "%.*s", (int)row->detail.len, (const char *)row->detail.p);
	a->n++;
	return true;
}

static struct trail
abandoned(struct bed *t)
{
	struct trail a = {0};
	struct sg_cadb_audit_filter all = {.ascending = true};
	assert_ok(sg_cadb_audit_list(t->store, &all, note, &a, &t->err));
	return a;
}

static void
lease_some(struct bed *t, struct sg_cadb_lease *l, uint8_t *mem, unsigned first, unsigned n)
{
	*l = (struct sg_cadb_lease){.serials = serials(mem, first, n)};
	assert_ok(sg_cadb_lease_add(t->store, l, NOW, &t->err));
}

static void
issue_with(struct bed *t, unsigned n, struct sg_slice serial, struct sg_cadb_lease *lease)
{
	struct sg_cadb_new_cert c = a_new_cert(n);
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	c.serial = serial;
	c.lease = lease;
	assert_ok(sg_cadb_cert_add(t->store, &c, &fresh, &row, &t->err));
	assert_true(fresh);
}

static void
lease__ended__unused_named_once(void **state)
{
	struct bed *t = *state;
	uint8_t m1[LEN * 3], m2[LEN], m3[LEN];
	struct sg_cadb_lease l, next;
	lease_some(t, &l, m1, 0, 3);
	issue_with(t, 1, sg_slice(m1 + LEN, LEN), NULL);
	assert_int_equal(abandoned(t).n, 0);
	next = (struct sg_cadb_lease){.serials = serials(m2, 9, 1), .ended = {l.id}, .n_ended = 1};
	assert_ok(sg_cadb_lease_add(t->store, &next, NOW + 1, &t->err));
	assert_int_equal(next.id, l.id + 1);
	struct trail a = abandoned(t);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.object[0], "lease=1");
	assert_string_equal(a.detail[0], "4141414141414141414141414141414141414100,"
					 "4141414141414141414141414141414141414102");
	/* Said again: it is gone, and that is all right. */
	struct sg_cadb_lease again = {.serials = serials(m3, 10, 1), .ended = {l.id}, .n_ended = 1};
	assert_ok(sg_cadb_lease_add(t->store, &again, NOW + 2, &t->err));
	assert_int_equal(abandoned(t).n, 1);
}

static void
lease__all_used__ended_without_a_word(void **state)
{
	struct bed *t = *state;
	uint8_t m1[LEN * 2], m2[LEN];
	struct sg_cadb_lease l;
	lease_some(t, &l, m1, 0, 2);
	issue_with(t, 1, sg_slice(m1, LEN), NULL);
	struct sg_cadb_lease next = {.serials = serials(m2, 9, 1), .ended = {l.id}, .n_ended = 1};
	issue_with(t, 2, sg_slice(m1 + LEN, LEN), &next);
	assert_true(next.id > l.id);
	assert_int_equal(abandoned(t).n, 0);
	struct sg_cadb_head head = {0};
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 2);
}

static void
lease__after_restart__older_are_abandoned(void **state)
{
	struct bed *t = *state;
	uint8_t m1[LEN * 2], m2[LEN], m3[LEN];
	struct sg_cadb_lease l, other;
	assert_int_equal(last_lease(t), 0);
	lease_some(t, &l, m1, 0, 2);
	lease_some(t, &other, m2, 5, 1);
	issue_with(t, 1, sg_slice(m1, LEN), NULL);
	sg_db_free(&t->store);
	bed_open(t, &sg_store_schema_ca);
	struct sg_cadb_lease mine = {.serials = serials(m3, 9, 1), .ended_upto = last_lease(t)};
	assert_ok(sg_cadb_lease_add(t->store, &mine, NOW + 1, &t->err));
	assert_true(mine.id > other.id);
	struct trail a = abandoned(t);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.detail[0], "4141414141414141414141414141414141414101");
	assert_string_equal(a.detail[1], "4141414141414141414141414141414141414105");
}

/* A lease comes with a certificate that is stored, and only with that. */
static void
lease__certificate_is_not_stored__not_leased(void **state)
{
	struct bed *t = *state;
	uint8_t m1[LEN * 2], m2[LEN], m3[LEN];
	struct sg_cadb_cert row = {0};
	bool fresh = true;
	struct sg_cadb_lease first, next = {.serials = serials(m2, 7, 1)};
	lease_some(t, &first, m1, 0, 2);
	issue_with(t, 1, sg_slice(m1, LEN), NULL);
	struct sg_cadb_new_cert c = a_new_cert(2);
	c.lease = &next;
	c.serial = sg_slice(m1, LEN);
	assert_rule(
	    sg_cadb_cert_add(t->store, &c, &fresh, &row, &t->err), SG_E_CONFLICT, "serial.taken");
	c = a_new_cert(1);
	c.lease = &next;
	assert_ok(sg_cadb_cert_add(t->store, &c, &fresh, &row, &t->err));
	assert_false(fresh);
	sg_cadb_cert_clear(&row);
	assert_int_equal(next.id, 0);
	struct sg_cadb_lease last = {.serials = serials(m3, 8, 1), .ended_upto = last_lease(t)};
	assert_ok(sg_cadb_lease_add(t->store, &last, NOW, &t->err));
	assert_int_equal(last.id, first.id + 1);
	assert_int_equal(abandoned(t).n, 1);
}

static void
lease__incomplete__argument(void **state)
{
	struct bed *t = *state;
	static uint8_t mem[LEN * (SG_LEASE_MAX + 1)];
	struct sg_cadb_lease l = {0};
	assert_rule(sg_cadb_lease_add(t->store, &l, NOW, &t->err), SG_E_INTERNAL, "store.argument");
	l.serials = serials(mem, 0, SG_LEASE_MAX + 1);
	assert_rule(sg_cadb_lease_add(t->store, &l, NOW, &t->err), SG_E_INTERNAL, "store.argument");
	l.serials.len = LEN + 1;
	assert_rule(sg_cadb_lease_add(t->store, &l, NOW, &t->err), SG_E_INTERNAL, "store.argument");
	l.serials.len = LEN;
	l.n_ended = SG_LEASE_ENDED_MAX + 1;
	assert_rule(sg_cadb_lease_add(t->store, &l, NOW, &t->err), SG_E_INTERNAL, "store.argument");
	l.n_ended = 0;
	l.serials = serials(mem, 0, SG_LEASE_MAX);
	assert_ok(sg_cadb_lease_add(t->store, &l, NOW, &t->err));
}

static void
lease__row_damaged__corrupt(void **state)
{
	struct bed *t = *state;
	uint8_t mem[LEN];
	static const char *const harms[] = {
	    "INSERT INTO lease (id, at, serials) VALUES (1, 0, x'')",
	    "UPDATE lease SET serials = zeroblob(21) WHERE id = 1"};
	for (size_t i = 0; i < 2; i++) {
		sg_db_free(&t->store);
		bed_sql(t->path, harms[i]);
		bed_open(t, &sg_store_schema_ca);
		struct sg_cadb_lease l = {
		    .serials = serials(mem, 0, 1), .ended_upto = last_lease(t)};
		assert_rule(
		    sg_cadb_lease_add(t->store, &l, NOW, &t->err), SG_E_INTERNAL, "store.corrupt");
	}
}

/* Wherever the database fails: certificate and lease are there both or neither. */
static void
lease__nth_statement_fails__whole_or_not_at_all(void **state)
{
	struct bed *t = *state;
	uint8_t mem[LEN], last_mem[LEN];
	unsigned failed = 0;
	struct sg_cadb_cert_counts counts = {0};
	bed_open_fake(t, &sg_store_schema_ca);
	for (unsigned n = 1;; n++) {
		struct sg_cadb_new_cert c = a_new_cert(n);
		struct sg_cadb_lease l = {
		    .serials = serials(mem, n, 1), .ended_upto = last_lease(t)};
		struct sg_cadb_cert row = {0};
		bool fresh = false;
		c.lease = &l;
		fake_fail(FAKE_FULL, n, true);
		enum sg_code rc = sg_cadb_cert_add(t->store, &c, &fresh, &row, &t->err);
		fake_fail(FAKE_NONE, 0, false);
		if (rc == SG_OK)
			break;
		assert_string_equal(t->err.rule, "store.full");
		failed++;
	}
	assert_true(failed > 5);
	assert_ok(sg_cadb_cert_count(t->store, &counts, &t->err));
	assert_int_equal(counts.by_state[SG_CADB_CERT_GOOD], 1);
	struct sg_cadb_lease last = {
	    .serials = serials(last_mem, 200, 1), .ended_upto = last_lease(t)};
	assert_ok(sg_cadb_lease_add(t->store, &last, NOW, &t->err));
	assert_int_equal(abandoned(t).n, 1); /* of the one that came with the certificate */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(lease__ended__unused_named_once),
	    case_ca(lease__all_used__ended_without_a_word),
	    case_ca(lease__after_restart__older_are_abandoned),
	    case_ca(lease__certificate_is_not_stored__not_leased),
	    case_ca(lease__incomplete__argument),
	    case_ca(lease__row_damaged__corrupt),
	    case_bed(lease__nth_statement_fails__whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
