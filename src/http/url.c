/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/url.c - URLs and queries: looked at by the server, put together by the client
 */

#include "base/ascii.h"
#include "base/hex.h"
#include "http/url.h"

#include <string.h>

static bool
same_name(struct sg_slice name, const char *wanted, bool any_case)
{
	return any_case ? sg_ascii_is(name, wanted) : sg_slice_is(name, wanted);
}

SG_RC
sg_http_query_get(struct sg_slice query, const char *name, bool any_case, struct sg_slice *ret,
    struct sg_err *err)
{
	struct sg_slice found = {0};
	bool have = false;
	while (query.len > 0) {
		const uint8_t *amp = memchr(query.p, '&', query.len);
		size_t n = amp != NULL ? (size_t)(amp - query.p) : query.len;
		const uint8_t *eq = memchr(query.p, '=', n);
		size_t name_len = eq != NULL ? (size_t)(eq - query.p) : n;
		if (same_name(sg_slice(query.p, name_len), name, any_case)) {
			if (have)
				return sg_fail(err, SG_E_MALFORMED, "http.query.twice",
				    "the query has more than one '%s'", name);
			have = true;
			found = eq != NULL ? sg_slice(eq + 1, n - name_len - 1)
					   : sg_slice(query.p, 0);
		}
		n += amp != NULL;
		query = sg_slice(query.p + n, query.len - n);
	}
	if (!have)
		return sg_fail(
		    err, SG_E_NOTFOUND, "http.query.absent", "the query has no '%s'", name);
	*ret = found;
	return SG_OK;
}

SG_RC
sg_http_unescape(struct sg_slice text, bool plus_is_space, struct sg_buf *out, struct sg_err *err)
{
	for (size_t i = 0; i < text.len;) {
		size_t n = 0;
		while (i + n < text.len && text.p[i + n] != '%' &&
		       !(plus_is_space && text.p[i + n] == '+'))
			n++;
		sg_buf_put(out, text.p + i, n);
		i += n;
		if (i == text.len)
			break;
		if (text.p[i] == '+') {
			sg_buf_put_u8(out, ' ');
			i++;
			continue;
		}
		int high = text.len - i > 2 ? sg_hex_digit(text.p[i + 1]) : -1;
		int low = text.len - i > 2 ? sg_hex_digit(text.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return sg_fail(err, SG_E_MALFORMED, "http.escape",
			    "RFC 3986 2.1: want two hexadecimal digits behind '%%' at offset %zu",
			    i);
		sg_buf_put_u8(out, (unsigned)(high * 16 + low));
		i += 3;
	}
	return sg_buf_check(out, err);
}

void
sg_http_escape(struct sg_buf *b, struct sg_slice s)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];
		bool plain = sg_ascii_is_alnum(c) || (c != 0 && strchr("-._~", c) != NULL);
		char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		sg_buf_put(b, plain ? (const void *)&c : escaped, plain ? 1 : 3);
	}
}

SG_RC
sg_http_url_check(struct sg_slice url, struct sg_err *err)
{
	size_t skip = 0;
	if (url.len > 7 && sg_ascii_starts(url, "http://"))
		skip = 7;
	else if (url.len > 8 && sg_ascii_starts(url, "https://"))
		skip = 8;
	if (skip == 0 || strchr("/?:", url.p[skip]) != NULL)
		return sg_fail(err, SG_E_MALFORMED, "http.url",
		    "want a URL that begins with http://host or https://host");
	for (size_t i = 0; i < url.len; i++)
		if (url.p[i] <= 0x20 || url.p[i] >= 0x7f || url.p[i] == '#')
			return sg_fail(err, SG_E_MALFORMED, "http.url",
			    "byte 0x%02x in a URL: percent-encode it, and leave out what is behind "
			    "'#'",
			    url.p[i]);
	return SG_OK;
}

SG_RC
sg_http_url_add(struct sg_slice url, const struct sg_http_param *params, size_t n,
    struct sg_buf *out, struct sg_err *err)
{
	enum sg_code rc = sg_http_url_check(url, err);
	if (rc != SG_OK)
		return rc;
	bool query = memchr(url.p, '?', url.len) != NULL;
	bool joined = url.p[url.len - 1] == '?' || url.p[url.len - 1] == '&';
	sg_buf_put_slice(out, url);
	for (size_t i = 0; i < n; i++) {
		if (!joined)
			sg_buf_puts(out, query ? "&" : "?");
		query = true;
		joined = false;
		sg_buf_puts(out, params[i].name);
		sg_buf_puts(out, "=");
		sg_http_escape(out, params[i].value);
	}
	return sg_buf_check(out, err);
}
