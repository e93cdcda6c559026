/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/ca.h - what several "signet ca" commands share
 */

#include <stdbool.h>

#include "api/ca.h"
#include "base/buf.h"
#include "cli/cli.h"
#include "json/read.h"

/* An answer of ca, and what it was read from. */
struct cli_ca_answer {
	struct sg_buf text;
	struct sg_json_doc doc;
	bool printed; /* as JSON: there is no more to say */
};
void
cli_ca_answer_clear(struct cli_ca_answer *answer);
#define cli_ca_answer_scoped __attribute__((cleanup(cli_ca_answer_clear))) struct cli_ca_answer

/* Ask one of the routes SG_API_ca_..., whose answer is one object: with --json it is printed, and
 * *ret, a struct of the route's answer, is read from it. Returns the exit code. */
int
cli_ca_call(const struct cli_args *a, unsigned route, const void *params, const void *body,
    struct cli_ca_answer *got, void *ret);
/* The number of the first list of an answer; 0: there is none. */
long long
cli_ca_number(const struct sg_json_list *lists);
/* Ask for an act after which lists are published, and say what was done. */
int
cli_ca_published(const struct cli_args *a, unsigned route, const void *params, const void *body,
    const char *done);
