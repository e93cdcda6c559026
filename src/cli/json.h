/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/json.h - the JSON that commands print, and that roles answer with
 */

#include <jansson.h>
#include <stdint.h>

#include "json/doc.h"
#include "json/schema.h"

/* Print an object to standard output, indented. doc is what its texts are kept in, NULL: nothing.
 * EXIT_OK; EXIT_FAILED when there was no memory for all of it, said on standard error. */
int
cli_json_put(const struct sg_json_schema *schema, const void *value, const struct sg_json_doc *doc);

/* Print JSON to standard output, indented, and a line feed. */
void
cli_json_print(const json_t *v);
/* To compare, never to print: it is what a role said. */
const char *
cli_json_text(const json_t *o, const char *name);
/* To print: cli_show of it. */
const char *
cli_json_show(const json_t *o, const char *name);
int64_t
cli_json_int(const json_t *o, const char *name);
/* A member of a question, left out when value is NULL. One that is not UTF-8 is found when the
 * question is written (cli_ask): it must not be left out in silence. */
void
cli_json_set(json_t *o, const char *name, const char *value);
