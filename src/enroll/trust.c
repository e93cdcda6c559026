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

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/sign.h"
#include "enroll/text.h"
#include "scep/ra.h"
#include "scep/reply.h"
#include "x509/name.h"
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

bool
sg_enroll_is_ca(const struct sg_cert *cert)
{
	if (cert->exts.has_basic)
		return cert->exts.ca;
	return cert->version == 1 && sg_slice_eq(cert->issuer, cert->subject);
}

enum sg_code
sg_enroll_check_validity(const struct sg_cert *cert, int64_t now, struct sg_err *err)
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

/* SG_E_NOTFOUND: ca is not its issuer by name. */
static enum sg_code
check_issued_by(
    const struct sg_enroll_cert *ca, const struct sg_cert *cert, bool sha1, struct sg_err *err)
{
	const struct sg_exts *x = &ca->cert.exts;

	if (!sg_name_equal(ca->cert.subject, cert->issuer))
		return sg_fail(err, SG_E_NOTFOUND, "client.issuer", "another issuer");
	if (!sg_enroll_is_ca(&ca->cert))
		return sg_fail(
		    err, SG_E_DENIED, "client.issuer", "its issuer is not a CA certificate");
	if (x->has_key_usage && (x->key_usage & SG_KU_KEY_CERT_SIGN) == 0)
		return sg_fail(
		    err, SG_E_DENIED, "client.issuer", "its issuer's key usage lacks keyCertSign");
	if (sg_enroll_is_ca(cert) && ca->room == 0)
		return sg_fail(err, SG_E_DENIED, "client.issuer",
		    "its issuer's path length allows no CA below");
	return verify_with(&ca->cert, cert, sha1, err);
}

static enum sg_code
check_usable(const struct sg_cert *cert, int64_t now, struct sg_err *err)
{
	sg_buf_scoped oid = {0};

	enum sg_code rc = sg_enroll_check_validity(cert, now, err);
	if (rc != SG_OK || !cert->exts.unknown_critical)
		return rc;
	sg_oid_put_text(&oid, cert->exts.unknown_oid, 1);
	return sg_fail(err, SG_E_DENIED, "client.critical",
	    "it has the critical extension %s, which this client does not understand",
	    sg_buf_text(&oid));
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
trust_below(struct sg_enroll_cert *c, const struct sg_enroll_cert *ca,
    const struct sg_enroll_pin *pin, int64_t now)
{
	struct sg_err err;

	enum sg_code rc = check_issued_by(ca, &c->cert, pin->sha1, &err);
	if (rc == SG_E_NOTFOUND)
		return false;
	if (rc == SG_OK)
		rc = check_usable(&c->cert, now, &err);
	if (rc != SG_OK) {
		snprintf(c->why, sizeof c->why, "%.250s", err.text);
		return false;
	}
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
		if (check_usable(&c->cert, now, &err) == SG_OK)
			trust(c, -1);
		else
			snprintf(c->why, sizeof c->why, "%.250s", err.text);
	}
	while (more) {
		more = false;
		for (size_t n = 0; n < t->n * t->n; n++) {
			struct sg_enroll_cert *c = &t->item[n / t->n];
			const struct sg_enroll_cert *ca = &t->item[n % t->n];
			if (!c->trusted && !c->anchor && ca->trusted)
				more |= trust_below(c, ca, pin, now);
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
		return sg_enroll_is_ca(&c->cert) &&
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
		if ((t->item[n].sources & SG_ENROLL_FROM_SERVER) &&
		    sg_enroll_is_ca(&t->item[n].cert))
			top = &t->item[n].cert;
	return top;
}

static enum sg_code
no_anchor(const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	char have[2 * SG_SHA256_LEN + 1];
	sg_buf_scoped name = {0};

	if (pin->mode == SG_ENROLL_PIN_ISSUER)
		return sg_fail(err, SG_E_DENIED, "client.anchor",
		    "none of the %zu certificates of the server is the CA that signed the old "
		    "certificate (%.120s): nothing was sent",
		    t->n, sg_enroll_name_text(&name, pin->issued->issuer));
	enum sg_code rc = sg_enroll_fingerprint(top_of(t)->raw, have, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_DENIED, "client.fingerprint",
	    "none of the %zu certificates of the server has the given fingerprint; its CA is "
	    "'%.120s', SHA-256 fingerprint %s: nothing was sent",
	    t->n, sg_enroll_name_text(&name, top_of(t)->subject), have);
}

static enum sg_code
find_anchors(struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	size_t found = 0;

	for (size_t n = 0; n < t->n; n++) {
		struct sg_enroll_cert *c = &t->item[n];
		sg_buf_scoped name = {0};
		c->anchor = is_anchor(c, pin);
		if (!c->anchor)
			continue;
		found++;
		if (pin->mode != SG_ENROLL_PIN_INSECURE && !sg_enroll_is_ca(&c->cert))
			return sg_fail(err, SG_E_DENIED, "client.anchor",
			    "'%.120s' is not a CA certificate: want a CA that issued the server's "
			    "RA certificate; see: signet getcacert URL",
			    sg_enroll_name_text(&name, c->cert.subject));
	}
	return found > 0 ? SG_OK : no_anchor(t, pin, err);
}

/* Any device has a certificate of the same CA: only the purpose tells an RA from it. Who named one
 * by its fingerprint means that one, whatever else the server has or is believed. */
static bool
may_be_ra(const struct sg_cert *cert, const struct sg_enroll_pin *pin)
{
	if (pin->has_ra)
		return has_fingerprint(cert, pin->ra);
	if (sg_enroll_is_ca(cert) || pin->mode == SG_ENROLL_PIN_INSECURE)
		return true;
	/* Without an EKU it may be any device's, which could read every request. */
	for (size_t n = 0; n < cert->exts.eku_n; n++)
		if (sg_slice_eq(cert->exts.eku[n], SG_OID(eku_request_agent)))
			return true;
	return false;
}

static enum sg_code
check_ra(const struct sg_enroll_cert *ra, const struct sg_enroll_pin *pin, struct sg_err *err)
{
	char have[2 * SG_SHA256_LEN + 1];
	sg_buf_scoped name = {0};

	if (!ra->trusted)
		return sg_fail(err, SG_E_DENIED, "client.ra.untrusted",
		    "the server's RA certificate '%.100s' is not trusted: %.200s: nothing was sent",
		    sg_enroll_name_text(&name, ra->cert.subject), ra->why);
	if (may_be_ra(&ra->cert, pin))
		return SG_OK;
	enum sg_code rc = sg_enroll_fingerprint(ra->cert.raw, have, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_DENIED, "client.ra.purpose",
	    pin->has_ra ? "the server's RA certificate '%.100s' has not the given fingerprint but "
			  "%s: nothing was sent"
			: "'%.100s' does not say that it is an RA (extended key usage "
			  "certificateRequestAgent), as a device's certificate would look: nothing "
			  "was sent; if it is the RA, say so with --ra-fingerprint %s",
	    sg_enroll_name_text(&name, ra->cert.subject), have);
}

/* Which of the server's certificates to encrypt to; of all, or of those that are believed. */
static enum sg_code
select_ra(
    struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, bool believed, struct sg_err *err)
{
	struct sg_slice sent[SG_ENROLL_CERTS_MAX];
	size_t at[SG_ENROLL_CERTS_MAX], n = 0, chosen = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct sg_enroll_cert *c = &t->item[i];
		if ((c->sources & SG_ENROLL_FROM_SERVER) == 0 ||
		    (believed && !(c->trusted && may_be_ra(&c->cert, pin))))
			continue;
		at[n] = i;
		sent[n++] = c->cert.raw;
	}
	enum sg_code rc = sg_scep_ra_select(sent, n, &chosen, err);
	if (rc == SG_OK)
		t->ra = at[chosen];
	return rc;
}

/* Is the best of what is believed also what the server decrypts with, although another RA looks
 * better? A CA's key is hardly the server's then, nor that of an RA which only signs. */
static bool
is_recipient(const struct sg_cert *cert, const struct sg_enroll_pin *pin)
{
	return pin->has_ra || (!sg_enroll_is_ca(cert) &&
				  (!cert->exts.has_key_usage ||
				      (cert->exts.key_usage & (SG_KU_KEY_ENCIPHERMENT |
								  SG_KU_DATA_ENCIPHERMENT)) != 0));
}

/*
 * One that is believed goes before one that is not: a device's certificate, an expired RA or a root
 * above the pinned CA beside the right one changes nothing. But where the only RA to encrypt to is
 * one that is not believed, the owner is told so.
 */
enum sg_code
sg_enroll_trust_settle(
    struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, int64_t now, struct sg_err *err)
{
	struct sg_err none;

	enum sg_code rc = find_anchors(t, pin, err);
	if (rc != SG_OK)
		return rc;
	sg_enroll_trust_spread(t, pin, now);
	rc = select_ra(t, pin, false, err);
	if (rc != SG_OK)
		return rc;
	size_t first = t->ra;
	rc = select_ra(t, pin, true, &none);
	if (rc == SG_E_NOMEM)
		return sg_fail(err, rc, "memory", "out of memory to choose the RA certificate");
	if (rc != SG_OK ||
	    (!sg_enroll_is_ca(&t->item[first].cert) && !is_recipient(&t->item[t->ra].cert, pin)))
		t->ra = first;
	return check_ra(&t->item[t->ra], pin, err);
}

size_t
sg_enroll_trust_signers(
    const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_slice *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->item[i].trusted &&
		    (sg_enroll_is_ca(&t->item[i].cert) || may_be_ra(&t->item[i].cert, pin)))
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
