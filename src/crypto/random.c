/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/random.c - random bytes, for every key, nonce, challenge and serial number that we make
 *
 * A block of them is drawn from OpenSSL and handed out from its end.
 */

#include "crypto/random.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/rand.h>

#include "base/alloc.h"
#include "crypto/init.h"
#include "crypto/init_private.h"
#include "crypto/random_private.h"

#define BLOCK_LEN 2048u /* of ten enrolments */
#define SHARED_MAX 256u /* longer requests are drawn for themselves */

/* In pages of its own, which the child of a fork() finds empty and a core dump leaves out. */
struct block {
	size_t left; /* bytes that nobody has had, at the beginning */
	uint8_t bytes[BLOCK_LEN];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block *block; /* NULL: the kernel has no such pages, and each request is drawn */

bool
sg_random_begin(void)
{
	unsigned char seed[1];
	void *p = mmap(
	    NULL, sizeof *block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED && madvise(p, sizeof *block, MADV_WIPEONFORK) == 0 &&
	    madvise(p, sizeof *block, MADV_DONTDUMP) == 0)
		block = p;
	else if (p != MAP_FAILED)
		munmap(p, sizeof *block);
	return RAND_priv_bytes_ex(sg_ossl.ctx, seed, sizeof seed, 0) == 1;
}

static enum sg_code
draw(uint8_t *out, size_t len, struct sg_err *err)
{
	if (RAND_priv_bytes_ex(sg_ossl.ctx, out, len, 0) != 1)
		return sg_ossl_fail(err, SG_E_CRYPTO, "random", "no random numbers");
	return SG_OK;
}

enum sg_code
sg_random(void *out, size_t len, struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);
	if (rc != SG_OK)
		return rc;
	if (block == NULL || len > SHARED_MAX)
		return draw(out, len, err);
	pthread_mutex_lock(&lock);
	if (block->left < len) {
		block->left = 0; /* the generator may fail halfway */
		rc = draw(block->bytes, BLOCK_LEN, err);
		block->left = rc == SG_OK ? BLOCK_LEN : 0;
	}
	if (rc == SG_OK) {
		block->left -= len;
		/* UNSAFE: left was at least len. */
		memcpy(out, block->bytes + block->left, len);
		sg_wipe(block->bytes + block->left, len);
	}
	pthread_mutex_unlock(&lock);
	return rc;
}
