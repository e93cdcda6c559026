/* SPDX-License-Identifier: Apache-2.0 */

/*
 * read.c - a text of JSON into a struct, by the rows of its schema: bounds first, then jansson,
 * then one walk over what jansson made; and the parameters of a route, which are texts already
 */

#include "json/read.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/alloc.h"
#include "json/path_private.h"
#include "json/scan_private.h"

/* A member or an item on the way down; it becomes text only in a refusal. */
struct place {
	const struct place *above;
	const char *name; /* NULL: an item */
	size_t index;
};

struct reader {
	enum sg_json_mode mode;
	struct sg_json_doc *doc;
	const struct place *at;
	struct sg_json_fault *fault; /* may be NULL */
	struct sg_err *err;
};

typedef char phrase[sizeof((struct sg_json_fault *)NULL)->expected];

struct sg_json_limits
sg_json_limits_default(void)
{
	return (struct sg_json_limits){
	    .size = SG_JSON_SIZE_MAX, .depth = SG_JSON_DEPTH_MAX, .values = SG_JSON_VALUES_MAX};
}

static void
put_place(struct sg_json_path *path, const struct place *at)
{
	if (at == NULL)
		return;
	put_place(path, at->above);
	if (at->name == NULL)
		sg_json_path_index(path, at->index);
	else
		sg_json_path_name(path, sg_slice_str(at->name));
}

static void
put_fault(
    struct reader *r, const struct sg_json_path *path, const char *expected, const char *found)
{
	if (r->fault == NULL)
		return;
	sg_json_path_cut(r->fault->member, sizeof r->fault->member, path->text);
	sg_json_path_cut(r->fault->expected, sizeof r->fault->expected, expected);
	sg_json_path_cut(r->fault->found, sizeof r->fault->found, found);
}

static SG_RC
refuse_at(struct reader *r, const struct sg_json_path *path, const char *rule, const char *expected,
    const char *found)
{
	put_fault(r, path, expected, found);
	return sg_fail(r->err, SG_E_MALFORMED, rule, "%s: want %s, found %s",
	    path->len == 0 ? "the object" : path->text, expected, found);
}

static SG_RC
refuse(struct reader *r, const char *rule, const char *expected, const char *found)
{
	struct sg_json_path path = {0};

	put_place(&path, r->at);
	return refuse_at(r, &path, rule, expected, found);
}

static SG_RC
no_memory(struct reader *r)
{
	return sg_fail(r->err, SG_E_NOMEM, "memory", "no memory for an object of JSON");
}

/* --- what is wanted and what there is, in words --- */

/* Append a name to a list of which one is wanted; in place of those that have no room is "...". */
static void
list_name(phrase list, const char *name)
{
	static const char more[] = ", ...";
	size_t len = strlen(list), end = sizeof more - 1;

	if (len >= end && strcmp(list + len - end, more) == 0)
		return;
	if (len + strlen(", ") + strlen(name) + end >= sizeof(phrase))
		name = "...";
	snprintf(list + len, sizeof(phrase) - len, "%s%s", len == 0 ? "one of " : ", ", name);
}

static void
name_bounds(const struct sg_json_member *m, phrase ret)
{
	const char *unit = m->kind == SG_JSON_INT				 ? ""
			   : m->kind == SG_JSON_LIST || m->kind == SG_JSON_TEXTS ? " items"
										 : " bytes";
	if (m->min == m->max)
		snprintf(ret, sizeof(phrase), "%" PRId64 "%s", m->min, unit);
	else
		snprintf(ret, sizeof(phrase), "%" PRId64 " to %" PRId64 "%s", m->min, m->max, unit);
}

static void
name_kind(const struct sg_json_member *m, phrase ret)
{
	static const char *const name[] = {
	    [SG_JSON_TEXT] = "a string",
	    [SG_JSON_INT] = "an integer",
	    [SG_JSON_BOOL] = "true or false",
	    [SG_JSON_TIME] = "a time in UTC such as 2026-11-28T12:00:00Z",
	    [SG_JSON_HEX] = "a string of pairs of lower-case hexadecimal digits",
	    [SG_JSON_OBJECT] = "an object",
	    [SG_JSON_LIST] = "an array",
	    [SG_JSON_TEXTS] = "an array of strings",
	};

	ret[0] = '\0';
	if (m->kind == SG_JSON_ENUM)
		for (const struct sg_json_word *w = m->words; w->name != NULL; w++)
			list_name(ret, w->name);
	else
		snprintf(ret, sizeof(phrase), "%s",
		    sg_json_is_digits(m) ? "an integer as a string of digits" : name[m->kind]);
}

static const char *
name_json(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a number with fraction or exponent";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "null";
	}
	return "something else";
}

static SG_RC
refuse_type(struct reader *r, const struct sg_json_member *m, const char *found)
{
	phrase want;

	name_kind(m, want);
	return refuse(r, "json.type", want, found);
}

/* --- values --- */

static SG_RC
check_length(struct reader *r, const struct sg_json_member *m, size_t len)
{
	phrase want, found;

	if (len >= (uint64_t)m->min && len <= (uint64_t)m->max)
		return SG_OK;
	name_bounds(m, want);
	snprintf(found, sizeof found, "%zu", len);
	return refuse(r, "json.bounds", want, found);
}

static SG_RC
set_int(struct reader *r, const struct sg_json_member *m, int64_t v, int64_t *ret)
{
	phrase want, found;

	*ret = v;
	if (v >= m->min && v <= m->max)
		return SG_OK;
	name_bounds(m, want);
	snprintf(found, sizeof found, "%" PRId64, v);
	return refuse(r, "json.bounds", want, found);
}

static SG_RC
int_of_text(struct reader *r, const struct sg_json_member *m, struct sg_slice text, int64_t *ret)
{
	bool minus = text.len > 1 && text.p[0] == '-' && text.p[1] != '0';
	struct sg_slice digits = minus ? sg_slice(text.p + 1, text.len - 1) : text;
	uint64_t v = 0;

	enum sg_code rc = sg_decimal_parse(digits, (uint64_t)INT64_MAX + minus, &v, NULL);
	if (rc == SG_E_LIMIT) {
		phrase want;
		name_bounds(m, want);
		return refuse(r, "json.bounds", want, "a number of more than 64 bits");
	}
	if (rc != SG_OK)
		return refuse_type(r, m, "something else");
	return set_int(r, m, minus ? (int64_t)(0 - v) : (int64_t)v, ret);
}

/* "2026-11-28T12:00:00Z", with one to six decimals before the Z. */
static bool
has_form_of_time(struct sg_slice text)
{
	static const char form[] = "0000-00-00T00:00:00";
	size_t len = sizeof form - 1;

	if (text.len < len + 1 || text.p[text.len - 1] != 'Z')
		return false;
	for (size_t n = 0; n < len; n++)
		if (form[n] == '0' ? !sg_ascii_is_digit(text.p[n]) : text.p[n] != form[n])
			return false;
	if (text.len == len + 1)
		return true;
	if (text.p[len] != '.' || text.len < len + 3 || text.len > len + 8)
		return false;
	for (size_t n = len + 1; n < text.len - 1; n++)
		if (!sg_ascii_is_digit(text.p[n]))
			return false;
	return true;
}

static int
number_at(struct sg_slice text, size_t at, size_t digits)
{
	int v = 0;

	for (size_t n = at; n < at + digits; n++)
		v = v * 10 + (text.p[n] - '0');
	return v;
}

static SG_RC
time_of_text(struct reader *r, const struct sg_json_member *m, struct sg_slice text, int64_t *ret)
{
	int64_t at = 0, us = 0;
	phrase found;

	if (!has_form_of_time(text))
		return refuse_type(r, m, "something else");
	struct sg_date date = {number_at(text, 0, 4), number_at(text, 5, 2), number_at(text, 8, 2),
	    number_at(text, 11, 2), number_at(text, 14, 2), number_at(text, 17, 2)};
	if (sg_date_to(&date, &at, NULL) != SG_OK) {
		snprintf(found, sizeof found, "'%.*s'", (int)text.len, (const char *)text.p);
		return refuse(
		    r, "json.bounds", "a date that exists, of the years 1 to 9999", found);
	}
	for (size_t n = 20, decimals = 0; decimals < 6 && text.p[19] == '.'; decimals++)
		us = us * 10 + (n < text.len - 1 ? text.p[n++] - '0' : 0);
	*ret = at * 1000000 + us;
	return SG_OK;
}

static SG_RC
hex_of_text(
    struct reader *r, const struct sg_json_member *m, struct sg_slice text, struct sg_slice *ret)
{
	for (size_t n = 0; n < text.len; n++)
		if (sg_hex_digit(text.p[n]) < 0 || (text.p[n] >= 'A' && text.p[n] <= 'F'))
			return refuse_type(r, m, "another character");
	if (text.len % 2 != 0)
		return refuse_type(r, m, "an odd number of them");
	enum sg_code rc = check_length(r, m, text.len / 2);
	if (rc != SG_OK)
		return rc;
	uint8_t *bytes = sg_json_doc_take(r->doc, text.len / 2);
	if (bytes == NULL)
		return no_memory(r);
	for (size_t n = 0; n < text.len; n += 2)
		bytes[n / 2] = (uint8_t)(sg_hex_digit(text.p[n]) << 4 |
					 sg_hex_digit(text.p[n + 1]));
	*ret = sg_slice(bytes, text.len / 2);
	return SG_OK;
}

static SG_RC
word_of_text(struct reader *r, const struct sg_json_member *m, struct sg_slice text, int *ret)
{
	sg_buf_scoped escaped = {0};
	phrase want, found;

	for (const struct sg_json_word *w = m->words; w->name != NULL; w++)
		if (sg_slice_is(text, w->name)) {
			*ret = w->value;
			return SG_OK;
		}
	if (r->mode == SG_JSON_TOLERANT) {
		*ret = -1;
		return SG_OK;
	}
	sg_escape_put(&escaped, text, 40);
	name_kind(m, want);
	snprintf(found, sizeof found, "'%.100s'", sg_buf_text(&escaped));
	return refuse(r, "json.bounds", want, found);
}

static SG_RC
copy_text(struct reader *r, struct sg_slice text, struct sg_slice *ret)
{
	*ret = sg_json_doc_keep(r->doc, text);
	return ret->p == NULL ? no_memory(r) : SG_OK;
}

/* A member of one of the kinds that are one word, from that word; p is where the member is. */
static SG_RC
value_of_text(struct reader *r, const struct sg_json_member *m, struct sg_slice text, void *p)
{
	enum sg_code rc;

	switch (m->kind) {
	case SG_JSON_TEXT:
		if (!sg_utf8_is_valid(text))
			return refuse_type(r, m,
			    text.len > 0 && memchr(text.p, 0, text.len) != NULL
				? "a NUL"
				: "what is not UTF-8");
		rc = check_length(r, m, text.len);
		return rc == SG_OK ? copy_text(r, text, p) : rc;
	case SG_JSON_INT:
		return int_of_text(r, m, text, p);
	case SG_JSON_BOOL:
		*(bool *)p = sg_slice_is(text, "true");
		return *(bool *)p || sg_slice_is(text, "false")
			   ? SG_OK
			   : refuse_type(r, m, "something else");
	case SG_JSON_TIME:
		return time_of_text(r, m, text, p);
	case SG_JSON_HEX:
		return hex_of_text(r, m, text, p);
	case SG_JSON_ENUM:
		return word_of_text(r, m, text, p);
	case SG_JSON_OBJECT:
	case SG_JSON_LIST:
	case SG_JSON_TEXTS:
		break;
	}
	return sg_fail(r->err, SG_E_INTERNAL, "json.kind", "%s: not the kind of one word", m->name);
}

static SG_RC
read_object(struct reader *r, json_t *object, const struct sg_json_schema *schema, void *ret);

static SG_RC
read_list(struct reader *r, const struct sg_json_member *m, json_t *array, struct sg_json_list *ret)
{
	const struct sg_json_schema *of = m->kind == SG_JSON_LIST ? m->of() : NULL;
	size_t size = of == NULL ? sizeof(struct sg_slice) : of->size;
	struct place here = {.above = r->at};
	size_t n = json_array_size(array);

	enum sg_code rc = check_length(r, m, n);
	if (rc != SG_OK)
		return rc;
	char *items = n > SIZE_MAX / size ? NULL : sg_json_doc_take(r->doc, n * size);
	if (items == NULL)
		return no_memory(r);
	r->at = &here;
	for (size_t i = 0; rc == SG_OK && i < n; i++) {
		json_t *v = json_array_get(array, i);
		void *item = items + i * size;
		here.index = i;
		if (of != NULL)
			rc = read_object(r, v, of, item);
		else if (json_is_string(v))
			rc = copy_text(
			    r, sg_slice(json_string_value(v), json_string_length(v)), item);
		else
			rc = refuse(r, "json.type", "a string", name_json(v));
	}
	r->at = here.above;
	*ret = (struct sg_json_list){items, n};
	return rc;
}

/* Which value of JSON a kind is made of, and then the value itself. */
static SG_RC
read_value(struct reader *r, const struct sg_json_member *m, json_t *v, void *p)
{
	bool fits = json_is_string(v);

	if (m->kind == SG_JSON_OBJECT)
		return read_object(r, v, m->of(), p);
	if (m->kind == SG_JSON_LIST || m->kind == SG_JSON_TEXTS)
		fits = json_is_array(v);
	else if (m->kind == SG_JSON_BOOL)
		fits = json_is_boolean(v);
	else if (m->kind == SG_JSON_INT && !sg_json_is_digits(m))
		fits = json_is_integer(v);
	if (!fits)
		return refuse_type(r, m, name_json(v));
	if (json_is_array(v))
		return read_list(r, m, v, p);
	if (json_is_integer(v))
		return set_int(r, m, json_integer_value(v), p);
	if (json_is_boolean(v)) {
		*(bool *)p = json_is_true(v);
		return SG_OK;
	}
	return value_of_text(r, m, sg_slice(json_string_value(v), json_string_length(v)), p);
}

static const struct sg_json_member *
find_member(const struct sg_json_schema *schema, const char *name)
{
	for (size_t n = 0; n < schema->n; n++)
		if (strcmp(schema->member[n].name, name) == 0)
			return &schema->member[n];
	return NULL;
}

/* The first member that the schema does not have, in the order of the text. */
static SG_RC
check_names(struct reader *r, json_t *object, const struct sg_json_schema *schema)
{
	struct place here = {.above = r->at};
	phrase want = "";
	json_t *v;

	json_object_foreach(object, here.name, v)
	{
		if (find_member(schema, here.name) != NULL)
			continue;
		for (size_t n = 0; n < schema->n; n++)
			list_name(want, schema->member[n].name);
		r->at = &here;
		enum sg_code rc = refuse(
		    r, "json.unknown", schema->n == 0 ? "no member" : want, "another name");
		r->at = here.above;
		return rc;
	}
	return SG_OK;
}

static SG_RC
read_object(struct reader *r, json_t *object, const struct sg_json_schema *schema, void *ret)
{
	struct place here = {.above = r->at};
	phrase want;

	if (!json_is_object(object))
		return refuse(r, "json.type", "an object", name_json(object));
	enum sg_code rc = r->mode == SG_JSON_STRICT ? check_names(r, object, schema) : SG_OK;
	r->at = &here;
	for (size_t n = 0; rc == SG_OK && n < schema->n; n++) {
		const struct sg_json_member *m = &schema->member[n];
		json_t *v = json_object_get(object, m->name);
		bool has = v != NULL && !(m->presence == SG_JSON_NULLABLE && json_is_null(v));
		here.name = m->name;
		if (m->presence != SG_JSON_REQUIRED)
			*(bool *)((char *)ret + m->has_offset) = has;
		if (v == NULL && m->presence != SG_JSON_OPTIONAL) {
			name_kind(m, want);
			rc = refuse(r, "json.absent", want, "nothing");
		} else if (has) {
			rc = read_value(r, m, v, (char *)ret + m->offset);
		}
	}
	r->at = here.above;
	return rc;
}

/* --- the text --- */

/* What jansson said in its own words has pieces of the text in it: here it is said again. */
static SG_RC
refuse_syntax(struct reader *r, struct sg_slice text, const json_error_t *e)
{
	const char *what = "what is not JSON";
	struct sg_json_path path = {0};
	phrase found;

	sg_json_scan_path(text, e->position < 0 ? 0 : (size_t)e->position, &path);
	switch ((int)json_error_code(e)) {
	case json_error_duplicate_key:
		return refuse_at(r, &path, "json.duplicate", "one member of a name", "two");
	case json_error_numeric_overflow:
		return refuse_at(
		    r, &path, "json.bounds", "a number of at most 64 bits", "a larger one");
	case json_error_premature_end_of_input:
		what = "the end";
		break;
	case json_error_end_of_input_expected:
		what = "more after the object";
		break;
	case json_error_invalid_utf8:
		what = "what is not UTF-8";
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		what = "a NUL";
		break;
	}
	snprintf(found, sizeof found, "%s (line %d, column %d)", what, e->line, e->column);
	return refuse_at(r, &path, "json.syntax", "one object of JSON", found);
}

static SG_RC
check_limits(struct reader *r, struct sg_slice text, const struct sg_json_limits *limits)
{
	struct sg_json_path path = {0};
	phrase want;
	size_t at;

	enum sg_code rc = sg_json_scan(text, limits, &at, r->err);
	if (rc == SG_OK)
		return rc;
	sg_json_scan_path(text, at, &path);
	snprintf(want, sizeof want, "at most %zu bytes, %u values and a depth of %u", limits->size,
	    limits->values, limits->depth);
	put_fault(r, &path, want, "more");
	return rc;
}

enum sg_code
sg_json_read(struct sg_slice text, const struct sg_json_limits *limits, enum sg_json_mode mode,
    const struct sg_json_schema *schema, struct sg_json_doc *doc, void *ret,
    struct sg_json_fault *fault, struct sg_err *err)
{
	struct reader r = {.mode = mode, .doc = doc, .fault = fault, .err = err};
	unsigned long failures = sg_json_alloc_failures();
	json_error_t e;

	memset(ret, 0, schema->size);
	if (fault != NULL)
		*fault = (struct sg_json_fault){0};
	enum sg_code rc = check_limits(&r, text, limits);
	if (rc != SG_OK)
		return rc;
	const char *p = text.len == 0 ? "" : (const char *)text.p;
	json_t *root = json_loadb(p, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (sg_json_alloc_failures() != failures)
		rc = no_memory(&r);
	else if (root == NULL)
		rc = refuse_syntax(&r, text, &e);
	else
		rc = read_object(&r, root, schema, ret);
	json_decref(root);
	if (rc != SG_OK)
		memset(ret, 0, schema->size);
	return rc;
}

enum sg_code
sg_json_read_text(const struct sg_json_member *member, struct sg_slice text,
    struct sg_json_doc *doc, void *ret, struct sg_json_fault *fault, struct sg_err *err)
{
	struct place here = {.name = member->name};
	struct reader r = {SG_JSON_STRICT, doc, &here, fault, err};

	if (fault != NULL)
		*fault = (struct sg_json_fault){0};
	enum sg_code rc = value_of_text(&r, member, text, (char *)ret + member->offset);
	if (rc == SG_OK && member->presence != SG_JSON_REQUIRED)
		*(bool *)((char *)ret + member->has_offset) = true;
	return rc;
}
