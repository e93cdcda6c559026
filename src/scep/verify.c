/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verify.c - the last of three steps: what decoding deferred, then the digest and the signature;
 * asked by front of a request, by ca of a renewal's evidence, by the client of an answer
 */

#include "scep/verify.h"

#include "cms/signer.h"

enum sg_code
sg_scep_verify_with(const struct sg_scep_msg *msg, const struct sg_key *key, struct sg_err *err)
{
	if (msg->refused.code != SG_OK) {
		if (err != NULL)
			*err = msg->refused;
		return msg->refused.code;
	}
	enum sg_code rc = sg_cms_signer_check_digest(msg->hash, msg->content, msg->digest, err);
	if (rc != SG_OK)
		return rc;
	return sg_cms_signer_verify(key, msg->sigalg, msg->attrs, msg->sig, err);
}

enum sg_code
sg_scep_verify(const struct sg_scep_msg *msg, struct sg_key **ret_key, struct sg_err *err)
{
	struct sg_key *key = NULL;

	enum sg_code rc = SG_OK;
	if (msg->refused.code == SG_OK) {
		rc = sg_scep_need_signer(msg, err);
		if (rc == SG_OK)
			rc = sg_key_from_stranger(msg->signer.spki, &key, err);
	}
	if (rc == SG_OK)
		rc = sg_scep_verify_with(msg, key, err);
	if (rc == SG_OK && ret_key != NULL) {
		*ret_key = key;
		return SG_OK;
	}
	sg_key_free(&key);
	return rc;
}
