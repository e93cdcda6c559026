/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/json.h - the JSON that commands print which ask no role
 */

#include "json/doc.h"
#include "json/schema.h"

/* Print an object to standard output, indented. doc is what its texts are kept in, NULL: nothing.
 * EXIT_OK; EXIT_FAILED when there was no memory for all of it, said on standard error. */
int
cli_json_put(const struct sg_json_schema *schema, const void *value, const struct sg_json_doc *doc);
