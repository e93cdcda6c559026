/* SPDX-License-Identifier: Apache-2.0 */

/*
 * trust.c - which of the server's certificates are believed: asked after GetCACert, before anything
 * secret leaves, and again about the issued certificate
 *
 * Trust begins at the pinned certificate and flows down: a certificate is trusted when a
 * trusted CA signed it and it is valid now. What the server sends beside that is ignored.
 */

#include "enroll/trust.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/sign.h"
#include "enroll/text.h"
#include "scep/ra.h"
#include "scep/reply.h"
#include "x509/constraints.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"
#include "asn1/oid.h"

enum sg_code
sg_enroll_trust_add(struct sg_enroll_trust *t, struct sg_slice der, enum sg_enroll_source source,
    struct sg_err *err)
{
	struct sg_cert cert = {0};

	for (size_t n = 0; n < t->n; n++) {
		if (sg_slice_eq(t->item[n].cert.raw, der)) {
			t->item[n].sources |= source;
			return SG_OK;
		}
	}
	enum sg_code rc = sg_cert_parse(der, &cert, err);
	if (rc != SG_OK)
		return rc;
	if (t->n == SG_ENROLL_CERTS_MAX)
		return sg_fail(err, SG_E_LIMIT, "client.certs", "more than %u certificates",
		    SG_ENROLL_CERTS_MAX);
	t->item[t->n] = (struct sg_enroll_cert){.cert = cert, .sources = source};
	snprintf(
	    t->item[t->n].why, sizeof t->item[t->n].why, "no CA certificate above it is trusted");
	t->n++;
	return SG_OK;
}

static enum sg_code
check_validity(const struct sg_cert *cert, int64_t now, struct sg_err *err)
{
	sg_buf_scoped begin = {0}, end = {0}, here = {0};
	const char *from = sg_enroll_time_text(&begin, cert->not_before);
	const char *to = sg_enroll_time_text(&end, cert->not_after);
	const char *clock = sg_enroll_time_text(&here, now);

	if (cert->not_before > cert->not_after)
		return sg_fail(err, SG_E_TIME, "client.validity",
		    "it begins (%s) after it ends (%s)", from, to);
	if (now > cert->not_after)
		return sg_fail(err, SG_E_TIME, "client.validity",
		    "it expired at %s and here it is %s", to, clock);
	if (now < cert->not_before)
		return sg_fail(err, SG_E_TIME, "client.validity",
		    "it is valid only from %s and here it is %s: is this clock right?", from,
		    clock);
	return SG_OK;
}

static enum sg_code
verify_with(const struct sg_cert *ca, const struct sg_cert *cert, bool sha1, struct sg_err *err)
{
	sg_scoped(key) key = NULL;

	if (cert->sigalg.scheme == SG_SIG_NONE)
		return sg_fail(err, SG_E_ALG, "client.signature",
		    "it is signed with an algorithm that is not accepted");
	if (cert->sigalg.hash == SG_HASH_SHA1 && !sha1)
		return sg_fail(err, SG_E_ALG, "client.signature",
		    "it is signed with SHA-1: --legacy accepts that");
	enum sg_code rc = sg_key_from_spki(ca->spki, &key, err);
	if (rc == SG_OK)
		rc = sg_sign_verify(key, cert->sigalg, cert->tbs, cert->sig, err);
	return rc;
}

/* What makes it impossible that it is a CA, whoever trusts it. */
static enum sg_code
check_ca(const struct sg_cert *cert, struct sg_err *err)
{
	const struct sg_exts *x = &cert->exts;
	sg_buf_scoped usage = {0};

	if (!sg_scep_is_ca(cert))
		return sg_fail(err, SG_E_DENIED, "client.anchor.ca", "%s",
		    x->has_basic ? "its basicConstraints says that it is no CA"
		    : cert->version == 3
			? "it has no basicConstraints, which a CA of version 3 must have"
			: "it has no extensions and is not self-signed");
	if (!x->has_key_usage || (x->key_usage & SG_KU_KEY_CERT_SIGN) != 0)
		return SG_OK;
	sg_ext_put_usage_text(&usage, x->key_usage);
	return sg_fail(err, SG_E_DENIED, "client.anchor.usage",
	    "its key usage lacks keyCertSign (it has %s)", sg_buf_text(&usage));
}

/* SG_E_NOTFOUND: ca is not its issuer by name. */
static enum sg_code
check_issued_by(
    const struct sg_enroll_cert *ca, const struct sg_cert *cert, bool sha1, struct sg_err *err)
{
	if (!sg_name_equal(ca->cert.subject, cert->issuer))
		return sg_fail(err, SG_E_NOTFOUND, "client.issuer", "another issuer");
	if (!sg_scep_is_ca(&ca->cert))
		return sg_fail(
		    err, SG_E_DENIED, "client.issuer", "its issuer is not a CA certificate");
	if (check_ca(&ca->cert, NULL) != SG_OK)
		return sg_fail(
		    err, SG_E_DENIED, "client.issuer", "its issuer's key usage lacks keyCertSign");
	if (sg_scep_is_ca(cert) && ca->room == 0)
		return sg_fail(err, SG_E_DENIED, "client.anchor.path",
		    "its issuer's path length allows no CA below");
	return verify_with(&ca->cert, cert, sha1, err);
}

enum sg_code
sg_enroll_trust_check_names(const struct sg_enroll_trust *t, const struct sg_enroll_cert *ca,
    const struct sg_cert *cert, struct sg_err *err)
{
	sg_buf_scoped shown = {0}, who = {0};
	struct sg_constraints names;
	struct sg_slice critical;

	/* RFC 5280 6.1.3 (b): a CA that renewed itself. */
	if (sg_scep_is_ca(cert) && sg_name_equal(cert->issuer, cert->subject))
		return SG_OK;
	for (; !ca->anchor; ca = &t->item[ca->above]) {
		enum sg_code rc = sg_constraints_read(&ca->cert, &names, &critical, err);
		if (rc != SG_OK)
			return rc;
		struct sg_san subject = {SG_SAN_DIRNAME, cert->subject};
		const struct sg_san *bad = sg_constraints_allow(&names, &subject) ? NULL : &subject;
		for (size_t n = 0; n < cert->exts.sans.n && bad == NULL; n++)
			if (!sg_constraints_allow(&names, &cert->exts.sans.item[n]))
				bad = &cert->exts.sans.item[n];
		if (bad == NULL)
			continue;
		if (bad == &subject)
			sg_name_put_text(&shown, bad->val);
		else
			sg_san_put_text(&shown, bad);
		return sg_fail(err, SG_E_DENIED, "client.names",
		    "the name constraints of '%.100s' exclude its name %.200s",
		    sg_enroll_name_text(&who, ca->cert.subject), sg_buf_text(&shown));
	}
	return SG_OK;
}

/* Critical extensions beyond those of RFC 5280 refuse; policies are not what is asked here. */
static enum sg_code
check_usable(const struct sg_cert *cert, int64_t now, struct sg_err *err)
{
	struct sg_constraints names;
	struct sg_slice critical;
	sg_buf_scoped oid = {0};

	enum sg_code rc = check_validity(cert, now, err);
	if (rc == SG_OK)
		rc = sg_constraints_read(cert, &names, &critical, err);
	if (rc != SG_OK || critical.len == 0)
		return rc;
	sg_oid_put_text(&oid, critical, 1);
	return sg_fail(err, SG_E_DENIED, "client.critical",
	    "it has the critical extension %s, which this client does not understand",
	    sg_buf_text(&oid));
}

static void
doubt(struct sg_enroll_cert *c, const struct sg_err *why)
{
	c->rule = why->rule;
	snprintf(c->why, sizeof c->why, "%.250s", why->text);
}

static void
trust(struct sg_enroll_cert *c, int room)
{
	int own = c->cert.exts.has_basic ? c->cert.exts.path_len : -1;

	c->trusted = true;
	c->room = room < 0 || (own >= 0 && own < room) ? own : room;
}

/* Try to trust c because of a trusted certificate; true when it succeeded. */
static bool
trust_below(const struct sg_enroll_trust *t, struct sg_enroll_cert *c,
    const struct sg_enroll_cert *ca, const struct sg_enroll_pin *pin, int64_t now)
{
	struct sg_err err;

	enum sg_code rc = check_issued_by(ca, &c->cert, pin->sha1, &err);
	if (rc == SG_E_NOTFOUND)
		return false;
	if (rc == SG_OK)
		rc = check_usable(&c->cert, now, &err);
	if (rc == SG_OK)
		rc = sg_enroll_trust_check_names(t, ca, &c->cert, &err);
	if (rc != SG_OK) {
		doubt(c, &err);
		return false;
	}
	c->above = (size_t)(ca - t->item);
	trust(c, ca->room > 0 ? ca->room - 1 : ca->room);
	return true;
}

void
sg_enroll_trust_spread(struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, int64_t now)
{
	struct sg_err err;
	bool more = true;

	for (size_t n = 0; n < t->n; n++) {
		struct sg_enroll_cert *c = &t->item[n];
		if (!c->anchor || c->trusted)
			continue;
		/* RFC 5280 6.1.1: an anchor is a name and a key. Its owner has said that it is one,
		 * and its extensions are not looked at. */
		enum sg_code rc = pin->mode == SG_ENROLL_PIN_INSECURE
				      ? check_usable(&c->cert, now, &err)
				      : check_validity(&c->cert, now, &err);
		if (rc == SG_OK)
			trust(c, -1);
		else
			doubt(c, &err);
	}
	while (more) {
		more = false;
		for (size_t n = 0; n < t->n * t->n; n++) {
			struct sg_enroll_cert *c = &t->item[n / t->n];
			const struct sg_enroll_cert *ca = &t->item[n % t->n];
			if (!c->trusted && !c->anchor && ca->trusted)
				more |= trust_below(t, c, ca, pin, now);
		}
	}
}

static bool
has_fingerprint(const struct sg_cert *cert, const uint8_t want[SG_SHA256_LEN])
{
	uint8_t have[SG_SHA256_LEN];

	return sg_sha256(cert->raw, have, NULL) == SG_OK &&
	       sg_slice_eq(sg_slice(have, sizeof have), sg_slice(want, SG_SHA256_LEN));
}

static bool
is_anchor(const struct sg_enroll_cert *c, const struct sg_enroll_pin *pin)
{
	switch (pin->mode) {
	case SG_ENROLL_PIN_FINGERPRINT:
		return has_fingerprint(&c->cert, pin->fingerprint);
	case SG_ENROLL_PIN_FILE:
		return (c->sources & SG_ENROLL_FROM_FILE) != 0;
	case SG_ENROLL_PIN_ISSUER:
		/* Only the CA that we got the certificate from has the key that signed it. */
		return sg_scep_is_ca(&c->cert) &&
		       sg_name_equal(c->cert.subject, pin->issued->issuer) &&
		       verify_with(&c->cert, pin->issued, true, NULL) == SG_OK;
	case SG_ENROLL_PIN_INSECURE:
		return true;
	case SG_ENROLL_PIN_NONE:
	default:
		return false;
	}
}

/* The certificate to name in a message: the last CA that the server sent. */
static const struct sg_cert *
top_of(const struct sg_enroll_trust *t)
{
	const struct sg_cert *top = &t->item[0].cert;

	for (size_t n = 0; n < t->n; n++)
		if ((t->item[n].sources & SG_ENROLL_FROM_SERVER) && sg_scep_is_ca(&t->item[n].cert))
			top = &t->item[n].cert;
	return top;
}

static enum sg_code
no_anchor(const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	char have[2 * SG_SHA256_LEN + 1];
	sg_buf_scoped name = {0};
	bool same_name = false;

	for (size_t n = 0; n < t->n && pin->mode == SG_ENROLL_PIN_ISSUER; n++)
		same_name |= sg_name_equal(t->item[n].cert.subject, pin->issued->issuer);
	if (pin->mode == SG_ENROLL_PIN_ISSUER)
		return sg_fail(err, SG_E_DENIED, "client.anchor",
		    "none of the %zu certificates of the server is the CA that signed the old "
		    "certificate (%.120s)%s: nothing was sent",
		    t->n, sg_enroll_name_text(&name, pin->issued->issuer),
		    same_name ? "; the one of that name has another key" : "");
	enum sg_code rc = sg_enroll_fingerprint(top_of(t)->raw, have, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_DENIED, "client.fingerprint",
	    "none of the %zu certificates of the server has the given fingerprint; its CA is "
	    "'%.120s', SHA-256 fingerprint %s: nothing was sent",
	    t->n, sg_enroll_name_text(&name, top_of(t)->subject), have);
}

/* A file may have other certificates beside the CA: they are no anchors. */
static enum sg_code
find_anchors(struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	sg_buf_scoped name = {0}, issuer = {0};
	const struct sg_cert *bad = NULL;
	struct sg_err one, why = {0};
	size_t found = 0;

	for (size_t n = 0; n < t->n; n++) {
		struct sg_enroll_cert *c = &t->item[n];
		c->anchor = is_anchor(c, pin);
		if (c->anchor && pin->mode != SG_ENROLL_PIN_INSECURE &&
		    check_ca(&c->cert, &one) != SG_OK) {
			c->anchor = false;
			bad = &c->cert;
			why = one;
		}
		found += c->anchor;
	}
	if (found > 0)
		return SG_OK;
	if (bad == NULL)
		return no_anchor(t, pin, err);
	return sg_fail(err, SG_E_DENIED, why.rule,
	    "'%.120s' is pinned but is not a CA certificate%s: %s; it was issued by '%.120s': "
	    "nothing was sent",
	    sg_enroll_name_text(&name, bad->subject),
	    strcmp(why.rule, "client.anchor.ca") == 0 ? "" : " that can issue", why.text,
	    sg_enroll_name_text(&issuer, bad->issuer));
}

/* Of what is pinned nothing is valid now. */
static enum sg_code
check_anchors(const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	const struct sg_enroll_cert *bad = &t->item[0];
	sg_buf_scoped name = {0};

	for (size_t n = 0; n < t->n; n++) {
		if (t->item[n].trusted || pin->mode == SG_ENROLL_PIN_INSECURE)
			return SG_OK;
		if (t->item[n].anchor)
			bad = &t->item[n];
	}
	return sg_fail(err, SG_E_DENIED, "client.anchor.validity",
	    "the pinned CA '%.120s' cannot be used: %s: nothing was sent",
	    sg_enroll_name_text(&name, bad->cert.subject), bad->why);
}

/* Any device has a certificate of the same CA: only the purpose tells an RA from it. Who named one
 * by its fingerprint means that one, whatever else the server has or is believed. */
static bool
may_be_ra(const struct sg_cert *cert, const struct sg_enroll_pin *pin)
{
	if (pin->has_ra)
		return has_fingerprint(cert, pin->ra);
	/* Without an EKU it may be any device's, which could read every request. */
	return sg_scep_is_ca(cert) || pin->mode == SG_ENROLL_PIN_INSECURE ||
	       sg_scep_ra_has_purpose(cert);
}

/* The certificate above it that is at fault: itself, or one that is not trusted either. */
static const struct sg_enroll_cert *
culprit(const struct sg_enroll_trust *t, const struct sg_enroll_cert *c)
{
	for (size_t step = 0; step < t->n && c->rule == NULL; step++) {
		const struct sg_enroll_cert *above = NULL;
		for (size_t n = 0; n < t->n && above == NULL; n++)
			if (&t->item[n] != c && !t->item[n].trusted &&
			    sg_name_equal(t->item[n].cert.subject, c->cert.issuer))
				above = &t->item[n];
		if (above == NULL)
			break;
		c = above;
	}
	return c;
}

static enum sg_code
untrusted(const struct sg_enroll_trust *t, const struct sg_enroll_cert *ra, struct sg_err *err)
{
	const struct sg_enroll_cert *at = culprit(t, ra);
	sg_buf_scoped name = {0}, above = {0}, why = {0};
	const char *rule = "client.ra.untrusted";

	if (at->rule == NULL && sg_name_equal(at->cert.issuer, at->cert.subject))
		sg_buf_printf(&why, " ('%.100s' is not pinned)",
		    sg_enroll_name_text(&above, at->cert.subject));
	else if (at->rule == NULL)
		sg_buf_printf(&why, " ('%.100s' is neither sent by the server nor pinned)",
		    sg_enroll_name_text(&above, at->cert.issuer));
	else if (at != ra)
		sg_buf_printf(&why, " ('%.100s': %.200s)",
		    sg_enroll_name_text(&above, at->cert.subject), at->why);
	if (at->rule != NULL && strcmp(at->rule, "client.anchor.path") == 0)
		rule = at->rule;
	return sg_fail(err, SG_E_DENIED, rule,
	    "the server's %s certificate '%.100s' is not trusted: %.200s%s: nothing was sent",
	    sg_scep_is_ca(&ra->cert) ? "CA" : "RA", sg_enroll_name_text(&name, ra->cert.subject),
	    ra->why, sg_buf_text(&why));
}

static enum sg_code
check_ra(const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	const struct sg_enroll_cert *ra = &t->item[t->ra];
	char have[2 * SG_SHA256_LEN + 1];
	sg_buf_scoped name = {0};

	if (!ra->trusted)
		return untrusted(t, ra, err);
	if (may_be_ra(&ra->cert, pin))
		return SG_OK;
	enum sg_code rc = sg_enroll_fingerprint(ra->cert.raw, have, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_DENIED, "client.ra.purpose",
	    pin->has_ra
		? "the server's RA certificate '%.100s' has not the given fingerprint but "
		  "%s: nothing was sent"
		: "'%.100s' does not say that it is an RA (extended key usage "
		  "certificateRequestAgent or cmcRA), as a device's certificate would look: "
		  "nothing was sent; if it is the RA, say so with --ra-fingerprint %s",
	    sg_enroll_name_text(&name, ra->cert.subject), have);
}

/* Choose among the certificates of the server with this mark. */
static enum sg_code
select_among(struct sg_enroll_trust *t, const bool *mark, struct sg_err *err)
{
	struct sg_slice sent[SG_ENROLL_CERTS_MAX];
	bool may[SG_ENROLL_CERTS_MAX];
	size_t at[SG_ENROLL_CERTS_MAX], n = 0, chosen = 0;

	for (size_t i = 0; i < t->n; i++) {
		if ((t->item[i].sources & SG_ENROLL_FROM_SERVER) == 0)
			continue;
		at[n] = i;
		may[n] = mark[i];
		sent[n++] = t->item[i].cert.raw;
	}
	enum sg_code rc = sg_scep_ra_select(sent, n, may, &chosen, err);
	if (rc == SG_OK)
		t->ra = at[chosen];
	return rc;
}

/* Is the best of what is believed also what the server decrypts with, although another RA looks
 * better? A CA's key is hardly the server's then, nor that of an RA which only signs. */
static bool
is_recipient(const struct sg_cert *cert, const struct sg_enroll_pin *pin)
{
	return pin->has_ra || (!sg_scep_is_ca(cert) &&
				  (!cert->exts.has_key_usage ||
				      (cert->exts.key_usage & (SG_KU_KEY_ENCIPHERMENT |
								  SG_KU_DATA_ENCIPHERMENT)) != 0));
}

/* The chosen CA, and the CAs of the server that say that it issued them and are not believed: when
 * one of these is better, the server reads what is encrypted to that one. */
static enum sg_code
look_below(struct sg_enroll_trust *t, struct sg_err *err)
{
	const struct sg_cert *ca = &t->item[t->ra].cert;
	bool mark[SG_ENROLL_CERTS_MAX] = {false};

	for (size_t i = 0; i < t->n; i++)
		mark[i] = i == t->ra || (!t->item[i].trusted && sg_scep_is_ca(&t->item[i].cert) &&
					    sg_name_equal(t->item[i].cert.issuer, ca->subject));
	return select_among(t, mark, err);
}

/*
 * One that is believed goes before one that is not: a device's certificate, an expired RA, another
 * hierarchy or a root above the pinned CA beside the right one changes nothing. But where the only
 * RA or CA to encrypt to is one that is not believed, the owner is told so.
 */
static enum sg_code
choose_ra(struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	bool all[SG_ENROLL_CERTS_MAX], believed[SG_ENROLL_CERTS_MAX];
	struct sg_err why, none;

	for (size_t i = 0; i < t->n; i++) {
		all[i] = true;
		believed[i] = t->item[i].trusted && may_be_ra(&t->item[i].cert, pin);
	}
	enum sg_code rc = select_among(t, all, &none);
	if (rc == SG_E_NOMEM)
		return sg_fail(err, rc, "memory", "out of memory to choose the RA certificate");
	size_t first = t->ra;
	bool has_first = rc == SG_OK, first_ra = has_first && !sg_scep_is_ca(&t->item[first].cert);
	rc = select_among(t, believed, &why);
	if (rc == SG_OK && sg_scep_is_ca(&t->item[t->ra].cert) && !first_ra && !pin->has_ra)
		rc = look_below(t, &why);
	if (rc == SG_OK && (!first_ra || is_recipient(&t->item[t->ra].cert, pin)))
		return SG_OK;
	if (rc == SG_OK ||
	    (rc != SG_E_NOMEM && (first_ra || (has_first && strcmp(why.rule, "reply.ra") == 0)))) {
		t->ra = first;
		return SG_OK;
	}
	sg_err_prefix(&why, "nothing was sent");
	*err = why;
	return rc;
}

enum sg_code
sg_enroll_trust_settle(
    struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, int64_t now, struct sg_err *err)
{
	enum sg_code rc = find_anchors(t, pin, err);
	if (rc != SG_OK)
		return rc;
	sg_enroll_trust_spread(t, pin, now);
	rc = check_anchors(t, pin, err);
	if (rc == SG_OK)
		rc = choose_ra(t, pin, err);
	if (rc == SG_OK)
		rc = check_ra(t, pin, err);
	return rc;
}

size_t
sg_enroll_trust_signers(
    const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_slice *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->item[i].trusted &&
		    (sg_scep_is_ca(&t->item[i].cert) || may_be_ra(&t->item[i].cert, pin)))
			ret[n++] = t->item[i].cert.raw;
	return n;
}

enum sg_code
sg_enroll_trust_issuer(const struct sg_enroll_trust *t, const struct sg_cert *cert,
    const struct sg_enroll_pin *pin, const struct sg_enroll_cert **ret, struct sg_err *err)
{
	sg_buf_scoped name = {0};
	struct sg_err why = {.text = "none of the trusted CA certificates has the issuer's name"};

	for (size_t n = 0; n < t->n; n++) {
		if (!t->item[n].trusted)
			continue;
		struct sg_err one;
		enum sg_code rc = check_issued_by(&t->item[n], cert, pin->sha1, &one);
		if (rc == SG_OK) {
			*ret = &t->item[n];
			return SG_OK;
		}
		if (rc != SG_E_NOTFOUND)
			why = one;
	}
	return sg_fail(err, SG_E_SIGNATURE, "client.issuer",
	    "no trusted CA issued the certificate (its issuer: '%.120s'): %.200s",
	    sg_enroll_name_text(&name, cert->issuer), why.text);
}
