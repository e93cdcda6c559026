/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/message.h - a pkiMessage (RFC 8894 section 3) as it arrives: SignedData, its one
 * signer, its transaction attributes
 *
 * Three steps: sg_scep_decode() reads the shape, sg_scep_check() (scep/check.h) compares with the
 * endpoint's rules, sg_scep_verify() (scep/verify.h) checks the signature. Decoding already
 * succeeds when the message can be answered at all (it has a shape and a transactionID), whatever
 * else is wrong with it, so that a refusal can be a CertRep FAILURE; when decoding fails there is
 * nobody to answer.
 *
 * Ownership: sg_scep_msg lends slices of the caller's bytes, which must outlive it, or of its own
 *            DER copy when the message came as BER. sg_scep_msg_free() ends both.
 * Limits:    SG_MESSAGE_MAX, SG_CMS_CERTS_MAX, SG_CMS_ATTRS_MAX, SG_TXID_MAX, SG_NONCE_MAX.
 * Security:  input is hostile and unauthenticated until sg_scep_verify() said SG_OK. The signer
 *            certificate only says with which key the signature was made: its own signature, names
 *            and dates prove nothing and are not read (x509/cert_light.h). Whoever authorizes by
 *            it parses signer.raw once it is known to be one of ours.
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
#include "cms/id.h"
#include "scep/values.h"
#include "x509/cert_light.h"

/* An attribute that decides nothing and is only shown, as it came. */
struct sg_scep_loose {
	bool present;
	bool odd;     /* it is there twice, or has not exactly one value: this is the first */
	unsigned tag; /* 0 when there is no value */
	struct sg_slice val;
};

struct sg_scep_msg {
	struct sg_buf der; /* only when the message came as BER */

	bool has_content;
	struct sg_slice content; /* of eContent: a ContentInfo with EnvelopedData */

	size_t cert_n;
	struct sg_slice cert[SG_CMS_CERTS_MAX]; /* each a whole certificate */
	bool has_signer;			/* the signer's certificate is among them */
	struct sg_cert_light signer;
	/* Code SG_OK, or why the first certificate that cannot be read is none. Where the signer's
	 * is missing, it may have been that one. */
	struct sg_err unread;
	struct sg_cms_id sid;

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
	struct sg_scep_loose fail_info, fail_info_text, hresult; /* the last one is Microsoft's */

	enum sg_hash hash;	 /* of the content; NONE when refused */
	struct sg_sigalg sigalg; /* complete: scheme and hash */
	struct sg_slice digest;	 /* messageDigest, empty when absent */
	struct sg_slice attrs;	 /* signedAttrs TLV, tag [0] as sent */
	struct sg_slice sig;

	struct sg_err refused; /* code SG_OK, or the first refusal that decoding deferred */
	/* Likewise the first fault in what is not used: profile strict refuses it, a client has
	 * read the answer all the same and may say it. */
	struct sg_err fault;
};

/*
 * Decode a pkiMessage of any type. On success *ret is filled, to be released with
 * sg_scep_msg_free; on failure it is untouched.
 *
 * SG_E_MALFORMED ("der", "ber", "cms....", "scep....")   shape, counts, missing or broken
 *                                                        transactionID, attribute twice
 * SG_E_LIMIT     ("scep.message.size", "cms.certs.count", "cms.attrs.count", "ber.depth")
 * Deferred to sg_scep_check: refused or unknown algorithms (SG_E_ALG), missing messageType and
 * messageDigest. Deferred to sg_scep_check_signer and sg_scep_verify: signer certificate missing or
 * broken.
 * Faults, which only profile strict refuses: versions of SignedData and SignerInfo ("cms.version"),
 * eContentType and the attribute contentType other than data ("cms.content.type"), CRLs
 * ("cms.crls"), signingTime ("der.time", "time"), each of these attributes twice or without exactly
 * one value ("cms.attr.duplicate", "cms.attr.values"). failInfo, failInfoText and HRESULT are
 * kept as they came; no fault is looked for in pkiStatus and recipientNonce of what is no CertRep,
 * and in senderNonce of a CertRep. Not read at all: digestAlgorithms, unsigned attributes, signed
 * attributes that SCEP does not know, certificates of other kinds than X.509.
 */
SG_RC
sg_scep_decode(struct sg_slice message, struct sg_scep_msg *ret, struct sg_err *err);
void
sg_scep_msg_free(struct sg_scep_msg *msg);
#define sg_scep_msg_scoped __attribute__((cleanup(sg_scep_msg_free))) struct sg_scep_msg

/* The signer's certificate is there. SG_E_SIGNATURE ("cms.signer.missing"), and as
 * sg_cert_light_parse where one that cannot be read may have been it. */
SG_RC
sg_scep_need_signer(const struct sg_scep_msg *msg, struct sg_err *err);

/* Is the digest or the signature over SHA-1? */
bool
sg_scep_over_sha1(const struct sg_scep_msg *msg);

/* True when the SignerIdentifier of the message names this certificate. */
bool
sg_scep_signer_is(const struct sg_scep_msg *msg, const struct sg_cert_light *cert);
