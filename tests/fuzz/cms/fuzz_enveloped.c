/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_enveloped.c - an EnvelopedData as registrar gets it, and its decryption with a key
 * that everybody knows
 */

#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "cms/envelope.h"

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
	require(env.wrapped.len > 0 && env.wrapped.len <= SG_RSA_MAX_BITS / 8);
	require((env.rid_ski.len > 0) != (env.rid_serial.len > 0));
	sg_ignore(sg_envelope_decrypt(
	    &env, sg_slice(cek, sg_cipher_key_len(env.cipher)), false, &plain, &err));
	require(plain.len <= env.ciphertext.len);
	return 0;
}
