/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/problem.h - the one shape of a refusal: application/problem+json (RFC 9457)
 *
 * {"type": "urn:signet:rule:json.type", "title", "status", "detail", "code", "rule", "member",
 *  "expected", "found", "remedy", "trace"}: title and remedy are those of `signet explain RULE`.
 */

#include "base/buf.h"
#include "base/err.h"
#include "json/read.h"
#include "json/schema.h"

extern const struct sg_json_word sg_api_problem_codes[]; /* enum sg_code */

#define SG_API_PROBLEM_ROWS(R, T)                                                                  \
	R(T, text, required, type, (1, 128), "urn:signet:rule: and the rule")                      \
	R(T, text, required, title, (1, 256), "what kind of refusal it is")                        \
	R(T, int, required, status, (400, 599), "the status of HTTP")                              \
	R(T, text, required, detail, (1, 1024), "what was wrong, in one sentence")                 \
	R(T, enum, required, code, (sg_api_problem_codes), "who is to blame")                      \
	R(T, text, required, rule, (1, 64), "what was broken; signet explain RULE says more")      \
	R(T, text, optional, member, (0, 128), "the path of the member, such as sans[3]")          \
	R(T, text, optional, expected, (1, 256), "what it would have to be")                       \
	R(T, text, optional, found, (1, 128), "what it was")                                       \
	R(T, text, required, remedy, (1, 2048), "what to do")                                      \
	R(T, hex, required, trace, (16, 16), "of this question, in the log too")
SG_JSON_DECLARE(sg_api_problem, SG_API_PROBLEM_ROWS);

/* The last line of a list that is followed, where the role ended it. */
#define SG_API_LAST_LINE_ROWS(R, T)                                                                \
	R(T, object, optional, problem, (sg_api_problem), "why there is no more")
SG_JSON_DECLARE(sg_api_last_line, SG_API_LAST_LINE_ROWS);

/* The status of HTTP for a code. */
int
sg_api_status(enum sg_code code);
/* Append the problem of an error. fault may be NULL or empty. */
void
sg_api_problem_put(struct sg_buf *b, const struct sg_err *why, const struct sg_json_fault *fault,
    int status, const uint8_t trace[16]);
/* On the side that asked: the error that a problem tells. What is no problem is SG_E_INTERNAL
 * ("api.answer") with the status in its text. Always a failure. */
enum sg_code
sg_api_problem_read(int status, struct sg_slice text, struct sg_err *err);
/* The same of a line of a list that is followed; SG_OK: it is an item. */
SG_RC
sg_api_problem_read_line(struct sg_slice line, struct sg_err *err);
