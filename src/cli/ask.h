/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/ask.h - a question to a role of the running system, by its control socket
 */

#include <stdbool.h>
#include <stdint.h>

#include "api/ask.h"
#include "base/buf.h"
#include "cli/cli.h"
#include "json/read.h"

/*
 * Ask a route of the role that has it; its answer, JSON, is appended to ret_text. params and body
 * are structs of the route's rows or NULL; page is NULL but for a list. EXIT_OK; otherwise a
 * message was printed, with --json also the role's problem, and the exit code is returned. A role
 * may take a minute: a revocation list over a million entries needs its time.
 */
int
cli_call(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    const struct sg_api_ask_page *page, const void *body, struct sg_buf *ret_text);
/* The same with another limit. */
int
cli_call_within(const struct cli_args *a, int64_t limit_ms, const struct sg_api_route *route,
    const void *params, const struct sg_api_ask_page *page, const void *body,
    struct sg_buf *ret_text);
/* An answer that is one object, and what it was read from. */
struct cli_answer {
	struct sg_buf text;
	struct sg_json_doc doc;
	bool printed; /* as JSON: there is no more to say */
};
void
cli_answer_clear(struct cli_answer *answer);
#define cli_answer_scoped __attribute__((cleanup(cli_answer_clear))) struct cli_answer
/* Ask a route of the shape SG_API_ONE: with --json its answer is printed, and *ret, a struct of
 * route->answer, is read from it. Returns the exit code. */
int
cli_call_one(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    const void *body, struct cli_answer *answer, void *ret);
/* A list that is followed (page->follow): line gets each item, JSON without its line feed, until it
 * returns false, which is EXIT_OK, or the role ends. */
int
cli_call_lines(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    const struct sg_api_ask_page *page, bool (*line)(void *arg, struct sg_slice line), void *arg);
/* An answer of bytes, written to fd; how far it is on standard error, where that is a terminal.
 * On a failure fd has a part of it. */
int
cli_call_file(
    const struct cli_args *a, const struct sg_api_route *route, const void *params, int fd);
/* An answer, or a line of it, read into a struct of the schema; it borrows from doc. False: a
 * message was printed. */
bool
cli_read(const struct cli_args *a, const struct sg_json_schema *schema, struct sg_slice text,
    struct sg_json_doc *doc, void *ret);
/* An answer on standard output, indented: what --json prints. */
void
cli_print_json(struct sg_slice text);
