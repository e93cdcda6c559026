/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/pop.h - proof of possession: a PKCS#10's signature by its own key (RFC 2986)
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "x509/csr.h"

/*
 * SG_OK only when the signature holds. The key, made once, is handed out when ret_key is
 * not NULL (sg_key_free).
 * SG_E_SIGNATURE ("csr.signature"), SG_E_ALG (unknown or refused algorithm, MD5; key type),
 * SG_E_LIMIT (key size), SG_E_MALFORMED.
 */
SG_RC
sg_scep_pop_verify(const struct sg_csr *csr, struct sg_key **ret_key, struct sg_err *err);

/* The same with a key that the caller has made of this SubjectPublicKeyInfo, byte by byte:
 * most clients sign the message with the request's key. */
SG_RC
sg_scep_pop_verify_with(const struct sg_csr *csr, const struct sg_key *key, struct sg_err *err);

/* Append an issued PKCS#10: info by sg_csr_put_info, signed with key. */
SG_RC
sg_scep_pop_sign(struct sg_buf *b, const struct sg_key *key, enum sg_hash hash,
    struct sg_slice info, struct sg_err *err);
