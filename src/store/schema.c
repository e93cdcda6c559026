/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/schema.c - what tells the engine the two databases apart, and which migrations each has
 *
 * A mark is in the files of every installation and never given another meaning.
 */

#include "store/schema.h"

#include "store/schema_private.h"

const struct sg_db_schema sg_store_schema_registrar = {
    .mark = 1,
    .name = "registrar",
    .migrations = sg_store_migrations_registrar,
    .instance = SG_STORE_INSTANCE_SQL,
    .restored = SG_STORE_RESTORED_SQL,
};

const struct sg_db_schema sg_store_schema_ca = {
    .mark = 2,
    .name = "ca",
    .migrations = sg_store_migrations_ca,
    .restored = "",
};
