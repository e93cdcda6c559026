/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/signing.c - the last step of every certificate and list: signed, verified, and only then
 * given out; and the same structure before it, with what cannot be a signature, for lint
 */

#include "x509/signed.h"
#include "issue/signing_private.h"

#include "crypto/sign.h"
#include "x509/csr.h"

void
sg_issue_placeholder(
    struct sg_buf *out, struct sg_slice tbs, struct sg_sigalg alg, unsigned key_bits)
{
	/* r = s = 0 and the number 0 are never signatures (FIPS 186-5 6.4.2, RFC 8017 8.2.2). */
	static const uint8_t ecdsa[] = {0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00};
	sg_buf_scoped sig = {0};

	if (alg.scheme == SG_SIG_ECDSA)
		sg_buf_put(&sig, ecdsa, sizeof ecdsa);
	else
		sg_buf_extend(&sig, (key_bits + 7) / 8);
	if (sig.failed != SG_OK)
		out->failed = sig.failed;
	sg_signed_put(out, tbs, alg, sg_buf_slice(&sig));
}

SG_RC
sg_issue_sign_with(const struct sg_key *key, const struct sg_key *pub, struct sg_sigalg alg,
    struct sg_slice tbs, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped sig = {0};
	enum sg_code rc = sg_sign_tbs(key, alg, tbs, &sig, err);

	if (rc != SG_OK)
		return rc;
	/* A fault during an RSA signature would give the key away: nothing unverified leaves. */
	rc = sg_sign_check(pub, alg, tbs, sg_buf_slice(&sig), err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK)
		return sg_fail(err, SG_E_CRYPTO, "issue.verify",
		    "the signature just made does not verify with the issuer's public key");
	sg_buf_scoped whole = {.max = out->max};
	sg_signed_put(&whole, tbs, alg, sg_buf_slice(&sig));
	rc = sg_buf_check(&whole, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_put_slice(out, sg_buf_slice(&whole));
	return sg_buf_check(out, err);
}
