/* SPDX-License-Identifier: Apache-2.0 */

/*
 * up.c - signet up: makes what is missing, runs everything, prints the URLs
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/pem.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/run.h"
#include "cli/text.h"
#include "conf/reference.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/key.h"
#include "issue/ca.h"
#include "base/file.h"
#include "crypto/init.h"
#include "crypto/keyfile.h"
#include "service/owner.h"
#include "roles/services.h"
#include "roles/supervisor/handout.h"
#include "x509/bounds.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define CA_YEARS 10
#define RA_YEARS 2
#define YEAR_S (365 * 86400)
#define SECRET_LEN 32u
#define RA_BITS 2048u /* one private operation per request and one per answer */

struct up {
	const struct cli_args *args;
	char dir[PATH_MAX];
	char conf_path[PATH_MAX];
	const char *listen, *site;
};

static const char *
in_dir(const struct up *u, const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%.3000s/%s", u->dir, name);
	return path[turn];
}

static bool
is_there(const struct up *u, const char *name)
{
	return access(in_dir(u, name), F_OK) == 0;
}

static enum sg_code
make_directory(const char *path, mode_t mode, struct sg_err *err)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return sg_fail(
		    err, SG_E_IO, "up.directory", "cannot make %s: %s", path, strerror(errno));
	return SG_OK;
}

static enum sg_code
make_secret(const struct up *u, const char *name, struct sg_err *err)
{
	uint8_t secret[SECRET_LEN];

	if (is_there(u, name))
		return SG_OK;
	enum sg_code rc = sg_random(secret, sizeof secret, err);
	if (rc == SG_OK)
		rc = sg_file_create(in_dir(u, name), sg_slice(secret, sizeof secret), 0600, err);
	sg_wipe(secret, sizeof secret);
	return rc;
}

static enum sg_code
key_kind(const struct up *u, enum sg_keytype *ret_type, unsigned *ret_bits, struct sg_err *err)
{
	static const struct {
		const char *word;
		enum sg_keytype type;
		unsigned bits;
	} rows[] = {{"rsa-2048", SG_KEY_RSA, 2048}, {"rsa-3072", SG_KEY_RSA, 3072},
	    {"rsa-4096", SG_KEY_RSA, 4096}, {"p256", SG_KEY_P256, 0}, {"p384", SG_KEY_P384, 0}};
	const char *word = cli_get(u->args, "ca-key");

	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		if (strcmp(rows[n].word, word == NULL ? "rsa-3072" : word) != 0)
			continue;
		*ret_type = rows[n].type;
		*ret_bits = rows[n].bits;
		return SG_OK;
	}
	return sg_fail(err, SG_E_USAGE, "up.key",
	    "--ca-key: want rsa-2048, rsa-3072, rsa-4096, p256 or p384, have '%s'", cli_show(word));
}

/* The key of that file, made when it is missing. */
static enum sg_code
load_or_make_key(const struct up *u, const char *name, enum sg_keytype type, unsigned bits,
    struct sg_key **ret, struct sg_err *err)
{
	sg_buf_scoped pem = {0};

	if (is_there(u, name)) {
		enum sg_code rc = sg_file_read(in_dir(u, name), &pem, err);
		return rc == SG_OK ? sg_key_from_pem(sg_buf_slice(&pem), ret, err) : rc;
	}
	sg_scoped(key) key = NULL;
	enum sg_code rc = sg_key_generate(type, bits, &key, err);
	if (rc == SG_OK)
		rc = sg_key_put_pem(key, &pem, err);
	if (rc == SG_OK)
		rc = sg_file_create(in_dir(u, name), sg_buf_slice(&pem), 0600, err);
	if (rc == SG_OK)
		*ret = sg_steal(key);
	return rc;
}

static enum sg_code
write_cert(const struct up *u, const char *name, struct sg_slice der, struct sg_err *err)
{
	sg_buf_scoped pem = {0};
	sg_pem_put(&pem, "CERTIFICATE", der);
	return sg_file_create(in_dir(u, name), sg_buf_slice(&pem), 0644, err);
}

static enum sg_code
put_subject(const struct up *u, const char *what, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped text = {0};
	sg_buf_puts(&text, "O=");
	for (const char *p = u->site; *p != '\0'; p++) {
		if (strchr(",+\"\\<>;=#", *p) != NULL)
			sg_buf_puts(&text, "\\");
		sg_buf_put_u8(&text, (uint8_t)*p);
	}
	sg_buf_printf(&text, ", CN=%s", what);
	enum sg_code rc = sg_name_from_text(sg_buf_slice(&text), out, err);
	return rc == SG_OK ? sg_name_check_bounds(sg_buf_slice(out), SG_NAME_LENGTHS_X520, err)
			   : rc;
}

static enum sg_code
make_ca(const struct up *u, struct sg_key **ret_key, struct sg_buf *der, struct sg_err *err)
{
	enum sg_keytype type;
	unsigned bits;
	sg_buf_scoped subject = {0}, text = {0};
	size_t pos = 0;

	enum sg_code rc = key_kind(u, &type, &bits, err);
	if (rc == SG_OK)
		rc = load_or_make_key(u, "ca/ca.key", type, bits, ret_key, err);
	if (rc != SG_OK)
		return rc;
	if (is_there(u, "ca/ca.pem")) {
		rc = sg_file_read(in_dir(u, "ca/ca.pem"), &text, err);
		return rc == SG_OK ? sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, der, err)
				   : rc;
	}
	rc = put_subject(u, "Signet CA", &subject, err);
	struct sg_issue_ca req = {.subject = sg_buf_slice(&subject),
	    .key = *ret_key,
	    .hash = type == SG_KEY_P384 ? SG_HASH_SHA384 : SG_HASH_SHA256,
	    .now = sg_clock_now(),
	    .validity_s = (int64_t)CA_YEARS * YEAR_S,
	    .path_len = -1};
	if (rc == SG_OK)
		rc = sg_issue_ca_make(&req, der, err);
	return rc == SG_OK ? write_cert(u, "ca/ca.pem", sg_buf_slice(der), err) : rc;
}

static bool
is_path(const char *path, const char *own)
{
	return path != NULL && strcmp(path, own) == 0;
}

static enum sg_code
make_ra(const struct up *u, const struct sg_key *ca_key, struct sg_slice ca_der, struct sg_err *err)
{
	sg_scoped(key) key = NULL;
	sg_scoped(issuer) issuer = NULL;
	sg_buf_scoped subject = {0}, spki = {0}, der = {0};
	struct sg_issuer_urls urls = {0};

	enum sg_code rc = load_or_make_key(u, "ra/ra.key", SG_KEY_RSA, RA_BITS, &key, err);
	if (rc == SG_OK)
		rc = put_subject(u, "Signet RA", &subject, err);
	if (rc == SG_OK)
		rc = sg_key_put_spki(key, &spki, err);
	if (rc == SG_OK)
		rc = sg_issuer_new(ca_der, ca_key, SG_HASH_SHA256, &urls, &issuer, err);
	struct sg_issue_ra req = {.subject = sg_buf_slice(&subject),
	    .spki = sg_buf_slice(&spki),
	    .now = sg_clock_now(),
	    .validity_s = (int64_t)RA_YEARS * YEAR_S};
	if (rc == SG_OK)
		rc = sg_issue_ra_make(issuer, &req, &der, err);
	if (rc == SG_OK)
		return write_cert(u, "ra/ra.pem", sg_buf_slice(&der), err);
	sg_err_prefix(err, "%s, to make the RA below it", in_dir(u, "ca/ca.pem"));
	return rc;
}

/* The configuration last: when it exists, everything that it names does, too. */
static enum sg_code
make_conf(const struct up *u, struct sg_err *err)
{
	sg_buf_scoped text = {0};
	enum sg_code rc = sg_conf_put_default(&text, u->site, u->listen, err);
	return rc == SG_OK ? sg_file_create(u->conf_path, sg_buf_slice(&text), 0644, err) : rc;
}

/* Of what the configuration names only the RA is made again, where all is in its place: a CA or a
 * secret that is gone is to be found, not replaced. */
static enum sg_code
make_ra_again(struct up *u, struct sg_err *err)
{
	static const char *const there[] = {"ra", "ca/ca.key", "ca/ca.pem"};
	sg_scoped(key) ca_key = NULL;
	sg_buf_scoped ca_der = {0};
	struct sg_conf *conf = NULL;
	enum sg_code rc = SG_OK;

	if (is_there(u, "ra/ra.pem"))
		return SG_OK;
	for (size_t n = 0; n < sizeof there / sizeof there[0]; n++)
		if (!is_there(u, there[n]))
			return SG_OK;
	conf = cli_conf_load(u->args, u->conf_path);
	if (conf == NULL)
		return SG_E_CONF;
	u->site = conf->site;
	if (is_path(conf->ca.key, "ca/ca.key") && is_path(conf->ca.certificate, "ca/ca.pem") &&
	    is_path(conf->ra.key, "ra/ra.key") && is_path(conf->ra.certificate, "ra/ra.pem")) {
		rc = sg_crypto_init(err);
		if (rc == SG_OK)
			rc = make_ca(u, &ca_key, &ca_der, err);
		if (rc == SG_OK)
			rc = make_ra(u, ca_key, sg_buf_slice(&ca_der), err);
	}
	sg_conf_free(&conf);
	return rc;
}

static enum sg_code
make_missing(struct up *u, struct sg_err *err)
{
	static const char *const dirs[] = {"ca", "ra", "keys"};
	sg_scoped(key) ca_key = NULL;
	sg_buf_scoped ca_der = {0};

	if (access(u->conf_path, F_OK) == 0)
		return make_ra_again(u, err);
	enum sg_code rc = sg_crypto_init(err);
	for (size_t n = 0; rc == SG_OK && n < sizeof dirs / sizeof dirs[0]; n++)
		rc = make_directory(in_dir(u, dirs[n]), 0700, err);
	if (rc == SG_OK)
		rc = make_ca(u, &ca_key, &ca_der, err);
	if (rc == SG_OK && !is_there(u, "ra/ra.pem"))
		rc = make_ra(u, ca_key, sg_buf_slice(&ca_der), err);
	if (rc == SG_OK)
		rc = make_secret(u, "keys/challenge.key", err);
	if (rc == SG_OK)
		rc = make_secret(u, "keys/unwrap.key", err);
	if (rc == SG_OK)
		rc = make_conf(u, err);
	return rc;
}

static void
print_fingerprint(const struct up *u)
{
	sg_buf_scoped text = {0}, der = {0}, hex = {0};
	uint8_t digest[SG_SHA256_LEN];
	size_t pos = 0;

	if (sg_file_read(in_dir(u, "ca/ca.pem"), &text, NULL) != SG_OK ||
	    sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, &der, NULL) != SG_OK ||
	    sg_sha256(sg_buf_slice(&der), digest, NULL) != SG_OK)
		return;
	sg_hex_put(&hex, sg_slice(digest, sizeof digest));
	printf("  CA certificate  %s\n  its SHA-256     %s\n", in_dir(u, "ca/ca.pem"),
	    sg_buf_text(&hex));
}

static void
say_ready(void *arg, const struct sg_conf *conf)
{
	const struct up *u = arg;

	printf("Signet runs.\n\n");
	cli_print_urls(conf, "  SCEP URL        ");
	print_fingerprint(u);
	printf("  configuration   %s\n\n", u->conf_path);
	printf("A challenge for one device:\n"
	       "  signet challenge new -c %s --subject \"CN=dev1, O=Test\"\n"
	       "Its certificate, from another shell or machine:\n"
	       "  signet enroll URL --subject \"CN=dev1, O=Test\" --challenge-file - --key "
	       "dev1.key --out dev1.pem "
	       "--ca-fingerprint SHA256\n\nready\n",
	    u->conf_path);
	fflush(stdout);
}

/* An address on the command line that the existing configuration does not have would be
 * ignored: say so instead. */
static int
check_listen(const struct up *u)
{
	const char *wanted = cli_get(u->args, "http");
	struct sg_conf *conf = wanted == NULL ? NULL : cli_conf_load(u->args, u->conf_path);

	if (wanted == NULL)
		return EXIT_OK;
	if (conf == NULL)
		return EXIT_FAILED;
	bool found = false;
	for (size_t n = 0; n < conf->front.listen.n; n++)
		found = found || strcmp(conf->front.listen.item[n].text, wanted) == 0;
	unsigned line = sg_conf_line(conf, "front.listen");
	sg_conf_free(&conf);
	if (found)
		return EXIT_OK;
	return cli_usage(u->args,
	    "--http %s: the configuration is there already and listens elsewhere; change %s:%u or "
	    "leave --http out",
	    cli_show(wanted), u->conf_path, line);
}

/* A name that cannot be in the CA's certificate or in the configuration, before anything is
 * made: half an installation would stay. */
static enum sg_code
check_site(const struct up *u, struct sg_err *err)
{
	sg_buf_scoped subject = {0}, text = {0};
	enum sg_code rc = put_subject(u, "Signet CA", &subject, err);

	if (rc == SG_OK)
		rc = sg_conf_put_default(&text, u->site, u->listen, err);
	else
		sg_err_prefix(err, "--site");
	return rc;
}

/* A private key beside the CA's that nothing uses is one to lose. */
static void
tell_leftovers(const struct up *u)
{
	static const char *const names[] = {"ca/role-ca.key", "ca/role-ca.pem"};

	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
		if (is_there(u, names[n]))
			fprintf(stderr,
			    "signet up: %s is of an earlier version and nothing uses it; you may "
			    "run: rm %s\n",
			    in_dir(u, names[n]), in_dir(u, names[n]));
}

static int
up(const struct cli_args *a)
{
	static struct up u;
	struct sg_err err;
	const char *dir = a->pos_n == 1 ? a->pos[0] : "signet-data";

	u.args = a;
	u.listen = cli_get(a, "http") == NULL ? "127.0.0.1:8080" : cli_get(a, "http");
	u.site = cli_get(a, "site") == NULL ? "Example" : cli_get(a, "site");
	enum sg_code rc = cli_get(a, "site") == NULL ? SG_OK : check_site(&u, &err);
	if (rc != SG_OK)
		return cli_usage(a, "%s", err.text);
	rc = make_directory(dir, 0755, &err);
	if (rc == SG_OK && realpath(dir, u.dir) == NULL)
		rc = sg_fail(&err, SG_E_IO, "up.directory", "%s: %s", dir, strerror(errno));
	if (rc == SG_OK)
		rc = supervisor_reachable(u.dir, &err);
	if (rc == SG_OK)
		rc = sg_owner_check_way(dir, &err);
	snprintf(u.conf_path, sizeof u.conf_path, "%s", in_dir(&u, "signet.yaml"));
	if (rc == SG_OK)
		rc = make_missing(&u, &err);
	if (rc != SG_OK)
		return cli_fail(a, &err);
	tell_leftovers(&u);
	int code = check_listen(&u);
	if (code != EXIT_OK)
		return code;
	struct supervisor_conf conf = {
	    .services = roles_services, .conf_path = u.conf_path, .ready = say_ready, .arg = &u};
	if (!cli_pass_env(a, &conf))
		return EXIT_USAGE;
	return supervisor_run(&conf);
}

static const struct cli_option options[] = {
    {"http", 0, "ADDR:PORT", "where devices reach it (default: 127.0.0.1:8080)"},
    {"site", 0, "TEXT", "name of the organisation, in the CA's name (default: Example)"},
    {"ca-key", 0, "KIND", "rsa-2048, rsa-3072 (default), rsa-4096, p256 or p384"},
    CLI_OPTION_PASS_ENV, CLI_OPTION_END};

const struct cli_command cli_up = {
    .name = "up",
    .args = "[DIR]",
    .pos_max = 1,
    .summary = "make what is missing (CA, RA, keys, configuration), run everything, print the URLs",
    .text =
	"DIR is the data directory (default: signet-data). What is there already is used as it\n"
	"is; the options count only for what is made. Stays in the foreground until Ctrl-C.\n"
	"Started by root, every role runs as a user of its own, which must be able to reach DIR.",
    .options = options,
    .run = up,
};
