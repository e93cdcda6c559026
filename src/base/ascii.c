/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ascii.c - alphabets of ASCII, whatever the locale
 */

#include "base/ascii.h"

#include <string.h>

bool
sg_ascii_is_printable(struct sg_slice s)
{
	for (size_t n = 0; n < s.len; n++) {
		uint8_t c = s.p[n];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			     (c >= 'a' && c <= 'z');
		if (!alnum && (c == 0 || strchr(" '()+,-./:=?", c) == NULL))
			return false;
	}
	return true;
}
