/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/envelope.h - the pkcsPKIEnvelope (RFC 8894 3.2.2): EnvelopedData for exactly one
 * recipient by RSA key transport, content encrypted in CBC mode
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
#include "base/slice.h"
#include "cms/id.h"
#include "crypto/cipher.h"
#include "crypto/key.h"
#include "x509/cert.h"

struct sg_envelope {
	struct sg_buf der, joined; /* only when the input is BER or segmented */

	struct sg_slice rid_issuer, rid_serial; /* Name TLV, INTEGER contents; or empty */
	struct sg_slice rid_ski;		/* or empty */
	struct sg_keytrans trans;
	struct sg_slice wrapped; /* the content key, encrypted */
	enum sg_cipher cipher;	 /* DES_CBC is returned: sg_envelope_check refuses it */
	struct sg_slice iv;	 /* sg_cipher_block_len bytes */
	struct sg_slice ciphertext;
};

/*
 * Decode a ContentInfo with EnvelopedData. Versions 0 and 2, exactly one recipient by key
 * transport, contentType of the content data, the ciphertext there and whole blocks.
 * originatorInfo and unprotectedAttrs, which no SCEP client sends, are refused. On failure
 * *ret is untouched.
 *
 * SG_E_MALFORMED ("der", "ber", "cms....")
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
 * ("alg.des", "scep.alg.cipher"). */
SG_RC
sg_envelope_check(const struct sg_envelope *env, uint32_t ciphers, struct sg_err *err);

/* How well the RecipientIdentifier names a certificate; the caller takes the highest. */
enum sg_rid_match {
	SG_RID_NO = 0,
	SG_RID_SERIAL = 1, /* serial number alone: the issuer was written anew by the client */
	SG_RID_NAME = 2,   /* issuer equal as a name, serial number */
	SG_RID_EXACT = 3,  /* issuer byte by byte and serial number, or key identifier */
};
enum sg_rid_match
sg_envelope_match(const struct sg_envelope *env, const struct sg_cert *cert);

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
