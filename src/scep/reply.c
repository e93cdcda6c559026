/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reply.c - the client reads the answer to its request: who signed it, what it says, what is
 * inside
 */

#include "scep/reply.h"

#include <stdio.h>

#include "asn1/tag.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "cms/envelope.h"
#include "crypto/unwrap.h"
#include "scep/verify.h"
#include "x509/cert.h"
#include "x509/chars.h"
#include "x509/name_text.h"

#define TEXT_MAX 4096u /* of failInfoText: 255 are what RFC 8894 has in mind */

/* Find the trusted certificate that the SignerIdentifier names; NDES sends none along. */
static enum sg_code
find_signer(const struct sg_scep_msg *msg, const struct sg_scep_reply_expect *x,
    struct sg_cert_light *ret, struct sg_err *err)
{
	for (size_t i = 0; i < x->ca_n; i++) {
		struct sg_cert_light cert;
		enum sg_code rc = sg_cert_light_parse(x->ca[i], &cert, err);
		if (rc != SG_OK)
			return rc;
		if (!sg_scep_signer_is(msg, &cert))
			continue;
		if (msg->has_signer && !sg_slice_eq(msg->signer.raw, cert.raw))
			continue;
		*ret = cert;
		return SG_OK;
	}
	sg_buf_scoped name = {0};
	if (msg->has_signer)
		sg_name_put_text(&name, msg->signer.subject);
	return sg_fail(err, SG_E_SIGNATURE, "reply.signer",
	    "the answer is signed by none of the %zu CA and RA certificates%s%.120s%s", x->ca_n,
	    name.len > 0 ? ", but by '" : "", sg_buf_text(&name), name.len > 0 ? "'" : "");
}

static enum sg_code
check_signature(
    const struct sg_scep_msg *msg, const struct sg_scep_reply_expect *x, struct sg_err *err)
{
	sg_scoped(key) key = NULL;
	struct sg_cert_light signer;

	if (msg->refused.code != SG_OK) {
		if (err != NULL)
			*err = msg->refused;
		return msg->refused.code;
	}
	if (!x->legacy_sha1 && sg_scep_over_sha1(msg))
		return sg_fail(err, SG_E_ALG, "reply.sha1",
		    "the answer is signed with SHA-1; legacy servers need the legacy option");
	enum sg_code rc = find_signer(msg, x, &signer, err);
	if (rc == SG_OK)
		rc = sg_key_from_spki(signer.spki, &key, err);
	if (rc == SG_OK)
		rc = sg_scep_verify_with(msg, key, err);
	return rc;
}

static enum sg_code
check_transaction(
    const struct sg_scep_msg *msg, const struct sg_scep_reply_expect *x, struct sg_err *err)
{
	if (msg->type != SG_SCEP_CERTREP)
		return sg_fail(err, SG_E_MALFORMED, "reply.type",
		    "RFC 8894 3.2.1.2: the answer's messageType is not 3");
	const char *says = sg_scep_status_name(msg->status);
	if (!sg_slice_eq(msg->txid, x->txid))
		return sg_fail(err, SG_E_REPLAY, "reply.txid",
		    "RFC 8894 3.2.1.1: the answer (pkiStatus %s) is for another transactionID",
		    says);
	if (msg->recipient_nonce.len == 0 && x->legacy_nonce)
		return SG_OK;
	if (msg->recipient_nonce.len == 0)
		return sg_fail(err, SG_E_REPLAY, "reply.nonce",
		    "RFC 8894 3.2.1.5: the answer (pkiStatus %s) has no recipientNonce: it may be "
		    "an old one",
		    says);
	if (!sg_slice_eq(msg->recipient_nonce, x->sender_nonce))
		return sg_fail(err, SG_E_REPLAY, "reply.nonce",
		    "RFC 8894 3.2.1.5: the recipientNonce of the answer (pkiStatus %s, %zu bytes) "
		    "is not the request's senderNonce",
		    says, msg->recipient_nonce.len);
	return SG_OK;
}

static enum sg_code
unwrap(const struct sg_envelope *env, const struct sg_scep_reply_expect *x, uint8_t cek[SG_CEK_MAX],
    struct sg_err *err)
{
	uint8_t secret[SG_SHA256_LEN];

	if (x->key == NULL || sg_key_type(x->key) != SG_KEY_RSA)
		return sg_fail(err, SG_E_ALG, "reply.key",
		    "the answer is encrypted to an RSA key, which this client does not have");
	enum sg_code rc = sg_random(secret, sizeof(secret), err);
	if (rc == SG_OK)
		rc = sg_unwrap_key(x->key, env->trans, env->wrapped,
		    sg_slice(secret, sizeof(secret)), sg_cipher_key_len(env->cipher), cek, err);
	sg_wipe(secret, sizeof(secret));
	return rc;
}

static enum sg_code
check_envelope(struct sg_envelope *env, const struct sg_scep_reply_expect *x, struct sg_err *err)
{
	struct sg_cert_light own;

	enum sg_code rc = sg_cert_light_parse(x->signer_cert, &own, err);
	if (rc == SG_OK)
		rc = sg_envelope_choose(env, &own, err);
	if (rc != SG_OK)
		return rc;
	if (!env->is_ours)
		return sg_fail(err, SG_E_MALFORMED, "reply.recipient",
		    "RFC 8894 3.1: the answer is encrypted to another certificate than the one "
		    "that signed the request");
	if (env->cipher == SG_CIPHER_DES_CBC && !x->legacy_des)
		return sg_fail(err, SG_E_ALG, "reply.des",
		    "the answer is encrypted in single DES, which anyone can break; legacy servers "
		    "need the legacy option");
	return SG_OK;
}

static enum sg_code
read_certs(struct sg_scep_reply *reply, struct sg_err *err)
{
	struct sg_slice content = sg_buf_slice(&reply->store);
	struct sg_cert cert;

	enum sg_code rc = sg_degenerate_decode(content, &reply->certs, err);
	if (rc != SG_E_MALFORMED || sg_cert_parse(content, &cert, NULL) != SG_OK)
		return rc;
	reply->certs = (struct sg_degenerate){.cert_n = 1, .cert = {content}};
	sg_buf_puts(&reply->faults,
	    "RFC 8894 3.3.2.1: a bare certificate instead of a certs-only message\n");
	return sg_buf_check(&reply->faults, err);
}

/* SUCCESS: the certificates inside. */
static enum sg_code
open_content(const struct sg_scep_msg *msg, const struct sg_scep_reply_expect *x,
    struct sg_scep_reply *reply, struct sg_err *err)
{
	sg_envelope_scoped env = {0};
	uint8_t cek[SG_CEK_MAX] = {0};

	if (!msg->has_content)
		return sg_fail(err, SG_E_MALFORMED, "reply.content",
		    "RFC 8894 3.3.2.1: SUCCESS without a pkcsPKIEnvelope");
	enum sg_code rc = sg_envelope_decode(msg->content, &env, err);
	if (rc == SG_OK)
		rc = check_envelope(&env, x, err);
	if (rc == SG_OK)
		rc = unwrap(&env, x, cek, err);
	if (rc == SG_OK)
		rc = sg_envelope_decrypt(&env, sg_slice(cek, sg_cipher_key_len(env.cipher)),
		    x->legacy_des, &reply->store, err);
	sg_wipe(cek, sizeof(cek));
	if (rc == SG_OK)
		rc = read_certs(reply, err);
	if (rc == SG_OK && reply->certs.cert_n == 0 && reply->certs.crl_n == 0)
		return sg_fail(err, SG_E_MALFORMED, "reply.empty",
		    "RFC 8894 3.3.2.1: SUCCESS with neither certificate nor CRL");
	return rc;
}

/* ---- what decides nothing: shown as far as it can be read, with a fault for the rest ---- */

static const char *
tag_name(unsigned tag, char store[16])
{
	switch (tag) {
	case SG_DER_UTF8:
		return "UTF8String";
	case SG_DER_PRINTABLE:
		return "PrintableString";
	case SG_DER_T61:
		return "T61String";
	case SG_DER_IA5:
		return "IA5String";
	case SG_DER_BMP:
		return "BMPString";
	case SG_DER_INTEGER:
		return "INTEGER";
	case 0:
		return "nothing";
	default:
		snprintf(store, 16, "tag 0x%02x", tag & 0xff);
		return store;
	}
}

static void
check_shape(const struct sg_scep_loose *a, const char *name, unsigned tag, struct sg_buf *faults)
{
	char want[16], have[16];

	if (a->odd)
		sg_buf_printf(faults, "%s is there twice, or has not exactly one value\n", name);
	if (a->present && a->tag != tag)
		sg_buf_printf(faults, "RFC 8894 3.2.1.4: %s: want %s, have %s\n", name,
		    tag_name(tag, want), tag_name(a->tag, have));
}

/* What comes of an attribute as text: bytes where no string type holds them. */
static struct sg_slice
read_text(
    const struct sg_scep_loose *a, const char *name, struct sg_buf *out, struct sg_buf *faults)
{
	struct sg_slice val = a->val;

	sg_buf_reset(out);
	if (val.len > TEXT_MAX) {
		sg_buf_printf(
		    faults, "%s has %zu bytes: it is cut after %u\n", name, val.len, TEXT_MAX);
		val.len = TEXT_MAX;
	}
	if (sg_chars_is_string(a->tag) && sg_string_to_utf8(a->tag, val, out, NULL) == SG_OK)
		return sg_buf_slice(out);
	sg_buf_reset(out);
	if (a->present && sg_chars_is_string(a->tag) && a->val.len <= TEXT_MAX)
		sg_buf_printf(faults, "%s is not the text that its type says\n", name);
	sg_buf_put_slice(out, val);
	return sg_buf_slice(out);
}

/* RFC 8894 3.2.1.4 has "0" to "4"; "02", " 2" and INTEGER 2 say the same. */
static enum sg_scep_fail
read_fail(const struct sg_scep_loose *a, struct sg_buf *faults)
{
	sg_buf_scoped text = {0}, shown = {0};
	char digit = '\0';

	check_shape(a, "failInfo", SG_DER_PRINTABLE, faults);
	if (!a->present) {
		sg_buf_puts(faults, "RFC 8894 3.2.1.4: FAILURE without a failInfo\n");
		return SG_SCEP_FAIL_NONE;
	}
	struct sg_slice said = read_text(a, "failInfo", &text, faults);
	if (!sg_chars_is_string(a->tag) && said.len == 1 && said.p[0] < 10)
		digit = (char)('0' + said.p[0]);
	struct sg_slice bare = said;
	while (bare.len > 1 && (bare.p[0] == '0' || bare.p[0] == ' '))
		bare = sg_slice(bare.p + 1, bare.len - 1);
	while (bare.len > 1 && bare.p[bare.len - 1] == ' ')
		bare.len--;
	if (digit != '\0')
		bare = sg_slice(&digit, 1);
	enum sg_scep_fail fail = sg_scep_fail_parse(bare);
	if (fail != SG_SCEP_FAIL_NONE && (digit != '\0' || sg_slice_eq(bare, said)))
		return fail;
	sg_escape_put(&shown, said, 40);
	sg_buf_printf(
	    faults, "RFC 8894 3.2.1.4: failInfo is none of 0 to 4 but '%s'\n", sg_buf_text(&shown));
	return fail;
}

static enum sg_code
read_reason(const struct sg_scep_msg *msg, struct sg_scep_reply *reply, struct sg_err *err)
{
	sg_buf_scoped text = {0}, number = {0};

	reply->fail = read_fail(&msg->fail_info, &reply->faults);
	check_shape(&msg->fail_info_text, "failInfoText", SG_DER_UTF8, &reply->faults);
	struct sg_slice why = read_text(
	    &msg->fail_info_text, "failInfoText", &text, &reply->faults);
	struct sg_slice code = read_text(&msg->hresult, "HRESULT", &number, &reply->faults);
	sg_buf_put_slice(&reply->store, why);
	sg_buf_put_slice(&reply->store, code);
	enum sg_code rc = sg_buf_check(&reply->store, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&text, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&number, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&reply->faults, err);
	if (rc != SG_OK || reply->store.len == 0)
		return rc;
	reply->fail_info_text = sg_slice(reply->store.p, why.len);
	reply->hresult = sg_slice(reply->store.p + why.len, code.len);
	return SG_OK;
}

static enum sg_code
open_status(const struct sg_scep_msg *msg, const struct sg_scep_reply_expect *x,
    struct sg_scep_reply *reply, struct sg_err *err)
{
	reply->status = msg->status;
	if (msg->fault.code != SG_OK)
		sg_buf_printf(&reply->faults, "%s\n", msg->fault.text);
	if (msg->unread.code != SG_OK)
		sg_buf_printf(&reply->faults,
		    "a certificate beside the signature cannot be read: %s\n", msg->unread.text);
	switch (msg->status) {
	case SG_SCEP_SUCCESS:
		return open_content(msg, x, reply, err);
	case SG_SCEP_PENDING:
		return SG_OK;
	case SG_SCEP_FAILURE:
		return read_reason(msg, reply, err);
	case SG_SCEP_STATUS_NONE:
	default:
		return sg_fail(err, SG_E_MALFORMED, "reply.status",
		    "RFC 8894 3.2.1.3: pkiStatus is none of 0, 2, 3");
	}
}

enum sg_code
sg_scep_reply_open(struct sg_slice message, const struct sg_scep_reply_expect *expect,
    struct sg_scep_reply *ret, struct sg_err *err)
{
	sg_scep_msg_scoped msg = {0};
	struct sg_scep_reply reply = {0};

	enum sg_code rc = sg_scep_decode(message, &msg, err);
	if (rc == SG_OK)
		rc = check_signature(&msg, expect, err);
	if (rc == SG_OK)
		rc = check_transaction(&msg, expect, err);
	if (rc == SG_OK)
		rc = open_status(&msg, expect, &reply, err);
	if (rc != SG_OK) {
		sg_scep_reply_free(&reply);
		return rc;
	}
	*ret = reply;
	return SG_OK;
}

void
sg_scep_reply_free(struct sg_scep_reply *reply)
{
	sg_degenerate_free(&reply->certs);
	sg_buf_clear(&reply->store);
	sg_buf_clear(&reply->faults);
	*reply = (struct sg_scep_reply){0};
}
