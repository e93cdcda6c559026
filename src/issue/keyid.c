/* SPDX-License-Identifier: Apache-2.0 */

#include "issue/keyid.h"

#include <string.h>

#include "asn1/der.h"
#include "crypto/digest.h"
#include "x509/ext.h"
#include "asn1/oid.h"

static enum sg_code
read_spki(
    struct sg_slice spki, struct sg_slice *ret_alg, struct sg_slice *ret_bits, struct sg_err *err)
{
	struct sg_tlv seq;
	struct sg_der alg;

	if (sg_der_whole(spki, SG_DER_SEQUENCE, "SubjectPublicKeyInfo", &seq, NULL) == SG_OK) {
		struct sg_der d = sg_der_init(seq.val);
		if (sg_der_enter(&d, SG_DER_SEQUENCE, "algorithm", &alg, NULL) == SG_OK &&
		    sg_der_oid(&alg, "algorithm", ret_alg, NULL) == SG_OK &&
		    sg_der_bits(&d, "subjectPublicKey", ret_bits, NULL) == SG_OK &&
		    sg_der_end(&d, "SubjectPublicKeyInfo", NULL) == SG_OK)
			return SG_OK;
	}
	return sg_fail(err, SG_E_MALFORMED, "issue.spki",
	    "the public key to certify is not a SubjectPublicKeyInfo");
}

SG_RC
sg_issue_keyid(struct sg_slice spki, uint8_t ret[SG_ISSUE_KEYID_LEN], struct sg_err *err)
{
	struct sg_slice alg, bits;
	uint8_t hash[SG_SHA256_LEN];
	enum sg_code rc = read_spki(spki, &alg, &bits, err);

	if (rc != SG_OK)
		return rc;
	rc = sg_sha256(bits, hash, err);
	if (rc != SG_OK)
		return rc;
	memcpy(ret, hash, SG_ISSUE_KEYID_LEN);
	return SG_OK;
}

SG_RC
sg_issue_capable(struct sg_slice spki, uint32_t *ret_key_usage, struct sg_err *err)
{
	const uint32_t sign = SG_KU_DIGITAL_SIGNATURE | SG_KU_NON_REPUDIATION |
			      SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN;
	struct sg_slice alg, bits;
	enum sg_code rc = read_spki(spki, &alg, &bits, err);

	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(alg, SG_OID(rsa)))
		*ret_key_usage = sign | SG_KU_KEY_ENCIPHERMENT | SG_KU_DATA_ENCIPHERMENT;
	else if (sg_slice_eq(alg, SG_OID(ec_public_key)))
		*ret_key_usage = sign | SG_KU_KEY_AGREEMENT;
	else
		return sg_fail(err, SG_E_MALFORMED, "issue.spki",
		    "the public key to certify is neither RSA nor EC");
	return SG_OK;
}
