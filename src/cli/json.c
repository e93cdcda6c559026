/* SPDX-License-Identifier: Apache-2.0 */

/*
 * json.c - the JSON that commands print, and that roles answer with
 */

#include "cli/json.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/text.h"
#include "json/write.h"

int
cli_json_put(const struct sg_json_schema *schema, const void *value, const struct sg_json_doc *doc)
{
	sg_buf_scoped text = {.max = SIZE_MAX / 8};
	struct sg_err err;

	sg_json_put(&text, schema, value);
	enum sg_code rc = sg_buf_check(&text, &err);
	if (rc == SG_OK && doc != NULL && doc->failed)
		rc = sg_fail(&err, SG_E_NOMEM, "memory", "no memory for the answer");
	if (rc != SG_OK) {
		fprintf(stderr, "signet: %s\n", err.text);
		return EXIT_FAILED;
	}
	cli_print_json(sg_buf_slice(&text));
	return EXIT_OK;
}

void
cli_json_print(const json_t *v)
{
	sg_ignore(json_dumpf(v, stdout, JSON_INDENT(2)) != 0);
	putchar('\n');
}

const char *
cli_json_text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s == NULL ? "" : s;
}

const char *
cli_json_show(const json_t *o, const char *name)
{
	return cli_show(cli_json_text(o, name));
}

int64_t
cli_json_int(const json_t *o, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(o, name));
}

void
cli_json_set(json_t *o, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(o, name, json_string_nocheck(value));
}
