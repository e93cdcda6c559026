/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client.c - the SCEP client as a command: between the options of enroll, renew, getcacert and
 * getcacaps, which it has read, and the library in enroll/, whose events and failures it tells
 */

#include "cli/client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/pem.h"
#include "cli/args.h"
#include "cli/client_options.h"
#include "cli/client_show.h"
#include "cli/json.h"

/* What to do about a refusal whose own text cannot know our switches. */
static const struct {
	const char *rule, *remedy;
} remedies[] = {
    {"reply.des",
	"servers such as old micromdm answer in single DES only; the answer holds nothing "
	"but the certificate: to read it, run the same command with --legacy-des; if the server "
	"does not give it twice, check the kept file with openssl verify and rename it"},
    {"reply.sha1",
	"servers that answer with SHA-1, often with single DES as well (old micromdm): run "
	"the same command with --legacy-des, or with --legacy for SHA-1 alone; if the server "
	"keeps to one certificate (micromdm does), check the kept file with openssl verify and "
	"rename it"},
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
    {"client.anchor.ca",
	"pin the CA that issued it: ask its administrator for that CA's fingerprint or file"},
    {"client.anchor.usage",
	"the CA's administrator must make its certificate anew, with keyCertSign in the key usage: "
	"nothing that this one signs can be verified"},
    {"client.anchor.path",
	"the CA's administrator must make the upper CA's certificate anew, without that path "
	"length; until then pin the CA that issues"},
    {"client.anchor.validity",
	"check this machine's clock (date -u); if it is right, ask the CA's administrator for its "
	"new certificate"},
    {"client.ra.untrusted",
	"the server's administrator must exchange what does not hold; where that is a CA between "
	"the pinned one and the RA, its administrator may give you the CA below it to pin instead "
	"(--ca-fingerprint or --ca-file): those above a pinned CA are not looked at"},
    {"reply.ra.key",
	"the server's administrator must give it an RA certificate with an RSA key; if it decrypts "
	"with another of its certificates, name that one with --ra-fingerprint"},
    {"client.issuer",
	"find out which CA issued it, and whether to trust that one; then run the same command "
	"again with that CA in --ca-file or --ca-fingerprint, or, if the server does not give a "
	"certificate twice, check the kept file with openssl verify and rename it"},
    {"client.issued.unread",
	"tell the server's administrator; if your programs read it all the same, check the kept "
	"file with openssl verify and rename it"},
    {"client.key-type",
	"RSA only: SCEP encrypts the answer to the device's key, which EC keys cannot do"},
};

static void
tell(void *arg, const struct sg_enroll_event *event)
{
	struct cli_client *c = arg;
	const char *name = c->args->command->name;

	switch (event->kind) {
	case SG_ENROLL_WARNING:
		fprintf(stderr, "signet %s: warning: %s\n", name, event->text);
		if (c->warning_n < SG_API_CLIENT_WARNINGS_MAX)
			c->warning[c->warning_n++] = sg_json_doc_keep(
			    &c->doc, sg_slice_str(event->text));
		break;
	case SG_ENROLL_WAIT:
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "signet %s: %s; trying again in %.1f s\n", name,
			    event->text, (double)event->wait_ms / 1000);
		break;
	}
}

enum sg_code
cli_client_open(const struct cli_args *args, struct cli_client *ret, struct sg_err *err)
{
	struct sg_enroll_options options = {
	    .url = args->pos[0],
	    .user_agent = "signet/" SIGNET_VERSION,
	    .now = sg_clock_now,
	    .listener = {.tell = tell, .arg = ret},
	};

	enum sg_code rc = cli_client_read_net(args, &options, err);
	if (rc != SG_OK)
		return rc;
	ret->args = args;
	return sg_enroll_open(&options, &ret->session, err);
}

void
cli_client_close(struct cli_client *c)
{
	sg_enroll_close(&c->session);
	sg_json_doc_clear(&c->doc);
}

struct sg_json_list
cli_client_warnings(const struct cli_client *c)
{
	return (struct sg_json_list){c->warning, c->warning_n};
}

/* lost: a certificate that was issued and could not be stored; NULL: none. */
static int
fail(const struct cli_client *c, const struct sg_err *why, const struct sg_cert *lost)
{
	const char *remedy = NULL;
	sg_buf_scoped pem = {0};

	for (size_t n = 0; n < sizeof remedies / sizeof remedies[0]; n++)
		if (strcmp(remedies[n].rule, why->rule) == 0)
			remedy = remedies[n].remedy;
	int code = cli_fail(c->args, why);
	if (remedy != NULL)
		fprintf(stderr, "  to do: %s\n", remedy);
	if (lost != NULL)
		sg_pem_put(&pem, "CERTIFICATE", lost->raw);
	if (lost != NULL)
		fputs("  the certificate: on standard output, so that it is not lost\n", stderr);
	if (cli_get(c->args, "json") == NULL) {
		fputs(lost != NULL ? sg_buf_text(&pem) : "", stdout);
		return code;
	}
	struct sg_api_client_failed answer = {
	    .result = SG_API_CLIENT_ERROR,
	    .rule = sg_slice_str(why->rule),
	    .error = sg_slice_str(why->text),
	    .has_remedy = remedy != NULL,
	    .remedy = sg_slice_str(remedy == NULL ? "" : remedy),
	    .has_certificate = lost != NULL,
	    .certificate = sg_buf_slice(&pem),
	    .warnings = cli_client_warnings(c),
	};
	sg_ignore(cli_json_put(&sg_api_client_failed_schema, &answer, &c->doc));
	return code;
}

int
cli_client_fail(const struct cli_client *c, const struct sg_err *why)
{
	return fail(c, why, NULL);
}

int
cli_client_run(struct cli_client *c, const struct sg_enroll_job_options *options)
{
	sg_scoped(enroll_job) job = NULL;
	sg_enroll_result_scoped result = {0};
	sg_buf_scoped challenge = {0};
	struct sg_err err;

	enum sg_code rc = sg_enroll_prepare(c->session, options, &job, &err);
	if (rc == SG_OK)
		rc = cli_client_read_challenge(c, &challenge, &err);
	if (rc == SG_OK)
		rc = sg_enroll_run(c->session, job, sg_buf_slice(&challenge), &result, &err);
	if (rc != SG_OK) {
		bool lost = result.cert.raw.len > 0 && !result.stored;
		return fail(c, &err, lost ? &result.cert : NULL);
	}
	if (result.reply.status != SG_SCEP_SUCCESS)
		return cli_client_refused(c, &result);
	return cli_client_report(c, options, &result);
}
