/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/random.c - random bytes, for every key, nonce, challenge and serial number that we make
 */

#include "crypto/random.h"

#include <openssl/rand.h>

#include "crypto/digest.h"
#include "crypto/ossl.h"

enum sg_code
sg_random(void *out, size_t len, struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	if (RAND_priv_bytes_ex(sg_ossl.ctx, out, len, 0) != 1)
		return sg_ossl_fail(err, SG_E_CRYPTO, "random", "no random numbers");
	return SG_OK;
}
