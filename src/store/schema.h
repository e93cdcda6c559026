/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/schema.h - the two databases of the product, as the engine is told of them
 */

#include "db/db.h"

extern const struct sg_db_schema sg_store_schema_registrar;
extern const struct sg_db_schema sg_store_schema_ca;
