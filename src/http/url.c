/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/url.c - URLs and queries: read by the server, composed by the client
 */

#include "base/ascii.h"
#include "base/hex.h"
#include "http/url.h"

#include <string.h>

static size_t
find_any(struct sg_slice s, const char *chars)
{
	size_t n = 0;
	while (n < s.len && (s.p[n] == 0 || strchr(chars, s.p[n]) == NULL))
		n++;
	return n;
}

bool
sg_http_query_next(struct sg_slice *query, struct sg_slice *ret_name, struct sg_slice *ret_value)
{
	while (query->len > 0) {
		struct sg_slice param = sg_slice(query->p, find_any(*query, "&?"));
		size_t used = param.len + (param.len < query->len);
		*query = sg_slice(query->p + used, query->len - used);
		if (param.len == 0)
			continue;
		size_t n = find_any(param, "=");
		size_t value = n + (n < param.len);
		*ret_name = sg_slice(param.p, n);
		*ret_value = sg_slice(param.p + value, param.len - value);
		return true;
	}
	return false;
}

/* The byte that p[0] to p[2] stand for; -1: no "%XX". */
static int
escaped_byte(const uint8_t *p, size_t len)
{
	int high = len > 2 ? sg_hex_digit(p[1]) : -1;
	int low = len > 2 ? sg_hex_digit(p[2]) : -1;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool
sg_http_escaped_is(struct sg_slice text, const char *word)
{
	size_t i = 0;
	for (; i < text.len && *word != '\0'; word++) {
		bool escaped = text.p[i] == '%';
		int c = escaped ? escaped_byte(text.p + i, text.len - i) : text.p[i];
		if (c < 0 || sg_ascii_lower((uint32_t)c) != sg_ascii_lower((uint8_t)*word))
			return false;
		i += escaped ? 3 : 1;
	}
	return i == text.len && *word == '\0';
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
		int byte = escaped_byte(text.p + i, text.len - i);
		if (byte < 0)
			return sg_fail(err, SG_E_MALFORMED, "http.escape",
			    "RFC 3986 2.1: want two hexadecimal digits behind '%%' at offset %zu",
			    i);
		sg_buf_put_u8(out, (unsigned)byte);
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
		    "the URL does not begin with http://host or https://host");
	for (size_t i = 0; i < url.len; i++)
		if (url.p[i] <= 0x20 || url.p[i] >= 0x7f || url.p[i] == '#')
			return sg_fail(err, SG_E_MALFORMED, "http.url",
			    "byte 0x%02x in a URL: percent-encode it, and leave out what is behind "
			    "'#'",
			    url.p[i]);
	return SG_OK;
}

static bool
is_one_of(struct sg_slice name, const struct sg_http_param *params, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sg_http_escaped_is(name, params[i].name))
			return true;
	return false;
}

static struct sg_slice
query_of(struct sg_slice url)
{
	size_t path = find_any(url, "?");
	return sg_slice(url.p + path, url.len - path);
}

static bool
says_any(struct sg_slice url, const struct sg_http_param *params, size_t n)
{
	struct sg_slice query = query_of(url), name, value;
	while (sg_http_query_next(&query, &name, &value))
		if (is_one_of(name, params, n))
			return true;
	return false;
}

/* Somebody copied a URL together with its operation: two would contradict each other. */
static void
put_without(struct sg_buf *out, struct sg_slice url, const struct sg_http_param *params, size_t n)
{
	struct sg_slice query = query_of(url), name, value;
	const char *before = "?";
	sg_buf_put(out, url.p, url.len - query.len);
	while (sg_http_query_next(&query, &name, &value)) {
		if (is_one_of(name, params, n))
			continue;
		sg_buf_puts(out, before);
		sg_buf_put(out, name.p, (size_t)(value.p + value.len - name.p));
		before = "&";
	}
}

SG_RC
sg_http_url_add(struct sg_slice url, const struct sg_http_param *params, size_t n,
    struct sg_buf *out, struct sg_err *err)
{
	enum sg_code rc = sg_http_url_check(url, err);
	if (rc != SG_OK)
		return rc;
	size_t from = out->len;
	if (says_any(url, params, n))
		put_without(out, url, params, n);
	else
		sg_buf_put_slice(out, url);
	struct sg_slice base = sg_slice(out->p + from, out->len - from);
	if (base.len == 0)
		return sg_buf_check(out, err);
	bool query = memchr(base.p, '?', base.len) != NULL;
	bool joined = base.p[base.len - 1] == '?' || base.p[base.len - 1] == '&';
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
