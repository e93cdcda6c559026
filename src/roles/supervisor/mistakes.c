/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mistakes.c - what can be wrong with a configuration and its files before anything runs: asked in
 * part by the supervisor when it starts, and as a whole by `signet check`
 */

#include "roles/supervisor/mistakes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/pem.h"
#include "conf/files.h"
#include "crypto/key.h"
#include "crypto/keyfile.h"
#include "issue/issuer.h"
#include "policy/pattern.h"
#include "service/fitness.h"
#include "service/https.h"
#include "service/log.h"
#include "service/owner.h"
#include "service/sandbox.h"
#include "service/template.h"
#include "roles/supervisor/handout.h"
#include "x509/cert.h"

#define CONF_MAX (256u * 1024u)

static void
check_pattern(const struct sg_conf *conf, const struct sg_conf_endpoint *e, const char *option,
    size_t n, struct sg_patterns *p, struct sg_conf_errors *errs)
{
	struct sg_err err = {.text = ""};
	char path[SG_ENDPOINT_MAX + 64];
	bool subject = strcmp(option, "subjects") == 0;
	struct sg_slice text = sg_slice_str(subject ? e->subjects.item[n] : e->sans.item[n]);

	if ((subject ? sg_patterns_add_subject(p, text, &err)
		     : sg_patterns_add_san(p, text, &err)) == SG_OK)
		return;
	snprintf(path, sizeof path, "endpoints.%s.%s[%zu]", e->name, option, n);
	sg_buf_scoped shown = {0};
	sg_escape_put(&shown, sg_slice_str(err.text), 300);
	sg_conf_error_add(
	    errs, sg_conf_line(conf, path), "conf.pattern", "'%s': %s", path, sg_buf_text(&shown));
}

/* What only who knows names can say of the patterns: the registrar would find it when it starts,
 * and could not name the line. */
void
supervisor_check_patterns(const struct sg_conf *conf, struct sg_conf_errors *errs)
{
	for (size_t i = 0; i < conf->endpoints.n; i++) {
		const struct sg_conf_endpoint *e = &conf->endpoints.item[i];
		sg_scoped(patterns) p = NULL;
		enum sg_name_lengths lengths = (enum sg_name_lengths)e->template0->name_lengths;
		struct sg_err err;
		if (sg_patterns_new(lengths, &p, &err) != SG_OK) {
			sg_conf_error_add(errs, 0, err.rule, "%s", err.text);
			return;
		}
		for (size_t n = 0; n < e->subjects.n; n++)
			check_pattern(conf, e, "subjects", n, p, errs);
		for (size_t n = 0; n < e->sans.n; n++)
			check_pattern(conf, e, "sans", n, p, errs);
	}
}

/* Read and parse; on failure the mistakes are in errs. */
enum sg_code
supervisor_load_conf(
    const char *path, int *ret_fd, struct sg_conf **ret, struct sg_conf_errors *errs)
{
	sg_buf_scoped text = {.max = CONF_MAX};
	struct sg_err err;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(errs->file, sizeof errs->file, "%s", path);
		sg_conf_error_add(errs, 0, "conf.file",
		    "cannot open it: %s; make a configuration with: signet up DIR",
		    strerror(errno));
		return SG_E_CONF;
	}
	enum sg_code rc = sg_owner_check_file(fd, path, &err);
	if (rc == SG_OK)
		rc = sg_owner_check_way(path, &err);
	if (rc == SG_OK)
		rc = sg_file_read_fd(fd, path, &text, &err);
	if (rc != SG_OK) {
		snprintf(errs->file, sizeof errs->file, "%s", path);
		sg_conf_error_add(errs, 0, err.rule, "%s", err.text);
	} else {
		rc = sg_conf_parse(sg_buf_slice(&text), path, ret, errs);
	}
	if (rc != SG_OK || ret_fd == NULL)
		close(fd);
	else
		*ret_fd = fd;
	return rc;
}

void
supervisor_print_errors(const struct sg_conf_errors *errs, int fd)
{
	sg_buf_scoped text = {0};
	sg_conf_errors_put(errs, &text);
	sg_ignore(write(fd, text.p, text.len) < 0);
}

static void
tell_shared_directory(const struct sg_conf_file *f, size_t len, const char *dir, const char *other)
{
	sg_log(SG_LOG_WARNING, "sandbox.crl",
	    "the role %s may write beneath %.*s, which also holds %s: give '%s' a directory of its "
	    "own",
	    f->to, (int)len, dir, other, f->option);
}

/* Landlock lets a role write beneath the directory of what it publishes: nothing of others belongs
 * there. */
void
supervisor_check_published(
    const struct sg_conf *conf, const char *conf_path, const struct sg_conf_file *f)
{
	sg_buf_scoped own = {0}, db = {0};
	struct sg_conf_file other = {0};

	sg_conf_put_path(&own, conf_path, f->path);
	const char *slash = strrchr(sg_buf_text(&own), '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - sg_buf_text(&own)) + 1;
	sg_conf_put_path(&db, conf_path, conf->data);
	sg_buf_puts(&db, "/db/");
	if (strncmp(sg_buf_text(&db), sg_buf_text(&own), len) == 0) {
		tell_shared_directory(f, len, sg_buf_text(&own), sg_buf_text(&db));
		return;
	}
	while (sg_conf_file_next(conf, &other)) {
		sg_buf_scoped path = {0};
		if (!sg_conf_file_is_secret(&other) || sg_conf_file_is_for(&other, f->to))
			continue;
		sg_conf_put_path(&path, conf_path, other.path);
		if (strncmp(sg_buf_text(&path), sg_buf_text(&own), len) != 0)
			continue;
		tell_shared_directory(f, len, sg_buf_text(&own), sg_buf_text(&path));
		return;
	}
}

/* A part of the sandbox that this machine lacks: a mistake where it is required. */
void
supervisor_check_sandbox(const struct sg_conf *conf, bool say, struct sg_conf_errors *errs)
{
	sg_buf_scoped what = {0};

	if (conf->sandbox == SG_CONF_SANDBOX_OFF)
		sg_buf_puts(&what, "'sandbox: off'; only their users keep the roles apart");
	else if (!sg_sandbox_missing(&what))
		return;
	if (conf->sandbox == SG_CONF_SANDBOX_REQUIRED)
		sg_conf_error_add(errs, sg_conf_line(conf, "sandbox"), "sandbox.missing",
		    "'sandbox': this machine cannot give what is required: %s", sg_buf_text(&what));
	else if (say)
		sg_log(SG_LOG_WARNING, "sandbox.missing", "%s", sg_buf_text(&what));
}

/* What is made in a directory, as root even given away, must not lie where another user put a
 * link. */
void
supervisor_check_directories(
    const struct sg_conf *conf, const char *conf_path, struct sg_conf_errors *errs)
{
	struct sg_conf_file f = {0};
	struct sg_err err;

	while (sg_conf_file_next(conf, &f)) {
		sg_buf_scoped path = {0};
		if (f.kind != SG_CONF_FILE_DIRECTORY)
			continue;
		sg_conf_put_path(&path, conf_path, f.path);
		if (sg_owner_check_way(sg_buf_text(&path), &err) != SG_OK)
			sg_conf_error_add(errs, sg_conf_line(conf, f.option), "conf.file.owner",
			    "'%s': %s", f.option, err.text);
	}
}

/* Something must run. */
void
supervisor_check_roles(
    const struct supervisor_conf *given, const struct sg_conf *conf, struct sg_conf_errors *errs)
{
	sg_buf_scoped names = {0};

	for (const struct sg_service *const *s = given->services; *s != NULL; s++) {
		if (supervisor_runs(conf, *s))
			return;
		sg_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", (*s)->section);
	}
	sg_conf_error_add(errs, 1, "conf.roles",
	    "expected a section of at least one role (%s), found none; add one and what it needs",
	    sg_buf_text(&names));
}

static int
handout_fd(const struct handouts *h, const char *name)
{
	for (size_t n = 0; n < h->n; n++)
		if (strcmp(h->item[n].name, name) == 0)
			return h->item[n].fd;
	return -1;
}

static enum sg_code
load_pair(
    int key_fd, int cert_fd, struct sg_key **ret_key, struct sg_key **ret_pub, struct sg_err *err)
{
	sg_buf_scoped pem = {0}, text = {0}, der = {0};
	struct sg_cert cert;
	size_t pos = 0;

	enum sg_code rc = sg_file_read_fd(key_fd, "key", &pem, err);
	if (rc == SG_OK)
		rc = sg_key_from_pem(sg_buf_slice(&pem), ret_key, err);
	if (rc == SG_OK)
		rc = sg_file_read_fd(cert_fd, "certificate", &text, err);
	if (rc == SG_OK)
		rc = sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, &der, err);
	if (rc == SG_OK)
		rc = sg_cert_parse(sg_buf_slice(&der), &cert, err);
	if (rc == SG_OK)
		rc = sg_key_from_spki(cert.spki, ret_pub, err);
	return rc;
}

/* Each private key belongs to its certificate. Only `signet check` reads them: the roles
 * find out for themselves when they start. */
static void
check_pairs(const struct sg_conf *conf, const struct handouts *h, struct sg_conf_errors *errs)
{
	struct sg_conf_file f = {0};

	while (sg_conf_file_next(conf, &f)) {
		sg_scoped(key) key = NULL;
		sg_scoped(key) pub = NULL;
		struct sg_err err;
		if (f.certificate == NULL)
			continue;
		int key_fd = handout_fd(h, f.option), cert_fd = handout_fd(h, f.certificate);
		if (key_fd < 0 || cert_fd < 0)
			continue; /* told already */
		unsigned line = sg_conf_line(conf, f.option);
		if (load_pair(key_fd, cert_fd, &key, &pub, &err) != SG_OK)
			sg_conf_error_add(errs, line, err.rule, "'%s', '%s': %s", f.option,
			    f.certificate, err.text);
		else if (sg_key_same_public(key, pub, &err) != SG_OK)
			sg_conf_error_add(errs, line, "conf.pair",
			    "'%s': it does not belong to %s: name two files that were made "
			    "together",
			    f.option, f.certificate);
	}
}

/* ---- certificates that were brought ---- */

#define CERTS_MAX (2u + SG_CHAIN_MAX) /* ca.certificate, ra.certificate, and ca.chain */

struct brought {
	const struct sg_conf *conf;
	const struct handouts *handouts;
	struct sg_conf_errors *errs, *warnings;
	struct sg_buf der[CERTS_MAX];
	struct sg_cert cert[CERTS_MAX];
	size_t n;
};

static void
tell(void *arg, bool fatal, const char *option, const struct sg_err *finding)
{
	const struct brought *b = arg;

	sg_conf_error_add(fatal ? b->errs : b->warnings, sg_conf_line(b->conf, option),
	    finding->rule, "%s'%s': %s", fatal ? "" : "warning: ", option, finding->text);
}

/* The certificate of that option; NULL: it was not opened, or is none, which is told. */
static const struct sg_cert *
load_cert(struct brought *b, const char *option)
{
	sg_buf_scoped text = {0};
	struct sg_err err;
	size_t pos = 0;
	int fd = handout_fd(b->handouts, option);

	if (fd < 0 || b->n == CERTS_MAX)
		return NULL;
	struct sg_buf *der = &b->der[b->n];
	struct sg_cert *cert = &b->cert[b->n];
	b->n++;
	enum sg_code rc = sg_file_read_fd(fd, option, &text, &err);
	if (rc == SG_OK)
		rc = sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, der, &err);
	if (rc == SG_OK)
		rc = sg_cert_parse(sg_buf_slice(der), cert, &err);
	if (rc == SG_OK) {
		sg_service_fitness_file(option, sg_buf_slice(&text), pos, tell, b);
		return cert;
	}
	sg_conf_error_add(
	    b->errs, sg_conf_line(b->conf, option), err.rule, "'%s': %s", option, err.text);
	return NULL;
}

/* What ca would refuse to sign with. */
static bool
check_issuer(struct brought *b, const struct sg_cert *ca)
{
	sg_scoped(issuer) issuer = NULL;
	struct sg_err err;

	if (sg_issuer_new(ca->raw, NULL, SG_HASH_SHA256, NULL, &issuer, &err) == SG_OK)
		return true;
	sg_conf_error_add(b->errs, sg_conf_line(b->conf, "ca.certificate"), err.rule,
	    "'ca.certificate': %s", err.text);
	return false;
}

/* Whether what the CA signs will verify: as ca and registrar judge when they start. */
static void
check_fitness(struct brought *b)
{
	struct sg_cert chain[CERTS_MAX];
	struct sg_templates *templates = NULL; /* lives as long as the process */
	struct sg_err err;
	bool whole = true;

	const struct sg_cert *ca = load_cert(b, "ca.certificate");
	if (ca == NULL || !check_issuer(b, ca) ||
	    sg_templates_new(b->conf, &templates, &err) != SG_OK)
		return;
	struct sg_fitness f = {
	    .now = sg_clock_now(), .ca = ca, .chain = chain, .tell = tell, .arg = b};
	enum sg_code rc = sg_service_fitness(b->conf, templates, &f, SG_FITNESS_CA, &err);
	f.ra = load_cert(b, "ra.certificate");
	for (size_t n = 0; n < b->conf->ca.chain.n; n++) {
		char option[32];
		snprintf(option, sizeof option, "ca.chain[%zu]", n);
		const struct sg_cert *cert = load_cert(b, option);
		whole = whole && cert != NULL;
		if (cert != NULL)
			chain[f.chain_n++] = *cert;
	}
	if (rc == SG_OK && whole && f.ra != NULL)
		rc = sg_service_fitness(b->conf, templates, &f, SG_FITNESS_REST, &err);
	if (rc != SG_OK)
		sg_conf_error_add(b->errs, 0, err.rule, "%s", err.text);
}

/* That no other role's key is front's: the key of any certificate that was loaded before. */
static void
check_own_key(struct brought *b, const struct sg_https *https, size_t item)
{
	sg_buf_scoped der = {0};
	struct sg_cert cert;
	struct sg_err err = {0};
	char option[48];
	size_t pos = 0;

	if (sg_pem_next(https->pair[item].chain_pem, "CERTIFICATE", &pos, &der, NULL) != SG_OK ||
	    sg_cert_parse(sg_buf_slice(&der), &cert, NULL) != SG_OK)
		return; /* told already */
	for (size_t n = 0; n < b->n; n++)
		if (b->cert[n].spki.len > 0 && sg_slice_eq(b->cert[n].spki, cert.spki)) {
			snprintf(option, sizeof option, "front.tls[%zu].key", item);
			sg_ignore(sg_fail(&err, SG_E_CONF, "tls.shared",
			    "it is the key of the CA or the RA, and must not be in the process "
			    "that "
			    "strangers reach; make one for this server alone"));
			tell(b, true, option, &err);
			return;
		}
}

/* As front judges when it starts. */
static void
check_https(struct brought *b)
{
	sg_https_scoped https = {0};
	struct sg_https_end end;
	struct sg_err err;

	for (size_t n = 0; n < b->conf->front.tls.n; n++) {
		char chain[48], key[48];
		snprintf(chain, sizeof chain, "front.tls[%zu].certificate", n);
		snprintf(key, sizeof key, "front.tls[%zu].key", n);
		int chain_fd = handout_fd(b->handouts, chain),
		    key_fd = handout_fd(b->handouts, key);
		if (chain_fd < 0 || key_fd < 0)
			return; /* told already */
		if (sg_https_add(&https, chain_fd, key_fd, &err) == SG_OK)
			continue;
		sg_conf_error_add(b->errs, sg_conf_line(b->conf, chain), err.rule, "%s", err.text);
		return;
	}
	if (https.n > 0)
		sg_https_judge(&https, sg_clock_now(), tell, b, &end);
	for (size_t n = 0; n < https.n; n++)
		check_own_key(b, &https, n);
}

int
supervisor_check(const struct supervisor_conf *given)
{
	const char *conf_path = given->conf_path;
	static struct handouts handouts;
	struct sg_conf_errors *errs = sg_xalloc(sizeof *errs), *warnings = sg_xalloc(sizeof *errs);
	struct sg_conf *conf = NULL;

	if (supervisor_load_conf(conf_path, NULL, &conf, errs) == SG_OK) {
		struct brought b = {conf, &handouts, errs, warnings, .n = 0};
		supervisor_check_roles(given, conf, errs);
		supervisor_check_directories(conf, conf_path, errs);
		supervisor_check_sandbox(conf, false, errs);
		supervisor_check_patterns(conf, errs);
		supervisor_handouts_open(given, conf, false, &handouts, errs);
		check_pairs(conf, &handouts, errs);
		check_fitness(&b);
		check_https(&b);
		for (size_t n = 0; n < b.n; n++)
			sg_buf_clear(&b.der[n]);
	}
	int rc = errs->n == 0 ? 0 : 1;
	memcpy(warnings->file, errs->file, sizeof errs->file);
	supervisor_print_errors(errs, STDOUT_FILENO);
	supervisor_print_errors(warnings, STDOUT_FILENO);
	supervisor_handouts_close(&handouts);
	sg_conf_free(&conf);
	sg_free(errs);
	sg_free(warnings);
	return rc;
}
