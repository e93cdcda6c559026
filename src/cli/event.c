/* SPDX-License-Identifier: Apache-2.0 */

/*
 * event.c - a rule and an event as trace, events and explain print them
 */

#include "cli/event.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/hex.h"
#include "cli/text.h"
#include "explain/catalog.h"

#define WIDTH 92u

void
cli_rule_print(struct sg_slice rule, struct sg_slice text)
{
	sg_buf_scoped out = {0};
	sg_catalog_print(&out, cli_show_slice(rule), cli_show_line(text), WIDTH);
	fputs(sg_buf_text(&out), stdout);
}

void
cli_trace_print(struct sg_slice trace)
{
	sg_buf_scoped hex = {0};

	sg_hex_put(&hex, trace);
	printf("trace      %s\n", sg_buf_text(&hex));
}

void
cli_event_print(const struct sg_api_event *e, bool explain)
{
	sg_buf_scoped at = {0};
	const char *role = cli_word(sg_api_step_roles, e->role);

	sg_date_put_us(&at, e->at);
	if (!explain) {
		printf("%s  %-9s  %-24s  %s\n", sg_buf_text(&at), role, cli_show_slice(e->rule),
		    cli_show_line(e->text));
		return;
	}
	printf("%s %s\n", e->code != SG_OK ? "refused   " : "noted     ", sg_buf_text(&at));
	printf("by         %s, endpoint %s, from %s\n", role, cli_show_slice(e->endpoint),
	    cli_show_slice(e->peer));
	cli_trace_print(e->trace);
	if (e->has_transaction)
		printf("SCEP id    %s\n", cli_show_slice(e->transaction));
	if (e->has_subject)
		printf("subject    %s\n", cli_show_slice(e->subject));
	printf("\n");
	cli_rule_print(e->rule, e->text);
	printf("\n");
}
