/* SPDX-License-Identifier: Apache-2.0 */

/*
 * challenge_new.c - signet challenge new: has the registrar role make a one-time challenge
 */

#include <stdio.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/json.h"

static int
run(const struct cli_args *a)
{
	json_t *ask = cli_ask_new("challenge-new"), *sans = json_array(), *answer = NULL;
	const char *endpoint = cli_get(a, "endpoint"), *subject = cli_get(a, "subject");
	const char *san, *note = cli_get(a, "note");
	int64_t expires_s = cli_get_duration(a, "expires", 3600);

	cli_json_set(ask, "endpoint", endpoint == NULL ? "default" : endpoint);
	cli_json_set(ask, "subject", subject == NULL ? "" : subject);
	cli_json_set(ask, "note", note == NULL ? "" : note);
	json_object_set_new(ask, "any", json_boolean(cli_get(a, "any") != NULL));
	json_object_set_new(ask, "expires_s", json_integer(expires_s));
	for (size_t n = 0; (san = cli_get_nth(a, "san", n)) != NULL; n++)
		json_array_append_new(sans, json_string_nocheck(san));
	json_object_set_new(ask, "sans", sans);
	if (expires_s < 0) {
		json_decref(ask);
		return EXIT_USAGE;
	}
	int rc = cli_ask(a, "registrar", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL)
		cli_json_print(answer);
	else
		printf("%s\n", cli_json_show(answer, "challenge"));
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"endpoint", 'e', "NAME", "the endpoint that it is for (default: default)"},
    {"subject", 's', "NAME",
	"the subject that the request must have: \"CN=dev1,O=Test\" or /CN=dev1/O=Test"},
    {"san", 0, "NAME",
	"a name that the request must have: dns:, email:, uri:, ip:, upn:, dirname:, rid:OID or "
	"other:OID:TEXT, other:OID:#HEX for any DER (repeatable)"},
    {"any", 0, NULL, "bind it to no name: whoever has it chooses the name"},
    {"expires", 0, "TIME", "how long it is good (default: 60m, at most 90d)"},
    {"note", 0, "TEXT", "remembered with it"}, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_challenge_new = {
    .name = "challenge new",
    .args = "",
    .summary = "make a one-time challenge for one device",
    .text =
	"Prints the challenge alone, so that it can go straight into a variable or a profile.\n"
	"It is good for one certificate with exactly this subject and these names. A subject is\n"
	"written in the order of the certificate, as openssl does; LDAP and Windows write it\n"
	"from its end.",
    .options = options,
    .run = run,
};
