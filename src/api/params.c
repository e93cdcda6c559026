/* SPDX-License-Identifier: Apache-2.0 */

/*
 * params.c - the parameters of a question: percent-decoded once, and read by the same rows and
 * rules as the members of a body
 */

#include "api/params_private.h"

#include <string.h>

#include "api/call_private.h"
#include "http/url.h"

SG_JSON_DEFINE(sg_api_paging, SG_API_PAGING_ROWS, "the parameters of a list");
SG_JSON_DEFINE(sg_api_following, SG_API_FOLLOWING_ROWS, "the parameter of a list to be followed");

/* What stands between one '/' and the next; *rest goes on at that. */
static bool
next_segment(struct sg_slice *rest, struct sg_slice *ret)
{
	if (rest->len == 0 || rest->p[0] != '/')
		return false;
	const uint8_t *from = rest->p + 1;
	size_t left = rest->len - 1;
	const uint8_t *slash = left == 0 ? NULL : memchr(from, '/', left);
	size_t len = slash == NULL ? left : (size_t)(slash - from);
	*ret = sg_slice(from, len);
	*rest = sg_slice(from + len, left - len);
	return true;
}

static bool
is_param(struct sg_slice segment)
{
	return segment.len > 2 && segment.p[0] == '{';
}

bool
sg_api_path_fits(const char *path_template, struct sg_slice path)
{
	struct sg_slice rest = sg_slice_str(path_template), want, have;

	while (next_segment(&rest, &want)) {
		if (!next_segment(&path, &have))
			return false;
		if (is_param(want) ? have.len == 0 : !sg_slice_eq(want, have))
			return false;
	}
	return path.len == 0;
}

/* Rows, the struct that they fill, and which of them were read. */
struct source {
	const struct sg_json_schema *schema;
	void *value;
	uint64_t seen;
};

#define SOURCES 3

struct reading {
	struct source source[SOURCES];
	struct sg_json_doc *doc;
	struct sg_json_fault *fault;
};

static enum sg_code
refuse(struct reading *r, const char *rule, struct sg_slice name, const char *expected,
    const char *found, struct sg_err *err)
{
	sg_api_fault_set(r->fault, name, expected, found);
	return sg_fail(err, SG_E_MALFORMED, rule, "%s: want %s, found %s",
	    name.len == 0 ? "the query" : r->fault->member, expected, found);
}

static enum sg_code
refuse_unknown(struct reading *r, struct sg_slice name, struct sg_err *err)
{
	sg_buf_scoped names = {0};

	for (size_t s = 0; s < SOURCES; s++)
		for (size_t n = 0; r->source[s].value != NULL && n < r->source[s].schema->n; n++)
			sg_buf_printf(&names, "%s%s", names.len == 0 ? "one of " : ", ",
			    r->source[s].schema->member[n].name);
	return refuse(r, "json.unknown", name,
	    names.len == 0 ? "no parameter" : sg_buf_text(&names),
	    name.len == 0 ? "a parameter without a name" : "another name", err);
}

/* What names a refusal: the text itself, where it is a name that cannot be decoded. */
static enum sg_code
decode(struct reading *r, struct sg_slice name, struct sg_slice encoded, bool in_query,
    struct sg_buf *ret, struct sg_err *err)
{
	enum sg_code rc = sg_http_unescape(encoded, in_query, ret, NULL);

	if (rc == SG_E_MALFORMED)
		return refuse(r, "api.escape", name,
		    "two hexadecimal digits behind each '%' (a '%' itself is %25)",
		    "something else", err);
	return rc == SG_OK ? rc : sg_buf_check(ret, err);
}

static enum sg_code
read_one(struct reading *r, struct sg_slice name, struct sg_slice encoded, bool in_query,
    struct sg_err *err)
{
	for (size_t s = 0; s < SOURCES; s++) {
		struct source *from = &r->source[s];
		for (size_t n = 0; from->value != NULL && n < from->schema->n; n++) {
			const struct sg_json_member *member = &from->schema->member[n];
			sg_buf_scoped value = {0};
			if (!sg_slice_is(name, member->name))
				continue;
			if ((from->seen >> n & 1) != 0)
				return refuse(r, "json.duplicate", name, "one such parameter",
				    "a second one", err);
			from->seen |= (uint64_t)1 << n;
			enum sg_code rc = decode(r, name, encoded, in_query, &value, err);
			return rc != SG_OK ? rc
					   : sg_json_read_text(member, sg_buf_slice(&value), r->doc,
						 from->value, r->fault, err);
		}
	}
	return refuse_unknown(r, name, err);
}

static enum sg_code
read_path(struct reading *r, const char *path_template, struct sg_slice path, struct sg_err *err)
{
	struct sg_slice rest = sg_slice_str(path_template), want, have;
	enum sg_code rc = SG_OK;

	while (rc == SG_OK && next_segment(&rest, &want) && next_segment(&path, &have))
		if (is_param(want))
			rc = read_one(r, sg_slice(want.p + 1, want.len - 2), have, false, err);
	return rc;
}

static enum sg_code
read_query(struct reading *r, struct sg_slice query, struct sg_err *err)
{
	while (query.len > 0) {
		const uint8_t *end = memchr(query.p, '&', query.len);
		size_t len = end == NULL ? query.len : (size_t)(end - query.p);
		const uint8_t *equals = memchr(query.p, '=', len);
		size_t name_len = equals == NULL ? len : (size_t)(equals - query.p);
		size_t at = name_len + (equals != NULL);
		struct sg_slice value = sg_slice(query.p + at, len - at);
		sg_buf_scoped name = {0};
		struct sg_slice raw = sg_slice(query.p, name_len);
		enum sg_code rc = decode(r, raw, raw, true, &name, err);
		if (rc == SG_OK)
			rc = read_one(r, sg_buf_slice(&name), value, true, err);
		if (rc != SG_OK)
			return rc;
		len += end != NULL;
		query = sg_slice(query.p + len, query.len - len);
	}
	return SG_OK;
}

static enum sg_code
check_present(struct reading *r, struct sg_err *err)
{
	for (size_t s = 0; s < SOURCES; s++) {
		const struct source *from = &r->source[s];
		for (size_t n = 0; n < from->schema->n; n++)
			if (from->schema->member[n].presence == SG_JSON_REQUIRED &&
			    (from->seen >> n & 1) == 0)
				return refuse(r, "json.absent",
				    sg_slice_str(from->schema->member[n].name), "this parameter",
				    "none", err);
	}
	return SG_OK;
}

enum sg_code
sg_api_params_read(const struct sg_api_route *route, struct sg_slice path, struct sg_slice query,
    const struct sg_api_read_params *p, struct sg_json_doc *doc, struct sg_json_fault *fault,
    struct sg_err *err)
{
	bool list = route->shape == SG_API_LIST || route->shape == SG_API_FOLLOWED;
	bool followed = route->shape == SG_API_FOLLOWED;
	struct reading r = {.source = {{route->params, p->params, 0},
				{&sg_api_paging_schema, list ? p->paging : NULL, 0},
				{&sg_api_following_schema, followed ? p->following : NULL, 0}},
	    .doc = doc,
	    .fault = fault};

	enum sg_code rc = read_path(&r, route->path, path, err);
	if (rc == SG_OK)
		rc = read_query(&r, query, err);
	return rc == SG_OK ? check_present(&r, err) : rc;
}
