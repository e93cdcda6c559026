/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll.c - signet enroll: a certificate by SCEP for a name and a challenge
 */

#include <stdio.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/client.h"
#include "cli/client_options.h"
#include "cli/commands.h"
#include "x509/name.h"
#include "x509/name_text.h"

/* What the options of the job borrow from. */
struct inputs {
	struct sg_buf subject, san_store;
	struct sg_sans sans;
	struct cli_client_ekus ekus;
};

static void
inputs_clear(struct inputs *in)
{
	sg_buf_clear(&in->subject);
	sg_buf_clear(&in->san_store);
	cli_client_ekus_clear(&in->ekus);
}

static enum sg_code
read_subject(const struct cli_args *a, struct sg_buf *subject, struct sg_err *err)
{
	const char *text = cli_get(a, "subject");

	if (text == NULL)
		return sg_fail(err, SG_E_USAGE, "client.subject",
		    "want --subject \"CN=dev1,O=Test\"; see: signet enroll --help");
	if (sg_name_from_text(sg_slice_str(text), subject, err) == SG_OK)
		return SG_OK;
	sg_err_prefix(err, "--subject");
	err->code = SG_E_USAGE;
	return SG_E_USAGE;
}

static enum sg_code
read_options(const struct cli_args *a, struct inputs *in, struct sg_enroll_job_options *ret,
    struct sg_err *err)
{
	enum sg_code rc = read_subject(a, &in->subject, err);
	if (rc == SG_OK)
		rc = cli_client_read_sans(a, &in->san_store, &in->sans, err);
	if (rc == SG_OK)
		rc = cli_client_read_key_usage(a, &ret->key_usage, err);
	if (rc == SG_OK)
		rc = cli_client_read_ekus(a, &in->ekus, ret, err);
	if (rc == SG_OK)
		rc = cli_client_read_key_bits(a, &ret->key_bits, err);
	if (rc == SG_OK)
		rc = cli_client_read_message(a, ret, err);
	if (rc == SG_OK)
		rc = cli_client_read_pin(a, false, ret, err);
	if (rc != SG_OK)
		return rc;
	ret->subject = sg_buf_slice(&in->subject);
	ret->sans = &in->sans;
	ret->key_file = cli_get(a, "key");
	ret->cert_file = cli_get(a, "out");
	if (ret->key_file == NULL || ret->cert_file == NULL)
		return sg_fail(err, SG_E_USAGE, "client.files",
		    "want --key FILE (made when there is none) and --out FILE for the certificate");
	return SG_OK;
}

static int
run(const struct cli_args *a)
{
	cli_client_scoped c = {0};
	__attribute__((cleanup(inputs_clear))) struct inputs in = {0};
	struct sg_enroll_job_options options = {0};
	struct sg_err err;

	if (cli_client_open(a, &c, &err) != SG_OK)
		return cli_fail(a, &err);
	if (read_options(a, &in, &options, &err) != SG_OK)
		return cli_client_fail(&c, &err);
	return cli_client_run(&c, &options);
}

static const struct cli_option options[] = {
    {"subject", 's', "NAME", "the name: \"CN=dev1,O=Test\""},
    {"san", 0, "NAME",
	"dns:, email:, uri:, ip:, upn:, dirname: and a name, rid:OID, "
	"other:OID:TEXT or other:OID:#HEX (repeatable)"},
    {"key", 'k', "FILE", "PEM: the private key; made when there is no such file"},
    {"key-type", 0, "TYPE", "of a new key: rsa-2048, rsa-3072 or rsa-4096 (default: rsa-2048)"},
    {"out", 'o', "FILE", "PEM: the certificate"},
    {"key-usage", 0, "WORDS", "ask for key usages: digitalSignature,keyEncipherment"},
    {"eku", 0, "NAME", "ask for an extended key usage: clientAuth, or its number (repeatable)"},
    CLI_CLIENT_OPTIONS_TRUST, CLI_CLIENT_OPTIONS_MESSAGE, CLI_CLIENT_OPTIONS_NET, CLI_OPTION_JSON,
    CLI_OPTION_END};

const struct cli_command cli_enroll = {
    .name = "enroll",
    .args = "URL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "get a certificate by SCEP",
    .text =
	"  signet enroll http://scep.example/scep --subject \"CN=dev1,O=Test\" \\\n"
	"      --challenge-file - --key dev1.key --out dev1.pem --ca-fingerprint HEX\n\n"
	"The server's CA is checked before the challenge leaves. After a lost answer run the same\n"
	"command again: key, name and challenge are the same, and so is the certificate. A server\n"
	"that wants an approver answers PENDING (exit code 4): run the same command again later.\n"
	"Warnings change nothing: the certificate is stored, and differs from what was asked for, "
	"or\n"
	"the answer was odd. One that no trusted CA issued, or whose answer needs --legacy, is "
	"kept\n"
	"as FILE.unverified (exit code 1).",
    .options = options,
    .run = run,
};
