/* SPDX-License-Identifier: Apache-2.0 */

/*
 * send.c - one request and its answer
 *
 * A repeat is the same PKCS#10 and transactionID in a new envelope with a new nonce, so
 * that the server knows it for the same request and an eavesdropper learns nothing more.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "enroll/client.h"
#include "scep/request.h"
#include "x509/name.h"

#define SIGNER_DAYS 30 /* a throw-away certificate, on either side of now: clocks are wrong */
#define NONCE_LEN 16u

/* RFC 8894 2.3: self-signed, the subject of the request. */
static enum sg_code
throw_away(const struct sg_enroll_request *r, struct sg_buf *out, struct sg_err *err)
{
	uint8_t serial[16];
	sg_buf_scoped name = {0};
	struct sg_slice subject = r->subject;
	int64_t now = sg_clock_now(), day = 24 * 3600;

	enum sg_code rc = sg_random(serial, sizeof serial, err);
	if (rc != SG_OK)
		return rc;
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	/* The answer is addressed by this name: it must not be empty. */
	if (sg_name_is_empty(subject)) {
		rc = sg_name_from_text(sg_slice_str("CN=signet"), &name, err);
		subject = sg_buf_slice(&name);
	}
	if (rc == SG_OK)
		rc = sg_throwaway_cert_put(out, r->signer_key, r->choice->hash, subject,
		    sg_slice(serial, sizeof serial), now - day, now + SIGNER_DAYS * day, err);
	return rc;
}

static enum sg_code
build(const struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_slice signer,
    const uint8_t nonce[NONCE_LEN], struct sg_buf *out, struct sg_err *err)
{
	struct sg_request_facts facts = {
	    .type = r->type,
	    .txid = sg_slice_str(r->txid),
	    .sender_nonce = sg_slice(nonce, NONCE_LEN),
	    .hash = r->choice->hash,
	    .pss = r->choice->pss,
	    .signing_time = sg_clock_now(),
	    .signer_cert = signer,
	    .signer_key = r->signer_key,
	    .recipient = &c->trust.item[c->trust.ra].cert,
	    .cipher = r->choice->cipher,
	    .trans = r->choice->trans,
	    .plain = r->csr,
	};
	return sg_request_put(out, &facts, err);
}

static enum sg_code
open_answer(const struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_slice signer,
    const uint8_t nonce[NONCE_LEN], struct sg_slice answer, struct sg_reply *ret,
    struct sg_err *err)
{
	struct sg_slice signers[SG_ENROLL_CERTS_MAX];
	struct sg_reply_expect expect = {
	    .txid = sg_slice_str(r->txid),
	    .sender_nonce = sg_slice(nonce, NONCE_LEN),
	    .ca_n = sg_enroll_trust_signers(&c->trust, &c->pin, signers),
	    .ca = signers,
	    .key = r->signer_key,
	    .signer_cert = signer,
	    .legacy_des = r->choice->legacy_des,
	    .legacy_sha1 = r->choice->legacy || r->choice->legacy_des,
	    .legacy_nonce = r->choice->legacy,
	};
	return sg_reply_open(answer, &expect, ret, err);
}

enum sg_code
sg_enroll_send(struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_reply *ret,
    struct sg_err *err)
{
	sg_buf_scoped signer = {0};
	uint8_t nonce[NONCE_LEN];
	bool again = true;
	enum sg_code rc = SG_OK;

	if (r->signer_cert.len > 0)
		sg_buf_put_slice(&signer, r->signer_cert);
	else
		rc = throw_away(r, &signer, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&signer, err);
	for (unsigned attempt = 0; rc == SG_OK; attempt++) {
		sg_buf_scoped message = {0};
		sg_buf_reset(&c->answer_der);
		rc = sg_random(nonce, sizeof nonce, err);
		if (rc == SG_OK)
			rc = build(c, r, sg_buf_slice(&signer), nonce, &message, err);
		if (rc != SG_OK)
			return rc;
		rc = sg_enroll_operate(c, sg_buf_slice(&message), r->choice->post, attempt, &again,
		    &c->answer_der, err);
		if (!again)
			break;
		rc = SG_OK;
	}
	if (rc == SG_OK)
		rc = open_answer(
		    c, r, sg_buf_slice(&signer), nonce, sg_buf_slice(&c->answer_der), ret, err);
	return rc;
}

/* ---- SUCCESS ---- */

static enum sg_code
find_issued(
    const struct sg_reply *reply, struct sg_slice spki, struct sg_cert *ret, struct sg_err *err)
{
	sg_scoped(key) own = NULL;

	enum sg_code rc = sg_key_from_spki(spki, &own, err);
	for (size_t n = 0; rc == SG_OK && n < reply->certs.cert_n; n++) {
		struct sg_cert cert = {0};
		sg_scoped(key) key = NULL;
		if (sg_cert_parse(reply->certs.cert[n], &cert, NULL) != SG_OK ||
		    sg_key_from_spki(cert.spki, &key, NULL) != SG_OK ||
		    sg_key_same_public(key, own, NULL) != SG_OK)
			continue;
		*ret = cert;
		return SG_OK;
	}
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_MALFORMED, "client.issued.key",
	    "the server sent %zu certificates and none of them is for our key: nothing was "
	    "written; tell the server's administrator",
	    reply->certs.cert_n);
}

/* Trust may need the intermediate certificates that came along. */
static enum sg_code
check_chain(struct sg_enroll *c, const struct sg_reply *reply, const struct sg_cert *cert,
    struct sg_err *err)
{
	const struct sg_enroll_cert *issuer = NULL;

	for (size_t n = 0; n < reply->certs.cert_n; n++)
		/* What cannot be read or is too much does not help to build the chain. */
		if (!sg_slice_eq(reply->certs.cert[n], cert->raw))
			sg_ignore(sg_enroll_trust_add(&c->trust, reply->certs.cert[n],
				      SG_ENROLL_FROM_ANSWER, NULL) != SG_OK);
	sg_enroll_trust_spread(&c->trust, &c->pin, sg_clock_now());
	enum sg_code rc = sg_enroll_trust_issuer(&c->trust, cert, &c->pin, &issuer, err);
	if (rc != SG_OK && c->pin.mode == SG_ENROLL_PIN_INSECURE) {
		cli_client_warn(c, "%s", err->text);
		return SG_OK;
	}
	return rc;
}

static enum sg_code
check_dates(struct sg_enroll *c, const struct sg_cert *cert, struct sg_err *err)
{
	int64_t now = sg_clock_now();

	if (cert->not_before > now && cert->not_before < cert->not_after) {
		cli_client_warn(c,
		    "the certificate is valid only from %s and here it is %s: is this clock right?",
		    cli_time(cert->not_before), cli_time(now));
		return SG_OK;
	}
	enum sg_code rc = sg_enroll_check_validity(cert, now, err);
	if (rc != SG_OK)
		sg_err_prefix(err, "the issued certificate cannot be used");
	return rc;
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

/* The server decides what it certifies; the user must hear of it. */
static void
compare(struct sg_enroll *c, const struct sg_enroll_want *want, const struct sg_cert *cert)
{
	static const struct sg_sans no_sans;
	const struct sg_sans *asked = want->sans != NULL ? want->sans : &no_sans;

	if (!sg_name_equal(want->subject, cert->subject)) {
		sg_buf_scoped a = {0}, b = {0};
		cli_client_warn(c, "the server changed the subject: asked for '%s', certified '%s'",
		    sg_enroll_name_text(&a, want->subject), sg_enroll_name_text(&b, cert->subject));
	}
	if (!sg_sans_equal(asked, &cert->exts.sans)) {
		sg_buf_scoped a = {0}, b = {0};
		put_sans(&a, asked);
		put_sans(&b, &cert->exts.sans);
		cli_client_warn(c,
		    "the server changed the alternative names: asked for %.300s, certified %.300s",
		    sg_buf_text(&a), sg_buf_text(&b));
	}
	if (cert->exts.ca)
		cli_client_warn(c,
		    "the certificate is one of a CA, which no device should have: tell "
		    "the server's administrator");
}

enum sg_code
sg_enroll_take(struct sg_enroll *c, const struct sg_reply *reply, const struct sg_enroll_want *want,
    struct sg_cert *ret, struct sg_err *err)
{
	struct sg_cert cert = {0};

	enum sg_code rc = find_issued(reply, want->spki, &cert, err);
	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(cert.raw, want->old))
		return sg_fail(err, SG_E_MALFORMED, "client.issued.old",
		    "the server answered with the old certificate (valid to %s) and not with a new "
		    "one: nothing was written",
		    cli_time(cert.not_after));
	rc = check_chain(c, reply, &cert, err);
	if (rc == SG_OK)
		rc = check_dates(c, &cert, err);
	if (rc != SG_OK)
		return rc;
	compare(c, want, &cert);
	*ret = cert;
	return SG_OK;
}

/* ---- FAILURE and PENDING ---- */

static const char *
fail_meaning(enum sg_scep_fail fail)
{
	switch (fail) {
	case SG_SCEP_BAD_ALG:
		return "the server does not accept an algorithm of the request: see --cipher, "
		       "--digest, --oaep, --pss";
	case SG_SCEP_BAD_MESSAGE_CHECK:
		return "the signature of the request did not hold: the message was damaged, or the "
		       "signer is not accepted";
	case SG_SCEP_BAD_REQUEST:
		return "the server does not allow this request: wrong or used challenge, wrong "
		       "subject or names, or not encrypted to its RA";
	case SG_SCEP_BAD_TIME:
		return "the server did not like the time of the request: check this machine's "
		       "clock";
	case SG_SCEP_BAD_CERT_ID:
		return "the server does not know the certificate";
	case SG_SCEP_FAIL_NONE:
	default:
		return "no reason given";
	}
}

/* The id behind "trace " in a server's text, or "". */
static void
find_trace(struct sg_slice text, char *ret, size_t size)
{
	const uint8_t *at = text.len == 0 ? NULL : memmem(text.p, text.len, "trace ", 6);
	size_t n = 0;

	if (at != NULL)
		for (at += 6; at < text.p + text.len && isxdigit(*at) && n + 1 < size; at++)
			ret[n++] = (char)*at;
	ret[n >= 8 ? n : 0] = '\0';
}

static void
print_refused(
    struct sg_enroll *c, const struct sg_reply *reply, const char *text, const char *trace)
{
	const char *name = c->args->command->name;

	fprintf(stderr, "signet %s: the server refused: %s%s%s%s\n", name,
	    sg_scep_fail_name(reply->fail), text[0] != '\0' ? " - \"" : "", text,
	    text[0] != '\0' ? "\"" : "");
	fprintf(stderr, "  it means: %s\n", fail_meaning(reply->fail));
	if (trace[0] != '\0')
		fprintf(stderr, "  on the server: signet trace %s\n", trace);
}

int
sg_enroll_refused(struct sg_enroll *c, const struct sg_reply *reply, const char *txid)
{
	sg_buf_scoped text = {0};
	char trace[65] = "";
	bool pending = reply->status == SG_SCEP_PENDING;

	sg_escape_put(&text, reply->fail_info_text, 500);
	find_trace(reply->fail_info_text, trace, sizeof trace);
	if (pending)
		fprintf(stderr,
		    "signet %s: the request waits for an approver (PENDING, transaction %s); run "
		    "the same command again when it was approved\n",
		    c->args->command->name, cli_show(txid));
	else
		print_refused(c, reply, sg_buf_text(&text), trace);
	if (cli_get(c->args, "json") != NULL) {
		json_t *o = json_pack("{s:s, s:s}", "result", pending ? "pending" : "refused",
		    "transaction_id", txid);
		if (!pending) {
			json_object_set_new(
			    o, "fail_info", json_string(sg_scep_fail_name(reply->fail)));
			json_object_set_new(o, "fail_info_text", json_string(sg_buf_text(&text)));
			json_object_set_new(o, "trace", json_string(trace));
		}
		json_object_set(o, "warnings", c->warnings);
		cli_json_print(o);
		json_decref(o);
	}
	return pending ? EXIT_PENDING : EXIT_FAILED;
}
