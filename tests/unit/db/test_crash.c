/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/ca/cert.h"
#include "store/fsck.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/*
 * A child enrols with both databases and is killed at some moment; whatever it called
 * done must be there, the invariants must hold, and what was running must be finishable.
 */

#define ROUNDS 15u
#define THREADS 8u
#define PER_ROUND 4096u

struct stores {
	struct sg_db *reg, *ca;
	unsigned base;
	int ack;
};

static void
open_both(struct bed *t, struct stores *s)
{
	struct sg_db_conf conf = {.schema = &sg_store_schema_registrar, .path = t->path};
	assert_ok(sg_db_open(&conf, &s->reg, &t->err));
	conf = (struct sg_db_conf){.schema = &sg_store_schema_ca, .path = t->ca_path};
	assert_ok(sg_db_open(&conf, &s->ca, &t->err));
}

static void
close_both(struct stores *s)
{
	sg_db_free(&s->reg);
	sg_db_free(&s->ca);
}

static struct sg_regdb_reserve
reserve_of(unsigned n)
{
	/* Every third one has a challenge of its own. */
	struct sg_regdb_reserve r = a_reserve(
	    n, n, n % 3 == 0 ? SG_POLICY_ONE_TIME : SG_POLICY_STATIC);
	r.trace[0] = (uint8_t)(n >> 8);
	return r;
}

static bool
enrol(struct stores *s, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	struct sg_regdb_reserve r = reserve_of(n);
	struct sg_regdb_tx tx = {0};
	struct sg_cadb_cert row = {0};
	bool started = false;
	uint8_t serial[SG_CADB_SERIAL_MAX] = {
	    0x11, 0, 0, 0, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	if (r.policy == SG_POLICY_ONE_TIME && sg_regdb_challenge_add(s->reg, &c, NULL) != SG_OK)
		return false;
	if (sg_regdb_tx_reserve(s->reg, &r, &started, &tx, NULL) != SG_OK || !started)
		return false;
	struct sg_cadb_new_cert in = a_new_cert(n);
	struct sg_cadb_lease lease = {.serials = sg_slice(serial, sizeof(serial))};
	uint8_t der[64] = {0x30};
	memcpy(der + 8, serial, sizeof(serial));
	struct sg_slice cert = sg_slice(der, sizeof(der));
	in.request_id = sg_slice(tx.request_id, sizeof(tx.request_id));
	in.serial = sg_slice(serial, sizeof(serial));
	in.der = cert;
	hash_of(in.csr_hash, 'q', n);
	if (sg_cadb_lease_add(s->ca, &lease, NOW, NULL) != SG_OK)
		return false;
	if (n % 7 == 0) /* a refusal by the linter */
		return true;
	if (sg_cadb_cert_add(s->ca, &in, &started, &row, NULL) != SG_OK || !started)
		return false;
	struct sg_regdb_tx_issued done = {.tx = tx.id,
	    .attempt = tx.attempt,
	    .serial = in.serial,
	    .finished_at = NOW,
	    .steps = text("all well")};
	if (sg_sha256(cert, done.cert_hash, NULL) != SG_OK ||
	    sg_regdb_tx_finish_issued(s->reg, &done, NULL) != SG_OK)
		return false;
	return write(s->ack, &n, sizeof(n)) == sizeof(n);
}

static void *
enrol_until_killed(void *arg)
{
	static _Atomic unsigned next;
	struct stores *s = arg;
	for (;;) {
		unsigned i = next++;
		if (i >= PER_ROUND || !enrol(s, s->base + i))
			return NULL;
	}
}

static void
child(struct bed *t, struct stores *s)
{
	pthread_t threads[THREADS];
	open_both(t, s);
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, enrol_until_killed, s) != 0)
			_exit(1);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (;;)
		pause();
}

static void
finding(void *arg, const char *invariant, const char *what)
{
	(void)arg;
	print_error("%s %s\n", invariant, what);
}

static void
check(struct bed *t)
{
	struct sg_fsck_conf conf = {
	    .registrar_path = t->path,
	    .ca_path = t->ca_path,
	    .found = finding,
	};
	struct sg_fsck_counts counts = {0};
	assert_ok(sg_fsck(&conf, &counts, &t->err));
	assert_int_equal(counts.findings, 0);
}

/* What was issued in a round was leased before: nothing has ended those leases yet. */
static void
check_leased(struct bed *t, unsigned base)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	uint8_t first[] = {0x11, 0, 0, 0, (uint8_t)(base >> 24), (uint8_t)(base >> 16),
	    (uint8_t)(base >> 8), (uint8_t)base};
	assert_int_equal(sqlite3_open(t->ca_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT count(*) FROM cert WHERE state = 2 AND serial >= ?1 "
			     "AND serial NOT IN (SELECT serials FROM lease)",
			     -1, &q, NULL),
	    SQLITE_OK);
	sqlite3_bind_blob(q, 1, first, sizeof(first), SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(q, 0), 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
}

/* What a ca does when it starts: end older leases; and a registrar: ask for each running request,
 * then finish it. */
struct recovery {
	unsigned n;
	int64_t ids[256];
	uint32_t attempts[256];
	uint8_t request_ids[256][SG_STORE_REQUEST_ID_LEN];
};

static bool
collect(void *arg, const struct sg_regdb_tx *tx)
{
	struct recovery *r = arg;
	assert_true(r->n < 256);
	r->ids[r->n] = tx->id;
	r->attempts[r->n] = tx->attempt;
	memcpy(r->request_ids[r->n], tx->request_id, SG_STORE_REQUEST_ID_LEN);
	r->n++;
	return true;
}

static void
recover(struct bed *t, struct stores *s)
{
	struct recovery r = {0};
	uint8_t serial[SG_CADB_SERIAL_MAX] = {0x12};
	struct sg_cadb_lease lease = {.serials = sg_slice(serial, sizeof(serial))};
	memcpy(serial + 4, &s->base, sizeof(s->base));
	assert_ok(sg_cadb_lease_last(s->ca, &lease.ended_upto, &t->err));
	assert_ok(sg_cadb_lease_add(s->ca, &lease, NOW, &t->err));
	assert_ok(sg_regdb_tx_running(s->reg, collect, &r, &t->err));
	for (unsigned i = 0; i < r.n; i++) {
		struct sg_cadb_cert row = {0};
		struct sg_regdb_tx tx = {.id = r.ids[i], .attempt = r.attempts[i]};
		assert_ok(
		    sg_cadb_cert_cancel(s->ca, sg_slice(r.request_ids[i], SG_STORE_REQUEST_ID_LEN),
			text("restart"), NOW, &row, &t->err));
		if (row.state == SG_CADB_CERT_GOOD) {
			struct sg_regdb_tx_issued done = {.tx = tx.id,
			    .attempt = tx.attempt,
			    .serial = row.serial,
			    .finished_at = NOW};
			memcpy(done.cert_hash, row.cert_hash, 32);
			assert_ok(sg_regdb_tx_finish_issued(s->reg, &done, &t->err));
		} else {
			struct sg_regdb_tx_failed f = a_failed(&tx, SG_REGDB_TX_BLAME_US);
			assert_ok(sg_regdb_tx_finish_failed(s->reg, &f, &t->err));
		}
		sg_cadb_cert_clear(&row);
	}
}

static unsigned
check_acknowledged(struct bed *t, struct stores *s, int fd)
{
	unsigned n = 0, key = 0;
	while (read(fd, &key, sizeof(key)) == sizeof(key)) {
		struct sg_regdb_reserve r = reserve_of(key);
		struct sg_regdb_tx have = {0};
		struct sg_cadb_cert row = {0};
		assert_ok(sg_regdb_tx_by_key(s->reg, r.key, &have, &t->err));
		assert_int_equal(have.state, SG_TRANSACTION_ISSUED);
		assert_ok(sg_cadb_cert_by_serial(s->ca, have.serial, &row, &t->err));
		assert_memory_equal(row.cert_hash, have.cert_hash, 32);
		sg_cadb_cert_clear(&row);
		sg_regdb_tx_clear(&have);
		n++;
	}
	return n;
}

static void
kill__at_any_moment__nothing_acknowledged_lost(void **state)
{
	struct bed *t = *state;
	unsigned acknowledged = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		int fds[2];
		assert_int_equal(pipe(fds), 0);
		struct stores s = {.base = round * PER_ROUND + 1, .ack = fds[1]};
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			close(fds[0]);
			child(t, &s);
			_exit(0);
		}
		close(fds[1]);
		/* Different moments: within the creation of the files, and long after. */
		struct timespec wait = {.tv_nsec = (long)(round * 9 + 1) * 1000000L};
		nanosleep(&wait, NULL);
		/* In the later half something was acknowledged, however busy the machine is. */
		struct pollfd first = {.fd = fds[0], .events = POLLIN};
		if (round >= ROUNDS / 2)
			assert_int_equal(poll(&first, 1, 20000), 1);
		assert_int_equal(kill(pid, SIGKILL), 0);
		int status = 0;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		open_both(t, &s); /* the first one may not even have made the files */
		close_both(&s);
		check(t);
		check_leased(t, s.base);
		open_both(t, &s);
		acknowledged += check_acknowledged(t, &s, fds[0]);
		recover(t, &s);
		close_both(&s);
		check(t);
		close(fds[0]);
	}
	assert_true(acknowledged >= ROUNDS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_bed(kill__at_any_moment__nothing_acknowledged_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
