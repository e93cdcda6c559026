/* SPDX-License-Identifier: Apache-2.0 */

/*
 * caps.c - the answer to GetCACaps, written by front and read by the client
 */

#include "scep/caps.h"

#include <stddef.h>
#include <string.h>

#include "base/ascii.h"

static const struct {
	uint32_t bit;
	const char *word;
} caps_table[] = {
    {SG_CAP_AES, "AES"},
    {SG_CAP_DES3, "DES3"},
    {SG_CAP_NEXT_CA, "GetNextCACert"},
    {SG_CAP_POST, "POSTPKIOperation"},
    {SG_CAP_RENEWAL, "Renewal"},
    {SG_CAP_STANDARD, "SCEPStandard"},
    {SG_CAP_SHA1, "SHA-1"},
    {SG_CAP_SHA256, "SHA-256"},
    {SG_CAP_SHA384, "SHA-384"},
    {SG_CAP_SHA512, "SHA-512"},
};

#define CAPS_N (sizeof(caps_table) / sizeof(caps_table[0]))

void
sg_scep_caps_put(struct sg_buf *b, uint32_t caps)
{
	for (size_t i = 0; i < CAPS_N; i++) {
		if ((caps & caps_table[i].bit) == 0)
			continue;
		sg_buf_puts(b, caps_table[i].word);
		sg_buf_put_u8(b, '\n');
	}
}

/* Line ends; and what scripts write instead. */
static bool
is_between(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == ',' || c == ';';
}

static uint32_t
parse_word(struct sg_slice w)
{
	for (size_t i = 0; i < CAPS_N; i++)
		if (sg_ascii_is(w, caps_table[i].word))
			return caps_table[i].bit;
	return 0;
}

uint32_t
sg_scep_caps_parse(struct sg_slice text)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
	uint32_t caps = 0;
	size_t i = text.len > sizeof mark && memcmp(text.p, mark, sizeof mark) == 0 ? sizeof mark
										    : 0;

	while (i < text.len) {
		size_t start = i;
		while (i < text.len && !is_between(text.p[i]))
			i++;
		caps |= parse_word(sg_slice(text.p + start, i - start));
		while (i < text.len && is_between(text.p[i]))
			i++;
	}
	/* RFC 8894 3.5.2. */
	if (caps & SG_CAP_STANDARD)
		caps |= SG_CAP_AES | SG_CAP_POST | SG_CAP_SHA256;
	return caps;
}
