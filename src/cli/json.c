/* SPDX-License-Identifier: Apache-2.0 */

/*
 * json.c - the JSON that commands print, and that roles answer with
 */

#include "cli/json.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/text.h"

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
