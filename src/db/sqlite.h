/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/sqlite.h - the SQLite driver
 */

#include "db/driver.h"

const struct sg_sql_driver *
sg_sqlite_driver(void);
