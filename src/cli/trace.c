/* SPDX-License-Identifier: Apache-2.0 */

/*
 * trace.c - signet trace: what became of an enrolment, why, and what to do about it
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/json.h"
#include "cli/text.h"
#include "explain/steps.h"

static void
print_steps(const char *text)
{
	struct sg_steps steps = {0};
	sg_buf_scoped out = {0};

	if (sg_steps_add(&steps, sg_slice_str(text), NULL) != SG_OK || steps.n == 0)
		return;
	sg_steps_sort(&steps);
	sg_steps_print(&out, &steps);
	printf("\n%s", sg_buf_text(&out));
}

static void
print_transaction(const json_t *tx)
{
	const char *rule = cli_json_text(tx, "rule");
	bool renew = strcmp(cli_json_text(tx, "kind"), "renew") == 0;

	printf("%s %s\n", renew ? "renewal  " : "enrolment", cli_json_show(tx, "subject"));
	printf("outcome    %s%s%s\n", cli_json_show(tx, "state"), rule[0] != '\0' ? ": " : "",
	    cli_show(rule));
	printf("trace      %s\n", cli_json_show(tx, "trace"));
	printf("started    %s from %s\n", cli_time(cli_json_int(tx, "started_at")),
	    cli_json_show(tx, "peer"));
	printf("endpoint   %s, policy %s, attempt %lld\n", cli_json_show(tx, "endpoint"),
	    cli_json_show(tx, "policy"), (long long)cli_json_int(tx, "attempt"));
	printf("SCEP id    %s\n", cli_json_show(tx, "transaction"));
	if (cli_json_text(tx, "serial")[0] != '\0')
		printf("serial     %s, valid to %s\n", cli_json_show(tx, "serial"),
		    cli_time(cli_json_int(tx, "not_after")));
	if (cli_json_text(tx, "signer")[0] != '\0')
		printf("signed by  %s, a certificate of this CA\n", cli_json_show(tx, "signer"));
	print_steps(cli_json_text(tx, "steps"));
	if (rule[0] != '\0') {
		printf("\n");
		cli_rule_print(rule, cli_json_text(tx, "text"));
	}
	printf("\n");
}

/* The steps of a transaction as an array instead of their short form. */
static void
expand_steps(json_t *txs)
{
	size_t n;
	json_t *tx;

	json_array_foreach(txs, n, tx)
	{
		struct sg_steps steps = {0};
		sg_buf_scoped text = {0};
		if (sg_steps_add(&steps, sg_slice_str(cli_json_text(tx, "steps")), NULL) != SG_OK)
			continue;
		sg_steps_sort(&steps);
		sg_steps_put_json(&text, &steps);
		json_t *list = json_loadb((const char *)text.p, text.len, 0, NULL);
		if (list != NULL)
			json_object_set_new(tx, "steps", list);
	}
}

/* Is the event the refusal that a printed transaction already tells? */
static bool
is_told(const json_t *txs, const json_t *event)
{
	size_t n;
	const json_t *tx;

	json_array_foreach((json_t *)(uintptr_t)txs, n,
	    tx) if (strcmp(cli_json_text(tx, "trace"), cli_json_text(event, "trace")) == 0 &&
		    strcmp(cli_json_text(tx, "rule"), cli_json_text(event, "rule")) ==
			0) return true;
	return false;
}

static int
run(const struct cli_args *a)
{
	json_t *ask = cli_ask_new("trace"), *answer = NULL, *item;
	size_t n;
	int64_t limit = cli_get_number(a, "limit", 500, 20);

	cli_json_set(ask, "what", a->pos[0]);
	json_object_set_new(ask, "limit", json_integer(limit));
	if (limit < 0) {
		json_decref(ask);
		return EXIT_USAGE;
	}
	int rc = cli_ask(a, "registrar", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	json_t *txs = json_object_get(answer, "transactions");
	if (cli_get(a, "json") != NULL) {
		expand_steps(txs);
		cli_json_print(answer);
	} else {
		json_array_foreach(txs, n, item) print_transaction(item);
		json_array_foreach(json_object_get(answer, "events"), n,
		    item) if (!is_told(txs, item)) cli_event_print(item, true);
	}
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"limit", 'n', "N", "at most so many, newest first (default: 20)"}, CLI_OPTION_JSON,
    CLI_OPTION_END};

const struct cli_command cli_trace = {
    .name = "trace",
    .args = "ID|TRANSACTION|SERIAL|SUBJECT",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "the steps of one enrolment and, if it was refused, why and what to do",
    .text =
	"Looks for a trace id (or its beginning; devices get it with a refusal), then a SCEP\n"
	"transactionID, a serial number, and a part of a subject; what is found first is shown,\n"
	"newest first.",
    .options = options,
    .run = run,
};
