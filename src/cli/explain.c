/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain.c - signet explain: a row of the catalogue of rules, or the list
 */

#include <stdio.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/text.h"
#include "explain/catalog.h"

static int
run(const struct cli_args *a)
{
	size_t n = 0;

	if (a->pos_n == 1) {
		if (!sg_catalog_known(a->pos[0]))
			return cli_usage(
			    a, "no rule '%s'; see the list: signet explain", cli_show(a->pos[0]));
		cli_rule_print(sg_slice_str(a->pos[0]), sg_slice(NULL, 0));
		return EXIT_OK;
	}
	for (const struct sg_catalog_rule *r; (r = sg_catalog_at(n)) != NULL; n++)
		printf("%-28s %s\n", r->rule, r->title);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_END};

const struct cli_command cli_explain = {
    .name = "explain",
    .args = "[RULE]",
    .pos_max = 1,
    .summary = "what a rule means, its causes and its remedy; without one, the list",
    .options = options,
    .run = run,
};
