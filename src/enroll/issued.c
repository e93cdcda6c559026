/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issued.c - is what came with a SUCCESS the certificate that was asked for? Between the answer
 * and the file that it goes into
 */

#include "enroll/issued.h"

#include "asn1/oid.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/key.h"
#include "enroll/text.h"
#include "x509/cert_light.h"
#include "x509/name.h"
#include "x509/san_text.h"

static bool
is_for(struct sg_slice cert, const struct sg_key *own)
{
	struct sg_cert_light light;
	sg_scoped(key) key = NULL;

	return sg_cert_light_parse(cert, &light, NULL) == SG_OK &&
	       sg_key_from_spki(light.spki, &key, NULL) == SG_OK &&
	       sg_key_same_public(key, own, NULL) == SG_OK;
}

/* One that breaks rules where nothing is known of it but its key is not lost for that. */
static enum sg_code
find_own(const struct sg_scep_reply *reply, struct sg_slice spki, struct sg_cert *ret,
    struct sg_err *err)
{
	sg_scoped(key) own = NULL;
	struct sg_slice unread = {0};
	struct sg_err why;

	enum sg_code rc = sg_key_from_spki(spki, &own, err);
	for (size_t n = 0; rc == SG_OK && n < reply->certs.cert_n; n++) {
		struct sg_slice one = reply->certs.cert[n];
		if (!is_for(one, own))
			continue;
		if (sg_cert_parse(one, ret, unread.len == 0 ? &why : NULL) == SG_OK)
			return SG_OK;
		unread = unread.len == 0 ? one : unread;
	}
	*ret = (struct sg_cert){.raw = unread};
	if (rc != SG_OK)
		return rc;
	if (unread.len > 0)
		return sg_fail(err, SG_E_MALFORMED, "client.issued.unread",
		    "it is for our key, but is not as RFC 5280 wants it: %.200s", why.text);
	return sg_fail(err, SG_E_MALFORMED, "client.issued.key",
	    "the server sent %zu certificates and none of them is for our key: nothing was "
	    "written; tell the server's administrator",
	    reply->certs.cert_n);
}

/* Trust may need the intermediate certificates that came along. */
static enum sg_code
check_chain(struct sg_enroll *c, const struct sg_scep_reply *reply, const struct sg_cert *cert,
    struct sg_err *err)
{
	const struct sg_enroll_cert *issuer = NULL;

	for (size_t n = 0; n < reply->certs.cert_n; n++)
		/* What cannot be read or is too much does not help to build the chain. */
		if (!sg_slice_eq(reply->certs.cert[n], cert->raw))
			sg_ignore(sg_enroll_trust_add(&c->trust, reply->certs.cert[n],
				      SG_ENROLL_FROM_ANSWER, NULL) != SG_OK);
	sg_enroll_trust_spread(&c->trust, &c->pin, c->options.now());
	enum sg_code rc = sg_enroll_trust_issuer(&c->trust, cert, &c->pin, &issuer, err);
	struct sg_err why;
	/* Whom the certificate is shown decides; it is not lost for that. */
	if (rc == SG_OK && sg_enroll_trust_check_names(&c->trust, issuer, cert, &why) != SG_OK)
		sg_enroll_warn(&c->options.listener,
		    "the certificate will not verify: %s; tell the server's administrator",
		    why.text);
	if (rc != SG_OK && c->pin.mode == SG_ENROLL_PIN_INSECURE) {
		sg_enroll_warn(&c->options.listener, "%s", err->text);
		return SG_OK;
	}
	return rc;
}

/* The clock here may be the wrong one, and the server has decided: the owner must hear of it. */
static void
look_at_dates(const struct sg_enroll *c, const struct sg_cert *cert)
{
	int64_t now = c->options.now();
	sg_buf_scoped begin = {0}, end = {0}, here = {0};
	const char *from = sg_enroll_time_text(&begin, cert->not_before);
	const char *to = sg_enroll_time_text(&end, cert->not_after);
	const char *clock = sg_enroll_time_text(&here, now);

	if (cert->not_before > cert->not_after)
		sg_enroll_warn(&c->options.listener,
		    "the certificate begins (%s) after it ends (%s): nobody will accept it; tell "
		    "the server's administrator",
		    from, to);
	else if (now > cert->not_after)
		sg_enroll_warn(&c->options.listener,
		    "the certificate expired at %s and here it is %s: is this clock right?", to,
		    clock);
	else if (now < cert->not_before)
		sg_enroll_warn(&c->options.listener,
		    "the certificate is valid only from %s and here it is %s: is this clock right?",
		    from, clock);
}

static void
put_sans(struct sg_buf *b, const struct sg_sans *sans)
{
	for (size_t n = 0; n < sans->n; n++) {
		sg_buf_puts(b, n > 0 ? ", " : "");
		sg_san_put_text(b, &sans->item[n]);
	}
	if (sans->n == 0)
		sg_buf_puts(b, "none");
}

static bool
same_ekus(const struct sg_enroll_want *want, const struct sg_exts *x)
{
	for (size_t i = 0; i < want->eku_n; i++)
		if (!sg_slice_among(x->eku, x->eku_n, want->eku[i]))
			return false;
	for (size_t i = 0; i < x->eku_n; i++)
		if (!sg_slice_among(want->eku, want->eku_n, x->eku[i]))
			return false;
	return true;
}

static const char *
eku_text(struct sg_buf *b, const struct sg_slice *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sg_buf_puts(b, i > 0 ? ", " : "");
		sg_oid_put_text(b, list[i], 1);
	}
	return n == 0 ? "none" : sg_buf_text(b);
}

/* Purposes are compared where they were asked for: without, they are the server's. */
static void
compare_purposes(
    const struct sg_enroll *c, const struct sg_enroll_want *want, const struct sg_exts *x)
{
	uint32_t have = x->has_key_usage ? x->key_usage : 0;

	if (want->key_usage != 0 && want->key_usage != have) {
		sg_buf_scoped a = {0}, b = {0};
		sg_ext_put_usage_text(&a, want->key_usage);
		sg_ext_put_usage_text(&b, have);
		sg_enroll_warn(&c->options.listener,
		    "the server changed the key usage: asked for %s, certified %s", sg_buf_text(&a),
		    have == 0 ? "none" : sg_buf_text(&b));
	}
	if (want->eku_n > 0 && !same_ekus(want, x)) {
		sg_buf_scoped a = {0}, b = {0};
		sg_enroll_warn(&c->options.listener,
		    "the server changed the extended key usage: asked for %.300s, certified %.300s",
		    eku_text(&a, want->eku, want->eku_n), eku_text(&b, x->eku, x->eku_n));
	}
}

/* The server decides what it certifies; the owner must hear of it. */
static void
compare(const struct sg_enroll *c, const struct sg_enroll_want *want, const struct sg_cert *cert)
{
	static const struct sg_sans no_sans;
	const struct sg_sans *asked = want->sans != NULL ? want->sans : &no_sans;

	if (!sg_name_equal(want->subject, cert->subject)) {
		sg_buf_scoped a = {0}, b = {0};
		sg_enroll_warn(&c->options.listener,
		    "the server changed the subject: asked for '%.400s', certified '%.400s'",
		    sg_enroll_name_text(&a, want->subject), sg_enroll_name_text(&b, cert->subject));
	}
	if (!sg_sans_equal(asked, &cert->exts.sans)) {
		sg_buf_scoped a = {0}, b = {0};
		put_sans(&a, asked);
		put_sans(&b, &cert->exts.sans);
		sg_enroll_warn(&c->options.listener,
		    "the server changed the alternative names: asked for %.300s, certified %.300s",
		    sg_buf_text(&a), sg_buf_text(&b));
	}
	compare_purposes(c, want, &cert->exts);
	if (cert->exts.ca)
		sg_enroll_warn(&c->options.listener,
		    "the certificate is one of a CA, which no device should have: tell "
		    "the server's administrator");
	look_at_dates(c, cert);
}

enum sg_code
sg_enroll_issued_find(const struct sg_scep_reply *reply, const struct sg_enroll_want *want,
    struct sg_cert *ret, struct sg_err *err)
{
	sg_buf_scoped end = {0};
	enum sg_code rc = find_own(reply, want->spki, ret, err);
	if (rc != SG_OK || !sg_slice_eq(ret->raw, want->old))
		return rc;
	rc = sg_fail(err, SG_E_MALFORMED, "client.issued.old",
	    "the server answered with the old certificate (valid to %s) and not with a new "
	    "one: nothing was written",
	    sg_enroll_time_text(&end, ret->not_after));
	*ret = (struct sg_cert){0};
	return rc;
}

enum sg_code
sg_enroll_issued_check(struct sg_enroll *c, const struct sg_scep_reply *reply,
    const struct sg_enroll_want *want, const struct sg_cert *cert, struct sg_err *err)
{
	enum sg_code rc = check_chain(c, reply, cert, err);
	if (rc == SG_OK)
		compare(c, want, cert);
	return rc;
}
