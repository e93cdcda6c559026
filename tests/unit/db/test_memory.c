/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/alloc_fail.h"
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/lineage.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

#include <pthread.h>
#include <stdatomic.h>

/*
 * Memory that runs out at any allocation, ours or SQLite's: an error, nothing half done,
 * and the store goes on.
 */

/* Thousands of commits whose durability is not what is tested: in place of libc's. */
__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

static _Atomic unsigned long sqlite_left;
static sqlite3_mem_methods real;

static bool
sqlite_out(void)
{
	unsigned long n = atomic_load(&sqlite_left);
	if (n == 0)
		return false;
	return n == 1 || (atomic_store(&sqlite_left, n - 1), false); /* 1: from now on all */
}

static void *
failing_malloc(int n)
{
	return sqlite_out() ? NULL : real.xMalloc(n);
}

static void *
failing_realloc(void *p, int n)
{
	return sqlite_out() ? NULL : real.xRealloc(p, n);
}

/* The n-th allocation from now fails; SQLite's also all after it. */
static void
fail_at(bool sqlite, unsigned long n)
{
	if (sqlite)
		atomic_store(&sqlite_left, n);
	else
		alloc_fail_at(n);
}

static void
verb_reserve(struct bed *t, unsigned n, enum sg_code *ret)
{
	struct sg_regdb_reserve r = a_reserve(n, n, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	bool started = false;
	*ret = sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err);
	sg_regdb_tx_clear(&tx);
}

static void
verb_by_key(struct bed *t, unsigned n, enum sg_code *ret)
{
	struct sg_regdb_reserve r = a_reserve(1, n, SG_POLICY_ONE_TIME);
	struct sg_regdb_tx tx = {0};
	*ret = sg_regdb_tx_by_key(t->store, r.key, &tx, &t->err);
	if (*ret == SG_OK)
		assert_true(sg_slice_is(tx.subject, "CN=Dev1,O=Test"));
	sg_regdb_tx_clear(&tx);
}

static bool
see_tx(void *arg, const struct sg_regdb_tx *tx)
{
	assert_true(sg_slice_is(tx->subject, "CN=Dev1,O=Test"));
	++*(unsigned *)arg;
	return true;
}

static void
verb_list(struct bed *t, unsigned n, enum sg_code *ret)
{
	unsigned seen = 0;
	struct sg_regdb_tx_filter f = {.subject = text("dev")};
	(void)n;
	*ret = sg_regdb_tx_list(t->store, &f, see_tx, &seen, &t->err);
	if (*ret == SG_OK)
		assert_true(seen > 0);
}

/* Fail at every allocation of a verb until it gets through. */
static unsigned
torture(struct bed *t, bool sqlite, void (*verb)(struct bed *, unsigned, enum sg_code *))
{
	static unsigned key = 1000;
	for (unsigned long n = 1;; n++) {
		struct sg_regdb_challenge c = a_challenge(++key);
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
		enum sg_code rc = SG_OK;
		t->err.rule = "";
		fail_at(sqlite, n);
		verb(t, key, &rc);
		fail_at(sqlite, 0);
		if (rc == SG_OK)
			return (unsigned)n;
		assert_int_equal(rc, SG_E_NOMEM);
		assert_non_null(strstr(t->err.rule, "memory"));
		assert_false(sg_db_is_dead(t->store));
		assert_int_equal(challenge_state(t, key, NULL), SG_CHALLENGE_FREE);
	}
}

static void
verbs__nth_allocation_fails__nomem(void **state)
{
	struct bed *t = *state;
	static void (*const verbs[])(struct bed *, unsigned, enum sg_code *) = {
	    verb_reserve, verb_by_key, verb_list};
	struct sg_regdb_challenge c = a_challenge(1);
	enum sg_code rc = SG_OK;
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	verb_reserve(t, 1, &rc);
	assert_int_equal(rc, SG_OK);
	unsigned total = 0;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		for (int sqlite = 0; sqlite < 2; sqlite++)
			total += torture(t, sqlite != 0, verbs[i]);
	assert_true(total > 8);
}

static void
open__nth_allocation_fails__nomem(void **state)
{
	struct bed *t = *state;
	for (int sqlite = 0; sqlite < 2; sqlite++) {
		for (unsigned long n = 1;; n++) {
			struct sg_db_conf conf = {
			    .schema = &sg_store_schema_registrar, .path = t->path, .readers = 1};
			bed_unlink(t->path);
			fail_at(sqlite != 0, n);
			enum sg_code rc = sg_db_open(&conf, &t->store, &t->err);
			fail_at(sqlite != 0, 0);
			if (rc == SG_OK)
				break;
			assert_int_equal(rc, SG_E_NOMEM);
			assert_null(t->store);
			/* What is left behind is no obstacle. */
			bed_open(t, &sg_store_schema_registrar);
			sg_db_free(&t->store);
		}
		sg_db_free(&t->store);
	}
}

static void
ca__nth_allocation_fails__nothing_issued(void **state)
{
	struct bed *t = *state;
	int64_t last = 0;
	bed_open(t, &sg_store_schema_ca);
	unsigned key = 0;
	for (int sqlite = 0; sqlite < 2; sqlite++) {
		for (unsigned long n = 1;; n++) {
			struct sg_cadb_new_cert in = a_new_cert(++key);
			struct sg_cadb_cert row = {0};
			uint8_t serial[SG_CADB_SERIAL_MAX] = {
			    0x60, (uint8_t)(key >> 8), (uint8_t)key};
			struct sg_cadb_lease lease = {
			    .serials = sg_slice(serial, sizeof(serial)), .ended_upto = last};
			bool fresh = false;
			in.lease = &lease;
			fail_at(sqlite != 0, n);
			enum sg_code rc = sg_cadb_cert_add(t->store, &in, &fresh, &row, &t->err);
			fail_at(sqlite != 0, 0);
			if (rc == SG_OK) {
				last = lease.id;
				break;
			}
			assert_int_equal(rc, SG_E_NOMEM);
			assert_rule(sg_cadb_cert_by_request(t->store, in.request_id, &row, &t->err),
			    SG_E_NOTFOUND, "request.unknown");
		}
	}
	struct sg_cadb_cert_counts counts = {0};
	struct sg_cadb_head head = {0};
	assert_ok(sg_cadb_cert_count(t->store, &counts, &t->err));
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(counts.by_state[SG_CADB_CERT_GOOD], 2);
	assert_int_equal(head.audit_seq, 3); /* two issued, the first lease abandoned */
}

static void
count_member(void *arg, const struct sg_cadb_lineage_member *member)
{
	assert_int_equal(member->serial.len, 16);
	++*(unsigned *)arg;
}

static void
revoke_lineage__nth_allocation_fails__all_or_nothing(void **state)
{
	struct bed *t = *state;
	bed_open(t, &sg_store_schema_ca);
	for (unsigned sqlite = 0; sqlite < 2; sqlite++) {
		unsigned first = 1 + 10 * sqlite;
		struct sg_cadb_cert row = {0};
		issue_one(t, first);
		for (unsigned i = 1; i < 6; i++) {
			struct sg_cadb_new_cert in = a_renewal(first + i, first + i - 1);
			bool fresh = false;
			assert_ok(sg_cadb_cert_add(t->store, &in, &fresh, &row, &t->err));
		}
		assert_ok(sg_cadb_cert_by_serial(t->store, serial_of(first), &row, &t->err));
		int64_t lineage = row.lineage;
		sg_cadb_cert_clear(&row);
		for (unsigned long n = 1;; n++) {
			struct sg_cadb_lineage_revoked done = {0};
			struct sg_cadb_lineage all = {0};
			unsigned told = 0;
			fail_at(sqlite != 0, n);
			enum sg_code rc = sg_cadb_lineage_revoke(t->store, serial_of(first + 2), 1,
			    text("admin"), NOW, count_member, &told, &done, &t->err);
			fail_at(sqlite != 0, 0);
			assert_ok(sg_cadb_lineage_get(t->store, lineage, NOW, &all, &t->err));
			assert_int_equal(all.good, rc == SG_OK ? 0 : 6);
			assert_int_equal(told, rc == SG_OK ? 6 : 0);
			if (rc == SG_OK)
				break;
			assert_int_equal(rc, SG_E_NOMEM);
		}
	}
	struct sg_cadb_head head = {0};
	assert_ok(sg_cadb_get_head(t->store, &head, &t->err));
	assert_int_equal(head.audit_seq, 24);
}

int
main(void)
{
	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
	sqlite3_mem_methods failing = real;
	failing.xMalloc = failing_malloc;
	failing.xRealloc = failing_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
	/* Without its own small pool every allocation comes here. */
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	const struct CMUnitTest tests[] = {
	    case_registrar(verbs__nth_allocation_fails__nomem),
	    case_bed(open__nth_allocation_fails__nomem),
	    case_bed(ca__nth_allocation_fails__nothing_issued),
	    case_bed(revoke_lineage__nth_allocation_fails__all_or_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
