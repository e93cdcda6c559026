/* SPDX-License-Identifier: Apache-2.0 */

/*
 * lib/fake_driver.c - SQLite that fails when told to, for tests of the engine, verbs and roles
 */

#include "lib/fake_driver.h"

#include <pthread.h>
#include <stdatomic.h>

#include "db/sqlite.h"

static _Atomic int fault;
static _Atomic unsigned long left;
static _Atomic bool sticky_fault;
static struct sg_sql_driver fake;
static pthread_once_t once = PTHREAD_ONCE_INIT;

void
fake_fail(enum fake_fault what, unsigned long n, bool sticky)
{
	atomic_store(&sticky_fault, sticky);
	atomic_store(&left, n);
	atomic_store(&fault, n == 0 ? FAKE_NONE : (int)what);
}

/* Is this call the one that fails? */
static bool
hit(enum fake_fault what)
{
	if (atomic_load(&fault) != (int)what)
		return false;
	unsigned long n = atomic_load(&left);
	if (n > 1) {
		atomic_store(&left, n - 1);
		return false;
	}
	if (!atomic_load(&sticky_fault))
		atomic_store(&fault, FAKE_NONE);
	return true;
}

static enum sg_code
fake_step(void *conn, void *stmt, bool *ret_row, struct sg_err *err)
{
	if (hit(FAKE_STEP))
		return sg_fail(err, SG_E_IO, "store.io", "the fake was told to fail a statement");
	if (hit(FAKE_FULL))
		return sg_fail(err, SG_E_IO, "store.full", "the fake was told that it is full");
	if (hit(FAKE_NOMEM))
		return sg_fail(err, SG_E_NOMEM, "store.memory", "the fake was told so");
	return sg_sqlite_driver()->step(conn, stmt, ret_row, err);
}

static enum sg_code
fake_control(void *conn, enum sg_sql_control what, struct sg_err *err)
{
	if (what == SG_SQL_COMMIT && hit(FAKE_COMMIT))
		return sg_fail(err, SG_E_IO, "store.io", "the fake was told to fail a commit");
	return sg_sqlite_driver()->control(conn, what, err);
}

static void
make_fake(void)
{
	fake = *sg_sqlite_driver();
	fake.name = "fake";
	fake.step = fake_step;
	fake.control = fake_control;
}

const struct sg_sql_driver *
fake_driver(void)
{
	pthread_once(&once, make_fake);
	return &fake;
}
