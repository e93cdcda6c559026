/* SPDX-License-Identifier: Apache-2.0 */

/*
 * status.c - signet status: what the roles that can be asked say of themselves
 */

#include <stdbool.h>
#include <stdio.h>

#include "api/outputs.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/text.h"
#include "json/read.h"
#include "json/write.h"

/* Longer than registrar waits for keyd and ca, one after the other: it is registrar that says which
 * of them hangs. */
#define LIMIT_MS 6000

static void
print_lists(const struct sg_json_list *lists)
{
	const struct sg_api_ca_list *list = lists->item;

	for (size_t n = 0; n < lists->n; n++) {
		if (list[n].has_number)
			printf("CRL           %s: number %lld, %lld %s, until %s\n",
			    cli_show_slice(list[n].path), (long long)list[n].number,
			    (long long)list[n].entries, list[n].entries == 1 ? "entry" : "entries",
			    cli_time_us(list[n].next_update));
		else
			printf("CRL           %s: none was made\n", cli_show_slice(list[n].path));
		if (list[n].has_problem)
			printf("              %s\n", cli_show_slice(list[n].problem));
	}
}

/* still: what the role does without room. */
static void
print_disk(const char *role, const char *still, const struct sg_api_disk *disk)
{
	double mib = 1 << 20, left = (double)disk->reserve_left / mib;

	if (!disk->full)
		printf("disk          %s: has room, and %.1f MiB in reserve\n", role, left);
	else
		printf("disk          %s: full since %s; %s; %.1f of %.1f MiB in reserve left\n",
		    role, cli_time_us(disk->since), still, left, (double)disk->reserve / mib);
}

/* Whether they are, and who keeps them from it; the role that is asked next may be the one that
 * hangs, so nothing of this waits for more. */
static void
print_enrolments(const struct sg_api_registrar_status *registrar)
{
	const char *why[] = {
	    registrar->disk.full ? "registrar has no room to record" : NULL,
	    registrar->works.keyd ? NULL : "keyd does not answer",
	    registrar->works.ca ? NULL : "ca does not answer, or has no room to record",
	};
	const char *before = "are not answered: ";

	printf("enrolments    ");
	for (size_t n = 0; n < sizeof why / sizeof why[0]; n++)
		if (why[n] != NULL) {
			printf("%s%s", before, why[n]);
			before = "; ";
		}
	printf("%s\n", before[0] == ';' ? "" : "are answered");
	sg_ignore(fflush(stdout) != 0);
}

static void
print_env(const struct sg_json_list *names)
{
	const struct sg_slice *name = names->item;

	for (size_t n = 0; n < names->n; n++)
		printf("%s%s", n == 0 ? "environment   of a test: roles inherit " : ", ",
		    cli_show_slice(name[n]));
	if (names->n > 0)
		printf("\n");
}

static void
print_ca(const struct sg_api_ca_status *ca)
{
	printf("issuer        %s, until %s\n", cli_show_slice(ca->issuer),
	    cli_time_us(ca->issuer_not_after));
	printf("certificates  %lld good, %lld revoked, %lld on hold\n", (long long)ca->good,
	    (long long)ca->revoked, (long long)ca->hold);
	print_lists(&ca->lists);
	if (ca->clock_behind > 0)
		printf("clock         %lld s before the latest time that is known: it went "
		       "back\n",
		    (long long)ca->clock_behind);
	printf("audit         %lld rows\n", (long long)ca->audit_rows);
	print_disk("ca", "only revocations", &ca->disk);
}

/* Ask the role that has the route, where it runs here: true when ret, a struct of the answer that
 * borrows from doc, is filled. *rc is the worst that there was: one that does not answer keeps
 * nobody from hearing of the other. */
static bool
ask_role(const struct cli_args *a, const struct sg_conf *conf, const struct sg_api_routes *role,
    unsigned number, struct sg_json_doc *doc, void *ret, int *rc)
{
	const struct sg_api_route *route = &role->route[number];
	sg_buf_scoped text = {0};

	if (!sg_conf_has(conf, role->role))
		return false;
	int got = cli_call_within(a, LIMIT_MS, route, NULL, NULL, NULL, &text);
	if (got == EXIT_OK && !cli_read(a, route->answer, sg_buf_slice(&text), doc, ret))
		got = EXIT_FAILED;
	*rc = got > *rc ? got : *rc;
	return got == EXIT_OK;
}

static int
run(const struct cli_args *a)
{
	const char *path = cli_conf_path(a);
	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(a, path);
	struct sg_api_system_status all = {0};
	sg_json_doc_scoped by_registrar = {0}, by_ca = {0};
	bool json = cli_get(a, "json") != NULL;
	int rc = EXIT_OK;

	if (conf == NULL)
		return EXIT_USAGE;
	all.has_registrar = ask_role(a, conf, &sg_api_registrar_routes, SG_API_registrar_status,
	    &by_registrar, &all.registrar, &rc);
	if (all.has_registrar && !json)
		print_enrolments(&all.registrar);
	all.has_ca = ask_role(a, conf, &sg_api_ca_routes, SG_API_ca_status, &by_ca, &all.ca, &rc);
	sg_conf_free(&conf);
	if (json) {
		sg_buf_scoped text = {0};
		sg_json_put(&text, &sg_api_system_status_schema, &all);
		cli_print_json(sg_buf_slice(&text));
		return rc;
	}
	if (all.has_ca)
		print_ca(&all.ca);
	if (all.has_registrar)
		print_disk("registrar", "nothing is recorded", &all.registrar.disk);
	print_env(all.has_ca ? &all.ca.pass_env : &all.registrar.pass_env);
	return rc;
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_status = {
    .name = "status",
    .args = "",
    .summary = "what the running system holds",
    .text = "Each role that runs here is asked, and has six seconds. One that does not answer is\n"
	    "named, what the other says is shown all the same, and the exit code is 3.",
    .options = options,
    .run = run,
};
