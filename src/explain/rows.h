/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * explain/rows.h - the rows of the catalog, by who reads them (private to event/)
 */

#include "explain/catalog.h"

extern const struct sg_rule sg_rules_enrol[], sg_rules_message[], sg_rules_system[];
extern const size_t sg_rules_enrol_n, sg_rules_message_n, sg_rules_system_n;
