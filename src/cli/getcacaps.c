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

/* Each word that the server sent, known or not, one per line; or as JSON. */
static int
show(const struct cli_args *a, struct cli_client *client)
{
	struct sg_enroll *c = client->session;
	struct sg_slice word[SG_API_SERVER_WORDS_MAX];
	size_t n = 0;

	for (const char *p = sg_buf_text(&c->caps_text); n < SG_API_SERVER_WORDS_MAX; n++) {
		p += strspn(p, SPACES);
		size_t len = strcspn(p, SPACES);
		if (len == 0)
			break;
		word[n] = sg_json_doc_keep(&client->doc, sg_slice(p, len < 64 ? len : 63));
		p += len;
	}
	if (cli_get(a, "json") != NULL) {
		struct sg_api_server_capabilities answer = {
		    .url = sg_slice_str(c->options.url), .capabilities = {word, n}};
		return cli_json_put(&sg_api_server_capabilities_schema, &answer, &client->doc);
	}
	for (size_t i = 0; i < n; i++)
		printf("%s\n", word[i].p == NULL ? "" : cli_show((const char *)word[i].p));
	return EXIT_OK;
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
	return show(a, &c);
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
