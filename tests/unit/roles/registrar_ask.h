/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * unit/roles/registrar_ask.h - a question to the routes of registrar, without a process around them
 */

#include "unit/store/store_test.h"

#include <jansson.h>

#include "api/registrar.h"
#include "roles/registrar/routes.h"
#include "roles/registrar/state.h"

struct kept {
	int status;
	struct sg_buf body;
};

static enum sg_code
kept_begin(void *arg, int status, const char *content_type, const char *fields, bool has_length,
    uint64_t length, struct sg_err *err)
{
	(void)content_type, (void)fields, (void)has_length, (void)length, (void)err;
	((struct kept *)arg)->status = status;
	return SG_OK;
}

static enum sg_code
kept_put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	sg_buf_put_slice(&((struct kept *)arg)->body, piece);
	return sg_buf_check(&((struct kept *)arg)->body, err);
}

static enum sg_code
kept_end(void *arg, struct sg_err *err)
{
	(void)arg, (void)err;
	return SG_OK;
}

/* The answer, to be released; asserts its status. */
static inline json_t *
ask_registrar(
    struct bed *t, struct registrar *r, const struct sg_api_ask *question, int want_status)
{
	struct kept kept = {.body = {.max = 2u << 20}};
	const struct sg_api_principal who = {"uid 0", SG_API_PROOF_PEERCRED, SG_API_RIGHTS_ALL};
	const struct sg_api_sink sink = {
	    .arg = &kept, .begin = kept_begin, .put = kept_put, .end = kept_end};

	assert_ok(sg_api_serve(&registrar_api, question, &who, r, &sink, &t->err));
	json_t *o = json_loadb((const char *)kept.body.p, kept.body.len, 0, NULL);
	if (o == NULL || kept.status != want_status)
		fail_msg("%.*s?%.*s: %d %s", (int)question->path.len,
		    (const char *)question->path.p, (int)question->query.len,
		    question->query.len == 0 ? "" : (const char *)question->query.p, kept.status,
		    sg_buf_text(&kept.body));
	sg_buf_clear(&kept.body);
	return o;
}

static inline const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s == NULL ? "(absent)" : s;
}

#define expect(o, name, want) assert_string_equal(text_of((o), (name)), (want))
