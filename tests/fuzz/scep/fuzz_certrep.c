/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_certrep.c - an answer as the client gets it, up to the point where the signature
 * stops whatever is not from the CA
 */

#include "fuzz/fuzz.h"

#include "scep/reply.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_scep_msg_scoped msg = {0};
	sg_scep_reply_scoped reply = {0};
	struct sg_err err = {0};

	if (sg_scep_decode(sg_slice(data, len), &msg, &err) != SG_OK)
		return 0;
	/* The message's own certificates stand for the CA: the search must find them, and a
	 * changed message must not verify with them unless nothing signed was changed. */
	struct sg_scep_reply_expect x = {
	    .txid = msg.txid,
	    .sender_nonce = msg.recipient_nonce,
	    .ca_n = msg.cert_n,
	    .ca = msg.cert,
	    .signer_cert = msg.cert_n > 0 ? msg.cert[0] : (struct sg_slice){0},
	    .legacy_des = true,
	    .legacy_sha1 = true,
	    .legacy_nonce = true,
	};
	if (sg_scep_reply_open(sg_slice(data, len), &x, &reply, &err) == SG_OK) {
		require(reply.status != SG_SCEP_STATUS_NONE);
		require((reply.status == SG_SCEP_FAILURE) == (reply.fail != SG_SCEP_FAIL_NONE));
	} else {
		require(err.rule != NULL);
		require(reply.status == SG_SCEP_STATUS_NONE);
	}
	return 0;
}
