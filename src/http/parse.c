/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/parse.c - the bytes of a request head or a chunked body, read strictly
 *
 * conn.c calls it whenever more has arrived. Pure: no socket, no clock, no memory of its own.
 */

#include "http/parse.h"

#include <string.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/limits.h"

enum seen {
	SEEN_HOST = 1,
	SEEN_LENGTH = 2,
	SEEN_CODING = 4,
};

/* Refuse: the status is the answer, the rest is for the operator. */
#define bad(p, err, http_status, code, rule, ...)                                                  \
	((p)->status = (http_status), (void)sg_fail((err), (code), (rule), __VA_ARGS__),           \
	    SG_HTTP_BAD)

static const struct {
	const char *name;
	enum sg_http_method method;
} methods[] = {
    {"GET", SG_HTTP_GET},
    {"POST", SG_HTTP_POST},
    {"HEAD", SG_HTTP_HEAD},
    {"PUT", SG_HTTP_PUT},
    {"PATCH", SG_HTTP_PATCH},
    {"DELETE", SG_HTTP_DELETE},
    {"OPTIONS", SG_HTTP_OPTIONS},
    {"TRACE", SG_HTTP_TRACE},
    {"CONNECT", SG_HTTP_CONNECT},
};

static const struct {
	int status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

struct sg_http_rules
sg_http_rules_default(void)
{
	return (struct sg_http_rules){
	    .methods = SG_HTTP_ALLOW(SG_HTTP_GET) | SG_HTTP_ALLOW(SG_HTTP_HEAD) |
		       SG_HTTP_ALLOW(SG_HTTP_POST),
	    .line_max = SG_HTTP_LINE_MAX,
	    .head_max = SG_HTTP_HEAD_MAX,
	    .fields_max = SG_HTTP_FIELDS_MAX,
	    .body_max = SG_MESSAGE_MAX,
	};
}

const char *
sg_http_reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

const char *
sg_http_method_name(enum sg_http_method method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (methods[i].method == method)
			return methods[i].name;
	return "-";
}

void
sg_http_put_allow(struct sg_buf *b, unsigned allowed)
{
	const char *before = "Allow: ";

	for (int m = SG_HTTP_GET; m <= SG_HTTP_CONNECT; m++)
		if ((allowed & SG_HTTP_ALLOW(m)) != 0) {
			sg_buf_puts(b, before);
			sg_buf_puts(b, sg_http_method_name((enum sg_http_method)m));
			before = ", ";
		}
	sg_buf_puts(b, "\r\n");
}

/* RFC 9110 5.6.2. */
static bool
is_tchar(uint8_t c)
{
	return sg_ascii_is_alnum(c) || c == '-' || (c != 0 && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

static bool
is_token(struct sg_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_tchar(s.p[i]))
			return false;
	return s.len > 0;
}

static bool
is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
			return false;
	return true;
}

static struct sg_slice
trim(struct sg_slice s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = sg_slice(s.p + 1, s.len - 1);
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Take the next element of a comma-separated list. */
static bool
next_item(struct sg_slice *list, struct sg_slice *ret_item)
{
	if (list->len == 0)
		return false;
	const uint8_t *comma = memchr(list->p, ',', list->len);
	size_t n = comma != NULL ? (size_t)(comma - list->p) : list->len;
	size_t used = comma != NULL ? n + 1 : n;
	*ret_item = trim(sg_slice(list->p, n));
	*list = sg_slice(list->p + used, list->len - used);
	return true;
}

static struct sg_http_span
span(const uint8_t *data, struct sg_slice s)
{
	return (struct sg_http_span){(uint32_t)(s.p - data), (uint32_t)s.len};
}

/* A host name or address and an optional port, nothing else. */
static bool
is_host(struct sg_slice s)
{
	size_t i = 0;
	if (s.len > SG_HTTP_HOST_MAX)
		return false;
	if (s.len > 0 && s.p[0] == '[') {
		for (i = 1;
		     i < s.len && (sg_hex_digit(s.p[i]) >= 0 || s.p[i] == ':' || s.p[i] == '.');
		     i++)
			continue;
		if (i < 3 || i == s.len || s.p[i] != ']')
			return false;
		i++;
	} else {
		while (i < s.len && (sg_ascii_is_alnum(s.p[i]) || strchr("-._~", s.p[i]) != NULL) &&
		       s.p[i])
			i++;
	}
	if (i == 0)
		return false;
	if (i == s.len)
		return true;
	if (s.p[i++] != ':' || s.len - i > 5)
		return false;
	while (i < s.len && sg_ascii_is_digit(s.p[i]))
		i++;
	return i == s.len;
}

/* Where '?' is, path and query part. */
static void
split_target(struct sg_http_parser *p, const uint8_t *data, struct sg_slice target)
{
	const uint8_t *mark = target.len > 0 ? memchr(target.p, '?', target.len) : NULL;
	size_t n = mark != NULL ? (size_t)(mark - target.p) : target.len;
	p->path = span(data, sg_slice(target.p, n));
	p->query = (struct sg_http_span){0};
	if (mark != NULL)
		p->query = span(data, sg_slice(mark + 1, target.len - n - 1));
	p->has_query = mark != NULL;
}

static enum sg_http_got
check_path(struct sg_http_parser *p, struct sg_slice path, struct sg_err *err)
{
	for (size_t i = 0; i < path.len; i++) {
		if (strchr("\"<>\\^`{|}", path.p[i]) != NULL)
			return bad(p, err, 400, SG_E_MALFORMED, "http.target.byte",
			    "RFC 9112 3.2: byte 0x%02x in the path must be percent-encoded",
			    path.p[i]);
		if (path.p[i] != '%')
			continue;
		if (path.len - i < 3 || sg_hex_digit(path.p[i + 1]) < 0 ||
		    sg_hex_digit(path.p[i + 2]) < 0)
			return bad(p, err, 400, SG_E_MALFORMED, "http.target.escape",
			    "RFC 3986 2.1: want two hexadecimal digits behind '%%' in the path");
		if (path.p[i + 1] == '0' && path.p[i + 2] == '0')
			return bad(p, err, 400, SG_E_MALFORMED, "http.target.nul",
			    "the path contains %%00");
	}
	return SG_HTTP_DONE;
}

/* origin-form, absolute-form, or "*" of OPTIONS (RFC 9112 3.2). */
static enum sg_http_got
check_target(
    struct sg_http_parser *p, const uint8_t *data, struct sg_slice target, struct sg_err *err)
{
	for (size_t i = 0; i < target.len; i++)
		if (target.p[i] <= 0x20 || target.p[i] >= 0x7f || target.p[i] == '#')
			return bad(p, err, 400, SG_E_MALFORMED, "http.target.byte",
			    "RFC 9112 3.2: byte 0x%02x in the request target", target.p[i]);
	if (p->method == SG_HTTP_OPTIONS && sg_slice_is(target, "*"))
		return SG_HTTP_DONE;
	if (target.p[0] != '/') {
		size_t skip = 0;
		if (target.len > 7 && sg_ascii_starts(target, "http://"))
			skip = 7;
		else if (target.len > 8 && sg_ascii_starts(target, "https://"))
			skip = 8;
		if (skip == 0)
			return bad(p, err, 400, SG_E_MALFORMED, "http.target.form",
			    "RFC 9112 3.2: want a path or an http URL as request target");
		struct sg_slice host = sg_slice(target.p + skip, 0);
		while (skip + host.len < target.len && target.p[skip + host.len] != '/' &&
		       target.p[skip + host.len] != '?')
			host.len++;
		if (!is_host(host))
			return bad(p, err, 400, SG_E_MALFORMED, "http.target.host",
			    "RFC 9112 3.2.2: want host or host:port in the request target");
		p->host = span(data, host);
		skip += host.len;
		split_target(p, data, sg_slice(target.p + skip, target.len - skip));
	}
	return check_path(p, sg_slice(data + p->path.off, p->path.len), err);
}

static enum sg_http_got
check_version(struct sg_http_parser *p, struct sg_slice version, struct sg_err *err)
{
	if (sg_slice_is(version, "HTTP/1.1")) {
		p->minor = 1;
		return SG_HTTP_DONE;
	}
	if (sg_slice_is(version, "HTTP/1.0"))
		return SG_HTTP_DONE;
	bool form = version.len > 5 && memcmp(version.p, "HTTP/", 5) == 0;
	for (size_t i = 5; form && i < version.len; i++)
		form = sg_ascii_is_digit(version.p[i]) || version.p[i] == '.';
	if (!form)
		return bad(p, err, 400, SG_E_MALFORMED, "http.line.version",
		    "RFC 9112 2.3: want HTTP/1.0 or HTTP/1.1 at the end of the request line");
	return bad(p, err, 505, SG_E_MALFORMED, "http.version",
	    "want HTTP/1.0 or HTTP/1.1, have another version");
}

static enum sg_http_got
check_method(struct sg_http_parser *p, const struct sg_http_rules *rules, struct sg_slice name,
    struct sg_err *err)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (sg_slice_is(name, methods[i].name))
			p->method = methods[i].method;
	if (p->method == SG_HTTP_NONE)
		return bad(p, err, 501, SG_E_MALFORMED, "http.method.unknown",
		    "RFC 9110 9.1: unknown method of %zu bytes", name.len);
	if ((rules->methods & SG_HTTP_ALLOW(p->method)) == 0)
		return bad(p, err, 405, SG_E_MALFORMED, "http.method.refused",
		    "method %s is not served here", sg_http_method_name(p->method));
	return SG_HTTP_DONE;
}

/* Exactly: method SP target SP version (RFC 9112 3). */
static enum sg_http_got
request_line(struct sg_http_parser *p, const struct sg_http_rules *rules, const uint8_t *data,
    struct sg_slice line, struct sg_err *err)
{
	const uint8_t *end = line.p + line.len;
	const uint8_t *sp1 = memchr(line.p, ' ', line.len);
	struct sg_slice name = sg_slice(line.p, sp1 != NULL ? (size_t)(sp1 - line.p) : line.len);
	if (!is_token(name))
		return bad(p, err, 400, SG_E_MALFORMED, "http.line.method",
		    "RFC 9112 3.1: the request line does not begin with a method");
	p->method_text = span(data, name);
	if (sp1 == NULL || sp1 + 1 == end || sp1[1] == ' ')
		return bad(p, err, 400, SG_E_MALFORMED, "http.line.shape",
		    "RFC 9112 3: want 'METHOD target HTTP/1.x' with single spaces");
	const uint8_t *sp2 = memchr(sp1 + 1, ' ', (size_t)(end - sp1 - 1));
	const uint8_t *stop = sp2 != NULL ? sp2 : end;
	struct sg_slice target = sg_slice(sp1 + 1, (size_t)(stop - sp1 - 1));
	p->target = span(data, target);
	split_target(p, data, target);
	if (sp2 == NULL)
		return bad(p, err, 505, SG_E_MALFORMED, "http.version.none",
		    "RFC 9112 2.3: the request line has no version (HTTP/0.9)");
	if (memchr(sp2 + 1, ' ', (size_t)(end - sp2 - 1)) != NULL)
		return bad(p, err, 400, SG_E_MALFORMED, "http.line.shape",
		    "RFC 9112 3: want 'METHOD target HTTP/1.x' with single spaces");
	enum sg_http_got got = check_version(p, sg_slice(sp2 + 1, (size_t)(end - sp2 - 1)), err);
	if (got == SG_HTTP_DONE)
		got = check_method(p, rules, name, err);
	if (got == SG_HTTP_DONE)
		got = check_target(p, data, target, err);
	return got;
}

static enum sg_http_got
field_host(struct sg_http_parser *p, const uint8_t *data, struct sg_slice value, struct sg_err *err)
{
	if ((p->seen & SEEN_HOST) != 0)
		return bad(p, err, 400, SG_E_MALFORMED, "http.host.twice",
		    "RFC 9112 3.2: more than one Host");
	if (!is_host(value))
		return bad(p, err, 400, SG_E_MALFORMED, "http.host.form",
		    "RFC 9112 3.2: want host or host:port in Host");
	p->seen |= SEEN_HOST;
	if (p->host.len == 0)
		p->host = span(data, value);
	return SG_HTTP_DONE;
}

/* Decimal digits only; what does not fit 64 bits is the largest number (413 later). */
static enum sg_http_got
field_length(struct sg_http_parser *p, struct sg_slice value, struct sg_err *err)
{
	uint64_t n = 0;
	if ((p->seen & SEEN_LENGTH) != 0)
		return bad(p, err, 400, SG_E_MALFORMED, "http.length.twice",
		    "RFC 9112 6.3: more than one Content-Length");
	for (size_t i = 0; i < value.len; i++) {
		if (!sg_ascii_is_digit(value.p[i]))
			return bad(p, err, 400, SG_E_MALFORMED, "http.length.form",
			    "RFC 9110 8.6: want decimal digits in Content-Length");
		unsigned digit = (unsigned)(value.p[i] - '0');
		n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
	}
	if (value.len == 0 || (value.len > 1 && value.p[0] == '0'))
		return bad(p, err, 400, SG_E_MALFORMED, "http.length.form",
		    "RFC 9110 8.6: want a number without leading zero in Content-Length");
	p->seen |= SEEN_LENGTH;
	p->length = n;
	return SG_HTTP_DONE;
}

static enum sg_http_got
field_coding(struct sg_http_parser *p, struct sg_slice value, struct sg_err *err)
{
	if ((p->seen & SEEN_CODING) != 0)
		return bad(p, err, 400, SG_E_MALFORMED, "http.coding.twice",
		    "RFC 9112 6.1: more than one Transfer-Encoding");
	if (p->minor == 0)
		return bad(p, err, 400, SG_E_MALFORMED, "http.coding.version",
		    "RFC 9112 6.1: Transfer-Encoding in HTTP/1.0");
	p->seen |= SEEN_CODING;
	p->chunked = sg_ascii_is(value, "chunked");
	if (p->chunked)
		return SG_HTTP_DONE;
	/* A clean single other coding is only unknown; all else could be read in two ways. */
	if (is_token(value))
		return bad(p, err, 501, SG_E_MALFORMED, "http.coding.unknown",
		    "RFC 9112 6.1: want Transfer-Encoding chunked, have another coding");
	return bad(p, err, 400, SG_E_MALFORMED, "http.coding.form",
	    "RFC 9112 6.1: want Transfer-Encoding chunked alone");
}

static enum sg_http_got
field_known(struct sg_http_parser *p, const uint8_t *data, struct sg_slice name,
    struct sg_slice value, struct sg_err *err)
{
	struct sg_slice item;
	if (sg_ascii_is(name, "host"))
		return field_host(p, data, value, err);
	if (sg_ascii_is(name, "content-length"))
		return field_length(p, value, err);
	if (sg_ascii_is(name, "transfer-encoding"))
		return field_coding(p, value, err);
	if (sg_ascii_is(name, "content-encoding") && !sg_ascii_is(value, "identity"))
		return bad(p, err, 415, SG_E_MALFORMED, "http.encoding",
		    "want no Content-Encoding, or identity");
	if (sg_ascii_is(name, "expect") && p->minor > 0) {
		if (!sg_ascii_is(value, "100-continue"))
			return bad(p, err, 417, SG_E_MALFORMED, "http.expect",
			    "RFC 9110 10.1.1: want 100-continue in Expect");
		p->expect = true;
	}
	if (sg_ascii_is(name, "connection"))
		while (next_item(&value, &item)) {
			p->close = p->close || sg_ascii_is(item, "close");
			p->keep = p->keep || sg_ascii_is(item, "keep-alive");
		}
	return SG_HTTP_DONE;
}

static enum sg_http_got
field_line(struct sg_http_parser *p, const struct sg_http_rules *rules, const uint8_t *data,
    struct sg_slice line, struct sg_err *err)
{
	if (p->fields == 0)
		p->first.off = (uint32_t)(line.p - data);
	if (++p->fields > rules->fields_max)
		return bad(p, err, 431, SG_E_LIMIT, "http.fields.count",
		    "more than %u header fields", rules->fields_max);
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return bad(p, err, 400, SG_E_MALFORMED, "http.field.fold",
		    "RFC 9112 5.2: folded header field");
	const uint8_t *colon = memchr(line.p, ':', line.len);
	if (colon == NULL)
		return bad(p, err, 400, SG_E_MALFORMED, "http.field.colon",
		    "RFC 9112 5: header field without ':'");
	struct sg_slice name = sg_slice(line.p, (size_t)(colon - line.p));
	if (name.len > 0 && (name.p[name.len - 1] == ' ' || name.p[name.len - 1] == '\t'))
		return bad(p, err, 400, SG_E_MALFORMED, "http.field.space",
		    "RFC 9112 5.1: white space before ':'");
	if (!is_token(name))
		return bad(p, err, 400, SG_E_MALFORMED, "http.field.name",
		    "RFC 9112 5.1: the name of a header field is empty or not a token");
	struct sg_slice value = sg_slice(colon + 1, line.len - name.len - 1);
	if (!is_text(value.p, value.len))
		return bad(p, err, 400, SG_E_MALFORMED, "http.field.control",
		    "RFC 9110 5.5: control character in a header field");
	p->first.len = (uint32_t)(line.p + line.len + 2 - data) - p->first.off;
	return field_known(p, data, name, trim(value), err);
}

/* What only the whole head can tell. */
static enum sg_http_got
check_head(struct sg_http_parser *p, const struct sg_http_rules *rules, struct sg_err *err)
{
	bool length = (p->seen & SEEN_LENGTH) != 0;
	bool body = p->chunked || p->length > 0;
	if (p->minor > 0 && (p->seen & SEEN_HOST) == 0)
		return bad(p, err, 400, SG_E_MALFORMED, "http.host.absent",
		    "RFC 9112 3.2: HTTP/1.1 request without Host");
	if (p->chunked && length)
		return bad(p, err, 400, SG_E_MALFORMED, "http.framing.both",
		    "RFC 9112 6.1: Content-Length together with Transfer-Encoding");
	if (body && (p->method == SG_HTTP_GET || p->method == SG_HTTP_HEAD ||
			p->method == SG_HTTP_OPTIONS || p->method == SG_HTTP_TRACE))
		return bad(p, err, 400, SG_E_MALFORMED, "http.framing.get",
		    "%s request with a body", sg_http_method_name(p->method));
	if (!p->chunked && !length && !rules->lengthless &&
	    (p->method == SG_HTTP_POST || p->method == SG_HTTP_PUT || p->method == SG_HTTP_PATCH))
		return bad(p, err, 411, SG_E_MALFORMED, "http.framing.length",
		    "RFC 9110 8.6: %s request without Content-Length",
		    sg_http_method_name(p->method));
	if (!p->chunked && p->length > rules->body_max)
		return bad(p, err, 413, SG_E_LIMIT, "http.body.size",
		    "the body is larger than %llu bytes", (unsigned long long)rules->body_max);
	return SG_HTTP_DONE;
}

static struct sg_slice
lend(const uint8_t *data, struct sg_http_span s)
{
	return s.len == 0 ? sg_slice(NULL, 0) : sg_slice(data + s.off, s.len);
}

void
sg_http_parser_seen(
    const struct sg_http_parser *p, const uint8_t *data, struct sg_http_head *ret_head)
{
	*ret_head = (struct sg_http_head){
	    .method = p->method,
	    .minor = p->minor,
	    .has_query = p->has_query,
	    .keep_alive = !p->close && (p->minor > 0 || p->keep),
	    .expect_continue = p->expect,
	    .chunked = p->chunked,
	    .length = p->length,
	    .method_text = lend(data, p->method_text),
	    .target = lend(data, p->target),
	    .path = lend(data, p->path),
	    .query = lend(data, p->query),
	    .host = lend(data, p->host),
	    .fields = lend(data, p->first),
	    .head_len = p->pos,
	};
	if (p->target.len > 0 && p->path.len == 0)
		ret_head->path = sg_slice_str("/");
}

/*
 * A line or the head is too long. The one that was passed at the earlier byte counts, so
 * that the verdict is the same however the bytes arrive.
 */
static enum sg_http_got
check_size(struct sg_http_parser *p, const struct sg_http_rules *rules, const uint8_t *data,
    size_t line_end, size_t total, struct sg_err *err)
{
	/* One byte more than the line may be its CR. */
	bool line = line_end - p->pos > rules->line_max + 1;
	bool head = total > rules->head_max;
	if (!line && !head)
		return SG_HTTP_DONE;
	if (head && (!line || rules->head_max < p->pos + rules->line_max + 1))
		return bad(p, err, 431, SG_E_LIMIT, "http.head.size",
		    "the request head is larger than %zu bytes", rules->head_max);
	if (p->line_done)
		return bad(p, err, 431, SG_E_LIMIT, "http.field.size",
		    "a header field is larger than %zu bytes", rules->line_max);
	/* The log should name the path that was too long for us. */
	struct sg_slice begin = sg_slice(data + p->pos, rules->line_max);
	const uint8_t *sp = memchr(begin.p, ' ', begin.len);
	if (sp != NULL) {
		size_t n = (size_t)(sp - begin.p);
		p->method_text = span(data, sg_slice(begin.p, n));
		p->target = span(data, sg_slice(sp + 1, begin.len - n - 1));
		split_target(p, data, lend(data, p->target));
	}
	return bad(p, err, 414, SG_E_LIMIT, "http.line.size",
	    "the request line is larger than %zu bytes", rules->line_max);
}

/* Before the request line: one empty line is skipped (RFC 9112 2.2), and what cannot be
 * HTTP, such as TLS, is refused by its first byte. */
static enum sg_http_got
check_begin(struct sg_http_parser *p, const uint8_t *data, size_t len, struct sg_err *err)
{
	if (len == 0 || p->line_done)
		return SG_HTTP_DONE;
	if (p->pos == 0 && data[0] == '\r') {
		if (len == 1)
			return SG_HTTP_MORE;
		if (data[1] == '\n')
			p->pos = p->scan = 2;
	}
	if (p->pos < len && !is_tchar(data[p->pos]))
		return bad(p, err, 400, SG_E_MALFORMED, "http.line.method",
		    "RFC 9112 3.1: the request does not begin with a method, but with byte 0x%02x",
		    data[p->pos]);
	return SG_HTTP_DONE;
}

enum sg_http_got
sg_http_parse_head(struct sg_http_parser *p, const struct sg_http_rules *rules, const uint8_t *data,
    size_t len, struct sg_http_head *ret_head, struct sg_err *err)
{
	enum sg_http_got got = check_begin(p, data, len, err);
	while (got == SG_HTTP_DONE) {
		const uint8_t *lf = p->scan < len ? memchr(data + p->scan, '\n', len - p->scan)
						  : NULL;
		size_t end = lf != NULL ? (size_t)(lf - data) : len;
		got = check_size(p, rules, data, end, lf != NULL ? end + 1 : end, err);
		if (got != SG_HTTP_DONE)
			break;
		p->scan = (uint32_t)end;
		if (lf == NULL)
			return SG_HTTP_MORE;
		if (end == p->pos || data[end - 1] != '\r')
			return bad(p, err, 400, SG_E_MALFORMED, "http.line.lf",
			    "RFC 9112 2.2: line feed without carriage return");
		struct sg_slice line = sg_slice(data + p->pos, end - 1 - p->pos);
		if (p->line_done && line.len == 0) {
			p->pos = (uint32_t)end + 1;
			got = check_head(p, rules, err);
			if (got == SG_HTTP_DONE)
				sg_http_parser_seen(p, data, ret_head);
			break;
		}
		got = p->line_done ? field_line(p, rules, data, line, err)
				   : request_line(p, rules, data, line, err);
		p->line_done = true;
		p->pos = p->scan = (uint32_t)end + 1;
	}
	return got;
}

bool
sg_http_field_next(struct sg_slice *fields, const char *name, struct sg_slice *ret)
{
	while (fields->len > 0) {
		const uint8_t *p = fields->p, *lf = memchr(p, '\n', fields->len);
		size_t n = lf != NULL ? (size_t)(lf - p) + 1 : fields->len;
		const uint8_t *colon = memchr(p, ':', n);
		*fields = sg_slice(p + n, fields->len - n);
		if (colon != NULL && sg_ascii_is(sg_slice(p, (size_t)(colon - p)), name)) {
			size_t skip = (size_t)(colon - p) + 1;
			size_t line_end = n >= skip + 2 ? n - 2 : skip;
			*ret = trim(sg_slice(p + skip, line_end - skip));
			return true;
		}
	}
	return false;
}

struct sg_slice
sg_http_field(struct sg_slice fields, const char *name)
{
	struct sg_slice value;

	return sg_http_field_next(&fields, name, &value) ? value : sg_slice(NULL, 0);
}

enum chunk_state {
	CHUNK_SIZE = 0,
	CHUNK_EXT,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	TRAILER_BEGIN,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_DONE,
};

static enum sg_http_got
chunk_size(
    struct sg_http_chunks *c, const struct sg_http_rules *rules, uint8_t b, struct sg_err *err)
{
	int digit = sg_hex_digit(b);

	if (digit >= 0) {
		if (++c->digits > 8)
			return bad(c, err, 400, SG_E_MALFORMED, "http.chunk.size",
			    "a chunk size of more than 8 digits");
		c->left = c->left * 16 + (unsigned)digit;
		return SG_HTTP_MORE;
	}
	if (c->digits == 0 || (b != '\r' && b != ';'))
		return bad(c, err, 400, SG_E_MALFORMED, "http.chunk.size",
		    "RFC 9112 7.1: want a hexadecimal chunk size, have byte 0x%02x", b);
	if (c->left > rules->body_max || c->total + c->left > rules->body_max)
		return bad(c, err, 413, SG_E_LIMIT, "http.body.size",
		    "the body is larger than %llu bytes", (unsigned long long)rules->body_max);
	c->state = b == ';' ? CHUNK_EXT : CHUNK_SIZE_LF;
	return SG_HTTP_MORE;
}

/* Extensions and trailers cost nothing but a look, and only so many. */
static enum sg_http_got
chunk_extra(struct sg_http_chunks *c, uint8_t b, struct sg_err *err)
{
	if (++c->extra > SG_HTTP_CHUNK_EXTRA_MAX)
		return bad(c, err, 431, SG_E_LIMIT, "http.chunk.extra",
		    "chunk extensions and trailers are larger than %u bytes",
		    SG_HTTP_CHUNK_EXTRA_MAX);
	if (!is_text(&b, 1))
		return bad(c, err, 400, SG_E_MALFORMED, "http.chunk.control",
		    "RFC 9112 7.1: byte 0x%02x in a chunk extension or trailer", b);
	return SG_HTTP_MORE;
}

static enum sg_http_got
trailer_name(struct sg_http_chunks *c, uint8_t b, struct sg_err *err)
{
	static const char *const refused[] = {"content-length", "transfer-encoding", "host"};
	if (b != ':') {
		if (!is_tchar(b))
			return bad(c, err, 400, SG_E_MALFORMED, "http.trailer.name",
			    "RFC 9112 7.1.2: byte 0x%02x in the name of a trailer", b);
		if (c->line < sizeof c->name)
			c->name[c->line] = (char)b;
		c->line++;
		return chunk_extra(c, b, err);
	}
	struct sg_slice name = sg_slice(c->name, c->line < sizeof c->name ? c->line : 0);
	if (c->line == 0)
		return bad(c, err, 400, SG_E_MALFORMED, "http.trailer.name",
		    "RFC 9112 7.1.2: a trailer without name");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (sg_ascii_is(name, refused[i]))
			return bad(c, err, 400, SG_E_MALFORMED, "http.trailer.framing",
			    "RFC 9110 6.5.1: %s in a trailer", refused[i]);
	c->state = TRAILER_VALUE;
	return chunk_extra(c, b, err);
}

static enum sg_http_got
want(struct sg_http_chunks *c, uint8_t b, uint8_t wanted, int next, struct sg_err *err)
{
	if (b != wanted)
		return bad(c, err, 400, SG_E_MALFORMED, "http.chunk.line",
		    "RFC 9112 7.1: want byte 0x%02x in a chunked body, have 0x%02x", wanted, b);
	c->state = next;
	return SG_HTTP_MORE;
}

static enum sg_http_got
chunk_byte(
    struct sg_http_chunks *c, const struct sg_http_rules *rules, uint8_t b, struct sg_err *err)
{
	switch ((enum chunk_state)c->state) {
	case CHUNK_SIZE:
		c->line++;
		return chunk_size(c, rules, b, err);
	case CHUNK_EXT:
		if (b == '\r')
			return want(c, b, '\r', CHUNK_SIZE_LF, err);
		if (++c->line > SG_HTTP_CHUNK_LINE_MAX)
			return bad(c, err, 431, SG_E_LIMIT, "http.chunk.extension",
			    "a chunk size line is larger than %u bytes", SG_HTTP_CHUNK_LINE_MAX);
		return chunk_extra(c, b, err);
	case CHUNK_SIZE_LF:
		c->digits = 0;
		c->line = 0;
		return want(c, b, '\n', c->left > 0 ? CHUNK_DATA : TRAILER_BEGIN, err);
	case CHUNK_DATA_CR:
		return want(c, b, '\r', CHUNK_DATA_LF, err);
	case CHUNK_DATA_LF:
		return want(c, b, '\n', CHUNK_SIZE, err);
	case TRAILER_BEGIN:
		if (b == '\r')
			return want(c, b, '\r', CHUNK_END_LF, err);
		if (++c->fields > rules->fields_max)
			return bad(c, err, 431, SG_E_LIMIT, "http.trailer.count",
			    "more than %u trailers", rules->fields_max);
		c->line = 0;
		c->state = TRAILER_NAME;
		return trailer_name(c, b, err);
	case TRAILER_NAME:
		return trailer_name(c, b, err);
	case TRAILER_VALUE:
		if (b == '\r')
			return want(c, b, '\r', TRAILER_LF, err);
		return chunk_extra(c, b, err);
	case TRAILER_LF:
		return want(c, b, '\n', TRAILER_BEGIN, err);
	case CHUNK_END_LF:
		return want(c, b, '\n', CHUNK_DONE, err);
	case CHUNK_DATA:
	case CHUNK_DONE:
		break;
	}
	return bad(
	    c, err, 400, SG_E_INTERNAL, "http.chunk.state", "chunk reader in state %d", c->state);
}

enum sg_http_got
sg_http_parse_chunks(struct sg_http_chunks *c, const struct sg_http_rules *rules,
    struct sg_slice data, struct sg_buf *out, size_t *ret_used, struct sg_err *err)
{
	enum sg_http_got got = SG_HTTP_MORE;
	size_t i = 0;
	while (i < data.len && c->state != CHUNK_DONE && got == SG_HTTP_MORE) {
		if (c->state != CHUNK_DATA) {
			got = chunk_byte(c, rules, data.p[i++], err);
			continue;
		}
		size_t n = data.len - i < c->left ? data.len - i : (size_t)c->left;
		sg_buf_put(out, data.p + i, n);
		i += n;
		c->left -= n;
		c->total += n;
		if (c->left == 0)
			c->state = CHUNK_DATA_CR;
	}
	*ret_used = i;
	if (got == SG_HTTP_MORE && sg_buf_check(out, err) != SG_OK) {
		c->status = 503;
		return SG_HTTP_BAD;
	}
	return c->state == CHUNK_DONE ? SG_HTTP_DONE : got;
}
