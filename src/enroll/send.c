/* SPDX-License-Identifier: Apache-2.0 */

/*
 * send.c - one request and its answer, between the job that wants a certificate and the exchange
 * that carries messages
 *
 * A repeat is the same PKCS#10 and transactionID in a new envelope with a new nonce, so
 * that the server knows it for the same request and an eavesdropper learns nothing more.
 */

#include "enroll/send.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/random.h"
#include "enroll/exchange.h"
#include "scep/request.h"
#include "scep/throwaway.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define SIGNER_DAYS 30 /* a throw-away certificate, on either side of now: clocks are wrong */
#define NONCE_LEN 16u

/* RFC 8894 2.3: self-signed, the subject of the request. */
static enum sg_code
throw_away(const struct sg_enroll_request *r, int64_t now, struct sg_buf *out, struct sg_err *err)
{
	uint8_t serial[16];
	sg_buf_scoped name = {0};
	struct sg_slice subject = r->subject;
	int64_t day = 24 * 3600;

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
		rc = sg_scep_throwaway_put(out, r->signer_key, r->choice->hash, subject,
		    sg_slice(serial, sizeof serial), now - day, now + SIGNER_DAYS * day, err);
	return rc;
}

static enum sg_code
build(const struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_slice signer,
    const uint8_t nonce[NONCE_LEN], struct sg_buf *out, struct sg_err *err)
{
	struct sg_scep_request_facts facts = {
	    .type = r->type,
	    .txid = sg_slice_str(r->txid),
	    .sender_nonce = sg_slice(nonce, NONCE_LEN),
	    .hash = r->choice->hash,
	    .pss = r->choice->pss,
	    .signing_time = c->options.now(),
	    .signer_cert = signer,
	    .signer_key = r->signer_key,
	    .recipient = &c->trust.item[c->trust.ra].cert,
	    .cipher = r->choice->cipher,
	    .trans = r->choice->trans,
	    .plain = r->csr,
	};
	return sg_scep_request_put(out, &facts, err);
}

static enum sg_code
open_answer(const struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_slice signer,
    const uint8_t nonce[NONCE_LEN], bool legacy, struct sg_scep_reply *ret, struct sg_err *err)
{
	struct sg_slice signers[SG_ENROLL_CERTS_MAX];
	struct sg_scep_reply_expect expect = {
	    .txid = sg_slice_str(r->txid),
	    .sender_nonce = sg_slice(nonce, NONCE_LEN),
	    .ca_n = sg_enroll_trust_signers(&c->trust, &c->pin, signers),
	    .ca = signers,
	    .key = r->signer_key,
	    .signer_cert = signer,
	    .legacy_des = legacy || r->choice->legacy_des,
	    .legacy_sha1 = legacy || r->choice->legacy || r->choice->legacy_des,
	    .legacy_nonce = legacy || r->choice->legacy,
	};
	return sg_scep_reply_open(sg_buf_slice(&c->answer_der), &expect, ret, err);
}

/* Refused for what an option would allow? */
static bool
is_legacy(const struct sg_err *err)
{
	return strcmp(err->rule, "reply.des") == 0 || strcmp(err->rule, "reply.sha1") == 0 ||
	       strcmp(err->rule, "reply.nonce") == 0;
}

/* The answer counts; what is odd about it is for the server's administrator. */
static void
tell_faults(const struct sg_enroll *c, struct sg_slice faults)
{
	while (faults.len > 0) {
		const uint8_t *end = memchr(faults.p, '\n', faults.len);
		size_t n = end == NULL ? faults.len : (size_t)(end - faults.p);
		sg_enroll_warn(&c->options.listener, "the server's answer is odd: %.*s", (int)n,
		    (const char *)faults.p);
		n += end != NULL;
		faults = sg_slice(faults.p + n, faults.len - n);
	}
}

enum sg_code
sg_enroll_send(struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_scep_reply *ret,
    struct sg_err *err)
{
	sg_buf_scoped signer = {0};
	uint8_t nonce[NONCE_LEN];
	bool again = true;
	enum sg_code rc = SG_OK;

	if (r->signer_cert.len > 0)
		sg_buf_put_slice(&signer, r->signer_cert);
	else
		rc = throw_away(r, c->options.now(), &signer, err);
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
		rc = open_answer(c, r, sg_buf_slice(&signer), nonce, false, ret, err);
	if (rc == SG_E_MALFORMED &&
	    (strcmp(err->rule, "der") == 0 || strcmp(err->rule, "ber") == 0))
		sg_err_prefix(
		    err, "the server's answer is cut off or damaged (run the same command again)");
	if (rc == SG_OK)
		tell_faults(c, sg_buf_slice(&ret->faults));
	else if (c->answer_der.len > 0 && is_legacy(err))
		sg_ignore(open_answer(c, r, sg_buf_slice(&signer), nonce, true, ret, NULL));
	return rc;
}

void
sg_enroll_trace(struct sg_slice text, char ret[SG_ENROLL_TRACE_MAX + 1])
{
	const uint8_t *at = text.len == 0 ? NULL : memmem(text.p, text.len, "trace ", 6);
	size_t n = 0;

	if (at != NULL)
		for (at += 6;
		     at < text.p + text.len && sg_hex_digit(*at) >= 0 && n < SG_ENROLL_TRACE_MAX;
		     at++)
			ret[n++] = (char)*at;
	ret[n >= 8 ? n : 0] = '\0';
}
