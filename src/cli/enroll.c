/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll.c - signet enroll
 */

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/commands.h"
#include "enroll/client.h"
#include "x509/name.h"

/* What the command line gives; nothing is sent before all of it is right. */
struct inputs {
	struct sg_buf subject, challenge, san_store;
	struct sg_sans sans;
	unsigned key_bits;
};

static void
inputs_clear(struct inputs *in)
{
	sg_buf_clear(&in->subject);
	sg_buf_clear(&in->challenge);
	sg_buf_clear(&in->san_store);
}

static enum sg_code
read_subject(const struct cli_args *a, struct inputs *in, struct sg_err *err)
{
	const char *text = cli_get(a, "subject");

	if (text == NULL)
		return sg_fail(err, SG_E_USAGE, "client.subject",
		    "want --subject \"CN=dev1,O=Test\"; see: signet enroll --help");
	if (sg_name_from_text(sg_slice_str(text), &in->subject, err) == SG_OK)
		return SG_OK;
	sg_err_prefix(err, "--subject");
	err->code = SG_E_USAGE;
	return SG_E_USAGE;
}

static enum sg_code
read_files(struct sg_enroll *c, struct sg_enroll_job *job, struct sg_err *err)
{
	job->key_file = cli_get(c->args, "key");
	job->cert_file = cli_get(c->args, "out");
	if (job->key_file == NULL || job->cert_file == NULL)
		return sg_fail(err, SG_E_USAGE, "client.files",
		    "want --key FILE (made when there is none) and --out FILE for the certificate");
	if (strcmp(job->key_file, job->cert_file) == 0)
		return sg_fail(err, SG_E_USAGE, "client.files", "--key and --out: want two files");
	enum sg_code rc = sg_enroll_key_check_place("key", job->key_file, err);
	if (rc == SG_OK)
		rc = sg_enroll_check_free(c->args, "out", err);
	if (rc == SG_OK)
		rc = sg_enroll_check_free(c->args, "ca-out", err);
	if (rc != SG_OK)
		return rc;
	rc = sg_enroll_key_load(c, job->key_file, &job->key, err);
	return rc == SG_E_NOTFOUND ? SG_OK : rc;
}

static enum sg_code
read_inputs(struct sg_enroll *c, struct sg_enroll_job *job, struct inputs *in, struct sg_err *err)
{
	const struct cli_args *a = c->args;

	enum sg_code rc = read_subject(a, in, err);
	if (rc == SG_OK)
		rc = cli_client_read_sans(a, &in->san_store, &in->sans, err);
	if (rc == SG_OK)
		rc = cli_client_read_key_usage(a, &job->key_usage, err);
	if (rc == SG_OK)
		rc = cli_client_read_ekus(a, &job->ekus, err);
	if (rc == SG_OK)
		rc = cli_client_key_bits(a, &in->key_bits, err);
	if (rc == SG_OK)
		rc = cli_client_read_choice(a, &job->choice, err);
	if (rc == SG_OK)
		rc = cli_client_read_pin(c, NULL, err);
	if (rc == SG_OK)
		rc = read_files(c, job, err);
	if (rc == SG_OK)
		rc = cli_client_read_challenge(c, &in->challenge, err);
	if (rc != SG_OK)
		return rc;
	job->type = SG_SCEP_PKCSREQ;
	job->subject = sg_buf_slice(&in->subject);
	job->challenge = sg_buf_slice(&in->challenge);
	job->sans = &in->sans;
	if (sg_name_is_empty(job->subject) && in->sans.n == 0)
		return sg_fail(err, SG_E_USAGE, "client.subject",
		    "an empty --subject needs at least one --san");
	return SG_OK;
}

static int
enrol(struct sg_enroll *c, struct sg_enroll_job *job, struct inputs *in)
{
	struct sg_err err;

	enum sg_code rc = read_inputs(c, job, in, &err);
	if (rc == SG_OK)
		rc = sg_enroll_meet(c, job, &err);
	if (rc == SG_OK && job->key == NULL) {
		job->key_made = true;
		rc = sg_enroll_key_make(job->key_file, in->key_bits, &job->key, &err);
	}
	return rc == SG_OK ? sg_enroll_finish(c, job) : cli_client_fail(c, &err);
}

static int
run(const struct cli_args *a)
{
	sg_enroll_scoped *c = NULL;
	sg_enroll_job_scoped job = {0};
	__attribute__((cleanup(inputs_clear))) struct inputs in = {0};
	struct sg_err err;

	if (sg_enroll_open(a, &c, &err) != SG_OK)
		return cli_fail(a, &err);
	return enrol(c, &job, &in);
}

static const struct cli_option options[] = {
    {"subject", 's', "NAME", "the name: \"CN=dev1,O=Test\""},
    {"san", 0, "NAME", "dns:, email:, uri:, ip:, upn: or dirname: and a name (repeatable)"},
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
	"that wants an approver answers PENDING (exit code 4): run the same command again later.",
    .options = options,
    .run = run,
};
