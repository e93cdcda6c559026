/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/contract.h - all routes of all roles, and what commands print with --json
 */

#include "api/route.h"

/* Ends with NULL. */
extern const struct sg_api_routes *const sg_api_contract[];

/* What a command prints with --json, where that is no answer of a route; one that prints different
 * things has a row for each, one after the other. */
struct sg_api_output {
	const char *command; /* "enroll" */
	const struct sg_json_schema *schema;
};
extern const struct sg_api_output sg_api_outputs[]; /* ends with a zero row */
