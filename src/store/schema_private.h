/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/schema_private.h - the migrations, made of the files in migrations/ by the build, private
 * to src/store
 */

#include "db/db.h"

extern const struct sg_db_migration sg_store_migrations_registrar[];
extern const struct sg_db_migration sg_store_migrations_ca[];

/* The number that is part of every request id (request_id.h). */
#define SG_STORE_INSTANCE_SQL "SELECT value FROM meta WHERE name = 'instance'"
