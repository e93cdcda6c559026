/* SPDX-License-Identifier: Apache-2.0 */

/*
 * toy.c - the role of toy.h
 */

#include "unit/api/toy.h"

#include "api/problem.h"
#include "base/hex.h"

const struct sg_json_word toy_colours[] = {
    {"red", 1, "as blood"}, {"green", 2, NULL}, {NULL, 0, NULL}};

SG_JSON_DEFINE(toy_id, TOY_ID_ROWS, "which thing");
SG_JSON_DEFINE(toy_filter, TOY_FILTER_ROWS, "which things");
SG_JSON_DEFINE(toy_want, TOY_WANT_ROWS, "what thing is wanted");
SG_JSON_DEFINE(toy_touch, TOY_TOUCH_ROWS, "how it is touched");
SG_JSON_DEFINE(toy_thing, TOY_THING_ROWS, "a thing");
SG_API_ROUTES_DEFINE(toy, TOY_ROUTES);

static bool
refuses(struct sg_api_call *call, struct toy *t, struct sg_err *err)
{
	t->calls++;
	t->keys += t->comes;
	memcpy(t->trace, call->trace, sizeof t->trace);
	if (t->refuse == NULL || t->calls < t->refuse_from)
		return false;
	if (t->member != NULL)
		sg_ignore(sg_api_refuse_member(
		    call, t->refuse, t->member, "a \\x07thing", "a h\xc3\xa4mmer\x1b", err));
	else
		sg_ignore(sg_fail(err, t->code, t->refuse, "the toy does not want to"));
	return true;
}

static struct toy_thing
thing(const struct toy *t, int64_t key)
{
	return (struct toy_thing){.key = key, .colour = t->colour == 0 ? 1 : t->colour};
}

static enum sg_code
list(struct sg_api_call *call, struct sg_err *err)
{
	struct toy *t = call->role;
	const struct sg_api_page *page = &call->page;
	unsigned n = 0;

	if (refuses(call, t, err))
		return err->code;
	int64_t step = page->ascending ? 1 : -1;
	int64_t key = page->has_after ? page->after + step : page->ascending ? 1 : t->keys;
	for (; key >= 1 && key <= t->keys && n < page->limit; key += step, n++) {
		struct toy_thing v = thing(t, key);
		if (!sg_api_put_item(call, key, &v))
			break;
	}
	return SG_OK;
}

static enum sg_code
things(struct sg_api_call *call, struct sg_err *err)
{
	struct toy *t = call->role;
	const struct toy_filter *filter = call->params;

	t->filter = *filter;
	snprintf(t->name, sizeof t->name, "%.*s", (int)filter->name.len,
	    filter->name.len == 0 ? "" : (const char *)filter->name.p);
	return list(call, err);
}

static enum sg_code
one(struct sg_api_call *call, struct sg_err *err)
{
	struct toy *t = call->role;

	if (refuses(call, t, err))
		return err->code;
	struct toy_thing v = thing(t, 7);
	if (!t->silent)
		sg_api_put(call, &v);
	return SG_OK;
}

static enum sg_code
by_id(struct sg_api_call *call, struct sg_err *err)
{
	const struct toy_id *params = call->params;
	sg_buf_scoped hex = {0};
	struct toy *t = call->role;

	sg_hex_put(&hex, params->id);
	snprintf(t->id, sizeof t->id, "%s", sg_buf_text(&hex));
	return one(call, err);
}

static enum sg_code
make(struct sg_api_call *call, struct sg_err *err)
{
	const struct toy_want *body = call->body;

	((struct toy *)call->role)->size = body->size;
	return one(call, err);
}

static enum sg_code
touch(struct sg_api_call *call, struct sg_err *err)
{
	const struct toy_touch *body = call->body;
	struct toy *t = call->role;

	t->silent = true;
	t->has_note = body->has_note;
	snprintf(t->note, sizeof t->note, "%.*s", (int)body->note.len,
	    body->note.len == 0 ? "" : (const char *)body->note.p);
	return by_id(call, err);
}

static enum sg_code
file(struct sg_api_call *call, struct sg_err *err)
{
	struct toy *t = call->role;

	if (refuses(call, t, err))
		return err->code;
	if (t->silent)
		return SG_OK;
	enum sg_code rc = sg_api_begin_bytes(
	    call, "toy.bin", t->length == 0 ? 10 : (uint64_t)t->length, err);
	for (int64_t n = 0; rc == SG_OK && n < (t->pieces == 0 ? 2 : t->pieces); n++)
		rc = sg_api_put_bytes(call, sg_slice_str("12345"), err);
	return rc;
}

static sg_api_handler *const handlers[SG_API_toy_n] = {
    [SG_API_toy_things] = things,
    [SG_API_toy_thing] = by_id,
    [SG_API_toy_make] = make,
    [SG_API_toy_touch] = touch,
    [SG_API_toy_events] = list,
    [SG_API_toy_file] = file,
};
const struct sg_api toy_api = {&sg_api_toy_routes, handlers};
const struct sg_api_principal toy_root = {
    .who = "uid 0", .proof = SG_API_PROOF_PEERCRED, .rights = SG_API_RIGHTS_ALL};

static enum sg_code
keep_begin(void *arg, int status, const char *content_type, const char *fields, bool has_length,
    uint64_t length, struct sg_err *err)
{
	struct kept *k = arg;

	(void)err;
	assert_int_equal(k->status, 0);
	k->status = status;
	snprintf(k->type, sizeof k->type, "%s", content_type == NULL ? "" : content_type);
	snprintf(k->fields, sizeof k->fields, "%s", fields);
	k->has_length = has_length;
	k->length = length;
	return SG_OK;
}

static enum sg_code
keep_put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	struct kept *k = arg;

	assert_true(k->status != 0 && !k->ended && piece.len > 0);
	if (++k->puts == k->fail_at)
		return sg_fail(err, SG_E_IO, "http.gone", "the other side has gone");
	sg_buf_put_slice(&k->body, piece);
	return sg_buf_check(&k->body, err);
}

static enum sg_code
keep_end(void *arg, struct sg_err *err)
{
	struct kept *k = arg;

	(void)err;
	assert_false(k->ended);
	k->ended = true;
	return SG_OK;
}

static bool
keep_wait(void *arg, int64_t ms)
{
	struct kept *k = arg;

	assert_in_range(ms, 250, 500);
	return k->waits-- > 0;
}

static enum sg_code
keep_stay(void *arg, struct sg_err *err)
{
	struct kept *k = arg;

	k->stays++;
	return k->no_stay ? sg_fail(err, SG_E_BUSY, "toy.busy", "others stay") : SG_OK;
}

static void
keep_refused(void *arg, int status, const struct sg_err *why)
{
	struct kept *k = arg;

	k->refusals++;
	k->refused_status = status;
	snprintf(k->refused_rule, sizeof k->refused_rule, "%s", why->rule);
}

enum sg_code
toy_ask_as(const struct sg_api_principal *who, struct toy *toy, const char *line, const char *type,
    const char *body, struct kept *k)
{
	static const char *const names[] = {
	    "", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};
	const struct sg_api_sink sink = {.arg = k,
	    .begin = keep_begin,
	    .put = keep_put,
	    .end = keep_end,
	    .wait_ms = keep_wait,
	    .stay = keep_stay,
	    .refused = keep_refused};
	struct sg_api_ask ask = {.trace = {0xab, 0xcd, [15] = 0xef}};
	const char *path = strchr(line, ' ') + 1, *query = strchr(path, '?');
	struct sg_err err = {0};

	for (int m = SG_HTTP_GET; m <= SG_HTTP_CONNECT; m++)
		if (strncmp(line, names[m], strlen(names[m])) == 0)
			ask.method = (enum sg_http_method)m;
	ask.has_query = query != NULL;
	ask.path = query == NULL ? sg_slice_str(path) : sg_slice(path, (size_t)(query - path));
	ask.query = query == NULL ? sg_slice(NULL, 0) : sg_slice_str(query + 1);
	ask.content_type = type == NULL ? sg_slice(NULL, 0) : sg_slice_str(type);
	ask.body = body == NULL ? sg_slice(NULL, 0) : sg_slice_str(body);
	enum sg_code rc = sg_api_serve(&toy_api, &ask, who, toy, &sink, &err);
	assert_int_equal(rc, err.code);
	if (rc == SG_OK && k->has_length && ask.method != SG_HTTP_HEAD)
		assert_int_equal(k->length, k->body.len);
	assert_true(rc != SG_OK || k->ended);
	return rc;
}

void
toy_ask(struct toy *toy, const char *line, const char *body, struct kept *k)
{
	sg_buf_clear(&k->body);
	*k = (struct kept){.waits = k->waits};
	assert_int_equal(
	    toy_ask_as(&toy_root, toy, line, body == NULL ? NULL : "application/json", body, k),
	    SG_OK);
}

void
toy_expect_at(const struct kept *k, int status, const char *rule, const char *member, int line)
{
	sg_json_doc_scoped doc = {0};
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_problem p;
	struct sg_err err = {0};

	if (sg_json_read(sg_buf_slice(&k->body), &limits, SG_JSON_STRICT, &sg_api_problem_schema,
		&doc, &p, NULL, &err) != SG_OK)
		fail_msg("line %d: status %d: %s", line, k->status, err.text);
	if (k->status != status || p.status != status || !sg_slice_is(p.rule, rule))
		fail_msg("line %d: status %d, rule %.*s: %.*s", line, k->status, (int)p.rule.len,
		    (const char *)p.rule.p, (int)p.detail.len, (const char *)p.detail.p);
	if (p.has_member != (member != NULL) || (member != NULL && !sg_slice_is(p.member, member)))
		fail_msg("line %d: member %.*s", line, (int)p.member.len,
		    p.has_member ? (const char *)p.member.p : "");
	assert_string_equal(k->type, "application/problem+json");
	assert_non_null(strstr(k->fields, "Cache-Control: no-store\r\n"));
	expect_bytes(p.trace, "abcd00000000000000000000000000ef");
	assert_int_equal(k->refusals, 1);
	assert_int_equal(k->refused_status, status);
	assert_string_equal(k->refused_rule, rule);
}
