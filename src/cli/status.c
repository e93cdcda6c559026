/* SPDX-License-Identifier: Apache-2.0 */

/*
 * status.c - signet status: what the roles that can be asked say of themselves
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api/registrar.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/json.h"
#include "cli/text.h"
#include "roles/services.h"

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
		    role,
		    json_is_string(json_object_get(disk, "since"))
			? cli_json_show(disk, "since")
			: cli_time(cli_json_int(disk, "since")),
		    strcmp(role, "ca") == 0 ? "only revocations" : "nothing is recorded",
		    (double)cli_json_int(disk, "reserve_left") / mib,
		    (double)cli_json_int(disk, "reserve") / mib);
}

/* Whether they are, and who keeps them from it; the role that is asked next may be the one that
 * hangs, so nothing of this waits for more. */
static void
print_enrolments(const json_t *registrar)
{
	const json_t *works = json_object_get(registrar, "works");
	bool full = json_is_true(json_object_get(json_object_get(registrar, "disk"), "full"));
	const char *why[] = {
	    full ? "registrar has no room to record" : NULL,
	    json_is_true(json_object_get(works, "keyd")) ? NULL : "keyd does not answer",
	    json_is_true(json_object_get(works, "ca"))
		? NULL
		: "ca does not answer, or has no room to record",
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
print_env(const json_t *answer)
{
	size_t n;
	const json_t *name;

	json_array_foreach(json_object_get(answer, "pass_env"), n, name)
	    printf("%s%s", n == 0 ? "environment   of a test: roles inherit " : ", ",
		cli_show(json_string_value(name)));
	if (n > 0)
		printf("\n");
}

static void
print_ca(const json_t *ca)
{
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
}

static bool
has_status(const struct sg_service *service)
{
	for (const struct sg_verb *v = service->verbs; v != NULL && v->verb != NULL; v++)
		if (strcmp(v->verb, "status") == 0)
			return true;
	return false;
}

/* By its route, where it has no such verb any more. */
static int
ask_registrar(const struct cli_args *a, json_t **ret)
{
	sg_buf_scoped text = {0};

	int rc = cli_call(
	    a, &sg_api_registrar_routes.route[SG_API_registrar_status], NULL, NULL, NULL, &text);
	if (rc == EXIT_OK)
		*ret = json_loadb((const char *)text.p, text.len, 0, NULL);
	return rc;
}

static int
run(const struct cli_args *a)
{
	const char *path = cli_conf_path(a);
	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(a, path);
	if (conf == NULL)
		return EXIT_USAGE;
	json_t *all = json_object(), *ask = cli_ask_new("status");
	int rc = EXIT_OK;

	for (size_t n = 0; rc == EXIT_OK && roles_services[n] != NULL; n++) {
		json_t *answer = NULL;
		bool registrar = strcmp(roles_services[n]->name, "registrar") == 0;
		if (!sg_conf_has(conf, roles_services[n]->section) ||
		    (!registrar && !has_status(roles_services[n])))
			continue;
		rc = registrar ? ask_registrar(a, &answer)
			       : cli_ask(a, roles_services[n]->name, json_incref(ask), &answer);
		if (rc == EXIT_OK && json_object_get(answer, "works") != NULL &&
		    cli_get(a, "json") == NULL)
			print_enrolments(answer);
		json_object_set_new(all, roles_services[n]->name, answer);
	}
	json_decref(ask);
	sg_conf_free(&conf);
	if (rc == EXIT_OK && cli_get(a, "json") != NULL) {
		cli_json_print(all);
	} else if (rc == EXIT_OK) {
		const json_t *ca = json_object_get(all, "ca");
		const json_t *registrar = json_object_get(all, "registrar");
		if (ca != NULL)
			print_ca(ca);
		if (registrar != NULL)
			print_disk("registrar", registrar);
		print_env(ca != NULL ? ca : registrar);
	}
	json_decref(all);
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
