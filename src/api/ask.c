/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ask.c - what the command line does with the rows of a route: its URL, and its pages
 */

#include "api/ask.h"

#include <string.h>

#include "api/ask_private.h"
#include "api/params_private.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "http/url.h"
#include "json/write.h"

static bool
has(const struct sg_json_member *member, const void *value)
{
	return member->presence == SG_JSON_REQUIRED ||
	       *(const bool *)((const uint8_t *)value + member->has_offset);
}

/* What can go wrong with what a person typed; the rest is the server's to refuse. */
static enum sg_code
check_text(const struct sg_json_member *member, const void *params, struct sg_err *err)
{
	if (member->kind != SG_JSON_TEXT)
		return SG_OK;
	struct sg_slice text;
	memcpy(&text, (const uint8_t *)params + member->offset, sizeof text);
	if (!sg_utf8_is_valid(text))
		return sg_fail(
		    err, SG_E_USAGE, "utf8", "%s is not well-formed UTF-8", member->name);
	if (text.len < (uint64_t)member->min || text.len > (uint64_t)member->max)
		return sg_fail(err, SG_E_USAGE, "json.bounds",
		    "%s: want %lld to %lld bytes, have %zu", member->name, (long long)member->min,
		    (long long)member->max, text.len);
	return SG_OK;
}

static enum sg_code
put_value(
    struct sg_buf *b, const struct sg_json_member *member, const void *params, struct sg_err *err)
{
	sg_buf_scoped text = {0};
	enum sg_code rc = check_text(member, params, err);

	if (rc != SG_OK)
		return rc;
	sg_json_put_text(&text, member, params);
	rc = sg_buf_check(&text, err);
	sg_http_escape(b, sg_buf_slice(&text));
	return rc;
}

/* The parameters of a schema after '?' or '&'; those in the path have gone out. */
static enum sg_code
put_query(struct sg_buf *b, const char *path, const struct sg_json_schema *schema,
    const void *params, char *mark, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < schema->n; n++) {
		const struct sg_json_member *member = &schema->member[n];
		sg_buf_scoped in_path = {0};
		sg_buf_printf(&in_path, "{%s}", member->name);
		if (strstr(path, sg_buf_text(&in_path)) != NULL || !has(member, params))
			continue;
		sg_buf_printf(b, "%c%s=", *mark, member->name);
		*mark = '&';
		rc = put_value(b, member, params, err);
	}
	return rc;
}

static enum sg_code
put_path(struct sg_buf *b, const struct sg_api_route *route, const void *params, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	for (const char *p = route->path; rc == SG_OK && *p != '\0';) {
		size_t plain = strcspn(p, "{");
		sg_buf_put(b, p, plain);
		p += plain;
		if (*p == '\0')
			break;
		size_t len = strcspn(p, "}");
		const struct sg_json_member *member = NULL;
		for (size_t n = 0; n < route->params->n; n++)
			if (sg_slice_is(sg_slice(p + 1, len - 1), route->params->member[n].name))
				member = &route->params->member[n];
		rc = member == NULL || params == NULL ? sg_fail(err, SG_E_INTERNAL, "api.handler",
							    "%s: no such parameter", route->path)
						      : put_value(b, member, params, err);
		p += len + 1;
	}
	return rc;
}

enum sg_code
sg_api_put_url(struct sg_buf *b, const struct sg_api_route *route, const void *params,
    const struct sg_api_ask_page *page, struct sg_err *err)
{
	char mark = '?';

	sg_buf_puts(b, "http://signet");
	enum sg_code rc = put_path(b, route, params, err);
	if (rc == SG_OK && params != NULL)
		rc = put_query(b, route->path, route->params, params, &mark, err);
	if (rc == SG_OK && page != NULL) {
		struct sg_api_paging paging = {.has_limit = page->limit != 0,
		    .limit = page->limit,
		    .has_after = page->has_after,
		    .after = page->after};
		rc = put_query(b, route->path, &sg_api_paging_schema, &paging, &mark, err);
		if (rc == SG_OK && page->follow)
			sg_buf_printf(b, "%cfollow=true", mark);
	}
	return rc == SG_OK ? sg_buf_check(b, err) : rc;
}

struct sg_json_schema
sg_api_page_schema(
    const struct sg_api_route *route, struct sg_json_member member[SG_API_PAGE_MEMBERS])
{
	member[0] = (struct sg_json_member){.name = "items",
	    .kind = SG_JSON_LIST,
	    .presence = SG_JSON_REQUIRED,
	    .offset = offsetof(struct sg_api_got, items),
	    .max = SG_API_PAGE_MAX,
	    .of = route->answer_of,
	    .text = "the items of this page"};
	member[1] = (struct sg_json_member){.name = "next",
	    .kind = SG_JSON_INT,
	    .presence = SG_JSON_NULLABLE,
	    .offset = offsetof(struct sg_api_got, next),
	    .has_offset = offsetof(struct sg_api_got, has_next),
	    .min = 1,
	    .max = SG_JSON_INT_MAX,
	    .text = "where there are more: ask again with after and this key"};
	return (struct sg_json_schema){.tag = "sg_api_page",
	    .text = "a page of a list",
	    .size = sizeof(struct sg_api_got),
	    .n = SG_API_PAGE_MEMBERS,
	    .member = member};
}

struct sg_json_limits
sg_api_answer_limits(void)
{
	return (struct sg_json_limits){
	    .size = SG_API_ANSWER_MAX, .depth = SG_JSON_DEPTH_MAX, .values = SG_API_VALUES_MAX};
}

enum sg_code
sg_api_read_page(const struct sg_api_route *route, struct sg_slice text, struct sg_json_doc *doc,
    struct sg_api_got *ret, struct sg_err *err)
{
	const struct sg_json_limits limits = sg_api_answer_limits();
	struct sg_json_member member[SG_API_PAGE_MEMBERS];
	const struct sg_json_schema schema = sg_api_page_schema(route, member);

	return sg_json_read(text, &limits, SG_JSON_TOLERANT, &schema, doc, ret, NULL, err);
}
