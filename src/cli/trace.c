/* SPDX-License-Identifier: Apache-2.0 */

/*
 * trace.c - signet trace, events, explain: what happened, why, and what to do about it
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "explain/catalog.h"
#include "explain/steps.h"

#define WIDTH 92u
#define FOLLOW_US 500000

static void
print_rule(const char *rule, const char *text)
{
	sg_buf_scoped out = {0};
	sg_rule_print(&out, cli_show(rule), text == NULL ? NULL : cli_show(text), WIDTH);
	fputs(sg_buf_text(&out), stdout);
}

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
	print_steps(cli_json_text(tx, "steps"));
	if (rule[0] != '\0') {
		printf("\n");
		print_rule(rule, cli_json_text(tx, "text"));
	}
	printf("\n");
}

/* A refusal that has no transaction, or a line that belongs to one. */
static void
print_event(const json_t *e, bool explain)
{
	sg_buf_scoped at = {0};
	const char *rule = cli_json_text(e, "rule");

	sg_put_time_us(&at, cli_json_int(e, "at_us"));
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
	print_rule(rule, cli_json_text(e, "text"));
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
trace(const struct cli_args *a)
{
	json_t *ask = json_object(), *answer = NULL, *item;
	size_t n;
	int64_t limit = cli_get_number(a, "limit", 500, 20);

	json_object_set_new(ask, "verb", json_string("trace"));
	json_object_set_new(ask, "what", json_string(a->pos[0]));
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
		    item) if (!is_told(txs, item)) print_event(item, true);
	}
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option trace_options[] = {CLI_OPTION_CONF,
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
    .options = trace_options,
    .run = trace,
};

/* ---- events ---- */

static int
ask_events(const struct cli_args *a, int64_t after, int64_t limit, json_t **ret)
{
	json_t *ask = json_object();

	json_object_set_new(ask, "verb", json_string("events"));
	json_object_set_new(ask, "limit", json_integer(limit));
	if (after >= 0)
		json_object_set_new(ask, "after", json_integer(after));
	if (cli_get(a, "rule") != NULL)
		json_object_set_new(ask, "rule", json_string(cli_get(a, "rule")));
	if (cli_get(a, "subject") != NULL)
		json_object_set_new(ask, "subject", json_string(cli_get(a, "subject")));
	return cli_ask(a, "registrar", ask, ret);
}

static void
print_one(const struct cli_args *a, const json_t *e)
{
	if (cli_get(a, "json") == NULL) {
		print_event(e, false);
		return;
	}
	sg_ignore(json_dumpf(e, stdout, JSON_COMPACT) != 0);
	putchar('\n');
}

static int
follow(const struct cli_args *a, int64_t last)
{
	for (;;) {
		json_t *answer = NULL, *e;
		size_t n;
		int rc = ask_events(a, last, 500, &answer);
		if (rc != EXIT_OK)
			return rc;
		json_array_foreach(json_object_get(answer, "events"), n, e)
		{
			last = cli_json_int(e, "id");
			print_one(a, e);
		}
		json_decref(answer);
		fflush(stdout);
		usleep(FOLLOW_US);
	}
}

static int
events(const struct cli_args *a)
{
	json_t *answer = NULL;
	int64_t limit = cli_get_number(a, "limit", 500, 50), last = 0;

	if (limit < 0)
		return EXIT_USAGE;
	int rc = ask_events(a, -1, limit, &answer);
	if (rc != EXIT_OK)
		return rc;
	json_t *list = json_object_get(answer, "events");
	for (size_t n = json_array_size(list); n > 0; n--) {
		last = cli_json_int(json_array_get(list, n - 1), "id");
		print_one(a, json_array_get(list, n - 1));
	}
	json_decref(answer);
	fflush(stdout);
	return cli_get(a, "follow") == NULL ? EXIT_OK : follow(a, last);
}

static const struct cli_option events_options[] = {CLI_OPTION_CONF,
    {"follow", 'f', NULL, "go on as new ones come"}, {"rule", 0, "WORD", "only this rule"},
    {"subject", 's', "TEXT", "only those whose subject has this in it"},
    {"limit", 'n', "N", "the last N (default: 50)"}, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_events = {
    .name = "events",
    .args = "",
    .summary = "the last refusals and what else is worth a line",
    .text = "One line each: time, role, rule, what was found. With --json one object per line.\n"
	    "'signet explain RULE' says what a rule means.",
    .options = events_options,
    .run = events,
};

/* ---- explain ---- */

static int
explain(const struct cli_args *a)
{
	size_t n = 0;

	if (a->pos_n == 1) {
		if (!sg_rule_known(a->pos[0]))
			return cli_usage(
			    a, "no rule '%s'; see the list: signet explain", cli_show(a->pos[0]));
		print_rule(a->pos[0], NULL);
		return EXIT_OK;
	}
	for (const struct sg_rule *r; (r = sg_rule_at(n)) != NULL; n++)
		printf("%-28s %s\n", r->rule, r->title);
	return EXIT_OK;
}

static const struct cli_option explain_options[] = {CLI_OPTION_END};

const struct cli_command cli_explain = {
    .name = "explain",
    .args = "[RULE]",
    .pos_max = 1,
    .summary = "what a rule means, its causes and its remedy; without one, the list",
    .options = explain_options,
    .run = explain,
};
