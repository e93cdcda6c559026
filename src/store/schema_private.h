/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/schema_private.h - the migrations, made of the files in migrations/ by the build, private
 * to src/store
 */

#include "db/db.h"

extern const struct sg_db_migration sg_store_migrations_registrar[];
extern const struct sg_db_migration sg_store_migrations_ca[];

/*
 * The number that is part of every request id (request_id_private.h), and the last transaction that
 * has an earlier one. ca may have seen more of a registrar's attempts than its backup has: once
 * that came back, a transaction that begins has another number, so that no request id comes twice.
 */
#define SG_STORE_INSTANCE_SQL                                                                      \
	"SELECT value, (SELECT CAST(max(substr(name, 10)) AS INTEGER) FROM meta "                  \
	"WHERE name > 'instance.' AND name < 'instance/') FROM meta WHERE name = 'instance'"
/* That of one transaction; no row: the number of now. */
#define SG_STORE_INSTANCE_OF_SQL                                                                   \
	"SELECT value FROM meta WHERE name >= 'instance.' || printf('%019d', ?1) "                 \
	"AND name < 'instance/' ORDER BY name LIMIT 1"
#define SG_STORE_RESTORED_SQL                                                                      \
	"INSERT OR IGNORE INTO meta SELECT 'instance.' || printf('%019d', (SELECT "                \
	"coalesce(max(id), 0) "                                                                    \
	"FROM tx)), value FROM meta WHERE name = 'instance'; "                                     \
	"UPDATE meta SET value = randomblob(16) WHERE name = 'instance';"
