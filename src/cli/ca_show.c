/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_show.c - signet ca show: all that the ca role knows of one certificate
 */

#include <stdio.h>

#include "base/buf.h"
#include "base/pem.h"
#include "cli/ca.h"
#include "cli/commands.h"
#include "cli/text.h"

/* What a member of a lineage is to the certificate that is shown. */
static const char *
relation(const struct sg_api_certificate *c, const struct sg_api_lineage_member *member)
{
	if (sg_slice_eq(member->serial, c->serial))
		return "this one";
	if (c->has_renews && sg_slice_eq(member->serial, c->renews))
		return "renewed by it";
	if (member->has_renews && sg_slice_eq(member->renews, c->serial))
		return "renews it";
	return "";
}

static void
print_lineage(const struct sg_api_certificate *c)
{
	const struct sg_api_lineage *l = &c->lineage;
	const struct sg_api_lineage_member *member = l->members.item;

	if (!c->has_lineage)
		return;
	if (l->size <= 1) {
		printf("lineage     this one alone\n");
		return;
	}
	printf("lineage     %lld certificates, %lld live, begins with %s\n", (long long)l->size,
	    (long long)l->live, cli_show_slice(l->first));
	for (size_t n = 0; n < l->members.n; n++)
		printf("  %-40s  %-9s  %-20s  %s\n", cli_show_slice(member[n].serial),
		    cli_word(sg_api_certificate_state_words, member[n].state),
		    cli_time_us(member[n].not_after), relation(c, &member[n]));
	if (l->more > 0)
		printf("  and %lld older (signet ca list --lineage %s)\n", (long long)l->more,
		    cli_show_slice(c->serial));
}

static void
print_certificate(const struct sg_api_certificate *c)
{
	sg_buf_scoped pem = {0};

	printf("subject     %s\n", cli_show_slice(c->subject));
	printf("serial      %s\n", cli_show_slice(c->serial));
	printf("state       %s\n", cli_word(sg_api_certificate_state_words, c->state));
	if (c->has_revoked_at)
		printf("revoked     %s, %s\n", cli_time_us(c->revoked_at),
		    cli_word(sg_api_reason_words, c->reason));
	printf("valid       %s to %s\n", cli_time_us(c->not_before), cli_time_us(c->not_after));
	printf("endpoint    %s, template %s\n", cli_show_slice(c->endpoint),
	    cli_show_slice(c->template));
	if (c->has_renews)
		printf("renews      %s\n", cli_show_slice(c->renews));
	if (c->has_signer)
		printf("signed by   %s, for which a challenge authorized it\n",
		    cli_show_slice(c->signer));
	printf("trace       ");
	for (size_t n = 0; n < c->trace.len; n++)
		printf("%02x", c->trace.p[n]);
	printf("\n");
	print_lineage(c);
	if (c->has_der) {
		sg_pem_put(&pem, "CERTIFICATE", c->der);
		fputs(sg_buf_text(&pem), stdout);
	}
}

static int
run(const struct cli_args *a)
{
	struct sg_api_serial which = {.serial = sg_slice_str(a->pos[0])};
	cli_answer_scoped got = {0};
	struct sg_api_certificate answer;

	int rc = cli_ca_call(a, SG_API_ca_certificate, &which, NULL, &got, &answer);
	if (rc == EXIT_OK && !got.printed)
		print_certificate(&answer);
	return rc;
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
