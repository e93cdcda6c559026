/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_revoke.c - signet ca revoke: has the ca role revoke a certificate or all of its lineage
 */

#include <stdio.h>

#include "cli/args.h"
#include "cli/ca.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "x509/crl.h"

/* What was done to a lineage, and to which. */
static void
print_lineage(const struct sg_api_revoked *answer)
{
	const struct sg_api_lineage_revoked *l = &answer->lineage;
	const struct sg_slice *serial = l->serials.item;
	long long n = l->revoked, size = l->size;

	printf("revoked %lld of the %lld certificates of the lineage", n, size);
	if (l->ended > 0)
		printf(", of which %lld had ended", (long long)l->ended);
	if (size > n)
		printf(", %lld %s revoked or on hold before", size - n,
		    size - n == 1 ? "was" : "were");
	if (answer->lists.n > 0)
		printf("; CRL number %lld is published\n", cli_ca_number(&answer->lists));
	else
		printf("; no list that is published has any of them\n");
	for (size_t i = 0; i < l->serials.n; i++)
		printf("  %s\n", cli_show_slice(serial[i]));
	if (n > (long long)l->serials.n)
		printf("  and %lld more\n", n - (long long)l->serials.n);
}

/* A stolen key may have renewed, and what it got is good. */
static void
print_rest(const struct cli_args *a, const struct sg_api_revoke *how, long long good)
{
	const char *reason = how->has_reason ? sg_json_word_of(sg_api_reason_words, how->reason)
					     : NULL;

	if (good <= 0 || how->reason == SG_REASON_SUPERSEDED || how->reason == SG_REASON_HOLD)
		return;
	printf("%lld more certificate%s of its lineage %s good: signet ca revoke %s --lineage%s%s "
	       "revokes %s\n",
	    good, good == 1 ? "" : "s", good == 1 ? "is" : "are", cli_show(a->pos[0]),
	    reason != NULL ? " --reason " : "", reason != NULL ? reason : "",
	    good == 1 ? "it" : "them");
}

static int
run(const struct cli_args *a)
{
	struct sg_api_serial which = {.serial = sg_slice_str(a->pos[0])};
	bool lineage = cli_get(a, "lineage") != NULL;
	struct sg_api_revoke how = {.has_lineage = lineage, .lineage = lineage};
	cli_answer_scoped got = {0};
	struct sg_api_revoked answer;

	int rc = cli_get_word(a, "reason", sg_api_reason_words, &how.has_reason, &how.reason);
	if (rc == EXIT_OK)
		rc = cli_ca_call(a, SG_API_ca_revoke, &which, &how, &got, &answer);
	if (rc != EXIT_OK || got.printed)
		return rc;
	if (answer.has_lineage) {
		print_lineage(&answer);
	} else {
		printf("revoked; CRL number %lld is published\n", cli_ca_number(&answer.lists));
		print_rest(a, &how, answer.lineage_good);
	}
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
