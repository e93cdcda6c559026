/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_signeddata.c - a pkiMessage as front gets it: shape, attributes, rules; no RSA
 */

#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "cms/envelope.h"
#include "scep/check.h"
#include "scep/message.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = UINT32_MAX, .ciphers = UINT32_MAX};

	if (sg_scep_decode(sg_slice(data, len), &msg, &err) != SG_OK) {
		require(err.rule != NULL);
		require(msg.txid.len == 0 && msg.cert_n == 0);
		return 0;
	}
	require(msg.txid.len > 0 && msg.txid.len <= SG_TXID_MAX);
	require(msg.sender_nonce.len <= SG_NONCE_MAX);
	require(msg.cert_n <= SG_CMS_CERTS_MAX);
	sg_ignore(sg_scep_check(&msg, &rules, &err));
	rules.strict = true;
	if (sg_scep_check(&msg, &rules, &err) == SG_OK) {
		require(msg.type != SG_SCEP_TYPE_NONE && msg.type != SG_SCEP_CERTREP);
		require(msg.hash != SG_HASH_NONE && msg.hash != SG_HASH_SHA1);
	}
	if (msg.has_content && sg_envelope_decode(msg.content, &env, &err) == SG_OK)
		sg_ignore(sg_envelope_check(&env, UINT32_MAX, false, &err));
	return 0;
}
