/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client.c - beginning and end of a client command, its failures and warnings
 */

#include "enroll/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "http/url.h"

/* What to do about a refusal whose own text cannot know our switches. */
static const struct {
	const char *rule, *remedy;
} remedies[] = {
    {"reply.des",
	"servers such as old micromdm answer in single DES only; the answer holds nothing "
	"but the certificate: to read it, run the same command with --legacy-des"},
    {"reply.sha1",
	"servers that answer with SHA-1, often with single DES as well (old micromdm): run "
	"the same command with --legacy-des, or with --legacy for SHA-1 alone"},
    {"reply.signer",
	"somebody else answered, or the RA certificate was just replaced: run the same "
	"command again, it fetches the certificates anew"},
    {"reply.txid",
	"the answer belongs to another request: run the same command again; if it stays, "
	"something between here and the server mixes up answers"},
    {"reply.nonce",
	"the answer was not made for this request: run the same command again; very old "
	"servers that send no recipientNonce need --legacy"},
    {"reply.recipient",
	"the server encrypted to another key: run the same command again; if it stays, "
	"tell the server's administrator"},
    {"cms.decrypt",
	"the server's answer is damaged or made for another key: run the same command again"},
    {"client.fingerprint",
	"wrong server, wrong fingerprint, a new CA, or somebody in between: ask the "
	"CA's administrator for the fingerprint, do not take it from the server"},
    {"client.anchor", "say which CA to trust with --ca-fingerprint or --ca-file"},
    {"client.issuer",
	"give the CA that issues with --ca-file or --ca-fingerprint; the certificate was "
	"not written"},
    {"client.key-type",
	"RSA only: SCEP encrypts the answer to the device's key, which EC keys cannot do"},
};

static enum sg_code
set_times(struct sg_enroll *c, struct sg_err *err)
{
	const char *time = cli_get(c->args, "timeout"), *retries = cli_get(c->args, "retries");
	int64_t s = 30;
	uint64_t n = 3;
	enum sg_code rc = SG_OK;

	if (time != NULL)
		rc = sg_duration_parse(sg_slice_str(time), &s, err);
	if (rc != SG_OK || s < 1 || s > 3600)
		return sg_fail(err, SG_E_USAGE, "client.timeout",
		    "--timeout: want 1s to 60m, have '%s'", cli_show(time));
	if (retries != NULL)
		rc = sg_decimal_parse(sg_slice_str(retries), SG_ENROLL_RETRIES_MAX, &n, err);
	if (rc != SG_OK)
		return sg_fail(err, SG_E_USAGE, "client.retries",
		    "--retries: want 0 to %d, have '%s'", SG_ENROLL_RETRIES_MAX, cli_show(retries));
	c->timeout_ms = s * 1000;
	c->retries = (unsigned)n;
	return SG_OK;
}

enum sg_code
sg_enroll_open(const struct cli_args *args, struct sg_enroll **ret, struct sg_err *err)
{
	sg_enroll_scoped *c = sg_xalloc(sizeof *c);
	sg_buf_scoped url = {0};

	c->args = args;
	c->url = args->pos[0];
	c->certs_der.max = c->file_der.max = c->answer_der.max = SG_ANSWER_MAX;
	c->warnings = json_array();
	if (sg_http_url_add(sg_slice_str(c->url), NULL, 0, &url, err) != SG_OK)
		return sg_fail(err, SG_E_USAGE, "client.url",
		    "'%s': want the SCEP URL of a server, such as http://scep.example/scep",
		    cli_show(c->url));
	enum sg_code rc = set_times(c, err);
	if (rc == SG_OK)
		rc = sg_http_client_new(&c->http, err);
	if (rc == SG_OK)
		*ret = sg_steal(c);
	return rc;
}

void
sg_enroll_close(struct sg_enroll **clientp)
{
	struct sg_enroll *c = *clientp;

	if (c == NULL)
		return;
	sg_http_client_free(&c->http);
	sg_degenerate_free(&c->certs);
	sg_buf_clear(&c->caps_text);
	sg_buf_clear(&c->certs_der);
	sg_buf_clear(&c->file_der);
	sg_buf_clear(&c->answer_der);
	json_decref(c->warnings);
	sg_free(c);
	*clientp = NULL;
}

int
cli_client_fail(struct sg_enroll *c, const struct sg_err *why)
{
	const char *remedy = NULL;

	for (size_t n = 0; n < sizeof remedies / sizeof remedies[0]; n++)
		if (strcmp(remedies[n].rule, why->rule) == 0)
			remedy = remedies[n].remedy;
	int code = cli_fail(c->args, why);
	if (remedy != NULL)
		fprintf(stderr, "  to do: %s\n", remedy);
	if (cli_get(c->args, "json") == NULL)
		return code;
	json_t *o = json_pack(
	    "{s:s, s:s, s:s}", "result", "error", "rule", why->rule, "error", why->text);
	if (remedy != NULL)
		json_object_set_new(o, "remedy", json_string(remedy));
	json_object_set(o, "warnings", c->warnings);
	cli_json_print(o);
	json_decref(o);
	return code;
}

void
cli_client_warn(struct sg_enroll *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "signet %s: warning: %s\n", c->args->command->name, text);
	json_array_append_new(c->warnings, json_string(text));
}
