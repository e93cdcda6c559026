/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/event.h - a rule and an event as trace, events and explain print them
 */

#include <jansson.h>
#include <stdbool.h>

/* What a rule means, its causes and its remedy; text is what was found, or NULL. */
void
cli_rule_print(const char *rule, const char *text);
/* A refusal that has no transaction, or a line that belongs to one; explain: on many lines. */
void
cli_event_print(const json_t *e, bool explain);
