/* SPDX-License-Identifier: Apache-2.0 */

/*
 * evidence.c - a renewal's message judged once more, by ca, before it certifies
 */

#include "scep/evidence.h"

#include "crypto/digest.h"
#include "cms/envelope.h"
#include "scep/message.h"
#include "scep/verify.h"

static enum sg_code
check_message(const struct sg_scep_msg *msg, const struct sg_scep_evidence *ev, struct sg_err *err)
{
	if (!msg->has_signer || !sg_slice_eq(msg->signer.raw, ev->cert))
		return sg_fail(err, SG_E_SIGNATURE, "evidence.signer",
		    "the renewal is not signed by the recorded certificate");
	if (msg->type != SG_SCEP_RENEWALREQ && msg->type != SG_SCEP_PKCSREQ)
		return sg_fail(err, SG_E_DENIED, "evidence.type",
		    "messageType %s is not a renewal, want 17 or 19", sg_scep_type_text(msg->type));
	if (sg_scep_over_sha1(msg))
		return sg_fail(err, SG_E_ALG, "evidence.sha1",
		    "a renewal is signed with SHA-1: nothing else authorizes it, and that can be "
		    "forged");
	return sg_scep_verify(msg, NULL, err);
}

static enum sg_code
check_content(const struct sg_scep_msg *msg, const struct sg_scep_evidence *ev, struct sg_err *err)
{
	sg_envelope_scoped env = {0};
	sg_buf_scoped plain = {0};

	enum sg_code rc = sg_envelope_decode(msg->content, &env, err);
	if (rc == SG_OK)
		rc = sg_envelope_decrypt(&env, ev->cek, false, &plain, err);
	if (rc != SG_OK)
		return rc;
	/* The PKCS#10 holds the challenge: compared as a secret. */
	if (!sg_ct_equal(sg_buf_slice(&plain), ev->csr))
		return sg_fail(err, SG_E_SIGNATURE, "evidence.csr",
		    "the signed message does not contain this request");
	return SG_OK;
}

enum sg_code
sg_scep_evidence_check(const struct sg_scep_evidence *evidence, struct sg_err *err)
{
	sg_scep_msg_scoped msg = {0};

	enum sg_code rc = sg_scep_decode(evidence->message, &msg, err);
	if (rc == SG_OK)
		rc = check_message(&msg, evidence, err);
	if (rc == SG_OK)
		rc = check_content(&msg, evidence, err);
	return rc;
}
