/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/request.h - the client's side of a request: throw-away signer certificate and the
 * whole pkiMessage
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "scep/message.h"
#include "x509/cert.h"

struct sg_request_facts {
	enum sg_scep_type type;
	struct sg_slice txid;	      /* PrintableString alphabet, 1 to SG_TXID_MAX */
	struct sg_slice sender_nonce; /* 16 random bytes of the caller, who compares them later */
	enum sg_hash hash;
	bool pss;		     /* RSASSA-PSS instead of PKCS#1 v1.5 */
	int64_t signing_time;	     /* 0: none */
	struct sg_slice signer_cert; /* self-signed, or the old one for a renewal */
	const struct sg_key *signer_key;
	size_t extra_n; /* more certificates behind the signer's */
	const struct sg_slice *extra;
	const struct sg_cert *recipient; /* RA, RSA */
	enum sg_cipher cipher;
	struct sg_keytrans trans;
	struct sg_slice plain; /* PKCS#10, IssuerAndSubject or IssuerAndSerialNumber */
};

/* Append the pkiMessage. */
SG_RC
sg_request_put(struct sg_buf *b, const struct sg_request_facts *facts, struct sg_err *err);

/*
 * Append a self-signed certificate for signing requests (RFC 8894 2.3): version 3,
 * digitalSignature and, for RSA, keyEncipherment. serial is a magnitude, 1 to 20 bytes.
 */
SG_RC
sg_throwaway_cert_put(struct sg_buf *b, const struct sg_key *key, enum sg_hash hash,
    struct sg_slice subject, struct sg_slice serial, int64_t not_before, int64_t not_after,
    struct sg_err *err);

/* Append an issued PKCS#10: info by sg_csr_put_info, signed with key. */
SG_RC
sg_csr_sign(struct sg_buf *b, const struct sg_key *key, enum sg_hash hash, struct sg_slice info,
    struct sg_err *err);

/* A transactionID: the lower-case hexadecimal SHA-256 of the public key, 64 characters. */
SG_RC
sg_txid_from_key(const struct sg_key *key, char ret[65], struct sg_err *err);
