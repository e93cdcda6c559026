/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/ask.h - a question to a role of the running system, by its control socket
 */

#include <jansson.h>

#include "cli/cli.h"

/* {"verb": verb}, to be filled and handed to cli_ask(). */
json_t *
cli_ask_new(const char *verb);
/*
 * Ask a role ("registrar", "ca"); question is released. On success *ret is the answer, to be
 * released; otherwise a message was printed and the exit code is returned.
 */
int
cli_ask(const struct cli_args *a, const char *role, json_t *question, json_t **ret);
