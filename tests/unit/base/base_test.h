/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base_test.h - what the tests of base share: a refusal is a code, a rule and a sentence
 */

#include "unit/x509/asn.h"

static inline void
expect_err_at(
    enum sg_code rc, const struct sg_err *err, enum sg_code code, const char *rule, int line)
{
	if (rc != code || err->code != code || err->rule == NULL || strcmp(err->rule, rule) != 0)
		fail_msg("line %d: %s, rule %s: %s", line, sg_code_name(rc),
		    err->rule == NULL ? "-" : err->rule, err->text);
	assert_true(strlen(err->text) > 5);
	assert_null(strchr(err->text, '\n'));
}

#define expect_err(rc, err, code, rule) expect_err_at((rc), (err), (code), (rule), __LINE__)

static inline void
expect_bytes_at(struct sg_slice have, const char *hex, int line)
{
	sg_buf_scoped want = {0};
	const char *end = asn_hex(hex, &want);
	assert_int_equal(*end, '\0');
	if (!sg_slice_eq(have, sg_buf_slice(&want)))
		fail_msg("line %d: %zu bytes that are not %s", line, have.len, hex);
}

#define expect_bytes(have, hex) expect_bytes_at((have), (hex), __LINE__)
