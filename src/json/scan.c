/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scan.c - how deep and how many-valued a text is, before jansson sees it; and in which member a
 * byte is, when jansson refused it
 */

#include "json/scan_private.h"

/* The position after the string whose opening quote is at `at`, at most the end of the text. */
static size_t
after_string(struct sg_slice text, size_t at)
{
	for (at++; at < text.len && text.p[at] != '"'; at++)
		if (text.p[at] == '\\')
			at++;
	return at < text.len ? at + 1 : text.len;
}

enum sg_code
sg_json_scan(
    struct sg_slice text, const struct sg_json_limits *limits, size_t *ret_at, struct sg_err *err)
{
	size_t depth = 0, values = 1;

	*ret_at = 0;
	if (text.len > limits->size)
		return sg_fail(err, SG_E_LIMIT, "json.size", "%zu bytes; at most %zu are read",
		    text.len, limits->size);
	for (size_t n = 0; n < text.len;) {
		uint8_t c = text.p[n];
		if (c == '"') {
			n = after_string(text, n);
			continue;
		}
		*ret_at = n++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		if (c == '{' || c == '[' || c == ',')
			values++;
		if (depth > limits->depth)
			return sg_fail(err, SG_E_LIMIT, "json.depth",
			    "more than %u arrays and objects inside each other", limits->depth);
		if (values > limits->values)
			return sg_fail(
			    err, SG_E_LIMIT, "json.size", "more than %u values", limits->values);
	}
	return SG_OK;
}

/* An array or object that is open. */
struct level {
	bool array, has_name, wants_name;
	size_t index;
	struct sg_slice name; /* as it is written */
};

#define LEVELS 32u /* more are not named: a path has not the room */

void
sg_json_scan_path(struct sg_slice text, size_t at, struct sg_json_path *ret)
{
	struct level level[LEVELS] = {0}, beyond = {0};
	size_t depth = 0;

	if (at > text.len)
		at = text.len;
	for (size_t n = 0; n < at;) {
		struct level *l = depth == 0 || depth > LEVELS ? &beyond : &level[depth - 1];
		size_t start = n;
		uint8_t c = text.p[n++];
		if (c == '"') {
			n = after_string(text, start);
			if (l->wants_name) {
				size_t end = n > start + 1 && text.p[n - 1] == '"' ? n - 1 : n;
				l->name = sg_slice(text.p + start + 1, end - start - 1);
				l->has_name = true;
				l->wants_name = false;
			}
		} else if (c == '{' || c == '[') {
			if (depth++ < LEVELS)
				level[depth - 1] = (struct level){
				    .array = c == '[', .wants_name = c == '{'};
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		} else if (c == ',') {
			l->index++;
			l->wants_name = !l->array;
			l->has_name = false;
		}
	}
	for (size_t n = 0; n < depth && n < LEVELS; n++) {
		if (level[n].array)
			sg_json_path_index(ret, level[n].index);
		else if (level[n].has_name)
			sg_json_path_name(ret, level[n].name);
	}
}
