/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/evidence.h - the proof of a renewal that ca checks for itself
 */

#include "base/err.h"
#include "base/slice.h"

struct sg_scep_evidence {
	struct sg_slice message; /* the whole SignedData as the device sent it */
	struct sg_slice cert;	 /* the certificate that ca has on record, byte by byte */
	struct sg_slice cek;	 /* the content key that keyd unwrapped */
	struct sg_slice csr;	 /* the PKCS#10 that ca is asked to certify */
};

/*
 * SG_OK only when: the message is signed by exactly this certificate (the signer that it
 * carries is byte-identical, the signature holds with its key), messageType is 17 or 19,
 * the hash is not SHA-1, the digest covers the EnvelopedData, which decrypts with cek to
 * exactly csr.
 * SG_E_SIGNATURE ("evidence.signer", "evidence.csr", "cms....", "signature"), SG_E_ALG
 * ("evidence.sha1", ...), SG_E_DENIED ("evidence.type"), SG_E_MALFORMED, SG_E_LIMIT,
 * SG_E_CRYPTO ("cms.decrypt").
 */
SG_RC
sg_scep_evidence_check(const struct sg_scep_evidence *evidence, struct sg_err *err);
