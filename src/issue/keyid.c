/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/keyid.c - key identifiers, and what a key can be used for, from its SubjectPublicKeyInfo
 */

#include "issue/keyid_private.h"

#include <string.h>

#include "asn1/spki.h"
#include "crypto/digest.h"
#include "x509/ext.h"
#include "asn1/oid.h"

static SG_RC
read_spki(struct sg_slice der, struct sg_spki *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(der, NULL);

	*ret = sg_spki_read(&d);
	if (!sg_der_ok(&d))
		return sg_fail(err, SG_E_MALFORMED, "issue.spki",
		    "the public key to certify is not a SubjectPublicKeyInfo");
	return SG_OK;
}

SG_RC
sg_issue_keyid(struct sg_slice spki, uint8_t ret[SG_ISSUE_KEYID_LEN], struct sg_err *err)
{
	struct sg_spki key;
	uint8_t hash[SG_SHA256_LEN];
	enum sg_code rc = read_spki(spki, &key, err);

	if (rc != SG_OK)
		return rc;
	rc = sg_sha256(key.bits, hash, err);
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
	struct sg_spki key;
	enum sg_code rc = read_spki(spki, &key, err);

	if (rc != SG_OK)
		return rc;
	if (sg_slice_eq(key.alg, SG_OID(rsa)))
		*ret_key_usage = sign | SG_KU_KEY_ENCIPHERMENT | SG_KU_DATA_ENCIPHERMENT;
	else if (sg_slice_eq(key.alg, SG_OID(ec_public_key)))
		*ret_key_usage = sign | SG_KU_KEY_AGREEMENT;
	else
		return sg_fail(err, SG_E_MALFORMED, "issue.spki",
		    "the public key to certify is neither RSA nor EC");
	return SG_OK;
}
