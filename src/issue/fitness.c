/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/fitness.c - what will not verify of what a CA signs, from its certificate, the RA's and
 * the names that endpoints give; those above it are judged in fitness_chain.c
 *
 * Asked when ca and registrar start, and by `signet check`. What relying parties do with each of
 * these was tried with openssl verify (tests/e2e/test_brought.py).
 */

#include "issue/fitness_private.h"

#include <stdarg.h>
#include <string.h>

#include "asn1/der.h"
#include "asn1/oid.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "x509/bounds.h"
#include "x509/constraints.h"
#include "x509/ext.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

void
sg_fitness_say(
    const struct sg_fitness_subject *s, bool fatal, const char *rule, const char *fmt, ...)
{
	struct sg_err err = {0};
	va_list ap;

	va_start(ap, fmt);
	sg_ignore(sg_fail_va(&err, SG_E_CONF, rule, __FILE__, __LINE__, fmt, ap));
	va_end(ap);
	s->f->tell(s->f->arg, fatal, s->option, &err);
}

/* ---- one certificate ---- */

static void
judge_dates(const struct sg_fitness_subject *s)
{
	sg_buf_scoped date = {0};
	bool over = s->f->now >= s->cert->not_after;

	if (!over && s->f->now >= s->cert->not_before)
		return;
	sg_date_put(&date, over ? s->cert->not_after : s->cert->not_before);
	if (over)
		sg_fitness_say(s, false, "fitness.dates",
		    "it ended at %s: what is below it does not verify; have it renewed for the "
		    "same key, and put the new certificate in its place",
		    sg_buf_text(&date));
	else
		sg_fitness_say(s, false, "fitness.dates",
		    "it begins at %s, and nothing below it verifies before; is the clock of this "
		    "machine right?",
		    sg_buf_text(&date));
}

/* Of a signature that others check: not the one on a root, which is trusted by its key. */
static void
judge_signature(const struct sg_fitness_subject *s)
{
	struct sg_der d = sg_der_init(s->cert->raw, NULL);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "Certificate");

	sg_der_any(&seq, "tbsCertificate");
	struct sg_der alg = sg_der_enter(&seq, SG_DER_SEQUENCE, "signatureAlgorithm");
	bool md5 = sg_slice_eq(sg_der_oid(&alg, "algorithm"), SG_OID(rsa_md5));
	if ((!md5 && s->cert->sigalg.hash != SG_HASH_SHA1) ||
	    sg_name_equal(s->cert->issuer, s->cert->subject))
		return;
	sg_fitness_say(s, false, "fitness.signature",
	    "it is signed with %s, which Windows, OpenSSL at security level 1 and others refuse; "
	    "have it issued again with SHA-256 (openssl x509 -req -sha256)",
	    md5 ? "MD5" : "SHA-1");
}

static void
put_ekus(struct sg_buf *b, const struct sg_slice *eku, size_t n, const struct sg_exts *without)
{
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		if (without != NULL && sg_slice_among(without->eku, without->eku_n, eku[i]))
			continue;
		sg_buf_puts(b, comma);
		sg_oid_put_text(b, eku[i], 1);
		comma = ", ";
	}
}

/* Relying parties take the purposes of a CA as those of all below it. */
static enum sg_code
judge_eku(const struct sg_fitness_subject *s, struct sg_err *err)
{
	const struct sg_exts *e = &s->cert->exts;
	bool any = sg_slice_among(e->eku, e->eku_n, SG_OID(eku_any));

	for (size_t n = 0; e->has_eku && n < s->f->template_n; n++) {
		const struct sg_template *t = s->f->tmpl[n];
		sg_buf_scoped own = {0}, lost = {0};
		put_ekus(&own, e->eku, e->eku_n, NULL);
		put_ekus(&lost, t->eku, t->eku_n, e);
		enum sg_code rc = sg_buf_check(&own, err);
		if (rc == SG_OK)
			rc = sg_buf_check(&lost, err);
		if (rc != SG_OK)
			return rc;
		if (lost.len == 0 && t->eku_n > 0)
			continue;
		sg_fitness_say(s, false, "fitness.eku",
		    "its extKeyUsage (%s) has no %s, which template '%s' gives: %s refuse its "
		    "certificates for that; have it issued again without extKeyUsage, or with "
		    "these purposes",
		    sg_buf_text(&own), t->eku_n > 0 ? sg_buf_text(&lost) : "other purpose", t->name,
		    any ? "OpenSSL and others" : "OpenSSL, Windows and others");
	}
	return SG_OK;
}

/* ---- names ---- */

/* The names that count of a subject, beside itself: its e-mail address, and a CN that looks like
 * the name of a host. The first that is excluded; *ret borrows from text. */
static bool
is_subject_excluded(const struct sg_constraints *c, const struct sg_fitness_name *name,
    struct sg_buf *text, struct sg_san *ret)
{
	static const struct {
		enum sg_san_type type;
		const struct sg_slice *oid;
	} attrs[] = {{SG_SAN_EMAIL, &SG_OID(email)}, {SG_SAN_DNS, &SG_OID(cn)}};

	for (size_t n = 0; n < sizeof attrs / sizeof attrs[0]; n++) {
		sg_buf_reset(text);
		if (sg_name_get(name->san.val, *attrs[n].oid, text, NULL) != SG_OK ||
		    text->len == 0)
			continue;
		*ret = (struct sg_san){attrs[n].type, sg_buf_slice(text)};
		if (ret->type == SG_SAN_DNS &&
		    (!name->cn_is_host || memchr(ret->val.p, '.', ret->val.len) == NULL ||
			sg_san_check_bounds(ret, SG_NAME_LENGTHS_X520, NULL) != SG_OK))
			continue;
		if (!sg_constraints_allow(c, ret))
			return true;
	}
	return false;
}

static enum sg_code
judge_name(const struct sg_fitness_subject *s, const struct sg_constraints *c, const char *rules,
    const struct sg_fitness_name *name, struct sg_err *err)
{
	sg_buf_scoped attr = {0}, shown = {0};
	struct sg_san san = name->san;
	bool allowed = sg_constraints_allow(c, &san);

	if (allowed && (san.type != SG_SAN_DIRNAME || !is_subject_excluded(c, name, &attr, &san)))
		return SG_OK;
	if (san.type == SG_SAN_DIRNAME)
		sg_name_put_text(&shown, san.val);
	else
		sg_san_put_text(&shown, &san);
	enum sg_code rc = sg_buf_check(&shown, err);
	if (rc == SG_OK)
		sg_fitness_say(s, false, "fitness.names",
		    "'%s' gives names such as %.100s, which its name constraints exclude (%.150s): "
		    "such certificates do not verify; change the pattern, or have the CA "
		    "certificate issued again",
		    name->option, sg_buf_text(&shown), rules);
	return rc;
}

static enum sg_code
judge_names(const struct sg_fitness_subject *s, struct sg_err *err)
{
	struct sg_constraints c;
	struct sg_slice critical;
	sg_buf_scoped rules = {0}, oid = {0};
	struct sg_err why;
	enum sg_code rc = sg_constraints_read(s->cert, &c, &critical, &why);
	bool open = false;

	if (rc != SG_OK) {
		sg_fitness_say(s, false, "fitness.constraints",
		    "its extensions cannot be read as verifiers do, who refuse them: %.300s; have "
		    "it issued again",
		    why.text);
		return SG_OK;
	}
	if (critical.len > 0) {
		sg_oid_put_text(&oid, critical, 1);
		sg_fitness_say(s, false, "fitness.critical",
		    "it has a critical extension (%s) that most verifiers do not know: they refuse "
		    "all below it; have it issued again without, or not critical",
		    sg_buf_text(&oid));
	}
	sg_constraints_put_text(&rules, &c);
	rc = sg_buf_check(&rules, err);
	for (size_t n = 0; rc == SG_OK && n < s->f->name_n; n++)
		rc = judge_name(s, &c, sg_buf_text(&rules), &s->f->name[n], err);
	for (unsigned t = SG_SAN_DNS; t <= SG_SAN_DIRNAME; t++)
		open |= (s->f->open & SG_SAN_BIT(t)) != 0 &&
			sg_constraints_have(&c, (enum sg_san_type)t);
	if (rc == SG_OK && open)
		sg_fitness_say(s, false, "fitness.names",
		    "its name constraints hold for every certificate: %.300s. One whose names do "
		    "not fit them does not verify; make challenges for names that fit alone",
		    sg_buf_text(&rules));
	return rc;
}

static enum sg_code
refuse_excluded(const struct sg_constraints *c, const struct sg_san *san, struct sg_err *err)
{
	sg_buf_scoped shown = {0}, rules = {0};

	sg_san_put_text(&shown, san);
	sg_constraints_put_text(&rules, c);
	enum sg_code rc = sg_buf_check(&shown, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&rules, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_USAGE, "fitness.excluded",
	    "the name constraints of the CA's certificate exclude %s%.150s (%.200s): no verifier "
	    "would accept it; ask for names within them, or have the CA certificate issued again",
	    san->type == SG_SAN_DIRNAME ? "the name " : "", sg_buf_text(&shown),
	    sg_buf_text(&rules));
}

SG_RC
sg_fitness_names(const struct sg_cert *ca, struct sg_slice subject, const struct sg_sans *sans,
    struct sg_err *err)
{
	struct sg_constraints c;
	struct sg_slice unknown;
	sg_buf_scoped email = {0};
	struct sg_san san = {SG_SAN_DIRNAME, subject};

	if (sg_constraints_read(ca, &c, &unknown, NULL) != SG_OK || !c.critical)
		return SG_OK;
	if (subject.len > 0 && !sg_constraints_allow(&c, &san))
		return refuse_excluded(&c, &san, err);
	for (size_t n = 0; n < sans->n; n++) {
		const struct sg_san *one = &sans->item[n];
		/* Some verifiers look at otherNames of other types alone. */
		bool other = one->type == SG_SAN_UPN || one->type == SG_SAN_OTHERNAME;
		if (!other && !sg_constraints_allow(&c, one))
			return refuse_excluded(&c, one, err);
	}
	if (sans->n > 0 || sg_name_get(subject, SG_OID(email), &email, NULL) != SG_OK)
		return SG_OK;
	san = (struct sg_san){SG_SAN_EMAIL, sg_buf_slice(&email)};
	return sg_constraints_allow(&c, &san) ? SG_OK : refuse_excluded(&c, &san, err);
}

enum sg_code
sg_fitness_judge(const struct sg_fitness_subject *s, struct sg_err *err)
{
	judge_dates(s);
	judge_signature(s);
	enum sg_code rc = judge_eku(s, err);
	return rc == SG_OK ? judge_names(s, err) : rc;
}

SG_RC
sg_fitness_ca(const struct sg_fitness *f, struct sg_err *err)
{
	const struct sg_fitness_subject s = {f, f->ca, "ca.certificate"};
	const struct sg_exts *e = &f->ca->exts;
	sg_buf_scoped date = {0};

	if (e->has_key_usage && (e->key_usage & SG_KU_CRL_SIGN) == 0)
		sg_fitness_say(&s, false, "fitness.crl-sign",
		    "its key usage has no cRLSign: its revocation lists do not verify, so that "
		    "revoked certificates count as good, or all as unknown; have it issued again "
		    "with keyUsage = critical,keyCertSign,cRLSign");
	sg_date_put(&date, f->ca->not_after);
	for (size_t n = 0; f->now < f->ca->not_after && n < f->template_n; n++)
		if (f->ca->not_after - f->now < f->tmpl[n]->validity_s)
			sg_fitness_say(&s, false, "fitness.short",
			    "it ends at %s, before a certificate of template '%s' would (%lld "
			    "days): those end with it; renew it in time, or write less there",
			    sg_buf_text(&date), f->tmpl[n]->name,
			    (long long)(f->tmpl[n]->validity_s / 86400));
	return sg_fitness_judge(&s, err);
}

enum sg_code
sg_fitness_who_signed(const struct sg_cert *issuer, const struct sg_cert *cert,
    enum sg_fitness_made *ret, struct sg_err *err)
{
	sg_scoped(key) key = NULL;

	*ret = SG_FITNESS_CANNOT_TELL;
	if (cert->sigalg.scheme == SG_SIG_NONE)
		return SG_OK;
	enum sg_code rc = sg_key_from_spki(issuer->spki, &key, err);
	if (rc == SG_OK)
		rc = sg_sign_verify(key, cert->sigalg, cert->tbs, cert->sig, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc == SG_OK)
		*ret = SG_FITNESS_MADE;
	else if (key != NULL)
		*ret = SG_FITNESS_NOT_MADE;
	return SG_OK;
}

/* ---- the RA ---- */

static void
judge_ra_usage(const struct sg_fitness_subject *s)
{
	const struct sg_exts *e = &s->cert->exts;
	const uint32_t need = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT;
	sg_buf_scoped lost = {0};

	if (e->has_key_usage && (e->key_usage & need) != need) {
		sg_ext_put_usage_text(&lost, need & ~e->key_usage);
		sg_fitness_say(s, false, "fitness.ra",
		    "its key usage has no %s: devices encrypt requests to it and verify what it "
		    "signs, and some refuse to; have it issued again with keyUsage = "
		    "critical,digitalSignature,keyEncipherment",
		    sg_buf_text(&lost));
	}
}

/* Under the CA that it names: does it verify? */
static enum sg_code
judge_ra_place(const struct sg_fitness_subject *s, struct sg_err *err)
{
	const struct sg_cert *ca = s->f->ca, *ra = s->cert;
	const struct sg_san subject = {SG_SAN_DIRNAME, ra->subject};
	sg_buf_scoped shown = {0};
	struct sg_constraints c;
	struct sg_slice critical;

	if (ra->exts.aki.len > 0 && ca->exts.ski.len > 0 &&
	    !sg_slice_eq(ra->exts.aki, ca->exts.ski))
		sg_fitness_say(s, false, "fitness.ra",
		    "ca.certificate has another key identifier than the certificate under which "
		    "it was issued: OpenSSL and others do not put the two together, nor the "
		    "devices' certificates from then and ca.certificate; have ca.certificate "
		    "issued again with the old subjectKeyIdentifier");
	if (sg_constraints_read(ca, &c, &critical, NULL) != SG_OK ||
	    sg_constraints_allow(&c, &subject))
		return SG_OK;
	sg_name_put_text(&shown, ra->subject);
	enum sg_code rc = sg_buf_check(&shown, err);
	if (rc == SG_OK)
		sg_fitness_say(s, false, "fitness.ra",
		    "the name constraints of ca.certificate exclude its name (%.200s): devices "
		    "that verify it do not trust it; have it issued again with a name that fits",
		    sg_buf_text(&shown));
	return rc;
}

SG_RC
sg_fitness_ra(const struct sg_fitness *f, struct sg_err *err)
{
	const struct sg_fitness_subject s = {f, f->ra, "ra.certificate"};
	bool itself = sg_slice_eq(f->ra->raw, f->ca->raw);
	enum sg_fitness_made made = SG_FITNESS_MADE;

	judge_ra_usage(&s);
	if (sg_slice_eq(f->ra->spki, f->ca->spki))
		sg_fitness_say(&s, false, "fitness.ra-key",
		    "its key is that of ca.certificate: the role that decrypts what strangers send "
		    "holds the CA's key; give the RA a key of its own (remove ra.key and "
		    "ra.certificate, and signet up makes them)");
	if (itself)
		return SG_OK; /* dates and the rest were said of the CA */
	judge_dates(&s);
	bool named = sg_name_equal(f->ra->issuer, f->ca->subject);
	enum sg_code rc = named ? sg_fitness_who_signed(f->ca, f->ra, &made, err) : SG_OK;
	if (rc == SG_OK && (!named || made == SG_FITNESS_NOT_MADE))
		sg_fitness_say(&s, false, "fitness.ra",
		    "it is not issued by ca.certificate: devices that were given the CA alone do "
		    "not trust it; have it issued by that CA, or give it to devices as well");
	else if (rc == SG_OK)
		rc = judge_ra_place(&s, err);
	return rc;
}
