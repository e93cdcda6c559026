/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/envelope.h - the pkcsPKIEnvelope (RFC 8894 3.2.2): EnvelopedData by RSA key transport, to
 * one recipient among others, content encrypted in CBC mode
 *
 * Ownership: sg_envelope lends slices of the caller's bytes, which must outlive it, or of
 *            its own copy when they are BER; released with sg_envelope_free.
 * Security:  input is hostile. What decoding sees is public; nothing here tells anything
 *            about the content key: that is sg_unwrap_key's contract.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "cms/id.h"
#include "crypto/cipher.h"
#include "crypto/key.h"
#include "x509/cert_light.h"

/* A recipient by key transport. */
struct sg_envelope_recipient {
	struct sg_cms_id id;
	struct sg_slice rest; /* of its KeyTransRecipientInfo: algorithm and encrypted key */
};

struct sg_envelope {
	struct sg_buf der, joined; /* only when the input is BER or segmented */

	size_t recipient_n;
	struct sg_envelope_recipient recipient[SG_CMS_RECIPIENTS_MAX];
	enum sg_cipher cipher; /* DES_CBC is returned: sg_envelope_check refuses it */
	struct sg_slice iv;    /* sg_cipher_block_len bytes */
	struct sg_slice ciphertext;
	struct sg_err fault; /* code SG_OK, or the first one in what is not used */

	bool is_ours; /* sg_envelope_choose found a recipient, whose these are: */
	struct sg_keytrans trans;
	struct sg_slice wrapped; /* the content key, encrypted */
};

/*
 * Decode a ContentInfo with EnvelopedData: at most SG_CMS_RECIPIENTS_MAX recipients, at least one
 * by key transport, the ciphertext there and whole blocks. Of a recipient nothing is read after
 * what identifies it, and those of other kinds, or that cannot be identified, are skipped where
 * there is another. originatorInfo and unprotectedAttrs, which SCEP does not use, are skipped.
 * Versions other than 0 and 2 ("cms.version") and another contentType than data
 * ("cms.content.type") are faults. On failure *ret is untouched.
 *
 * SG_E_MALFORMED ("der", "ber", "cms....")
 * SG_E_LIMIT     ("cms.recipients.many", "cms.serial", "cms.ski", "scep.message.size")
 * SG_E_ALG       ("alg....", "cms.recipient.kari", "cms.recipient.pwri",
 *                 "cms.recipient.kek", "cms.recipient.other", "cms.authenveloped",
 *                 "cms.compressed")
 */
SG_RC
sg_envelope_decode(struct sg_slice content, struct sg_envelope *ret, struct sg_err *err);
void
sg_envelope_free(struct sg_envelope *env);
#define sg_envelope_scoped __attribute__((cleanup(sg_envelope_free))) struct sg_envelope

/* The cipher is one of these bits (1u << SG_CIPHER_...) and never single DES: SG_E_ALG
 * ("alg.des", "scep.alg.cipher"). In strict a fault refuses, too. */
SG_RC
sg_envelope_check(const struct sg_envelope *env, uint32_t ciphers, bool strict, struct sg_err *err);

/*
 * Find the recipient that is this certificate, and read how the content key was encrypted to it;
 * is_ours is false when there is none, which is the caller's to refuse. One that is named by issuer
 * and serial number, or by key identifier, stands above others that only have the serial number.
 * Two that name it equally well are refused before anything is unwrapped: which of the two was
 * right would show in the answer.
 * SG_E_MALFORMED ("cms.recipients.twice", "cms.recipient.key", "der", "alg.params"), SG_E_ALG
 * ("alg....").
 */
SG_RC
sg_envelope_choose(struct sg_envelope *env, const struct sg_cert_light *own, struct sg_err *err);

/* Decrypt with the content key (sg_cipher_key_len bytes). SG_E_CRYPTO ("cms.decrypt"): the
 * caller gives this the same answer as every later failure before the request is proved.
 * out is a secret until then. */
SG_RC
sg_envelope_decrypt(const struct sg_envelope *env, struct sg_slice cek, bool legacy_des,
    struct sg_buf *out, struct sg_err *err);

struct sg_envelope_facts {
	struct sg_cms_id recipient; /* by issuer and serial number */
	const struct sg_key *key;   /* its public key, RSA */
	struct sg_keytrans trans;
	enum sg_cipher cipher;
	struct sg_slice cek, iv; /* fresh random bytes of the right lengths */
	struct sg_slice plain;
};

/* Append the ContentInfo. SG_E_ALG when the recipient's key cannot transport keys. */
SG_RC
sg_envelope_put(struct sg_buf *b, const struct sg_envelope_facts *facts, struct sg_err *err);
/* As sg_envelope_put with fresh random cek and iv; those fields of facts are ignored. */
SG_RC
sg_envelope_seal(struct sg_buf *b, const struct sg_envelope_facts *facts, struct sg_err *err);
