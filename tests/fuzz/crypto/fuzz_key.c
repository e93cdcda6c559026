/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Keys: a stranger's SubjectPublicKeyInfo, an operator's PEM. A public key that is taken is
 * written again as the same key, and verifies a signature of any bytes: that fails, and ends.
 */

#include "fuzz/fuzz.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/key.h"
#include "crypto/keyfile.h"
#include "crypto/sign.h"

static void
try_public(struct sg_slice spki)
{
	sg_scoped(key) key = NULL;
	sg_scoped(key) again = NULL;
	struct sg_err err = {.rule = NULL};
	sg_buf_scoped out = {0};

	if (sg_key_from_spki(spki, &key, &err) != SG_OK) {
		require(err.rule != NULL && key == NULL);
		return;
	}
	unsigned bits = sg_key_bits(key);
	require(
	    sg_key_type(key) != SG_KEY_RSA || (bits >= SG_RSA_MIN_BITS && bits <= SG_RSA_MAX_BITS));
	require(sg_key_put_spki(key, &out, NULL) == SG_OK);
	require(sg_key_from_spki(sg_buf_slice(&out), &again, NULL) == SG_OK);
	require(sg_key_same_public(key, again, NULL) == SG_OK);
	size_t sig_len = sg_key_type(key) == SG_KEY_RSA ? bits / 8 : 64;
	require(sg_sign_verify(key, sg_key_sigalg(key, SG_HASH_SHA256), spki,
		    sg_slice(spki.p, spki.len < sig_len ? spki.len : sig_len), NULL) != SG_OK);
}

static void
try_private(struct sg_slice pem)
{
	sg_scoped(key) key = NULL;
	sg_scoped(key) again = NULL;
	struct sg_err err = {.rule = NULL};
	sg_buf_scoped out = {0};

	if (sg_key_from_pem(pem, &key, &err) != SG_OK) {
		require(err.rule != NULL && key == NULL);
		return;
	}
	require(sg_key_put_pem(key, &out, NULL) == SG_OK);
	require(sg_key_from_pem(sg_buf_slice(&out), &again, NULL) == SG_OK);
	require(sg_key_same_public(key, again, NULL) == SG_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len > 0 && data[0] == '-')
		try_private(sg_slice(data, len));
	else
		try_public(sg_slice(data, len));
	return 0;
}
