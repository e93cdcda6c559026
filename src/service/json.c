/* SPDX-License-Identifier: Apache-2.0 */

/*
 * json.c - a question at a control socket read, and its answer written, for the handlers of every
 * role
 */

#include "service/json.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "json/alloc.h"

enum sg_code
sg_json_parse(struct sg_slice text, json_t **ret, struct sg_err *err)
{
	unsigned long before = sg_json_alloc_failures();
	json_error_t e;
	json_t *object = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &e);
	if (!json_is_object(object)) {
		json_decref(object);
		if (sg_json_alloc_failures() != before)
			return sg_fail(
			    err, SG_E_NOMEM, "memory", "no memory for an object of JSON");
		return sg_fail(err, SG_E_MALFORMED, "control.json", "want one JSON object");
	}
	*ret = object;
	return SG_OK;
}

const char *
sg_json_text(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));
	return s == NULL ? "" : s;
}

int64_t
sg_json_int(const json_t *object, const char *name, int64_t otherwise)
{
	const json_t *v = json_object_get(object, name);
	return json_is_integer(v) ? (int64_t)json_integer_value(v) : otherwise;
}

enum sg_code
sg_json_bytes(const json_t *object, const char *name, struct sg_buf *out, struct sg_err *err)
{
	enum sg_code rc = sg_hex_parse(sg_slice_str(sg_json_text(object, name)), out, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK)
		return sg_fail(
		    err, SG_E_MALFORMED, "control.hex", "'%s': want hexadecimal digits", name);
	return SG_OK;
}

static void
count_failure(const struct sg_buf *b)
{
	if (b->failed != SG_OK)
		sg_json_alloc_failed();
}

void
sg_json_set_hex(json_t *object, const char *name, struct sg_slice bytes)
{
	sg_buf_scoped text = {0};
	sg_hex_put(&text, bytes);
	count_failure(&text);
	json_object_set_new(object, name, json_string(sg_buf_text(&text)));
}

void
sg_json_set_text(json_t *object, const char *name, struct sg_slice text)
{
	sg_buf_scoped escaped = {0};

	if (sg_utf8_is_valid(text)) {
		const char *p = text.len == 0 ? "" : (const char *)text.p;
		json_object_set_new(object, name, json_stringn(p, text.len));
		return;
	}
	sg_escape_put(&escaped, text, 4096);
	count_failure(&escaped);
	json_object_set_new(object, name, json_string(sg_buf_text(&escaped)));
}

void
sg_json_set_int(json_t *object, const char *name, int64_t v)
{
	json_object_set_new(object, name, json_integer(v));
}

static int
append(const char *p, size_t len, void *arg)
{
	sg_buf_put(arg, p, len);
	return 0;
}

void
sg_json_finish(json_t *object, struct sg_buf *out)
{
	if (json_dump_callback(object, append, out, JSON_COMPACT) != 0)
		sg_json_alloc_failed();
	json_decref(object);
}

enum sg_code
sg_json_fail(struct sg_buf *out, const struct sg_err *err)
{
	json_t *object = json_object();
	sg_json_set_text(object, "error", sg_slice_str(err->text));
	sg_json_set_text(object, "rule", sg_slice_str(err->rule == NULL ? "internal" : err->rule));
	sg_buf_reset(out);
	sg_json_finish(object, out);
	return err->code;
}

static enum sg_code
run_verb(const char *role_name, const struct sg_verb *verbs, size_t n, struct sg_verb_call *call,
    struct sg_err *err)
{
	const char *verb = sg_json_text(call->ask, "verb");

	for (size_t i = 0; i < n; i++)
		if (strcmp(verbs[i].verb, verb) == 0)
			return verbs[i].run(call, err);
	return sg_fail(
	    err, SG_E_USAGE, "control.verb", "%s does not know '%.40s'", role_name, verb);
}

enum sg_code
sg_json_serve(const char *role_name, const struct sg_verb *verbs, size_t n,
    struct sg_slice question, uid_t who, struct sg_verb_call *call, struct sg_buf *json)
{
	unsigned long before = sg_json_alloc_failures();
	struct sg_err err = {0};
	json_t *ask = NULL;

	enum sg_code rc = sg_json_parse(question, &ask, &err);
	if (rc != SG_OK)
		return sg_json_fail(json, &err);
	snprintf(call->who, sizeof call->who, "uid %u", (unsigned)who);
	call->ask = ask;
	call->answer = json_object();
	rc = run_verb(role_name, verbs, n, call, &err);
	if (rc == SG_OK)
		sg_json_finish(call->answer, json);
	else
		json_decref(call->answer);
	if (rc == SG_OK && sg_json_alloc_failures() != before)
		rc = sg_fail(&err, SG_E_NOMEM, "memory", "no memory for the answer; ask again");
	if (rc != SG_OK)
		rc = sg_json_fail(json, &err);
	json_decref(ask);
	return rc;
}
