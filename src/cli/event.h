/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/event.h - a rule and an event as trace, events and explain print them
 */

#include <stdbool.h>

#include "api/registrar.h"
#include "base/slice.h"

/* What a rule means, its causes and its remedy; text is what was found, may be empty. */
void
cli_rule_print(struct sg_slice rule, struct sg_slice text);
/* The line of a trace id. */
void
cli_trace_print(struct sg_slice trace);
/* A refusal that has no transaction, or a line that belongs to one; explain: on many lines. */
void
cli_event_print(const struct sg_api_event *e, bool explain);
