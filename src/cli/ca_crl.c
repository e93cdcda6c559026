/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_crl.c - signet ca crl: has the ca role publish a list, or take over one that knows more than
 * it
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "asn1/der.h"
#include "asn1/tag.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/pem.h"
#include "cli/args.h"
#include "cli/ca.h"
#include "cli/commands.h"
#include "cli/conf.h"

/* DER, or PEM as openssl writes it, with its text before it or without. */
static enum sg_code
read_list(const char *file, struct sg_buf *der, struct sg_err *err)
{
	sg_buf_scoped text = {.max = SG_CRL_MAX};
	size_t pos = 0;

	enum sg_code rc = sg_file_read(file, &text, err);
	if (rc != SG_OK)
		return rc;
	if (text.len > 0 && text.p[0] != SG_DER_SEQUENCE)
		return sg_pem_next(sg_buf_slice(&text), "X509 CRL", &pos, der, err);
	sg_buf_put_slice(der, sg_buf_slice(&text));
	return sg_buf_check(der, err);
}

static void
print_adopted(const struct sg_api_adopted *answer)
{
	printf("taken over: %lld certificates revoked, %lld entries without a certificate here, "
	       "%lld known; ",
	    (long long)answer->revoked, (long long)answer->foreign, (long long)answer->known);
	if (answer->lists.n > 0)
		printf("CRL number %lld is published\n", cli_ca_number(&answer->lists));
	else
		printf("it stays the last one, as its key is gone\n");
}

/* The role ca may read beside its own list alone: the list is copied there for it. */
static int
adopt(const struct cli_args *a, const char *file)
{
	sg_buf_scoped der = {.max = SG_CRL_MAX}, to = {0};
	const char *path = cli_conf_path(a);
	cli_answer_scoped got = {0};
	struct sg_api_adopted answer;
	struct sg_err err;

	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(a, path);
	if (conf == NULL)
		return EXIT_USAGE;
	sg_conf_put_path(&to, path, conf->ca.crl);
	sg_conf_free(&conf);
	sg_buf_puts(&to, SG_CONF_ADOPT_SUFFIX);
	if (read_list(file, &der, &err) != SG_OK)
		return strcmp(err.rule, "file.open") == 0 ? cli_fail(a, &err)
							  : cli_fail_file(a, file, &err);
	if (sg_file_write(sg_buf_text(&to), sg_buf_slice(&der), 0644, &err) != SG_OK)
		return cli_fail(a, &err);
	int code = cli_ca_call(a, SG_API_ca_adopt, NULL, NULL, &got, &answer);
	if (code != EXIT_OK)
		sg_ignore(remove(sg_buf_text(&to))); /* ca has, unless it does not run */
	else if (!got.printed)
		print_adopted(&answer);
	return code;
}

static int
run(const struct cli_args *a)
{
	const char *file = cli_get(a, "adopt");
	bool ahead = cli_get(a, "clock-was-ahead") != NULL;

	if (file != NULL && ahead)
		return cli_usage(a,
		    "--adopt and --clock-was-ahead are two steps: give one, then the "
		    "other");
	if (file != NULL)
		return adopt(a, file);
	struct sg_api_publish how = {.has_clock_was_ahead = ahead, .clock_was_ahead = ahead};
	return cli_ca_published(a, SG_API_ca_publish, NULL, &how, "done");
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"adopt", 'a', "FILE",
	"a published list (DER or PEM) that knows more than the database: after a backup came "
	"back"},
    {"clock-was-ahead", 0, NULL,
	"date the list by the clock as it is now, although the last one has a later date"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_crl = {
    .name = "ca crl",
    .args = "",
    .summary = "publish a new CRL now",
    .text = "A list is also published when a certificate is revoked and when half of the\n"
	    "validity of the last one is over. With earlier keys (ca.earlier) each has a list of "
	    "its own.\n"
	    "A list that is out and has what the database does not know is not replaced, because\n"
	    "that would un-revoke it: --adopt revokes here what FILE, signed by a key of this CA,\n"
	    "says is revoked, and publishes a list with a higher number.",
    .options = options,
    .run = run,
};
