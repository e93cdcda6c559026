/* SPDX-License-Identifier: Apache-2.0 */

/*
 * https.c - what is wrong with the certificates of `front.tls`, for `signet check` and for front;
 * crypto/tls_server.c reads them, and shows them
 */

#include "service/https.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/pem.h"
#include "x509/cert.h"

#define FILE_MAX (256u * 1024u) /* the longest chain of the largest certificates */

enum sg_code
sg_https_add(struct sg_https *h, int chain_fd, int key_fd, struct sg_err *err)
{
	struct sg_buf *chain = &h->chain[h->n], *key = &h->key[h->n];
	char option[48];

	chain->max = key->max = FILE_MAX;
	snprintf(option, sizeof option, "front.tls[%zu].certificate", h->n);
	enum sg_code rc = sg_file_read_fd(chain_fd, option, chain, err);
	snprintf(option, sizeof option, "front.tls[%zu].key", h->n);
	if (rc == SG_OK)
		rc = sg_file_read_fd(key_fd, option, key, err);
	h->pair[h->n] = (struct sg_tls_pair){sg_buf_slice(chain), sg_buf_slice(key)};
	h->n++;
	return rc;
}

void
sg_https_clear(struct sg_https *h)
{
	for (size_t n = 0; n < SG_TLS_PAIRS_MAX; n++) {
		sg_buf_clear(&h->chain[n]);
		sg_buf_clear(&h->key[n]);
	}
	h->n = 0;
}

struct judge {
	int64_t now;
	void (*tell)(void *arg, bool fatal, const char *option, const struct sg_err *finding);
	void *arg;
	size_t item;
	bool fatal; /* something was, of any pair */
};

static void
pass_on(struct judge *j, bool fatal, const char *what, const struct sg_err *finding)
{
	char option[48];

	snprintf(option, sizeof option, "front.tls[%zu].%s", j->item, what);
	j->fatal |= fatal;
	j->tell(j->arg, fatal, option, finding);
}

static void __attribute__((format(printf, 4, 5)))
say(struct judge *j, bool fatal, const char *rule, const char *fmt, ...)
{
	struct sg_err err;
	va_list ap;

	va_start(ap, fmt);
	sg_ignore(sg_fail_va(&err, SG_E_CONF, rule, __FILE__, __LINE__, fmt, ap) == SG_OK);
	va_end(ap);
	pass_on(j, fatal, "certificate", &err);
}

static void
judge_dates(struct judge *j, const struct sg_tls_info *info)
{
	sg_buf_scoped date = {0};
	bool over = info->ends <= j->now;

	if (!over && info->begins <= j->now)
		return;
	sg_date_put(&date, over ? info->ends : info->begins);
	say(j, false, "tls.dates",
	    "it %s %s: clients refuse it; have it renewed, or look at the clock",
	    over ? "ended at" : "does not begin before", sg_buf_text(&date));
}

/* Whoever compromises front has this key: no CA's, though our readers take such a pair. */
static void
judge_ca(struct judge *j, const struct sg_tls_pair *pair)
{
	sg_buf_scoped der = {0};
	struct sg_cert cert;
	size_t pos = 0;

	if (sg_pem_next(pair->chain_pem, "CERTIFICATE", &pos, &der, NULL) == SG_OK &&
	    sg_cert_parse(sg_buf_slice(&der), &cert, NULL) == SG_OK && cert.exts.ca)
		say(j, true, "tls.ca",
		    "it is the certificate of a CA, whose key must not be in the process that "
		    "strangers reach; have one made for this server");
}

static bool
has_name(const struct sg_tls_info *info, const char *name)
{
	const char *all = (const char *)info->names.p;

	for (size_t at = 0; at < info->names.len; at += strlen(all + at) + 1)
		if (strcmp(all + at, name) == 0)
			return true;
	return false;
}

/* Once a pair: one name says enough. */
static void
judge_twice(struct judge *j, const struct sg_tls_info *all)
{
	const struct sg_tls_info *own = &all[j->item];
	const char *names = (const char *)own->names.p;

	for (size_t i = 0; i < j->item; i++)
		for (size_t at = 0; all[i].type == own->type && at < own->names.len;
		     at += strlen(names + at) + 1) {
			if (!has_name(&all[i], names + at))
				continue;
			say(j, false, "tls.twice",
			    "front.tls[%zu] has the name %s, too, with a key of the same type: "
			    "that one is shown; remove one of them",
			    i, names + at);
			return;
		}
}

static void
judge_pair(struct judge *j, const struct sg_tls_pair *pair, struct sg_tls_info *all)
{
	struct sg_tls_info *info = &all[j->item];
	struct sg_err err;

	if (sg_tls_pair_info(pair, info, &err) != SG_OK) {
		bool key = strcmp(err.rule, "tls.key") == 0 || strncmp(err.rule, "key.", 4) == 0;
		pass_on(j, true, key ? "key" : "certificate", &err);
		return;
	}
	judge_ca(j, pair);
	judge_dates(j, info);
	if (!info->server_auth)
		say(j, false, "tls.purpose",
		    "its extKeyUsage has no serverAuth: clients refuse it; have it issued with "
		    "that");
	if (info->names.len == 0 && !info->addresses)
		say(j, false, "tls.nameless",
		    "it has no DNS name and no address in subjectAltName, and clients look nowhere "
		    "else for the name of a server; have it issued with one");
	judge_twice(j, all);
}

void
sg_https_judge(const struct sg_https *h, int64_t now,
    void (*tell)(void *arg, bool fatal, const char *option, const struct sg_err *finding),
    void *arg, struct sg_https_end *ret)
{
	struct sg_tls_info all[SG_TLS_PAIRS_MAX] = {0};
	struct judge j = {.now = now, .tell = tell, .arg = arg};
	struct sg_https_end end = {INT64_MAX, 0};

	for (; j.item < h->n; j.item++) {
		judge_pair(&j, &h->pair[j.item], all);
		if (all[j.item].ends < end.at)
			end = (struct sg_https_end){all[j.item].ends, j.item};
	}
	for (size_t i = 0; i < h->n; i++)
		sg_tls_info_clear(&all[i]);
	if (!j.fatal)
		*ret = end;
}
