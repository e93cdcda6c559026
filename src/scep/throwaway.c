/* SPDX-License-Identifier: Apache-2.0 */

/*
 * throwaway.c - the certificate that a client without one signs its request with
 */

#include "scep/throwaway.h"

#include "base/buf.h"
#include "crypto/sign.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/signed.h"

enum sg_code
sg_scep_throwaway_put(struct sg_buf *b, const struct sg_key *key, enum sg_hash hash,
    struct sg_slice subject, struct sg_slice serial, int64_t not_before, int64_t not_after,
    struct sg_err *err)
{
	sg_buf_scoped spki = {0};
	sg_buf_scoped tbs = {0};
	sg_buf_scoped sig = {0};
	bool rsa = sg_key_type(key) == SG_KEY_RSA;

	enum sg_code rc = sg_key_put_spki(key, &spki, err);
	if (rc != SG_OK)
		return rc;
	struct sg_cert_facts facts = {
	    .serial = serial,
	    .sigalg = sg_key_sigalg(key, hash),
	    .issuer = subject,
	    .subject = subject,
	    .spki = sg_buf_slice(&spki),
	    .not_before = not_before,
	    .not_after = not_after,
	    .path_len = -1,
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | (rsa ? SG_KU_KEY_ENCIPHERMENT : 0u),
	};
	sg_cert_put_tbs(&tbs, &facts);
	rc = sg_buf_check(&tbs, err);
	if (rc == SG_OK)
		rc = sg_sign_tbs(key, facts.sigalg, sg_buf_slice(&tbs), &sig, err);
	if (rc != SG_OK)
		return rc;
	sg_signed_put(b, sg_buf_slice(&tbs), facts.sigalg, sg_buf_slice(&sig));
	return sg_buf_check(b, err);
}
