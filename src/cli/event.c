/* SPDX-License-Identifier: Apache-2.0 */

/*
 * event.c - a rule and an event as trace, events and explain print them
 */

#include "cli/event.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/buf.h"
#include "cli/json.h"
#include "cli/text.h"
#include "explain/catalog.h"

#define WIDTH 92u

void
cli_rule_print(const char *rule, const char *text)
{
	sg_buf_scoped out = {0};
	sg_catalog_print(&out, cli_show(rule), text == NULL ? NULL : cli_show(text), WIDTH);
	fputs(sg_buf_text(&out), stdout);
}

void
cli_event_print(const json_t *e, bool explain)
{
	sg_buf_scoped at = {0};
	const char *rule = cli_json_text(e, "rule");

	sg_date_put_us(&at, cli_json_int(e, "at_us"));
	if (!explain) {
		printf("%s  %-9s  %-24s  %s\n", sg_buf_text(&at), cli_json_show(e, "role"),
		    cli_show(rule), cli_json_show(e, "text"));
		return;
	}
	bool refused = strcmp(cli_json_text(e, "code"), "ok") != 0;
	printf("%s %s\n", refused ? "refused   " : "noted     ", sg_buf_text(&at));
	printf("by         %s, endpoint %s, from %s\n", cli_json_show(e, "role"),
	    cli_json_show(e, "endpoint"), cli_json_show(e, "peer"));
	printf("trace      %s\n", cli_json_show(e, "trace"));
	if (cli_json_text(e, "transaction")[0] != '\0')
		printf("SCEP id    %s\n", cli_json_show(e, "transaction"));
	if (cli_json_text(e, "subject")[0] != '\0')
		printf("subject    %s\n", cli_json_show(e, "subject"));
	printf("\n");
	cli_rule_print(rule, cli_json_text(e, "text"));
	printf("\n");
}
