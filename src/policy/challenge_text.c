/* SPDX-License-Identifier: Apache-2.0 */

/*
 * challenge_text.c - one-time challenges from random bytes to text, and the text that a device or a
 * file has to the bytes that are compared or hashed
 */

#include "policy/challenge_text.h"

#include "base/limits.h"
#include "x509/chars.h"
#include "x509/name.h"

void
sg_challenge_make(
    const uint8_t random[SG_CHALLENGE_RANDOM_LEN], char ret[SG_CHALLENGE_TEXT_LEN + 1])
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t bits = 0;
	size_t pos = 0;

	/* Each group is 20 bits: 4 characters of 5 bits; two groups are 5 bytes. */
	for (size_t i = 0; i < SG_CHALLENGE_RANDOM_LEN; i += 5) {
		bits = 0;
		for (size_t k = 0; k < 5; k++)
			bits = bits << 8 | random[i + k];
		for (unsigned c = 0; c < 8; c++) {
			if (pos > 0 && c % 4 == 0)
				ret[pos++] = '-';
			ret[pos++] = alphabet[bits >> (35 - 5 * c) & 31];
		}
	}
	ret[pos] = '\0';
}

static bool
is_white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

SG_RC
sg_challenge_normalize(struct sg_slice utf8, struct sg_buf *out, struct sg_err *err)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
	struct sg_slice s = utf8;

	if (s.len >= sizeof mark && sg_slice_eq(sg_slice(s.p, 3), sg_slice(mark, 3)))
		s = sg_slice(s.p + 3, s.len - 3);
	if (s.len > 0 && s.p[s.len - 1] == '\0')
		s.len--;
	while (s.len > 0 && is_white(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_white(s.p[0]))
		s = sg_slice(s.p + 1, s.len - 1);
	if (s.len == 0)
		return sg_fail(err, SG_E_DENIED, "challenge.missing",
		    "the challenge is empty: want 1 to %u bytes", SG_CHALLENGE_MAX);
	if (s.len > SG_CHALLENGE_MAX)
		return sg_fail(err, SG_E_LIMIT, "challenge.length",
		    "the challenge has %zu bytes, want 1 to %u", s.len, SG_CHALLENGE_MAX);
	if (memchr(s.p, '\0', s.len) != NULL)
		return sg_fail(err, SG_E_MALFORMED, "challenge.nul",
		    "the challenge has a NUL inside, only one at its end is tolerated");
	sg_buf_put_slice(out, s);
	return sg_buf_check(out, err);
}

SG_RC
sg_challenge_of(const struct sg_csr *csr, struct sg_buf *out, struct sg_err *err)
{
	if (csr->challenge_fault.code != SG_OK) {
		if (err != NULL)
			*err = csr->challenge_fault;
		return csr->challenge_fault.code;
	}
	if (!csr->has_challenge)
		return sg_fail(err, SG_E_DENIED, "challenge.missing",
		    "the request has no challengePassword attribute");
	/* A BMPString grows from 2 to 3 bytes a character. */
	sg_buf_scoped text = {.max = 2 * SG_CHALLENGE_MAX + 16};
	enum sg_code rc = sg_string_to_utf8(csr->challenge_tag, csr->challenge, &text, err);
	if (rc == SG_E_MALFORMED)
		return sg_fail(err, SG_E_MALFORMED, "challenge.string",
		    "the challengePassword (tag 0x%02x) is not a well-formed DirectoryString or "
		    "IA5String",
		    csr->challenge_tag);
	if (rc == SG_E_LIMIT)
		return sg_fail(err, SG_E_LIMIT, "challenge.length",
		    "the challengePassword has %zu bytes, want 1 to %u", csr->challenge.len,
		    SG_CHALLENGE_MAX);
	if (rc != SG_OK)
		return rc;
	return sg_challenge_normalize(sg_buf_slice(&text), out, err);
}
