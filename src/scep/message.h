/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/message.h - a pkiMessage (RFC 8894 section 3) as it arrives: SignedData, its one
 * signer, its transaction attributes; and the check of its signature
 *
 * Three steps: sg_scep_decode() reads the shape, sg_scep_check() compares with the
 * endpoint's rules, sg_scep_verify() checks the signature. Decoding already succeeds when
 * the message can be answered at all (it has a shape and a transactionID), whatever else
 * is wrong with it, so that a refusal can be a CertRep FAILURE; when decoding fails there
 * is nobody to answer.
 * Ownership: sg_scep_msg lends slices of the caller's bytes, which must outlive it, or of
 *            its own DER copy when the message came as BER. sg_scep_msg_free() ends both.
 * Limits:    SG_MESSAGE_MAX, SG_CMS_CERTS_MAX, SG_CMS_ATTRS_MAX, SG_TXID_MAX, SG_NONCE_MAX.
 * Security:  input is hostile and unauthenticated until sg_scep_verify() said SG_OK. The
 *            signer certificate only says with which key the signature was made: its own
 *            signature, names and dates prove nothing and are not looked at.
 * Threads:   a message belongs to one thread at a time; there is no shared state.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "x509/cert.h"

/* messageType, RFC 8894 3.2.1.2; everything else is SG_SCEP_TYPE_NONE and refused. */
enum sg_scep_type {
	SG_SCEP_TYPE_NONE = 0,
	SG_SCEP_CERTREP = 3,
	SG_SCEP_RENEWALREQ = 17,
	SG_SCEP_PKCSREQ = 19,
	SG_SCEP_CERTPOLL = 20,
	SG_SCEP_GETCERT = 21,
	SG_SCEP_GETCRL = 22,
};

/* pkiStatus. Our own numbers (they travel in frames): zero is not SUCCESS. */
enum sg_scep_status {
	SG_SCEP_STATUS_NONE = 0,
	SG_SCEP_SUCCESS = 1, /* "0" on the wire */
	SG_SCEP_FAILURE = 2, /* "2" */
	SG_SCEP_PENDING = 3, /* "3" */
};

/* failInfo; the text on the wire is one less. */
enum sg_scep_fail {
	SG_SCEP_FAIL_NONE = 0,
	SG_SCEP_BAD_ALG = 1,
	SG_SCEP_BAD_MESSAGE_CHECK = 2,
	SG_SCEP_BAD_REQUEST = 3,
	SG_SCEP_BAD_TIME = 4,
	SG_SCEP_BAD_CERT_ID = 5,
};

struct sg_scep_msg {
	struct sg_buf der; /* only when the message came as BER */

	bool has_content;
	struct sg_slice content; /* of eContent: a ContentInfo with EnvelopedData */

	size_t cert_n;
	struct sg_slice cert[SG_CMS_CERTS_MAX]; /* each a whole certificate */
	bool has_signer;			/* the signer's certificate is among them */
	struct sg_cert signer;
	struct sg_slice sid_issuer, sid_serial; /* Name TLV, INTEGER contents; or empty */
	struct sg_slice sid_ski;		/* or empty */

	/* Signed attributes: unproved until sg_scep_verify(). */
	enum sg_scep_type type;
	bool has_type;
	struct sg_slice type_text;		       /* as sent, for the log */
	struct sg_slice txid;			       /* always there, 1 to SG_TXID_MAX bytes */
	unsigned txid_tag;			       /* SG_DER_PRINTABLE or SG_DER_UTF8 */
	struct sg_slice sender_nonce, recipient_nonce; /* empty when absent */
	bool has_content_type, has_signing_time;
	int64_t signing_time;
	enum sg_scep_status status; /* NONE when absent or not of the allow-list */
	struct sg_slice status_text;
	enum sg_scep_fail fail;		/* as status */
	struct sg_slice fail_text;	/* failInfo as sent */
	struct sg_slice fail_info_text; /* free text, UTF-8 */
	struct sg_slice hresult;	/* Microsoft's, decimal text */

	enum sg_hash hash;	 /* of the content; NONE when refused */
	struct sg_sigalg sigalg; /* complete: scheme and hash */
	struct sg_slice digest;	 /* messageDigest, empty when absent */
	struct sg_slice attrs;	 /* signedAttrs TLV, tag [0] as sent */
	struct sg_slice sig;

	struct sg_err refused; /* code SG_OK, or the first refusal that decoding put off */
};

/* What an endpoint accepts. */
struct sg_scep_rules {
	uint32_t hashes;  /* bits 1u << SG_HASH_...: of SignerInfo */
	uint32_t ciphers; /* bits 1u << SG_CIPHER_...: of the envelope */
	bool strict;	  /* senderNonce, contentType, signingTime required; no SHA-1 at all */
};

/*
 * Decode a pkiMessage of any type. On success *ret is filled, to be released with
 * sg_scep_msg_free; on failure it is untouched.
 *
 * SG_E_MALFORMED ("der", "ber", "cms....", "scep....")   shape, counts, missing or broken
 *                                                        transactionID, attribute twice
 * SG_E_LIMIT     ("scep.message.size", "cms.certs.count", "cms.attrs.count", "ber.depth")
 * Put off to sg_scep_check: refused or unknown algorithms (SG_E_ALG), eContentType other
 * than data, missing messageType and messageDigest. Put off to sg_scep_verify: signer
 * certificate missing or broken.
 */
SG_RC
sg_scep_decode(struct sg_slice message, struct sg_scep_msg *ret, struct sg_err *err);
void
sg_scep_msg_free(struct sg_scep_msg *msg);
#define sg_scep_msg_scoped __attribute__((cleanup(sg_scep_msg_free))) struct sg_scep_msg

/*
 * What decoding put off, then the endpoint's rules on the SignerInfo, then the messageType:
 * only what a client may send (17, 19, 20, 21, 22), each with a content.
 * SHA-1 passes outside strict for a PKCSReq or CertPoll with a self-issued signer, where
 * the signature authenticates nobody; otherwise only when the rules have it, and never in
 * a renewal (RenewalReq, or a signer that another authority issued).
 *
 * SG_E_ALG       ("alg....", "scep.alg.hash", "scep.alg.sha1")
 * SG_E_MALFORMED ("scep.type", "scep.type.missing", "scep.content.missing",
 *                 "scep.strict....", "cms.content.type")
 * and as sg_scep_check_signer.
 */
SG_RC
sg_scep_check(const struct sg_scep_msg *msg, const struct sg_scep_rules *rules, struct sg_err *err);

/*
 * The signer's key, before any arithmetic with it: it can be answered, which needs RSA, and
 * verifying with it costs no more than crypto/key.h allows a stranger.
 * SG_E_SIGNATURE ("cms.signer.missing"), SG_E_ALG ("scep.answer.key"), as sg_key_check_stranger.
 */
SG_RC
sg_scep_check_signer(const struct sg_scep_msg *msg, struct sg_err *err);

/*
 * The signature holds with the key of the signer's certificate, which is made once and
 * handed out when ret_key is not NULL (sg_key_free).
 * The signed attributes may be signed as sent or sorted: some clients sign one order and send the
 * other. Either way it is one operation with an RSA key, and a key that costs more than
 * crypto/key.h allows a stranger is refused before it.
 *
 * SG_E_SIGNATURE ("cms.signer.missing", "cms.digest.missing", "cms.digest", "signature")
 * SG_E_ALG, SG_E_MALFORMED, SG_E_LIMIT   algorithm or key of the signer
 */
SG_RC
sg_scep_verify(const struct sg_scep_msg *msg, struct sg_key **ret_key, struct sg_err *err);
/* As sg_scep_verify with a key that the caller has from elsewhere. */
SG_RC
sg_scep_verify_with(const struct sg_scep_msg *msg, const struct sg_key *key, struct sg_err *err);

/* True when the signer's issuer and subject are the same name: a throw-away certificate,
 * as far as names can tell. */
bool
sg_scep_signer_self_issued(const struct sg_scep_msg *msg);

/* True when the SignerIdentifier of the message names this certificate. */
bool
sg_scep_signer_is(const struct sg_scep_msg *msg, const struct sg_cert *cert);

/* The failInfo for a refusal: ALG badAlg, SIGNATURE badMessageCheck, TIME badTime,
 * NOTFOUND badCertId, everything else badRequest. */
enum sg_scep_fail
sg_scep_fail_from(enum sg_code code);

/* Exact text to value: "19" and nothing like it. NONE for everything unknown. */
enum sg_scep_type
sg_scep_type_parse(struct sg_slice text);
enum sg_scep_status
sg_scep_status_parse(struct sg_slice text);
enum sg_scep_fail
sg_scep_fail_parse(struct sg_slice text);
/* The text on the wire; "" for NONE. */
const char *
sg_scep_type_text(enum sg_scep_type type);
const char *
sg_scep_status_text(enum sg_scep_status status);
const char *
sg_scep_fail_text(enum sg_scep_fail fail);
/* The word of the RFC: "PKCSReq", "SUCCESS", "badAlg"; "none". */
const char *
sg_scep_type_name(enum sg_scep_type type);
const char *
sg_scep_status_name(enum sg_scep_status status);
const char *
sg_scep_fail_name(enum sg_scep_fail fail);
