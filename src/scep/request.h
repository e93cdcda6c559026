/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/request.h - the client's side of a request: the whole pkiMessage
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

struct sg_scep_request_facts {
	enum sg_scep_type type;
	struct sg_slice txid;	      /* PrintableString alphabet, 1 to SG_TXID_MAX */
	struct sg_slice sender_nonce; /* 16 random bytes of the caller, who compares them later */
	enum sg_hash hash;
	bool pss;		     /* RSASSA-PSS instead of PKCS#1 v1.5 */
	int64_t signing_time;	     /* 0: none */
	struct sg_slice signer_cert; /* self-signed, or the old one for a renewal */
	const struct sg_key *signer_key;
	size_t extra_n; /* more certificates after the signer's */
	const struct sg_slice *extra;
	const struct sg_cert *recipient; /* RA, RSA */
	enum sg_cipher cipher;
	struct sg_keytrans trans;
	struct sg_slice plain; /* PKCS#10, IssuerAndSubject or IssuerAndSerialNumber */
};

/* Append the pkiMessage. */
SG_RC
sg_scep_request_put(
    struct sg_buf *b, const struct sg_scep_request_facts *facts, struct sg_err *err);
