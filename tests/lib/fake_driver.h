/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * lib/fake_driver.h - a database that fails when told to
 */

#include <stdbool.h>

#include "db/driver.h"

/*
 * A driver that is SQLite until told to fail. The n-th call from now
 * of that kind (1 = the next) fails, and the ones after it when sticky; n 0 switches off.
 */
enum fake_fault {
	FAKE_NONE = 0,
	FAKE_STEP = 1,	 /* a statement fails with an I/O error */
	FAKE_FULL = 2,	 /* a statement fails: disk full */
	FAKE_COMMIT = 3, /* COMMIT fails with an I/O error */
	FAKE_NOMEM = 4,	 /* a statement fails: out of memory */
};

const struct sg_sql_driver *
fake_driver(void);
void
fake_fail(enum fake_fault fault, unsigned long n, bool sticky);
