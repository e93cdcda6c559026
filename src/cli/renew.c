/* SPDX-License-Identifier: Apache-2.0 */

/*
 * renew.c - signet renew
 *
 * The old pair stays as it is until the new one is complete; at every moment there is a
 * key with the certificate that belongs to it.
 */

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "enroll/client.h"
#include "base/file.h"
#include "scep/caps.h"
#include "x509/name.h"

struct inputs {
	struct sg_buf old_der, challenge;
	struct sg_cert old;
	const char *new_key; /* NULL: the same key */
	unsigned key_bits;
};

static void
inputs_clear(struct inputs *in)
{
	sg_buf_clear(&in->old_der);
	sg_buf_clear(&in->challenge);
}

static enum sg_code
check_old(struct sg_enroll *c, const struct sg_enroll_job *job, const struct inputs *in,
    struct sg_err *err)
{
	sg_scoped(key) key = NULL;
	sg_buf_scoped name = {0};
	int64_t now = sg_clock_now();

	enum sg_code rc = sg_key_from_spki(in->old.spki, &key, err);
	if (rc == SG_OK)
		rc = sg_key_same_public(key, job->old_key, err);
	if (rc == SG_E_DENIED)
		return sg_fail(err, SG_E_USAGE, "client.pair",
		    "--key and --cert: want the certificate and its own key, have '%.100s' and "
		    "another key",
		    sg_enroll_name_text(&name, in->old.subject));
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < in->old.exts.sans.n; n++)
		if (in->old.exts.sans.item[n].type == SG_SAN_OTHER)
			return sg_fail(err, SG_E_USAGE, "client.san",
			    "the certificate has an alternative name of a kind that cannot be "
			    "asked for: use signet enroll with the names that you want");
	if (now > in->old.not_after)
		cli_client_warn(c,
		    "the certificate expired at %s: many servers then refuse a renewal; if so, use "
		    "signet enroll with a new challenge",
		    cli_time(in->old.not_after));
	return SG_OK;
}

static enum sg_code
read_old(struct sg_enroll *c, struct sg_enroll_job *job, struct inputs *in, struct sg_err *err)
{
	const char *key = cli_get(c->args, "key"), *cert = cli_get(c->args, "cert");
	struct sg_slice one = {0};
	size_t n = 0;

	enum sg_code rc = sg_enroll_read_certs(cert, &in->old_der, &one, 1, &n, err);
	if (rc == SG_OK)
		rc = sg_cert_parse(one, &in->old, err);
	if (rc == SG_OK)
		rc = sg_enroll_key_load(c, key, &job->old_key, err);
	if (rc == SG_OK)
		rc = check_old(c, job, in, err);
	return rc;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static enum sg_code
read_files(struct sg_enroll *c, struct sg_enroll_job *job, struct inputs *in, struct sg_err *err)
{
	const char *old_key = cli_get(c->args, "key");

	if (old_key == NULL || cli_get(c->args, "cert") == NULL)
		return sg_fail(err, SG_E_USAGE, "client.files",
		    "want --key FILE and --cert FILE of the certificate to renew");
	in->new_key = cli_get(c->args, "new-key");
	job->key_file = in->new_key != NULL ? in->new_key : old_key;
	job->cert_file = cli_get(c->args, "out");
	if (job->cert_file == NULL)
		return sg_fail(
		    err, SG_E_USAGE, "client.files", "want --out FILE for the new certificate");
	if (same_file(job->cert_file, old_key) || same_file(job->cert_file, job->key_file))
		return sg_fail(
		    err, SG_E_USAGE, "client.files", "--out and the keys: want different files");
	if (in->new_key != NULL && same_file(in->new_key, old_key))
		return sg_fail(err, SG_E_USAGE, "client.files",
		    "--new-key: want another file than --key, so that the old pair works until the "
		    "new one is complete");
	enum sg_code rc = sg_enroll_key_check_place("new-key", job->key_file, err);
	if (rc == SG_OK)
		rc = sg_enroll_check_free(c->args, "out", err);
	if (rc == SG_OK)
		rc = sg_enroll_check_free(c->args, "ca-out", err);
	return rc;
}

static enum sg_code
read_inputs(struct sg_enroll *c, struct sg_enroll_job *job, struct inputs *in, struct sg_err *err)
{
	enum sg_code rc = read_files(c, job, in, err);
	if (rc == SG_OK)
		rc = cli_client_key_bits(c->args, &in->key_bits, err);
	if (rc == SG_OK)
		rc = read_old(c, job, in, err);
	if (rc == SG_OK)
		rc = cli_client_read_choice(c->args, &job->choice, err);
	if (rc == SG_OK)
		rc = cli_client_read_pin(c, &in->old, err);
	if (rc == SG_OK)
		rc = cli_client_read_challenge(c, &in->challenge, err);
	if (rc != SG_OK)
		return rc;
	job->subject = in->old.subject;
	job->sans = &in->old.exts.sans;
	job->old_cert = in->old.raw;
	job->challenge = sg_buf_slice(&in->challenge);
	return SG_OK;
}

/*
 * The key of the new certificate: the given one, the one that an earlier try left, or a
 * new one, which gets its name only when its certificate is there.
 */
static enum sg_code
get_key(struct sg_enroll *c, struct sg_enroll_job *job, const struct inputs *in, struct sg_err *err)
{
	char pending[PATH_MAX];

	if (in->new_key == NULL)
		return sg_enroll_key_load(c, job->key_file, &job->key, err);
	enum sg_code rc = sg_enroll_key_load(c, in->new_key, &job->key, err);
	if (rc != SG_E_NOTFOUND)
		return rc;
	snprintf(pending, sizeof pending, "%s.pending", in->new_key);
	job->key_made = job->key_pending = true;
	rc = sg_enroll_key_load(c, pending, &job->key, err);
	if (rc == SG_E_NOTFOUND)
		rc = sg_enroll_key_make(pending, in->key_bits, &job->key, err);
	return rc;
}

static int
renew(struct sg_enroll *c, struct sg_enroll_job *job, struct inputs *in)
{
	struct sg_err err;

	enum sg_code rc = read_inputs(c, job, in, &err);
	if (rc == SG_OK)
		rc = sg_enroll_meet(c, job, &err);
	if (rc == SG_OK)
		rc = get_key(c, job, in, &err);
	if (rc != SG_OK)
		return cli_client_fail(c, &err);
	job->type = c->caps & SG_CAP_RENEWAL ? SG_SCEP_RENEWALREQ : SG_SCEP_PKCSREQ;
	return sg_enroll_finish(c, job);
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
	return renew(c, &job, &in);
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
