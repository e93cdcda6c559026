/* SPDX-License-Identifier: Apache-2.0 */

/*
 * openapi_schema.c - rows of a JSON object in the words of JSON Schema (2020-12), for openapi.c
 */

#include <string.h>

#include "api/openapi_schema_private.h"
#include "json/write.h"

#define PREFIX "sg_api_"
#define UTF8_MAX 4 /* bytes of a character: bounds are of bytes, JSON Schema counts characters */

/* --- indented JSON ------------------------------------------------------------------------- */

static void
begin_value(struct sg_api_out *o, const char *key)
{
	if (o->depth > 0)
		sg_buf_printf(o->b, "%s\n%*s", o->follows ? "," : "", (int)o->depth * 2, "");
	o->follows = true;
	if (key == NULL)
		return;
	sg_json_put_string(o->b, sg_slice_str(key));
	sg_buf_puts(o->b, ": ");
}

void
sg_api_out_open(struct sg_api_out *o, const char *key, char bracket)
{
	begin_value(o, key);
	sg_buf_put_u8(o->b, (uint8_t)bracket);
	o->depth++;
	o->follows = false;
}

void
sg_api_out_close(struct sg_api_out *o, char bracket)
{
	o->depth--;
	if (o->follows)
		sg_buf_printf(o->b, "\n%*s", (int)o->depth * 2, "");
	sg_buf_put_u8(o->b, (uint8_t)bracket);
	o->follows = true;
}

void
sg_api_out_text(struct sg_api_out *o, const char *key, const char *text)
{
	begin_value(o, key);
	sg_json_put_string(o->b, sg_slice_str(text));
}

static void
put_int(struct sg_api_out *o, const char *key, int64_t n)
{
	begin_value(o, key);
	sg_buf_printf(o->b, "%lld", (long long)n);
}

void
sg_api_out_bool(struct sg_api_out *o, const char *key, bool yes)
{
	begin_value(o, key);
	sg_buf_puts(o->b, yes ? "true" : "false");
}

/* --- schemas ------------------------------------------------------------------------------- */

const char *
sg_api_component(const struct sg_json_schema *schema)
{
	size_t prefix = strlen(PREFIX);

	return strncmp(schema->tag, PREFIX, prefix) == 0 ? schema->tag + prefix : schema->tag;
}

static void
put_ref(struct sg_api_out *o, const struct sg_json_schema *schema)
{
	sg_buf_scoped ref = {0};

	sg_buf_printf(&ref, "#/components/schemas/%s", sg_api_component(schema));
	sg_api_out_text(o, "$ref", sg_buf_text(&ref));
}

void
sg_api_out_ref(struct sg_api_out *o, const char *key, const struct sg_json_schema *schema)
{
	sg_api_out_open(o, key, '{');
	put_ref(o, schema);
	sg_api_out_close(o, '}');
}

static void
put_type(struct sg_api_out *o, const char *type, bool nullable)
{
	if (!nullable) {
		sg_api_out_text(o, "type", type);
		return;
	}
	sg_api_out_open(o, "type", '[');
	sg_api_out_text(o, NULL, type);
	sg_api_out_text(o, NULL, "null");
	sg_api_out_close(o, ']');
}

static void
put_words(struct sg_api_out *o, const struct sg_json_word *words, bool nullable)
{
	sg_api_out_open(o, "enum", '[');
	for (const struct sg_json_word *w = words; w->name != NULL; w++)
		sg_api_out_text(o, NULL, w->name);
	if (nullable) {
		begin_value(o, NULL);
		sg_buf_puts(o->b, "null");
	}
	sg_api_out_close(o, ']');
}

static void
put_lengths(struct sg_api_out *o, int64_t min, int64_t max)
{
	if (min > 0)
		put_int(o, "minLength", min);
	put_int(o, "maxLength", max);
}

static void
put_integer(struct sg_api_out *o, const struct sg_json_member *m, bool nullable)
{
	if (sg_json_is_digits(m)) {
		put_type(o, "string", nullable);
		sg_api_out_text(
		    o, "pattern", m->min < 0 ? "^-?(0|[1-9][0-9]*)$" : "^(0|[1-9][0-9]*)$");
		return;
	}
	put_type(o, "integer", nullable);
	put_int(o, "minimum", m->min);
	put_int(o, "maximum", m->max);
}

static void
put_object(struct sg_api_out *o, const struct sg_json_schema *of, bool nullable)
{
	if (!nullable) {
		put_ref(o, of);
		return;
	}
	sg_api_out_open(o, "anyOf", '[');
	sg_api_out_ref(o, NULL, of);
	sg_api_out_open(o, NULL, '{');
	sg_api_out_text(o, "type", "null");
	sg_api_out_close(o, '}');
	sg_api_out_close(o, ']');
}

static void
put_array(struct sg_api_out *o, const struct sg_json_member *m, bool nullable)
{
	put_type(o, "array", nullable);
	if (m->min > 0)
		put_int(o, "minItems", m->min);
	put_int(o, "maxItems", m->max);
	if (m->kind == SG_JSON_LIST) {
		sg_api_out_ref(o, "items", m->of());
		return;
	}
	sg_api_out_open(o, "items", '{');
	sg_api_out_text(o, "type", "string");
	sg_api_out_close(o, '}');
}

static void
put_kind(struct sg_api_out *o, const struct sg_json_member *m)
{
	bool nullable = m->presence == SG_JSON_NULLABLE;

	switch (m->kind) {
	case SG_JSON_TEXT:
		put_type(o, "string", nullable);
		put_lengths(o, (m->min + UTF8_MAX - 1) / UTF8_MAX, m->max);
		break;
	case SG_JSON_INT:
		put_integer(o, m, nullable);
		break;
	case SG_JSON_BOOL:
		put_type(o, "boolean", nullable);
		break;
	case SG_JSON_TIME:
		put_type(o, "string", nullable);
		sg_api_out_text(o, "format", "date-time");
		sg_api_out_text(o, "pattern",
		    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$");
		break;
	case SG_JSON_HEX:
		put_type(o, "string", nullable);
		sg_api_out_text(o, "pattern", "^([0-9a-f]{2})*$");
		put_lengths(o, m->min * 2, m->max * 2);
		break;
	case SG_JSON_ENUM:
		put_type(o, "string", nullable);
		put_words(o, m->words, nullable);
		break;
	case SG_JSON_OBJECT:
		put_object(o, m->of(), nullable);
		break;
	case SG_JSON_LIST:
	case SG_JSON_TEXTS:
		put_array(o, m, nullable);
		break;
	}
}

/* The sentence of a row, and of each word that has one. */
static void
put_description(struct sg_api_out *o, const struct sg_json_member *m)
{
	sg_buf_scoped text = {0};
	const char *mark = ": ";

	sg_buf_puts(&text, m->text);
	for (const struct sg_json_word *w = m->words; w != NULL && w->name != NULL; w++) {
		if (w->text == NULL)
			continue;
		sg_buf_printf(&text, "%s`%s` %s", mark, w->name, w->text);
		mark = "; ";
	}
	sg_api_out_text(o, "description", sg_buf_text(&text));
}

void
sg_api_out_member(
    struct sg_api_out *o, const char *key, const struct sg_json_member *member, bool described)
{
	sg_api_out_open(o, key, '{');
	put_kind(o, member);
	if (described)
		put_description(o, member);
	sg_api_out_close(o, '}');
}

void
sg_api_out_object(
    struct sg_api_out *o, const char *key, const struct sg_json_schema *schema, bool closed)
{
	bool required = false;

	sg_api_out_open(o, key, '{');
	sg_api_out_text(o, "type", "object");
	sg_api_out_text(o, "description", schema->text);
	sg_api_out_open(o, "properties", '{');
	for (size_t n = 0; n < schema->n; n++) {
		required = required || schema->member[n].presence != SG_JSON_OPTIONAL;
		sg_api_out_member(o, schema->member[n].name, &schema->member[n], true);
	}
	sg_api_out_close(o, '}');
	if (required)
		sg_api_out_open(o, "required", '[');
	for (size_t n = 0; n < schema->n; n++)
		if (schema->member[n].presence != SG_JSON_OPTIONAL)
			sg_api_out_text(o, NULL, schema->member[n].name);
	if (required)
		sg_api_out_close(o, ']');
	if (closed)
		sg_api_out_bool(o, "additionalProperties", false);
	sg_api_out_close(o, '}');
}
