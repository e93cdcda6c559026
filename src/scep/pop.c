/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pop.c - a PKCS#10 signed with its own key: made by a client, verified by registrar and ca
 */

#include "scep/pop.h"

#include "crypto/sign.h"
#include "x509/signed.h"

enum sg_code
sg_scep_pop_verify_with(const struct sg_csr *csr, const struct sg_key *key, struct sg_err *err)
{
	if (csr->sigalg.scheme == SG_SIG_NONE || csr->sigalg.hash == SG_HASH_NONE)
		return sg_fail(err, SG_E_ALG, "csr.alg",
		    "the request's signature algorithm is not one of ours");
	enum sg_code rc = sg_sign_verify(key, csr->sigalg, csr->info, csr->sig, err);
	if (rc == SG_E_SIGNATURE)
		rc = sg_fail(err, SG_E_SIGNATURE, "csr.signature",
		    "RFC 2986 3: the request's signature does not hold with its own key");
	return rc;
}

enum sg_code
sg_scep_pop_verify(const struct sg_csr *csr, struct sg_key **ret_key, struct sg_err *err)
{
	struct sg_key *key = NULL;

	enum sg_code rc = sg_key_from_stranger(csr->spki, &key, err);
	if (rc == SG_OK)
		rc = sg_scep_pop_verify_with(csr, key, err);
	if (rc == SG_OK && ret_key != NULL) {
		*ret_key = key;
		return SG_OK;
	}
	sg_key_free(&key);
	return rc;
}

enum sg_code
sg_scep_pop_sign(struct sg_buf *b, const struct sg_key *key, enum sg_hash hash,
    struct sg_slice info, struct sg_err *err)
{
	sg_buf_scoped sig = {0};
	struct sg_sigalg alg = sg_key_sigalg(key, hash);

	enum sg_code rc = sg_sign_tbs(key, alg, info, &sig, err);
	if (rc != SG_OK)
		return rc;
	sg_signed_put(b, info, alg, sg_buf_slice(&sig));
	return sg_buf_check(b, err);
}
