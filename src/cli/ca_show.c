/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_show.c - signet ca show: all that the ca role knows of one certificate
 */

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/pem.h"
#include "base/buf.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"

/* What a member of a lineage is to the certificate that is shown. */
static const char *
relation(const json_t *row, const json_t *member)
{
	const char *serial = cli_json_text(member, "serial");

	if (strcmp(serial, cli_json_text(row, "serial")) == 0)
		return "this one";
	if (strcmp(serial, cli_json_text(row, "renews")) == 0)
		return "renewed by it";
	if (strcmp(cli_json_text(member, "renews"), cli_json_text(row, "serial")) == 0)
		return "renews it";
	return "";
}

static void
print_lineage(const json_t *row)
{
	json_t *lineage = json_object_get(row, "lineage");
	json_t *member, *members = json_object_get(lineage, "members");
	long long size = (long long)cli_json_int(lineage, "size");
	long long more = (long long)cli_json_int(lineage, "more");
	size_t n;

	if (lineage == NULL)
		return;
	if (size <= 1) {
		printf("lineage     this one alone\n");
		return;
	}
	printf("lineage     %lld certificates, %lld live, begins with %s\n", size,
	    (long long)cli_json_int(lineage, "live"), cli_json_show(lineage, "first"));
	json_array_foreach(members, n, member) printf("  %-40s  %-9s  %-20s  %s\n",
	    cli_json_show(member, "serial"), cli_json_show(member, "state"),
	    cli_time(cli_json_int(member, "not_after")), relation(row, member));
	if (more > 0)
		printf("  and %lld older (signet ca list --lineage %s)\n", more,
		    cli_json_show(row, "serial"));
}

static void
print_certificate(const json_t *row)
{
	sg_buf_scoped der = {0}, pem = {0};

	printf("subject     %s\n", cli_json_show(row, "subject"));
	printf("serial      %s\n", cli_json_show(row, "serial"));
	printf("state       %s\n", cli_json_show(row, "state"));
	if (cli_json_int(row, "revoked_at") != 0)
		printf("revoked     %s, %s\n", cli_time(cli_json_int(row, "revoked_at")),
		    cli_json_show(row, "reason"));
	printf("valid       %s to %s\n", cli_time(cli_json_int(row, "not_before")),
	    cli_time(cli_json_int(row, "not_after")));
	printf("endpoint    %s, template %s\n", cli_json_show(row, "endpoint"),
	    cli_json_show(row, "template"));
	if (cli_json_text(row, "renews")[0] != '\0')
		printf("renews      %s\n", cli_json_show(row, "renews"));
	if (cli_json_text(row, "signer")[0] != '\0')
		printf("signed by   %s, for which a challenge authorized it\n",
		    cli_json_show(row, "signer"));
	printf("trace       %s\n", cli_json_show(row, "trace"));
	print_lineage(row);
	if (sg_hex_parse(sg_slice_str(cli_json_text(row, "der")), &der, NULL) == SG_OK &&
	    der.len > 0) {
		sg_pem_put(&pem, "CERTIFICATE", sg_buf_slice(&der));
		fputs(sg_buf_text(&pem), stdout);
	}
}

static int
run(const struct cli_args *a)
{
	json_t *ask = cli_ask_new("show"), *answer = NULL;

	cli_json_set(ask, "serial", a->pos[0]);
	int rc = cli_ask(a, "ca", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL)
		cli_json_print(json_object_get(answer, "certificate"));
	else
		print_certificate(json_object_get(answer, "certificate"));
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_show = {
    .name = "ca show",
    .args = "SERIAL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "show one certificate, its state, its lineage and its PEM",
    .text =
	"The lineage is all that comes from the same enrolment by renewals: the newest 20, with\n"
	"state and end; signet ca list --lineage SERIAL shows all.",
    .options = options,
    .run = run,
};
