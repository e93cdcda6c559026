/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_revoke.c - signet ca revoke: has the ca role revoke a certificate or all of its lineage
 */

#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"

/* What was done to a lineage, and to which. */
static void
print_revoked(const json_t *answer)
{
	const json_t *serials = json_object_get(answer, "revoked");
	long long n = (long long)cli_json_int(answer, "revoked_count");
	long long size = (long long)cli_json_int(answer, "size");
	long long ended = (long long)cli_json_int(answer, "ended");

	printf("revoked %lld of the %lld certificates of the lineage", n, size);
	if (ended > 0)
		printf(", of which %lld had ended", ended);
	if (size > n)
		printf(", %lld %s revoked or on hold before", size - n,
		    size - n == 1 ? "was" : "were");
	printf("; CRL number %lld is published\n", (long long)cli_json_int(answer, "crl_number"));
	for (size_t i = 0; i < json_array_size(serials); i++) {
		const char *serial = json_string_value(json_array_get(serials, i));
		if (serial != NULL)
			printf("  %s\n", cli_show(serial));
	}
	if (n > (long long)json_array_size(serials))
		printf("  and %lld more\n", n - (long long)json_array_size(serials));
}

/* A stolen key may have renewed, and what it got is good. */
static void
print_rest(const struct cli_args *a, const json_t *answer)
{
	long long good = (long long)cli_json_int(answer, "lineage_good");
	const char *reason = cli_get(a, "reason");

	if (good <= 0 || (reason != NULL && (strcmp(reason, "superseded") == 0 ||
						strcmp(reason, "certificateHold") == 0)))
		return;
	printf("%lld more certificate%s of its lineage %s good: signet ca revoke %s --lineage%s%s "
	       "revokes %s\n",
	    good, good == 1 ? "" : "s", good == 1 ? "is" : "are", cli_show(a->pos[0]),
	    reason != NULL ? " --reason " : "", reason != NULL ? cli_show(reason) : "",
	    good == 1 ? "it" : "them");
}

static int
run(const struct cli_args *a)
{
	json_t *ask = cli_ask_new("revoke"), *answer = NULL;

	cli_json_set(ask, "serial", a->pos[0]);
	cli_json_set(ask, "reason", cli_get(a, "reason"));
	if (cli_get(a, "lineage") != NULL)
		json_object_set_new(ask, "lineage", json_true());
	int rc = cli_ask(a, "ca", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL) {
		cli_json_print(answer);
	} else if (json_object_get(answer, "revoked") != NULL) {
		print_revoked(answer);
	} else {
		printf("revoked; CRL number %lld is published\n",
		    (long long)cli_json_int(answer, "crl_number"));
		print_rest(a, answer);
	}
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"reason", 'r', "WORD",
	"keyCompromise, superseded, cessationOfOperation, certificateHold, ... (RFC 5280)"},
    {"lineage", 'l', NULL, "all that come from the same enrolment, by this and other renewals"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_revoke = {
    .name = "ca revoke",
    .args = "SERIAL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "revoke a certificate and publish a new CRL",
    .text = "A revoked certificate stays revoked; only certificateHold can be released.\n"
	    "Certificates that were renewed from it stay good: with --lineage all of them are\n"
	    "revoked at once, those before it and those that have ended as well, and no renewal\n"
	    "gives another. What was revoked before keeps its date and reason.",
    .options = options,
    .run = run,
};
