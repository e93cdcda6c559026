/* SPDX-License-Identifier: Apache-2.0 */

/*
 * w3clog.c - the lines of the access log; who writes them where is the caller's business
 */

#include "http/w3clog.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/date.h"

/* Bytes of each field as they are written: with dates, addresses, numbers and the marks of what
 * was cut a line is below SG_ACCESS_LINE_MAX, whatever came. */
#define METHOD_MAX 24u
#define STEM_MAX 176u
#define QUERY_MAX 256u
#define USER_MAX 48u
#define AGENT_MAX 160u
#define REFERER_MAX 80u
#define ADDR_MAX 45u /* IPv6 in its longest form */
/* Of a query that is longer: each parameter in short, as long as the last one fits. */
#define PARAMETERS_MAX 112u
#define PARAMETER_MAX 64u
#define MESSAGE_MAX 16u /* the beginning of a message tells DER from BER */

static size_t
width_of(uint8_t c)
{
	return c == ' ' || (c > 0x20 && c < 0x7f) ? 1 : 3;
}

/* One field: no space, no control, nothing that is not ASCII, never empty. */
static void
put_text(struct sg_buf *b, struct sg_slice s, size_t max)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i = 0, written = 0;

	if (s.len == 0)
		sg_buf_puts(b, "-");
	while (i < s.len && written + width_of(s.p[i]) <= max) {
		size_t plain = 0;
		while (i + plain < s.len && written + plain < max && s.p[i + plain] > 0x20 &&
		       s.p[i + plain] < 0x7f)
			plain++;
		sg_buf_put(b, s.p + i, plain);
		i += plain;
		written += plain;
		if (plain > 0)
			continue;
		uint8_t c = s.p[i++];
		char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		sg_buf_put(b, c == ' ' ? "+" : escaped, width_of(c));
		written += width_of(c);
	}
	if (i < s.len)
		sg_buf_printf(b, "...[%zu]", s.len);
}

static bool
fits(struct sg_slice s, size_t max)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len && width <= max; i++)
		width += width_of(s.p[i]);
	return width <= max;
}

/* A long query: every parameter in short, so that `operation` is readable wherever it is. */
static void
put_query(struct sg_buf *b, struct sg_slice query)
{
	if (fits(query, QUERY_MAX)) {
		put_text(b, query, QUERY_MAX);
		return;
	}
	size_t start = b->len;
	while (query.len > 0 && b->len - start <= PARAMETERS_MAX) {
		const uint8_t *amp = memchr(query.p, '&', query.len);
		size_t n = amp != NULL ? (size_t)(amp - query.p) : query.len;
		struct sg_slice item = sg_slice(query.p, n);
		const uint8_t *eq = n > 0 ? memchr(item.p, '=', n) : NULL;
		size_t head = eq != NULL ? (size_t)(eq - item.p) + 1 : 0;
		if (head > 0)
			put_text(b, sg_slice(item.p, head), PARAMETER_MAX);
		if (n > head) {
			bool message = sg_ascii_is(sg_slice(item.p, head), "message=");
			put_text(b, sg_slice(item.p + head, n - head),
			    message ? MESSAGE_MAX : PARAMETER_MAX);
		}
		if (amp != NULL)
			sg_buf_puts(b, "&");
		n += amp != NULL;
		query = sg_slice(query.p + n, query.len - n);
	}
	if (query.len > 0)
		sg_buf_printf(b, "...[%zu]", query.len);
}

/* At least width digits. By hand: a line is written for every request. */
static void
put_number(struct sg_buf *b, uint64_t n, size_t width)
{
	char digits[20];
	size_t at = sizeof digits;
	while (n > 0 || sizeof digits - at < width) {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	}
	sg_buf_put(b, digits + at, sizeof digits - at);
}

static void
put_part(struct sg_buf *b, const char *before, int64_t n, size_t width)
{
	sg_buf_puts(b, before);
	put_number(b, n > 0 ? (uint64_t)n : 0, width);
}

static void
put_date(struct sg_buf *b, int64_t at_us)
{
	struct sg_date d = sg_date_from(at_us / 1000000);
	put_part(b, "", d.year, 4);
	put_part(b, "-", d.month, 2);
	put_part(b, "-", d.day, 2);
	put_part(b, " ", d.hour, 2);
	put_part(b, ":", d.minute, 2);
	put_part(b, ":", d.second, 2);
}

static struct sg_slice
text_of(const char *s)
{
	return s != NULL ? sg_slice_str(s) : sg_slice(NULL, 0);
}

void
sg_w3clog_line(struct sg_buf *b, const struct sg_http_record *rec)
{
	put_date(b, rec->at_us);
	sg_buf_puts(b, " ");
	put_text(b, text_of(rec->server_addr), ADDR_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->method, METHOD_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->stem, STEM_MAX);
	sg_buf_puts(b, " ");
	put_query(b, rec->query);
	put_part(b, " ", rec->server_port, 1);
	sg_buf_puts(b, " ");
	put_text(b, rec->user, USER_MAX);
	sg_buf_puts(b, " ");
	put_text(b, text_of(rec->client_addr), ADDR_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->agent, AGENT_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->referer, REFERER_MAX);
	put_part(b, " ", rec->status, 1);
	put_part(b, " ", rec->sub_status, 1);
	put_part(b, " ", rec->win32_status, 1);
	put_part(b, " ", rec->taken_us / 1000, 1);
	sg_buf_puts(b, "\n");
}

void
sg_w3clog_header(struct sg_buf *b, const char *software, int64_t at_us)
{
	sg_buf_printf(b, "#Software: %s\n#Version: 1.0\n#Date: ", software);
	put_date(b, at_us);
	sg_buf_puts(b,
	    "\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
	    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n");
}

void
sg_w3clog_remark(struct sg_buf *b, int64_t at_us, const char *text)
{
	sg_buf_puts(b, "#Remark: ");
	put_date(b, at_us);
	sg_buf_printf(b, " %s\n", text);
}
