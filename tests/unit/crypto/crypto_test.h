/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto_test.h - what the tests of crypto/ share
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "crypto/keyfile.h"

#define TEST_MESSAGE sg_slice_str("signet test message")

#define assert_sg_ok(expr)                                                                         \
	do {                                                                                       \
		enum sg_code rc_ = (expr);                                                         \
		if (rc_ != SG_OK)                                                                  \
			print_error("%s: %s: %s\n", #expr, err.rule, err.text);                    \
		assert_int_equal(rc_, SG_OK);                                                      \
	} while (0)

/* The expression must fail with this code and rule; err must be in scope. */
#define assert_sg_fail(expr, want_code, want_rule)                                                 \
	do {                                                                                       \
		memset(&err, 0, sizeof err);                                                       \
		enum sg_code rc_ = (expr);                                                         \
		if (rc_ != (want_code))                                                            \
			print_error("%s: %d %s: %s\n", #expr, (int)rc_,                            \
			    err.rule == NULL ? "-" : err.rule, err.text);                          \
		assert_int_equal(rc_, (want_code));                                                \
		assert_int_equal(err.code, (want_code));                                           \
		assert_non_null(err.rule);                                                         \
		assert_string_equal(err.rule, (want_rule));                                        \
		assert_true(err.text[0] != '\0');                                                  \
	} while (0)

/* Lend the bytes of a hexadecimal text in b. */
static inline struct sg_slice
unhex(const char *hex, struct sg_buf *b)
{
	struct sg_err err = {0};
	sg_buf_reset(b);
	assert_sg_ok(sg_hex_parse(sg_slice_str(hex), b, &err));
	return sg_buf_slice(b);
}

static inline struct sg_key *
private_key(const char *pem)
{
	struct sg_err err = {0};
	struct sg_key *key = NULL;
	assert_sg_ok(sg_key_from_pem(sg_slice_str(pem), &key, &err));
	return key;
}

static inline struct sg_key *
public_key(const char *spki_hex)
{
	struct sg_err err = {0};
	struct sg_key *key = NULL;
	sg_buf_scoped b = {0};
	assert_sg_ok(sg_key_from_spki(unhex(spki_hex, &b), &key, &err));
	return key;
}

static inline void
assert_slice_equal(struct sg_slice a, struct sg_slice b)
{
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.p, b.p, a.len);
}
