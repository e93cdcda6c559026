/* SPDX-License-Identifier: Apache-2.0 */

/*
 * challenge_new.c - signet challenge new: has the registrar role make a one-time challenge
 */

#include <stdio.h>

#include "api/registrar.h"
#include "base/utf8.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/text.h"

/* What is escaped on the way would be another name. */
static bool
is_text(const struct cli_args *a, const char *name, const char *value)
{
	if (sg_utf8_is_valid(sg_slice_str(value)))
		return true;
	cli_usage(a, "--%s is not well-formed UTF-8", name);
	return false;
}

/* An option, where it is given; false: a message was printed. */
static bool
get_text(const struct cli_args *a, const char *name, bool *ret_has, struct sg_slice *ret)
{
	const char *value = cli_get(a, name);

	*ret_has = value != NULL;
	*ret = sg_slice_str(value == NULL ? "" : value);
	if (cli_get_nth(a, name, 1) != NULL) {
		cli_usage(a, "--%s is given twice", name);
		return false;
	}
	return value == NULL || is_text(a, name, value);
}

static bool
get_life(const struct cli_args *a, struct sg_api_challenge_new *ret)
{
	ret->has_expires_s = cli_get(a, "expires") != NULL;
	ret->expires_s = cli_get_duration(a, "expires", SG_CHALLENGE_LIFE_MIN_S);
	if (ret->expires_s < 0)
		return false;
	if (ret->expires_s >= SG_CHALLENGE_LIFE_MIN_S && ret->expires_s <= SG_CHALLENGE_LIFE_MAX_S)
		return true;
	cli_usage(a, "--expires: want 1s to 90d, have '%s'", cli_show(cli_get(a, "expires")));
	return false;
}

/* san has room for as many as there can be options. */
static bool
get_order(
    const struct cli_args *a, struct sg_slice san[CLI_VALUES_MAX], struct sg_api_challenge_new *ret)
{
	const char *text;

	*ret = (struct sg_api_challenge_new){.has_any = true, .any = cli_get(a, "any") != NULL};
	if (!get_text(a, "endpoint", &ret->has_endpoint, &ret->endpoint) ||
	    !get_text(a, "subject", &ret->has_subject, &ret->subject) ||
	    !get_text(a, "note", &ret->has_note, &ret->note) || !get_life(a, ret))
		return false;
	for (size_t n = 0; (text = cli_get_nth(a, "san", n)) != NULL; n++) {
		if (!is_text(a, "san", text))
			return false;
		san[n] = sg_slice_str(text);
		ret->sans.n = n + 1;
	}
	ret->has_sans = ret->sans.n > 0;
	ret->sans.item = san;
	if (ret->sans.n <= SG_SANS_MAX)
		return true;
	cli_usage(a, "--san: at most %u names, a fixed limit", SG_SANS_MAX);
	return false;
}

static int
run(const struct cli_args *a)
{
	const struct sg_api_route *route =
	    &sg_api_registrar_routes.route[SG_API_registrar_challenge_new];
	struct sg_slice san[CLI_VALUES_MAX];
	struct sg_api_challenge_new order;
	struct sg_api_challenge made;
	cli_answer_scoped got = {0};

	if (!get_order(a, san, &order))
		return EXIT_USAGE;
	int rc = cli_call_one(a, route, NULL, &order, &got, &made);
	if (rc == EXIT_OK && !got.printed)
		printf("%s\n", cli_show_slice(made.challenge));
	return rc;
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
