/* SPDX-License-Identifier: Apache-2.0 */
#include "http/w3clog.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"

#define GATHER (64u * 1024u)   /* one write for some hundred lines */
#define PENDING_MAX (1u << 20) /* what may wait for a disk that takes nothing */
#define MESSAGE_KEPT 16u       /* the beginning of a message tells DER from BER */

struct sg_w3clog {
	int fd;
	bool begun; /* the header is written */
	struct sg_buf pending, line;
	uint64_t pending_lines, lost, lost_told;
	char software[64];
};

/* One field: no space, no control, nothing that is not ASCII, never empty. */
static void
put_text(struct sg_buf *b, struct sg_slice s, size_t max)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = s.len < max ? s.len : max;
	if (s.len == 0)
		sg_buf_puts(b, "-");
	for (size_t i = 0; i < n;) {
		size_t plain = 0;
		while (i + plain < n && s.p[i + plain] > 0x20 && s.p[i + plain] < 0x7f)
			plain++;
		sg_buf_put(b, s.p + i, plain);
		i += plain;
		if (i == n)
			break;
		uint8_t c = s.p[i++];
		char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		sg_buf_put(b, c == ' ' ? "+" : escaped, c == ' ' ? 1 : 3);
	}
	if (s.len > max)
		sg_buf_printf(b, "...[%zu]", s.len);
}

/* A long query: every parameter in short, so that `operation` is readable wherever it is. */
static void
put_query(struct sg_buf *b, struct sg_slice query)
{
	if (query.len <= SG_HTTP_LOG_QUERY_MAX) {
		put_text(b, query, query.len);
		return;
	}
	size_t start = b->len;
	while (query.len > 0 && b->len - start <= SG_HTTP_LOG_QUERY_MAX) {
		const uint8_t *amp = memchr(query.p, '&', query.len);
		size_t n = amp != NULL ? (size_t)(amp - query.p) : query.len;
		struct sg_slice item = sg_slice(query.p, n);
		const uint8_t *eq = n > 0 ? memchr(item.p, '=', n) : NULL;
		size_t head = eq != NULL ? (size_t)(eq - item.p) + 1 : 0;
		if (head > 0)
			put_text(b, sg_slice(item.p, head), 64);
		if (n > head) {
			bool message = head == 8 &&
				       strncasecmp((const char *)item.p, "message=", 8) == 0;
			put_text(b, sg_slice(item.p + head, n - head), message ? MESSAGE_KEPT : 64);
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
	put_text(b, text_of(rec->server_addr), SG_HTTP_LOG_TEXT_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->method, 32);
	sg_buf_puts(b, " ");
	put_text(b, rec->stem, SG_HTTP_LOG_TEXT_MAX);
	sg_buf_puts(b, " ");
	put_query(b, rec->query);
	put_part(b, " ", rec->server_port, 1);
	sg_buf_puts(b, " ");
	put_text(b, rec->user, 256);
	sg_buf_puts(b, " ");
	put_text(b, text_of(rec->client_addr), SG_HTTP_LOG_TEXT_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->agent, SG_HTTP_LOG_TEXT_MAX);
	sg_buf_puts(b, " ");
	put_text(b, rec->referer, SG_HTTP_LOG_TEXT_MAX);
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

SG_RC
sg_w3clog_new(int fd, const char *software, struct sg_w3clog **ret, struct sg_err *err)
{
	struct sg_w3clog *log = sg_alloc(sizeof *log);
	if (log == NULL)
		return sg_fail(err, SG_E_NOMEM, "http.log.memory", "no memory for the access log");
	log->fd = fd;
	log->pending.max = PENDING_MAX;
	log->line.max = 16384;
	for (size_t i = 0; i + 1 < sizeof log->software && software[i] != 0; i++)
		log->software[i] = software[i];
	*ret = log;
	return SG_OK;
}

/* Hand over as much as the descriptor takes; whole lines stay whole because O_APPEND writes
 * of a file are not interleaved and a short one is continued. */
static int
write_out(struct sg_w3clog *log)
{
	while (log->pending.len > 0) {
		ssize_t n = write(log->fd, log->pending.p, log->pending.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		sg_buf_consume(&log->pending, (size_t)n);
	}
	log->pending_lines = 0;
	return 0;
}

void
sg_w3clog_put(struct sg_w3clog *log, const struct sg_http_record *rec)
{
	/* A line is built apart: one that does not fit must not leave a piece behind. */
	size_t before = log->pending.len;
	struct sg_buf *line = &log->line;
	sg_buf_reset(line);
	if (!log->begun)
		sg_w3clog_header(line, log->software, rec->at_us);
	sg_w3clog_line(line, rec);
	if (sg_buf_check(line, NULL) != SG_OK || line->len > PENDING_MAX - before) {
		log->lost++;
		return;
	}
	sg_buf_put_slice(&log->pending, sg_buf_slice(line));
	if (sg_buf_check(&log->pending, NULL) != SG_OK) {
		/* No memory: the sticky failure is lifted by giving up what waits. */
		log->lost += log->pending_lines + 1;
		log->pending_lines = 0;
		log->begun = false;
		sg_buf_reset(&log->pending);
		return;
	}
	log->begun = true;
	log->pending_lines++;
	if (before < GATHER && log->pending.len >= GATHER)
		write_out(log);
}

SG_RC
sg_w3clog_flush(struct sg_w3clog *log, struct sg_err *err)
{
	int failed = write_out(log);
	if (failed == 0 && log->lost == log->lost_told)
		return SG_OK;
	uint64_t lost = log->lost - log->lost_told;
	log->lost_told = log->lost;
	return sg_fail(err, SG_E_IO, "http.log.write",
	    "access log: %s; %llu lines wait, %llu were lost: make room where the log is",
	    failed != 0 ? strerror(failed) : "writing works again",
	    (unsigned long long)log->pending_lines, (unsigned long long)lost);
}

void
sg_w3clog_reopen(struct sg_w3clog *log, int fd)
{
	write_out(log);
	log->fd = fd;
	log->begun = false;
}

uint64_t
sg_w3clog_lost(const struct sg_w3clog *log)
{
	return log->lost;
}

void
sg_w3clog_free(struct sg_w3clog **logp)
{
	if (*logp == NULL)
		return;
	write_out(*logp);
	sg_buf_clear(&(*logp)->pending);
	sg_buf_clear(&(*logp)->line);
	sg_free(*logp);
	*logp = NULL;
}
