/* SPDX-License-Identifier: Apache-2.0 */

/*
 * renew.c - signet renew: a certificate by SCEP for one that exists, and its key
 */

#include <stdio.h>

#include "cli/args.h"
#include "cli/client.h"
#include "cli/client_options.h"
#include "cli/commands.h"

static enum sg_code
read_options(const struct cli_args *a, struct sg_enroll_job_options *ret, struct sg_err *err)
{
	ret->key_file = cli_get(a, "key");
	ret->old_cert_file = cli_get(a, "cert");
	ret->new_key_file = cli_get(a, "new-key");
	ret->cert_file = cli_get(a, "out");
	if (ret->key_file == NULL || ret->old_cert_file == NULL)
		return sg_fail(err, SG_E_USAGE, "client.files",
		    "want --key FILE and --cert FILE of the certificate to renew");
	if (ret->cert_file == NULL)
		return sg_fail(
		    err, SG_E_USAGE, "client.files", "want --out FILE for the new certificate");
	enum sg_code rc = cli_client_read_key_bits(a, &ret->key_bits, err);
	if (rc == SG_OK)
		rc = cli_client_read_message(a, ret, err);
	if (rc == SG_OK)
		rc = cli_client_read_pin(a, true, ret, err);
	return rc;
}

static int
run(const struct cli_args *a)
{
	cli_client_scoped c = {0};
	struct sg_enroll_job_options options = {0};
	struct sg_err err;

	if (cli_client_open(a, &c, &err) != SG_OK)
		return cli_fail(a, &err);
	if (read_options(a, &options, &err) != SG_OK)
		return cli_client_fail(&c, &err);
	return cli_client_run(&c, &options);
}

static const struct cli_option options[] = {
    {"key", 'k', "FILE", "PEM: the key of the certificate to renew"},
    {"cert", 0, "FILE", "PEM: the certificate to renew"},
    {"new-key", 0, "FILE",
	"PEM: another key; made when there is no such file (default: the same key)"},
    {"key-type", 0, "TYPE", "of a new key: rsa-2048, rsa-3072 or rsa-4096 (default: rsa-2048)"},
    {"out", 'o', "FILE", "PEM: the new certificate"}, CLI_CLIENT_OPTIONS_TRUST,
    CLI_CLIENT_OPTIONS_MESSAGE, CLI_CLIENT_OPTIONS_NET, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_renew = {
    .name = "renew",
    .args = "URL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "renew a certificate by SCEP, with its key instead of a challenge",
    .text =
	"  signet renew http://scep.example/scep --key dev1.key --cert dev1.pem \\\n"
	"      --new-key new.key --out new.pem\n\n"
	"Subject and alternative names are those of the old certificate. Without --ca-fingerprint\n"
	"and --ca-file the server is trusted when its CA is the one that signed the old "
	"certificate.\n"
	"A new key is kept in FILE.pending until its certificate is there; the old pair stays.",
    .options = options,
    .run = run,
};
