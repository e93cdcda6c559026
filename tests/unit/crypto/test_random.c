/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_random.c - random bytes: of every length, once each, in threads and after a fork, and wiped
 * where they were drawn to
 *
 * The linker puts __wrap_RAND_priv_bytes_ex() in front of OpenSSL's generator (meson.build).
 */

#include "unit/crypto/crypto_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "crypto/digest.h"
#include "crypto/random.h"

#define LONG_LEN 257u /* longer than what comes out of a block */
#define THREADS 8u
#define DRAWS 500u
#define WORD 16u

static atomic_uint draws;
static unsigned char *drawn_to; /* by the last draw of more than a byte */
static size_t drawn_len;
static bool generator_fails;

int
__wrap_RAND_priv_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength);
int
__real_RAND_priv_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength);

int
__wrap_RAND_priv_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength)
{
	atomic_fetch_add(&draws, 1);
	if (len > 1) {
		drawn_to = out;
		drawn_len = len;
	}
	return generator_fails ? 0 : __real_RAND_priv_bytes_ex(ctx, out, len, strength);
}

/* Draw what is left of the block, so that the next request needs another one. */
static void
use_up(void)
{
	struct sg_err err = {0};
	uint8_t byte;
	for (unsigned before = draws; draws == before;)
		assert_sg_ok(sg_random(&byte, 1, &err));
}

static bool
is_zero(const uint8_t *p, size_t len)
{
	uint8_t all = 0;
	while (len > 0)
		all |= p[--len];
	return all == 0;
}

static void
random__two_calls__differ(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t a[32] = {0}, b[32] = {0};
	assert_sg_ok(sg_random(a, sizeof a, &err));
	assert_sg_ok(sg_random(b, sizeof b, &err));
	assert_memory_not_equal(a, b, sizeof a);
	assert_false(is_zero(a, sizeof a));
	assert_sg_ok(sg_random(a, 0, &err));
}

static void
random__every_length__filled_and_no_byte_more(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t seen[LONG_LEN] = {0}, out[LONG_LEN + 1];
	for (size_t len = 0; len <= LONG_LEN; len++) {
		for (int i = 0; i < 8; i++) { /* a byte is zero eight times once in 2^64 */
			memset(out, 0, sizeof out);
			assert_sg_ok(sg_random(out, len, &err));
			assert_true(is_zero(out + len, sizeof out - len));
			for (size_t n = 0; n < len; n++)
				seen[n] |= out[n];
		}
		for (size_t n = 0; n < len; n++)
			assert_true(seen[n] != 0);
		memset(seen, 0, sizeof seen);
	}
}

static void
random__short__shares_a_draw__long__has_its_own(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t out[LONG_LEN];
	use_up();
	unsigned before = draws;
	for (int i = 0; i < 20; i++)
		assert_sg_ok(sg_random(out, 64, &err));
	assert_int_equal(draws, before);
	assert_sg_ok(sg_random(out, LONG_LEN, &err));
	assert_int_equal(draws, before + 1);
	assert_ptr_equal(drawn_to, out);
}

static void
random__given__wiped_from_the_block(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t out[64];
	use_up();
	const uint8_t *block = drawn_to;
	size_t left = drawn_len - 1;
	assert_true(is_zero(block + left, 1));
	while (left >= sizeof out) {
		uint8_t there[sizeof out];
		memcpy(there, block + left - sizeof out, sizeof there);
		assert_sg_ok(sg_random(out, sizeof out, &err));
		left -= sizeof out;
		assert_memory_equal(out, there, sizeof out);
		assert_true(is_zero(block + left, drawn_len - left));
	}
}

static void
random__generator_fails__said_and_nothing_of_the_block_given(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t out[LONG_LEN] = {0};
	use_up();
	for (size_t left = drawn_len - 1; left >= 256; left -= 256)
		assert_sg_ok(sg_random(out, 256, &err));
	generator_fails = true;
	memset(out, 0, sizeof out);
	assert_sg_fail(sg_random(out, 256, &err), SG_E_CRYPTO, "random");
	assert_sg_fail(sg_random(out, 1, &err), SG_E_CRYPTO, "random");
	assert_sg_fail(sg_random(out, LONG_LEN, &err), SG_E_CRYPTO, "random");
	assert_true(is_zero(out, sizeof out));
	generator_fails = false;
	assert_sg_ok(sg_random(out, 256, &err));
	assert_false(is_zero(out, sizeof out));
}

static uint8_t words[THREADS * DRAWS][WORD];

static void *
draw_words(void *arg)
{
	uint8_t(*mine)[WORD] = arg;
	for (unsigned n = 0; n < DRAWS; n++)
		if (sg_random(mine[n], WORD, NULL) != SG_OK)
			return NULL;
	return arg;
}

static int
compare_words(const void *a, const void *b)
{
	return memcmp(a, b, WORD);
}

static void
random__many_threads__no_word_twice(void **state)
{
	(void)state;
	pthread_t thread[THREADS];
	for (unsigned n = 0; n < THREADS; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, draw_words, words[n * DRAWS]), 0);
	for (unsigned n = 0; n < THREADS; n++) {
		void *ret = NULL;
		assert_int_equal(pthread_join(thread[n], &ret), 0);
		assert_non_null(ret);
	}
	qsort(words, THREADS * DRAWS, WORD, compare_words);
	for (unsigned n = 1; n < THREADS * DRAWS; n++)
		assert_memory_not_equal(words[n - 1], words[n], WORD);
}

static void
random__after_a_fork__differs(void **state)
{
	(void)state;
	struct sg_err err = {0};
	uint8_t mine[64], its[64] = {0};
	int ends[2], status = 0;
	use_up();
	assert_sg_ok(sg_random(mine, sizeof mine, &err));
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool ok = sg_random(its, sizeof its, NULL) == SG_OK &&
			  write(ends[1], its, sizeof its) == (ssize_t)sizeof its;
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(ends[0], its, sizeof its), sizeof its);
	assert_sg_ok(sg_random(mine, sizeof mine, &err));
	assert_memory_not_equal(mine, its, sizeof mine);
	assert_false(is_zero(its, sizeof its));
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random__two_calls__differ),
	    cmocka_unit_test(random__every_length__filled_and_no_byte_more),
	    cmocka_unit_test(random__short__shares_a_draw__long__has_its_own),
	    cmocka_unit_test(random__given__wiped_from_the_block),
	    cmocka_unit_test(random__generator_fails__said_and_nothing_of_the_block_given),
	    cmocka_unit_test(random__many_threads__no_word_twice),
	    cmocka_unit_test(random__after_a_fork__differs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
