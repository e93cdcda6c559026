/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * explain/rows.h - the rows of the catalog, by who reads them (private to event/)
 */

#include "explain/catalog.h"

extern const struct sg_catalog_rule sg_catalog_enrol[], sg_catalog_message[], sg_catalog_system[];
extern const size_t sg_catalog_enrol_n, sg_catalog_message_n, sg_catalog_system_n;
