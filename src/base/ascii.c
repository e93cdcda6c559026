/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ascii.c - words and alphabets of ASCII, whatever the locale; what the field writes in either case
 * is compared here
 */

#include "base/ascii.h"

#include <string.h>

bool
sg_ascii_same(struct sg_slice a, struct sg_slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t n = 0; n < a.len; n++)
		if (sg_ascii_lower(a.p[n]) != sg_ascii_lower(b.p[n]))
			return false;
	return true;
}

bool
sg_ascii_is(struct sg_slice a, const char *word)
{
	return sg_ascii_same(a, sg_slice_str(word));
}

bool
sg_ascii_starts(struct sg_slice a, const char *word)
{
	struct sg_slice w = sg_slice_str(word);

	return a.len >= w.len && sg_ascii_same(sg_slice(a.p, w.len), w);
}

bool
sg_ascii_is_printable(struct sg_slice s)
{
	for (size_t n = 0; n < s.len; n++) {
		uint8_t c = s.p[n];
		if (!sg_ascii_is_alnum(c) && (c == 0 || strchr(" '()+,-./:=?", c) == NULL))
			return false;
	}
	return true;
}
