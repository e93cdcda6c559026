/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/issuers.c - the CA's key and those that it had before, and whether a new one may begin
 */

#include "roles/ca/issuers.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hex.h"
#include "base/pem.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "service/fitness.h"
#include "service/log.h"
#include "roles/ca/state.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "store/ca/issuer.h"

#define FILE_MAX 65536u
#define KEYID_SHOWN 4u /* bytes of a key identifier in the name of a list */
#define KEYHASH_SHOWN 16u

static enum sg_code
read_key(struct ca *ca, const char *file, struct sg_key **ret, struct sg_err *err)
{
	sg_buf_scoped pem = {.max = FILE_MAX};

	enum sg_code rc = sg_service_take_file(ca->ctx, file, &pem, err);
	return rc == SG_OK ? sg_key_from_pem(sg_buf_slice(&pem), ret, err) : rc;
}

static enum sg_code
read_cert(struct ca *ca, const char *file, struct sg_buf *der, struct sg_err *err)
{
	sg_buf_scoped text = {.max = FILE_MAX};
	size_t pos = 0;

	enum sg_code rc = sg_service_take_file(ca->ctx, file, &text, err);
	if (rc == SG_OK)
		rc = sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, der, err);
	if (rc == SG_OK)
		sg_service_fitness_file(file, sg_buf_slice(&text), pos, NULL, NULL);
	return rc;
}

static enum sg_code
load_own(struct ca *ca, struct sg_err *err)
{
	sg_buf_scoped der = {0};
	const struct sg_conf *conf = ca->ctx->conf;
	struct sg_issuer_urls urls = {0};

	if (conf->ca.cdp_url != NULL)
		urls.cdp = sg_slice_str(conf->ca.cdp_url);
	if (conf->ca.aia_url != NULL)
		urls.ca_issuers = sg_slice_str(conf->ca.aia_url);
	enum sg_hash hash = SG_HASH_SHA256;
	if (conf->templates.n > 0)
		hash = (enum sg_hash)conf->templates.item[0].hash;
	enum sg_code rc = read_key(ca, "ca.key", &ca->key, err);
	if (rc != SG_OK) {
		struct sg_err why = *err;
		bool kind = rc == SG_E_LIMIT || rc == SG_E_ALG;
		return sg_fail(err, rc, why.rule, "ca.key: %.300s%s", why.text,
		    kind ? "; " SG_ISSUER_KEY_REMEDY : "");
	}
	rc = read_cert(ca, "ca.certificate", &der, err);
	if (rc == SG_OK)
		rc = sg_issuer_new(sg_buf_slice(&der), ca->key, hash, &urls, &ca->issuer, err);
	if (rc != SG_OK) {
		sg_err_prefix(err, "ca.certificate");
		return rc;
	}
	ca->list[0].issuer = ca->issuer;
	ca->list_n = 1;
	struct sg_fitness f = {.now = sg_clock_now(), .ca = &ca->issuer->cert};
	return sg_service_fitness_start(conf, ca->templates, &f, SG_FITNESS_CA, err);
}

/* "pub/ca.crl" and bytes 1a2b3c4d: "pub/ca-1a2b3c4d.crl". */
static void
put_list_path(const struct ca *ca, struct sg_slice id, struct sg_buf *path)
{
	const char *own = ca->list[0].path, *slash = strrchr(own, '/');
	const char *dot = strrchr(slash == NULL ? own : slash, '.');

	sg_buf_put(path, own, dot == NULL ? strlen(own) : (size_t)(dot - own));
	sg_buf_puts(path, "-");
	sg_hex_put(path, id);
	sg_buf_puts(path, dot == NULL ? "" : dot);
}

static bool
is_path_taken(const struct ca *ca, const char *path)
{
	for (size_t n = 0; n < ca->list_n; n++)
		if (strcmp(ca->list[n].path, path) == 0)
			return true;
	return false;
}

/* By the key identifier; it is chosen by the maker of the certificate, so that another key may have
 * the same beginning: then by the hash of the key. */
static enum sg_code
name_list(struct ca *ca, struct ca_list *list, struct sg_err *err)
{
	sg_buf_scoped path = {0};
	uint8_t hash[SG_SHA256_LEN];
	struct sg_slice id = list->issuer->cert.exts.ski;

	put_list_path(ca, sg_slice(id.p, id.len < KEYID_SHOWN ? id.len : KEYID_SHOWN), &path);
	enum sg_code rc = sg_buf_check(&path, err);
	if (rc == SG_OK && is_path_taken(ca, sg_buf_text(&path))) {
		rc = sg_sha256(list->issuer->cert.spki, hash, err);
		if (rc != SG_OK)
			return rc;
		sg_buf_reset(&path);
		put_list_path(ca, sg_slice(hash, KEYHASH_SHOWN), &path);
		rc = sg_buf_check(&path, err);
	}
	if (rc == SG_OK)
		list->path = sg_memdup(sg_buf_text(&path), path.len);
	return rc;
}

static enum sg_code
load_earlier(struct ca *ca, size_t n, struct sg_err *err)
{
	sg_buf_scoped der = {0};
	char file[48];
	struct sg_key *key = NULL; /* lives as long as the process */
	struct sg_issuer *issuer = NULL;
	struct ca_list *list = &ca->list[ca->list_n];

	list->no_key = ca->ctx->conf->ca.earlier.item[n].key == NULL;
	snprintf(file, sizeof file, "ca.earlier[%zu].certificate", n);
	enum sg_code rc = read_cert(ca, file, &der, err);
	snprintf(file, sizeof file, "ca.earlier[%zu].key", n);
	if (rc == SG_OK && !list->no_key)
		rc = read_key(ca, file, &key, err);
	if (rc == SG_OK)
		rc = sg_issuer_new(
		    sg_buf_slice(&der), key, ca->issuer->sigalg.hash, NULL, &issuer, err);
	for (size_t i = 0; rc == SG_OK && i < ca->list_n; i++)
		if (sg_slice_eq(issuer->cert.spki, ca->list[i].issuer->cert.spki))
			rc = sg_fail(err, SG_E_CONF, "issuer.same-key",
			    "its key is that of %s: a renewed certificate with the same key needs "
			    "no item, because one list has all that the key signed; remove it",
			    i == 0 ? "ca.certificate" : "another item");
	if (rc == SG_OK) {
		list->issuer = issuer;
		rc = name_list(ca, list, err);
	}
	if (rc == SG_OK)
		ca->list_n++;
	else
		sg_err_prefix(err, "ca.earlier[%zu]", n);
	return rc;
}

enum sg_code
ca_issuers_load(struct ca *ca, struct sg_err *err)
{
	sg_buf_scoped path = {0};

	sg_conf_put_path(&path, ca->ctx->conf_path, ca->ctx->conf->ca.crl);
	ca->list[0].path = sg_memdup(sg_buf_text(&path), path.len);
	enum sg_code rc = load_own(ca, err);
	for (size_t n = 0; rc == SG_OK && n < ca->ctx->conf->ca.earlier.n; n++)
		rc = load_earlier(ca, n, err);
	return rc;
}

/* ---- against the database ---- */

struct looking {
	struct ca *ca;
	uint8_t hash[1 + SG_CONF_EARLIER_MAX][SG_STORE_HASH_LEN]; /* in the order of the lists */
	bool own_is_known;
	bool under_our_name; /* an issuer that is not here has the name of the new one */
	char problem[300];   /* of an issuer with certificates, whose key is not here */
};

/* Relying parties look for a list under the name in the certificate. */
static void
tell_renamed(const struct ca *ca, const struct sg_cadb_issuer *row)
{
	sg_buf_scoped was = {0}, is = {0};

	sg_name_put_text(&was, row->name);
	sg_name_put_text(&is, ca->issuer->cert.subject);
	sg_log(SG_LOG_WARNING, "issuer.renamed",
	    "'ca.certificate': its subject is '%.120s', and under the same key it was '%.120s': "
	    "what was issued under that name does not verify with it, and the revocation list is "
	    "of the new name alone; have it issued again with the old subject",
	    sg_buf_text(&is), sg_buf_text(&was));
}

static bool
look_at(void *arg, const struct sg_cadb_issuer *row)
{
	struct looking *l = arg;
	struct ca *ca = l->ca;
	sg_buf_scoped hex = {0}, until = {0};

	for (size_t n = 0; n < ca->list_n; n++) {
		if (memcmp(l->hash[n], row->key_hash, SG_STORE_HASH_LEN) == 0) {
			l->own_is_known |= n == 0;
			if (n == 0 && row->last_not_after >= sg_clock_now() &&
			    !sg_name_equal(row->name, ca->issuer->cert.subject))
				tell_renamed(ca, row);
			return true;
		}
	}
	l->under_our_name |= sg_name_equal(row->name, ca->issuer->cert.subject);
	if (row->last_not_after < sg_clock_now())
		return true;
	sg_hex_put(&hex, sg_slice(row->key_hash, 8));
	sg_date_put(&until, row->last_not_after);
	snprintf(l->problem, sizeof l->problem,
	    "certificates that an earlier CA key signed (SHA-256 of it: %s...) are valid until %s, "
	    "and 'ca.earlier' does not have it: they cannot be revoked",
	    sg_buf_text(&hex), sg_buf_text(&until));
	return true;
}

enum sg_code
ca_issuers_record(struct ca *ca, struct sg_err *err)
{
	struct looking l = {.ca = ca};
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < ca->list_n; n++)
		rc = sg_sha256(ca->list[n].issuer->cert.spki, l.hash[n], err);
	if (rc == SG_OK)
		rc = sg_cadb_issuer_list(ca->store, look_at, &l, err);
	if (rc == SG_OK && l.under_our_name && !l.own_is_known)
		return sg_fail(err, SG_E_CONF, "issuer.new-key",
		    "ca.key is a new key under the name that the CA had%s%s. Name the earlier key "
		    "and its certificate in 'ca.earlier', or its certificate alone where that key "
		    "is gone",
		    l.problem[0] == '\0' ? "" : ": ", l.problem);
	if (rc == SG_OK && l.problem[0] != '\0')
		sg_log(SG_LOG_WARNING, "issuer.earlier", "%s", l.problem);
	for (size_t n = 0; rc == SG_OK && n < ca->list_n; n++)
		rc = sg_cadb_issuer_no(ca->store, l.hash[n], ca->list[n].issuer->cert.subject,
		    sg_clock_now(), &ca->list[n].no, err);
	ca->issuer_no = ca->list[0].no;
	return rc;
}
