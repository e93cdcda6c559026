/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/json.h - the questions and answers of control sockets
 *
 * Questions are small JSON objects, read with jansson; answers are built with it and
 * appended as compact text. Bytes travel as lower-case hexadecimal.
 */

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Parse an object. SG_E_MALFORMED ("control.json"). The caller owns *ret (json_decref). */
SG_RC
sg_json_parse(struct sg_slice text, json_t **ret, struct sg_err *err);
/* A text member, "" when absent; borrowed. */
const char *
sg_json_text(const json_t *object, const char *name);
int64_t
sg_json_int(const json_t *object, const char *name, int64_t otherwise);
/* A hexadecimal member as bytes, appended. SG_E_MALFORMED ("control.hex"); absent: nothing. */
SG_RC
sg_json_bytes(const json_t *object, const char *name, struct sg_buf *out, struct sg_err *err);

void
sg_json_set_hex(json_t *object, const char *name, struct sg_slice bytes);
/* Outside text: what is not well-formed UTF-8 is escaped. */
void
sg_json_set_text(json_t *object, const char *name, struct sg_slice text);
void
sg_json_set_int(json_t *object, const char *name, int64_t v);

/* Append and release. */
void
sg_json_finish(json_t *object, struct sg_buf *out);
/* {"error": text, "rule": rule}; returns err->code. */
enum sg_code
sg_json_fail(struct sg_buf *out, const struct sg_err *err);

/* One question on its way through a role. */
struct sg_verb_call {
	void *role; /* the role's own state */
	const json_t *ask;
	json_t *answer;
	char who[32]; /* who asks, for the audit: "uid 0" */
};

struct sg_verb {
	const char *verb;
	enum sg_code (*run)(struct sg_verb_call *c, struct sg_err *err);
};

/* Find the question's verb in a role's table, run it, write the answer or the error. Only
 * call->role is the caller's to fill. An unknown verb is SG_E_USAGE ("control.verb"). */
enum sg_code
sg_json_serve(const char *role_name, const struct sg_verb *verbs, size_t n,
    struct sg_slice question, uid_t who, struct sg_verb_call *call, struct sg_buf *json);
