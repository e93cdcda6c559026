/* SPDX-License-Identifier: Apache-2.0 */

/*
 * getcacaps.c - signet getcacaps
 */

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "enroll/client.h"
#include "scep/caps.h"

#define SPACES " \t\r\n\v\f"
#define WORDS_MAX 100 /* ten are known */

/* Each word that the server sent, known or not, one per line; or as JSON. */
static void
show(struct sg_enroll *c)
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
	if (cli_get(c->args, "json") != NULL) {
		json_t *o = json_pack("{s:s, s:O}", "url", cli_show(c->url), "capabilities", words);
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
	sg_enroll_scoped *c = NULL;
	struct sg_err err;

	enum sg_code rc = sg_enroll_open(a, &c, &err);
	if (rc != SG_OK)
		return cli_fail(a, &err);
	rc = sg_enroll_get_caps(c, &err);
	if (rc == SG_OK && c->caps == 0)
		rc = sg_fail(&err, SG_E_NOTFOUND, "client.caps",
		    "the server names no capabilities (%s): clients then assume none but 3DES, "
		    "SHA-1 and GET",
		    c->caps_note);
	if (rc != SG_OK)
		return cli_client_fail(c, &err);
	show(c);
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
