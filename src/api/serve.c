/* SPDX-License-Identifier: Apache-2.0 */

/*
 * serve.c - one question of HTTP: its route, right, parameters and body; the handler; the answer
 *
 * A list that is followed is its handler called again and again, each time after the last key that
 * went out.
 */

#include "api/serve.h"

#include <stdio.h>
#include <string.h>

#include "api/call_private.h"
#include "api/params_private.h"
#include "api/problem.h"
#include "base/alloc.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/limits.h"

#define FOLLOW_MS 500  /* between two looks at what is new */
#define QUIET_MS 15000 /* then an empty line: who follows sees that the connection lives */
#define JSON "application/json"
#define LINES "application/jsonl"

/* One question in hand. */
struct serving {
	const struct sg_api *api;
	const struct sg_api_ask *ask;
	const struct sg_api_route *route;
	sg_api_handler *handler;
	struct sg_buf allow; /* the field Allow, where the method is not one of the path's */
	struct sg_api_call call;
	struct sg_api_answer answer;
	struct sg_api_paging paging;
	struct sg_api_following following;
	struct sg_json_doc doc;
	void *params, *body;
};

static void
serving_clear(struct serving *s)
{
	if (s->body != NULL)
		sg_wipe(s->body, s->route->body->size);
	sg_free(s->body);
	sg_free(s->params);
	sg_buf_clear(&s->answer.text);
	sg_buf_clear(&s->allow);
	sg_json_doc_clear(&s->doc);
}

/* The row of path and method. Of OPTIONS there is none: SG_OK with s->allow filled. */
static enum sg_code
find_route(struct serving *s, struct sg_err *err)
{
	const struct sg_api_routes *routes = s->api->routes;
	enum sg_http_method method = s->ask->method == SG_HTTP_HEAD ? SG_HTTP_GET : s->ask->method;
	unsigned methods = 0;

	for (size_t n = 0; n < routes->n && s->route == NULL; n++) {
		if (!sg_api_path_fits(routes->route[n].path, s->ask->path))
			continue;
		methods |= SG_HTTP_ALLOW(routes->route[n].method);
		if (routes->route[n].method == method) {
			s->route = &routes->route[n];
			s->handler = s->api->handler[n];
		}
	}
	if (methods == 0)
		return sg_fail(err, SG_E_NOTFOUND, "api.path",
		    "%s has no such path; all that there are: signet api", routes->role);
	if (s->route != NULL)
		return SG_OK;
	if ((methods & SG_HTTP_ALLOW(SG_HTTP_GET)) != 0)
		methods |= SG_HTTP_ALLOW(SG_HTTP_HEAD);
	sg_http_put_allow(&s->allow, methods | SG_HTTP_ALLOW(SG_HTTP_OPTIONS));
	enum sg_code rc = sg_buf_check(&s->allow, err);
	if (rc != SG_OK || method == SG_HTTP_OPTIONS)
		return rc;
	const char *allow = sg_buf_text(&s->allow);
	return sg_fail(err, SG_E_USAGE, "api.method", "this path is not asked with %s; %.*s",
	    sg_http_method_name(s->ask->method), (int)strcspn(allow, "\r"), allow);
}

static enum sg_code
check_right(const struct serving *s, struct sg_err *err)
{
	if ((s->call.who->rights & s->route->right) != 0)
		return SG_OK;
	return sg_fail(err, SG_E_DENIED, "api.right",
	    "%.64s has not the right '%s', which %s needs", s->call.who->who,
	    sg_json_word_of(sg_api_right_words, (int)s->route->right), s->route->id);
}

/* The media type of a body, whatever parameters it has. */
static enum sg_code
check_media(const struct serving *s, struct sg_err *err)
{
	struct sg_slice type = s->ask->content_type;
	size_t n = 0;

	if (s->ask->body.len == 0)
		return SG_OK;
	while (n < type.len && type.p[n] != ';' && type.p[n] != ' ' && type.p[n] != '\t')
		n++;
	if (sg_ascii_is(sg_slice(type.p, n), JSON))
		return SG_OK;
	return sg_fail(err, SG_E_MALFORMED, "api.media", "a body is sent as Content-Type: " JSON);
}

/* Parameters and body by their rows, into s->params and s->body. */
static enum sg_code
read_question(struct serving *s, struct sg_err *err)
{
	struct sg_slice body = s->ask->body.len == 0 ? sg_slice_str("{}") : s->ask->body;

	s->params = sg_alloc(s->route->params->size + 1);
	s->body = sg_alloc(s->route->body->size + 1);
	if (s->params == NULL || s->body == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	struct sg_api_read_params p = {s->params, &s->paging, &s->following};
	enum sg_code rc = sg_api_params_read(s->route, s->ask->path,
	    s->ask->has_query ? s->ask->query : sg_slice(NULL, 0), &p, &s->doc, &s->answer.fault,
	    err);
	if (rc != SG_OK)
		return rc;
	struct sg_json_limits limits = sg_json_limits_default();
	rc = sg_json_read(
	    body, &limits, SG_JSON_STRICT, s->route->body, &s->doc, s->body, &s->answer.fault, err);
	s->call.params = s->params;
	s->call.body = s->body;
	return rc;
}

static enum sg_code
ask_handler(struct serving *s, struct sg_err *err)
{
	struct sg_api_answer *a = &s->answer;

	sg_buf_reset(&a->text);
	a->items = 0;
	a->more = false;
	s->call.page.limit = a->limit + 1;
	enum sg_code rc = s->handler(&s->call, err);
	return rc == SG_OK ? sg_buf_check(&a->text, err) : rc;
}

static enum sg_code
send_whole(const struct serving *s, int status, const char *type, const char *fields,
    struct sg_slice text, struct sg_err *err)
{
	const struct sg_api_sink *sink = s->answer.sink;
	enum sg_code rc = sink->begin(sink->arg, status, type, fields, true, text.len, err);

	if (rc == SG_OK && text.len > 0 && s->ask->method != SG_HTTP_HEAD)
		rc = sink->put(sink->arg, text, err);
	return rc == SG_OK ? sink->end(sink->arg, err) : rc;
}

/* To HEAD, where nothing is made of which nothing would be sent: its length is not known. */
static enum sg_code
send_head(const struct serving *s, const char *type, struct sg_err *err)
{
	const struct sg_api_sink *sink = s->answer.sink;
	enum sg_code rc = sink->begin(sink->arg, 200, type, SG_API_FIELDS, false, 0, err);

	return rc == SG_OK ? sink->end(sink->arg, err) : rc;
}

/* --- the shapes ---------------------------------------------------------------------------- */

/* Each of these: SG_OK, with *ret_sent what the sending came to; or what is to become a problem. */

static enum sg_code
serve_one(struct serving *s, enum sg_code *ret_sent, struct sg_err *err)
{
	struct sg_buf *text = &s->answer.text;
	enum sg_code rc = ask_handler(s, err);

	if (rc != SG_OK)
		return rc;
	if (text->len == 0 && s->route->answer->n == 0)
		sg_buf_puts(text, "{}");
	if (text->len == 0)
		return sg_fail(
		    err, SG_E_INTERNAL, "api.handler", "%s: no answer was given", s->route->id);
	*ret_sent = send_whole(s, 200, JSON, SG_API_FIELDS, sg_buf_slice(text), err);
	return SG_OK;
}

static enum sg_code
serve_page(struct serving *s, enum sg_code *ret_sent, struct sg_err *err)
{
	struct sg_api_answer *a = &s->answer;
	sg_buf_scoped page = {.max = SG_API_ANSWER_MAX};

	s->call.page.has_after = s->paging.has_after;
	s->call.page.after = s->paging.after;
	a->limit = s->paging.has_limit ? (unsigned)s->paging.limit : SG_API_PAGE_DEFAULT;
	enum sg_code rc = ask_handler(s, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_puts(&page, "{\"items\":[");
	sg_buf_put_slice(&page, sg_buf_slice(&a->text));
	sg_buf_puts(&page, "],\"next\":");
	if (a->more)
		sg_buf_printf(&page, "%lld}", (long long)a->last);
	else
		sg_buf_puts(&page, "null}");
	rc = sg_buf_check(&page, err);
	if (rc == SG_OK)
		*ret_sent = send_whole(s, 200, JSON, SG_API_FIELDS, sg_buf_slice(&page), err);
	return rc;
}

/* The lines of text, the last first. */
static enum sg_code
put_reversed(const struct sg_api_sink *sink, struct sg_slice text, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	while (rc == SG_OK && text.len > 0) {
		const uint8_t *before = text.len < 2 ? NULL : memrchr(text.p, '\n', text.len - 1);
		size_t at = before == NULL ? 0 : (size_t)(before - text.p) + 1;
		rc = sink->put(sink->arg, sg_slice(text.p + at, text.len - at), err);
		text.len = at;
	}
	return rc;
}

/* What has begun cannot become a problem any more: the last line says it. */
static enum sg_code
end_with_problem(struct serving *s, const struct sg_err *why, struct sg_err *err)
{
	const struct sg_api_sink *sink = s->answer.sink;
	int status = sg_api_status(why->code);
	sg_buf_scoped line = {0};

	if (sink->refused != NULL)
		sink->refused(sink->arg, status, why);
	sg_buf_puts(&line, "{\"problem\":");
	sg_api_problem_put(&line, why, &s->answer.fault, status, s->ask->trace);
	sg_buf_puts(&line, "}\n");
	enum sg_code rc = sg_buf_check(&line, err);
	if (rc == SG_OK)
		rc = sink->put(sink->arg, sg_buf_slice(&line), err);
	return rc == SG_OK ? sink->end(sink->arg, err) : rc;
}

/* Send what comes, until the other side has gone. */
static enum sg_code
follow(struct serving *s, struct sg_err *err)
{
	const struct sg_api_sink *sink = s->answer.sink;
	struct sg_api_answer *a = &s->answer;
	struct sg_err why;
	int64_t quiet = 0;

	a->limit = SG_API_PAGE_DEFAULT;
	s->call.page.ascending = s->call.page.has_after = true;
	for (;;) {
		if (ask_handler(s, &why) != SG_OK)
			return end_with_problem(s, &why, err);
		struct sg_slice lines = sg_buf_slice(&a->text);
		if (a->items > 0)
			s->call.page.after = a->last;
		else if (quiet >= QUIET_MS)
			lines = sg_slice_str("\n");
		if (lines.len > 0) {
			quiet = 0;
			enum sg_code rc = sink->put(sink->arg, lines, err);
			if (rc != SG_OK)
				return rc;
		}
		if (!a->more && !sink->wait_ms(sink->arg, FOLLOW_MS))
			return sink->end(sink->arg, err);
		quiet += FOLLOW_MS;
	}
}

/* First the newest items, or those after a key: then each that comes. */
static enum sg_code
serve_followed(struct serving *s, enum sg_code *ret_sent, struct sg_err *err)
{
	const struct sg_api_sink *sink = s->answer.sink;
	struct sg_api_answer *a = &s->answer;

	if (s->paging.has_after && s->paging.has_limit) {
		sg_api_fault_set(&a->fault, sg_slice_str("limit"), "none beside after", NULL);
		return sg_fail(err, SG_E_USAGE, "api.follow",
		    "what is followed begins after a key, or with the newest items: after and "
		    "limit exclude each other");
	}
	/* The newest, at least one, which says where what is new begins; with `after` this only
	 * shows whether the question can be answered. */
	a->lines = true;
	a->limit = s->paging.has_limit ? (unsigned)s->paging.limit : 1;
	enum sg_code rc = ask_handler(s, err);
	if (rc != SG_OK)
		return rc;
	s->call.page.after = s->paging.has_after ? s->paging.after : a->items > 0 ? a->first : 0;
	if (s->ask->method == SG_HTTP_HEAD) {
		*ret_sent = send_head(s, LINES, err);
		return SG_OK;
	}
	if (sink->stay != NULL)
		rc = sink->stay(sink->arg, err);
	if (rc != SG_OK)
		return rc;
	rc = sink->begin(sink->arg, 200, LINES, SG_API_FIELDS, false, 0, err);
	if (rc == SG_OK && s->paging.has_limit)
		rc = put_reversed(sink, sg_buf_slice(&a->text), err);
	if (rc == SG_OK)
		rc = follow(s, err);
	*ret_sent = rc;
	return SG_OK;
}

/* What fails once it has begun is no problem any more: the connection is cut off. */
static enum sg_code
serve_bytes(struct serving *s, enum sg_code *ret_sent, struct sg_err *err)
{
	struct sg_api_answer *a = &s->answer;
	enum sg_code rc = SG_OK;

	if (s->ask->method == SG_HTTP_HEAD) {
		*ret_sent = send_head(s, SG_API_BYTES_TYPE, err);
		return SG_OK;
	}
	if (a->sink->stay != NULL)
		rc = a->sink->stay(a->sink->arg, err);
	if (rc == SG_OK)
		rc = ask_handler(s, err);
	if (!a->begun)
		return rc != SG_OK ? rc
				   : sg_fail(err, SG_E_INTERNAL, "api.handler",
					 "%s: no answer was given", s->route->id);
	if (rc == SG_OK && a->left > 0)
		rc = sg_fail(err, SG_E_INTERNAL, "api.handler",
		    "%s: a file became shorter than was announced", s->route->id);
	if (rc == SG_OK)
		rc = a->sink->end(a->sink->arg, err);
	else if (a->sink->refused != NULL && err != NULL)
		a->sink->refused(a->sink->arg, sg_api_status(rc), err);
	*ret_sent = rc;
	return SG_OK;
}

/* --- one question -------------------------------------------------------------------------- */

static enum sg_code
serve(struct serving *s, enum sg_code *ret_sent, struct sg_err *err)
{
	enum sg_code rc = find_route(s, err);

	if (rc == SG_OK && s->route == NULL) {
		*ret_sent = send_whole(
		    s, 204, NULL, sg_buf_text(&s->allow), sg_slice(NULL, 0), err);
		return SG_OK;
	}
	if (rc == SG_OK)
		rc = check_right(s, err);
	if (rc == SG_OK)
		rc = check_media(s, err);
	if (rc == SG_OK)
		rc = read_question(s, err);
	if (rc != SG_OK)
		return rc;
	if (s->handler == NULL)
		return sg_fail(
		    err, SG_E_INTERNAL, "api.handler", "%s has no handler", s->route->id);
	s->answer.route = s->route;
	switch (s->route->shape) {
	case SG_API_LIST:
		return serve_page(s, ret_sent, err);
	case SG_API_FOLLOWED:
		return s->following.has_follow && s->following.follow
			   ? serve_followed(s, ret_sent, err)
			   : serve_page(s, ret_sent, err);
	case SG_API_BYTES:
		return serve_bytes(s, ret_sent, err);
	case SG_API_ONE:
		break;
	}
	return serve_one(s, ret_sent, err);
}

/* Statuses that say more than the code of the failure. */
static int
status_of(const struct sg_err *why)
{
	static const struct {
		const char *rule;
		int status;
	} special[] = {{"api.method", 405}, {"api.media", 415}, {"json.size", 413}};

	for (size_t n = 0; n < sizeof special / sizeof special[0]; n++)
		if (strcmp(why->rule, special[n].rule) == 0)
			return special[n].status;
	return sg_api_status(why->code);
}

static enum sg_code
send_problem(struct serving *s, const struct sg_err *why, struct sg_err *err)
{
	const struct sg_api_sink *sink = s->answer.sink;
	int status = status_of(why);
	sg_buf_scoped text = {0}, fields = {0};

	if (sink->refused != NULL)
		sink->refused(sink->arg, status, why);
	sg_api_problem_put(&text, why, &s->answer.fault, status, s->ask->trace);
	sg_buf_printf(&fields, SG_API_FIELDS "%s", status == 405 ? sg_buf_text(&s->allow) : "");
	enum sg_code rc = sg_buf_check(&text, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&fields, err);
	return rc == SG_OK ? send_whole(s, status, "application/problem+json", sg_buf_text(&fields),
				 sg_buf_slice(&text), err)
			   : rc;
}

enum sg_code
sg_api_serve(const struct sg_api *api, const struct sg_api_ask *ask,
    const struct sg_api_principal *who, void *role, const struct sg_api_sink *sink,
    struct sg_err *err)
{
	__attribute__((cleanup(serving_clear))) struct serving s = {.api = api,
	    .ask = ask,
	    .call = {.who = who, .role = role},
	    .answer = {.sink = sink, .text.max = SG_API_ANSWER_MAX}};
	sg_buf_scoped trace = {0};
	struct sg_err why = {0};
	enum sg_code sent = SG_OK;

	s.call.answer = &s.answer;
	sg_hex_put(&trace, sg_slice(ask->trace, sizeof ask->trace));
	snprintf(s.call.trace, sizeof s.call.trace, "%s", sg_buf_text(&trace));
	if (serve(&s, &sent, &why) != SG_OK)
		return send_problem(&s, &why, err);
	if (sent != SG_OK && err != NULL)
		*err = why;
	return sent;
}
