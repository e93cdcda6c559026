/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/fitness_chain.c - the certificates above the issuing one: which of them signed what, and
 * whether verifiers accept the way up (issue/fitness.c has what holds of each by itself)
 */

#include "issue/fitness_chain.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/key.h"
#include "base/date.h"
#include "issue/fitness_private.h"
#include "x509/constraints.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define LINKS_MAX 16u
#define OPTION_MAX 32u

/* From the issuing certificate up. */
struct path {
	const struct sg_fitness *f;
	size_t n; /* certificates that were found */
	const struct sg_cert *link[1 + LINKS_MAX];
	bool used[LINKS_MAX]; /* of the chain */
};

static void
name_option(char text[OPTION_MAX], size_t n)
{
	snprintf(text, OPTION_MAX, "ca.chain[%zu]", n);
}

/* The certificate of the chain that signed this one; chain_n: none. */
static enum sg_code
find_issuer(const struct path *p, const struct sg_cert *cert, size_t *ret,
    enum sg_fitness_made *ret_made, struct sg_err *err)
{
	*ret = p->f->chain_n;
	*ret_made = SG_FITNESS_NOT_MADE;
	for (size_t n = 0; n < p->f->chain_n; n++) {
		const struct sg_cert *c = &p->f->chain[n];
		enum sg_fitness_made made;
		if (p->used[n] || !sg_name_equal(c->subject, cert->issuer) ||
		    sg_slice_eq(c->raw, p->f->ca->raw))
			continue;
		enum sg_code rc = sg_fitness_who_signed(c, cert, &made, err);
		if (rc != SG_OK)
			return rc;
		bool better = *ret == p->f->chain_n || made == SG_FITNESS_MADE ||
			      (made == SG_FITNESS_CANNOT_TELL && *ret_made == SG_FITNESS_NOT_MADE);
		if (*ret_made != SG_FITNESS_MADE && better) {
			*ret = n;
			*ret_made = made;
		}
	}
	return SG_OK;
}

static bool
is_self_issued(const struct sg_cert *c)
{
	return sg_name_equal(c->issuer, c->subject);
}

/* What no verifier accepts of a certificate above others. */
static enum sg_code
judge_link(const struct sg_fitness_subject *s, const struct path *p, struct sg_err *err)
{
	const struct sg_exts *e = &s->cert->exts;
	struct sg_constraints c;
	struct sg_slice critical;
	int below = 0;

	if (s->cert->version == 3 && !e->ca && (e->has_basic || !is_self_issued(s->cert)))
		sg_fitness_say(s, e->has_basic, "fitness.not-ca",
		    "it is above ca.certificate and %s: no certificate below it verifies; have it "
		    "issued again with basicConstraints = critical,CA:TRUE",
		    e->has_basic ? "says CA:FALSE" : "has no basicConstraints");
	if (e->has_key_usage && (e->key_usage & SG_KU_KEY_CERT_SIGN) == 0)
		sg_fitness_say(s, true, "fitness.not-ca",
		    "it is above ca.certificate, and its key usage has no keyCertSign: no "
		    "certificate below it verifies; have it issued again with keyUsage = "
		    "critical,keyCertSign,cRLSign");
	bool readable = sg_constraints_read(s->cert, &c, &critical, NULL) == SG_OK;
	for (size_t n = 0; n < p->n; n++) {
		const struct sg_san name = {SG_SAN_DIRNAME, p->link[n]->subject};
		if (is_self_issued(p->link[n]))
			continue;
		below++;
		if (!readable || sg_constraints_allow(&c, &name))
			continue;
		sg_buf_scoped shown = {0};
		sg_name_put_text(&shown, name.val);
		enum sg_code rc = sg_buf_check(&shown, err);
		if (rc != SG_OK)
			return rc;
		sg_fitness_say(s, true, "fitness.ca-name",
		    "its name constraints exclude the name of a CA below it (%.200s): no "
		    "certificate of that CA verifies; have one of the two issued again",
		    sg_buf_text(&shown));
	}
	if (e->path_len >= 0 && e->path_len < below)
		sg_fitness_say(s, true, "fitness.path-len",
		    "its basicConstraints allow pathlen:%d, and %d CA%s below it on the way to a "
		    "device: no certificate of ca.certificate verifies; have it issued again with "
		    "at least pathlen:%d or without",
		    e->path_len, below, below == 1 ? " is" : "s are", below);
	return sg_fitness_judge(s, err);
}

/* What the CA issues ends with the CA, not with those above it. */
static void
judge_end(const struct sg_fitness_subject *s)
{
	const struct sg_fitness *f = s->f;
	int64_t end = s->cert->not_after;
	sg_buf_scoped date = {0};

	sg_date_put(&date, end);
	for (size_t n = 0; f->now < end && end < f->ca->not_after && n < f->template_n; n++)
		if (end - f->now < f->tmpl[n]->validity_s)
			sg_fitness_say(s, false, "fitness.short",
			    "it ends at %s, before a certificate of template '%s' would (%lld "
			    "days): from then on those do not verify; have it renewed for the same "
			    "key in time, and put the new certificate in its place",
			    sg_buf_text(&date), f->tmpl[n]->name,
			    (long long)(f->tmpl[n]->validity_s / 86400));
}

static void
judge_key(const struct sg_fitness_subject *s)
{
	sg_scoped(key) key = NULL;
	struct sg_err why;

	if (sg_key_from_spki(s->cert->spki, &key, &why) == SG_E_LIMIT)
		sg_fitness_say(s, false, "fitness.key",
		    "its key is not one that verifiers accept today (%.200s): replace this CA",
		    why.text);
}

/* Those that are not on the way up. */
static void
judge_unused(const struct path *p)
{
	char option[OPTION_MAX];
	const struct sg_cert *top = p->link[p->n - 1];
	sg_buf_scoped wanted = {0};

	sg_name_put_text(&wanted, top->issuer);
	for (size_t n = 0; n < p->f->chain_n; n++) {
		const struct sg_cert *c = &p->f->chain[n];
		const struct sg_fitness_subject s = {p->f, c, option};
		bool twice = false;
		if (p->used[n])
			continue;
		name_option(option, n);
		for (size_t i = 0; i < p->n; i++)
			twice = twice || sg_slice_eq(p->link[i]->raw, c->raw);
		if (sg_slice_eq(c->raw, p->f->ca->raw))
			sg_fitness_say(&s, false, "fitness.chain",
			    "it is ca.certificate itself, which devices get anyway: remove it");
		else if (twice)
			sg_fitness_say(
			    &s, false, "fitness.chain", "it stands there twice: remove one");
		else if (is_self_issued(top))
			sg_fitness_say(&s, false, "fitness.chain",
			    "it issued none of the certificates below it, which end at a root "
			    "without it: remove it");
		else
			sg_fitness_say(&s, false, "fitness.chain",
			    "it did not issue %s, so that devices cannot make a chain with it: put "
			    "the certificate of %.200s in its place, or remove it",
			    p->n == 1 ? "ca.certificate" : "the certificate below it",
			    sg_buf_text(&wanted));
	}
}

/* One certificate further up; false: there is none. */
static enum sg_code
climb(struct path *p, bool *ret_more, bool *said_order, struct sg_err *err)
{
	char option[OPTION_MAX];
	const struct sg_cert *cert = p->link[p->n - 1];
	enum sg_fitness_made made = SG_FITNESS_NOT_MADE;
	size_t at;
	enum sg_code rc = SG_OK;

	*ret_more = false;
	if (is_self_issued(cert))
		rc = sg_fitness_who_signed(cert, cert, &made, err);
	if (rc != SG_OK || made != SG_FITNESS_NOT_MADE)
		return rc;
	rc = find_issuer(p, cert, &at, &made, err);
	if (rc != SG_OK || at == p->f->chain_n)
		return rc;
	const struct sg_fitness_subject s = {p->f, &p->f->chain[at], option};
	name_option(option, at);
	p->used[at] = true;
	if (made == SG_FITNESS_NOT_MADE) {
		sg_fitness_say(&s, false, "fitness.chain",
		    "it has the name of the issuer of %s, and its key did not sign that: devices "
		    "cannot make a chain with it; put the certificate of the key that did in its "
		    "place",
		    p->n == 1 ? "ca.certificate" : "the certificate below it");
		return SG_OK;
	}
	if (at != p->n - 1 && !*said_order) {
		*said_order = true;
		sg_fitness_say(&s, false, "fitness.chain",
		    "some devices want the order from the issuing CA up to the root: this one "
		    "issued %s, and belongs at place %zu",
		    p->n == 1 ? "ca.certificate" : "the certificate below it", p->n - 1);
	}
	if (cert->exts.aki.len > 0 && s.cert->exts.ski.len > 0 &&
	    !sg_slice_eq(cert->exts.aki, s.cert->exts.ski))
		sg_fitness_say(&s, false, "fitness.chain",
		    "it signed %s, whose authorityKeyIdentifier is another: OpenSSL and others do "
		    "not put the two together; have the lower one issued again",
		    p->n == 1 ? "ca.certificate" : "the certificate below it");
	judge_key(&s);
	judge_end(&s);
	rc = judge_link(&s, p, err);
	p->link[p->n++] = s.cert;
	*ret_more = true;
	return rc;
}

SG_RC
sg_fitness_chain(const struct sg_fitness *f, struct sg_err *err)
{
	struct path p = {.f = f, .n = 1, .link = {f->ca}};
	bool more = true, said_order = false;
	enum sg_code rc = SG_OK;

	if (f->chain_n > LINKS_MAX)
		return sg_fail(err, SG_E_CONF, "fitness.chain", "ca.chain: at most %u certificates",
		    LINKS_MAX);
	while (rc == SG_OK && more && p.n <= f->chain_n)
		rc = climb(&p, &more, &said_order, err);
	if (rc == SG_OK)
		judge_unused(&p);
	return rc;
}
