/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_enveloped.c - an EnvelopedData as registrar gets it, and its decryption with a key
 * that everybody knows
 */

#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "cms/envelope.h"

/* As who has the certificate that this recipient names. */
static void
choose(struct sg_envelope *env, const struct sg_cms_id *id)
{
	struct sg_cert_light own = {.issuer = id->issuer, .serial = id->serial};
	struct sg_err err = {0};

	require((id->ski.len > 0) != (id->serial.len > 0));
	if (sg_envelope_choose(env, &own, &err) != SG_OK) {
		require(err.rule != NULL);
		return;
	}
	require(env->is_ours == (id->serial.len > 0));
	require(!env->is_ours || (env->wrapped.len > 0 && env->wrapped.len <= SG_RSA_MAX_BITS / 8));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_envelope_scoped env = {0};
	sg_buf_scoped plain = {0};
	struct sg_err err = {0};
	static const uint8_t cek[SG_CEK_MAX];

	if (sg_envelope_decode(sg_slice(data, len), &env, &err) != SG_OK) {
		require(err.rule != NULL);
		return 0;
	}
	require(env.iv.len == sg_cipher_block_len(env.cipher));
	require(env.ciphertext.len > 0 && env.ciphertext.len % env.iv.len == 0);
	require(env.recipient_n > 0 && env.recipient_n <= SG_CMS_RECIPIENTS_MAX);
	for (size_t i = 0; i < env.recipient_n; i++)
		choose(&env, &env.recipient[i].id);
	sg_ignore(sg_envelope_decrypt(
	    &env, sg_slice(cek, sg_cipher_key_len(env.cipher)), false, &plain, &err));
	require(plain.len <= env.ciphertext.len);
	return 0;
}
