/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/ca.h - what several "signet ca" commands share
 */

#include "api/ca.h"
#include "cli/ask.h"

/* cli_call_one of one of the routes SG_API_ca_... */
int
cli_ca_call(const struct cli_args *a, unsigned route, const void *params, const void *body,
    struct cli_answer *answer, void *ret);
/* The number of the first list of an answer; 0: there is none. */
long long
cli_ca_number(const struct sg_json_list *lists);
/* Ask for an act after which lists are published, and say what was done. */
int
cli_ca_published(const struct cli_args *a, unsigned route, const void *params, const void *body,
    const char *done);
