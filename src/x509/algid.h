/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/algid.h - AlgorithmIdentifiers: hashes, signatures, ciphers, key transport
 *
 * Readers take one AlgorithmIdentifier from d, and give zero after a failure. Unknown or refused
 * algorithms are SG_E_ALG with a rule of their own ("alg.md5" for all of MD2, MD4, MD5;
 * "alg.unknown"); wrong parameters are SG_E_MALFORMED ("alg.params", "alg.iv"). Absent parameters
 * stand for NULL where the field sends both. Writers append; an algorithm that does not exist makes
 * the buffer fail with SG_E_INTERNAL.
 */

#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "asn1/der.h"
#include "base/err.h"

/* A digest algorithm. */
enum sg_hash
sg_algid_hash(struct sg_der *d);
/* A signature algorithm. Plain rsaEncryption, as SignerInfo has it, gives SG_SIG_RSA_PKCS1
 * with SG_HASH_NONE: the digest algorithm says the rest. PSS without parameters has its
 * defaults, SHA-1 and 20 bytes of salt; MGF1 may have another hash of those that are known (RFC
 * 4055 3.1 only recommends the same: it is a mask, no collision matters). The salt is one that
 * some key has room for ("alg.pss.salt"), the trailer 1 ("alg.pss.trailer"). ECDSA may have NULL.
 */
struct sg_sigalg
sg_algid_sig(struct sg_der *d);
/* The signature algorithm of a certificate or CRL that others made: scheme SG_SIG_NONE when it
 * is unknown or refused here, or has no hash. algid is the whole TLV; d gets the error when it
 * is broken. */
struct sg_sigalg
sg_algid_sig_lenient(struct sg_der *d, struct sg_slice algid);
/* A content cipher and its IV (sg_cipher_block_len bytes, borrowed). DES_CBC is returned,
 * the caller refuses it; RC2, AEAD and stream modes are SG_E_ALG here. */
enum sg_cipher
sg_algid_cipher(struct sg_der *d, struct sg_slice *ret_iv);
/* Key transport: rsaEncryption or RSAES-OAEP (absent parameters are its defaults, SHA-1; hash
 * and MGF1 hash may differ; only the empty label: SG_E_ALG "alg.oaep.label"). */
struct sg_keytrans
sg_algid_keytrans(struct sg_der *d);

void
sg_algid_put_hash(struct sg_buf *b, enum sg_hash hash);
/* PSS: a pss_salt_len of 0 is written as the length of the hash. */
void
sg_algid_put_sig(struct sg_buf *b, struct sg_sigalg alg);
/* For SignerInfo: rsaEncryption for PKCS#1 v1.5 (strongSwan 5.9.8 takes no other). */
void
sg_algid_put_signer_sig(struct sg_buf *b, struct sg_sigalg alg);
void
sg_algid_put_cipher(struct sg_buf *b, enum sg_cipher cipher, const uint8_t *iv);
void
sg_algid_put_keytrans(struct sg_buf *b, struct sg_keytrans trans);
