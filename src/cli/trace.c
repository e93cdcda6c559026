/* SPDX-License-Identifier: Apache-2.0 */

/*
 * trace.c - signet trace: what became of an enrolment, why, and what to do about it
 */

#include <stdio.h>

#include "api/registrar.h"
#include "base/buf.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/text.h"
#include "explain/steps.h"
#include "policy/transaction.h"

static void
print_steps(const struct sg_json_list *list)
{
	const struct sg_api_step *step = list->item;
	struct sg_steps steps = {0};
	sg_buf_scoped out = {0};

	for (size_t n = 0; n < list->n; n++)
		sg_steps_mark(&steps, (enum sg_step_role)step[n].role,
		    (enum sg_step_id)step[n].done, (enum sg_step_state)step[n].outcome, step[n].at);
	if (steps.n == 0)
		return;
	sg_steps_print(&out, &steps);
	printf("\n%s", sg_buf_text(&out));
}

static void
print_transaction(const struct sg_api_transaction *tx)
{
	bool renew = tx->kind == SG_TRANSACTION_RENEW;

	printf("%-9s  %s\n", renew ? "renewal" : "enrolment", cli_show_slice(tx->subject));
	printf("outcome    %s%s%s\n", cli_word(sg_api_transaction_states, tx->state),
	    tx->has_rule ? ": " : "", cli_show_slice(tx->rule));
	cli_trace_print(tx->trace);
	printf("started    %s from %s\n", cli_time_us(tx->started_at), cli_show_slice(tx->peer));
	printf("endpoint   %s, policy %s, attempt %lld\n", cli_show_slice(tx->endpoint),
	    cli_word(sg_api_policies, tx->policy), (long long)tx->attempt);
	printf("SCEP id    %s\n", cli_show_slice(tx->transaction));
	if (tx->has_serial)
		printf("serial     %s, valid to %s\n", cli_show_slice(tx->serial),
		    cli_time_us(tx->not_after));
	if (tx->has_signer)
		printf("signed by  %s, a certificate of this CA\n", cli_show_slice(tx->signer));
	print_steps(&tx->steps);
	if (tx->has_rule) {
		printf("\n");
		cli_rule_print(tx->rule, tx->text);
	}
	printf("\n");
}

/* Is the event the refusal that a printed transaction already tells? */
static bool
is_told(const struct sg_json_list *transactions, const struct sg_api_event *e)
{
	const struct sg_api_transaction *tx = transactions->item;

	for (size_t n = 0; n < transactions->n; n++)
		if (sg_slice_eq(tx[n].trace, e->trace) && sg_slice_eq(tx[n].rule, e->rule))
			return true;
	return false;
}

static void
print_found(const struct sg_api_trace *found)
{
	const struct sg_api_transaction *tx = found->transactions.item;
	const struct sg_api_event *e = found->events.item;

	for (size_t n = 0; n < found->transactions.n; n++)
		print_transaction(&tx[n]);
	for (size_t n = 0; n < found->events.n; n++)
		if (!is_told(&found->transactions, &e[n]))
			cli_event_print(&e[n], true);
}

static int
run(const struct cli_args *a)
{
	const struct sg_api_route *route = &sg_api_registrar_routes.route[SG_API_registrar_trace];
	struct sg_api_trace_ask ask = {.what = sg_slice_str(a->pos[0]),
	    .has_limit = true,
	    .limit = cli_get_number(a, "limit", SG_API_TRACE_MAX, SG_API_TRACE_DEFAULT)};
	struct sg_api_trace found;
	cli_answer_scoped got = {0};

	if (ask.limit < 0)
		return EXIT_USAGE;
	if (ask.limit == 0)
		return cli_usage(a, "--limit 0: nothing is asked for");
	int rc = cli_call_one(a, route, &ask, NULL, &got, &found);
	if (rc == EXIT_OK && !got.printed)
		print_found(&found);
	return rc;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"limit", 'n', "N", "at most so many, newest first (default: 20, at most 100)"},
    CLI_OPTION_JSON, CLI_OPTION_END};

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
