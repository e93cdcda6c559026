/* SPDX-License-Identifier: Apache-2.0 */

/*
 * status.c - signet status: what registrar and ca say of themselves
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"

static void
print_lists(const json_t *lists)
{
	size_t n;
	const json_t *list;

	json_array_foreach((json_t *)(uintptr_t)lists, n, list)
	{
		long long number = (long long)cli_json_int(list, "number");
		if (number > 0)
			printf("CRL           %s: number %lld, %lld entries, until %s\n",
			    cli_json_show(list, "path"), number,
			    (long long)cli_json_int(list, "entries"),
			    cli_time(cli_json_int(list, "next_update")));
		else
			printf("CRL           %s: none was made\n", cli_json_show(list, "path"));
		if (cli_json_text(list, "problem")[0] != '\0')
			printf("              %s\n", cli_json_show(list, "problem"));
	}
}

static void
print_disk(const char *role, const json_t *answer)
{
	const json_t *disk = json_object_get(answer, "disk");
	bool full = json_is_true(json_object_get(disk, "full"));
	double mib = 1 << 20;

	if (!full)
		printf("disk          %s: has room, and %.1f MiB in reserve\n", role,
		    (double)cli_json_int(disk, "reserve_left") / mib);
	else
		printf("disk          %s: full since %s; %s; %.1f of %.1f MiB in reserve left\n",
		    role, cli_time(cli_json_int(disk, "since")),
		    strcmp(role, "ca") == 0 ? "only revocations" : "nothing is recorded",
		    (double)cli_json_int(disk, "reserve_left") / mib,
		    (double)cli_json_int(disk, "reserve") / mib);
}

static int
run(const struct cli_args *a)
{
	json_t *registrar = NULL, *ca = NULL, *ask = cli_ask_new("status");

	int rc = cli_ask(a, "registrar", json_incref(ask), &registrar);
	if (rc == EXIT_OK)
		rc = cli_ask(a, "ca", json_incref(ask), &ca);
	json_decref(ask);
	if (rc == EXIT_OK && cli_get(a, "json") != NULL) {
		json_t *both = json_object();
		json_object_set(both, "registrar", registrar);
		json_object_set(both, "ca", ca);
		cli_json_print(both);
		json_decref(both);
	} else if (rc == EXIT_OK) {
		printf("issuer        %s, until %s\n", cli_json_show(ca, "issuer"),
		    cli_time(cli_json_int(ca, "issuer_not_after")));
		printf("certificates  %lld good, %lld revoked, %lld on hold\n",
		    (long long)cli_json_int(ca, "good"), (long long)cli_json_int(ca, "revoked"),
		    (long long)cli_json_int(ca, "hold"));
		print_lists(json_object_get(ca, "lists"));
		if (cli_json_int(ca, "clock_behind") > 0)
			printf("clock         %lld s before the latest time that is known: it went "
			       "back\n",
			    (long long)cli_json_int(ca, "clock_behind"));
		printf("audit         %lld rows\n", (long long)cli_json_int(ca, "audit_rows"));
		print_disk("ca", ca);
		print_disk("registrar", registrar);
	}
	json_decref(registrar);
	json_decref(ca);
	return rc;
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_status = {
    .name = "status",
    .args = "",
    .summary = "what the running system holds",
    .options = options,
    .run = run,
};
