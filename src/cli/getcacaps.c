/* SPDX-License-Identifier: Apache-2.0 */

/*
 * getcacaps.c - signet getcacaps: what a SCEP server says that it can do
 */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/client.h"
#include "cli/client_options.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "enroll/exchange.h"

#define SPACES " \t\r\n\v\f"
#define WORDS_MAX 100 /* ten are known */

/* Each word that the server sent, known or not, one per line; or as JSON. */
static void
show(const struct cli_args *a, struct sg_enroll *c)
{
	json_t *words = json_array(), *word;
	size_t n;

	for (const char *p = sg_buf_text(&c->caps_text); json_array_size(words) < WORDS_MAX;) {
		char w[64];
		p += strspn(p, SPACES);
		size_t len = strcspn(p, SPACES);
		if (len == 0)
			break;
		snprintf(w, sizeof w, "%.*s", len < sizeof w ? (int)len : 63, p);
		json_array_append_new(words, json_string(cli_show(w)));
		p += len;
	}
	if (cli_get(a, "json") != NULL) {
		json_t *o = json_pack(
		    "{s:s, s:O}", "url", cli_show(c->options.url), "capabilities", words);
		cli_json_print(o);
		json_decref(o);
	} else {
		json_array_foreach(words, n, word) printf("%s\n", json_string_value(word));
	}
	json_decref(words);
}

static int
run(const struct cli_args *a)
{
	cli_client_scoped c = {0};
	struct sg_err err;

	if (cli_client_open(a, &c, &err) != SG_OK)
		return cli_fail(a, &err);
	enum sg_code rc = sg_enroll_get_caps(c.session, &err);
	if (rc == SG_OK && c.session->caps == 0)
		rc = sg_fail(&err, SG_E_NOTFOUND, "client.caps",
		    "the server names no capabilities (%s): clients then assume none but 3DES, "
		    "SHA-1 and GET",
		    c.session->caps_note);
	if (rc != SG_OK)
		return cli_client_fail(&c, &err);
	show(a, c.session);
	return EXIT_OK;
}

static const struct cli_option options[] = {
    CLI_CLIENT_OPTIONS_NET, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_getcacaps = {
    .name = "getcacaps",
    .args = "URL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "print what a SCEP server can do, one word per line",
    .options = options,
    .run = run,
};
