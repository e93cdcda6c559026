/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/answer.c - an answer becomes bytes on the socket and a record for the access log
 *
 * The last step of a request in conn.c, and all that a refused one gets.
 */

#include "http/answer_private.h"

#include <stdio.h>

#include "http/conn_private.h"
#include "http/date.h"
#include "http/server_private.h"

/* "Fri, 20 Nov 2026 13:44:00 GMT", made once a second. */
static const char *
http_date(struct sg_http_server *server, int64_t now_us)
{
	int64_t now = now_us / 1000000;
	if (now == server->date_s && server->date[0] != 0)
		return server->date;
	sg_http_date(server->date, now);
	server->date_s = now;
	return server->date;
}

bool
sg_http_answer_continue(struct conn *c)
{
	return sg_http_transport_send(
	    &c->io, sg_slice_str("HTTP/1.1 100 Continue\r\n\r\n"), sg_slice(NULL, 0));
}

static void
put_number(struct sg_buf *b, size_t n)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	sg_buf_put(b, digits + at, sizeof digits - at);
}

static void
put_field(struct sg_buf *b, const char *name, const char *value)
{
	sg_buf_puts(b, name);
	sg_buf_puts(b, value);
	sg_buf_puts(b, "\r\n");
}

bool
sg_http_answer_send(struct conn *c, enum sg_http_method method, const struct sg_http_answer *answer,
    bool keep, bool say_keep)
{
	struct sg_http_server *server = c->server;
	struct sg_buf *b = &server->out;
	bool content = answer->status != 204 && answer->status != 304;
	sg_buf_reset(b);
	/* Written by hand: printf took a fifth of a small answer's time. */
	sg_buf_puts(b, "HTTP/1.1 ");
	put_number(b, (size_t)answer->status);
	put_field(b, " ", sg_http_reason(answer->status));
	put_field(b, "Date: ", http_date(server, server->set.now_us()));
	if (server->set.server_name != NULL)
		put_field(b, "Server: ", server->set.server_name);
	if (answer->content_type != NULL && content)
		put_field(b, "Content-Type: ", answer->content_type);
	if (content) {
		sg_buf_puts(b, "Content-Length: ");
		put_number(b, answer->body.len);
		sg_buf_puts(b, "\r\n");
	}
	if (answer->fields != NULL)
		sg_buf_puts(b, answer->fields);
	if (!keep)
		sg_buf_puts(b, "Connection: close\r\n");
	else if (say_keep)
		sg_buf_puts(b, "Connection: keep-alive\r\n");
	sg_buf_puts(b, "\r\n");
	if (sg_buf_check(b, NULL) != SG_OK)
		return false;
	bool with_body = content && method != SG_HTTP_HEAD;
	return sg_http_transport_send(
	    &c->io, sg_buf_slice(b), with_body ? answer->body : sg_slice(NULL, 0));
}

static struct sg_http_record
record_of(struct sg_http_server *server, const struct sg_http_head *head,
    const struct sg_http_answer *answer, int64_t begin_us)
{
	return (struct sg_http_record){
	    .at_us = server->set.now_us(),
	    .taken_us = server->set.mono_us() - begin_us,
	    .method = head->method_text,
	    .stem = head->path,
	    .query = head->query,
	    .user = answer->user,
	    .agent = sg_http_field(head->fields, "user-agent"),
	    .referer = sg_http_field(head->fields, "referer"),
	    .status = answer->status,
	    .sub_status = answer->sub_status,
	    .win32_status = answer->win32_status,
	    .sent = answer->body.len,
	    .mark = answer->mark,
	};
}

void
sg_http_answer_log(struct sg_http_server *server, const struct preq *r,
    const struct sg_http_answer *answer, unsigned win32_status)
{
	if (server->set.finished == NULL)
		return;
	struct sg_http_record rec = record_of(server, &r->pub.head, answer, r->begin_us);
	rec.id = r->pub.id;
	rec.server_addr = r->local;
	rec.client_addr = r->peer;
	rec.server_port = r->pub.local_port;
	rec.received = r->pub.body.len;
	if (rec.win32_status == 0)
		rec.win32_status = win32_status;
	server->set.finished(server->set.arg, &rec, NULL);
}

void
sg_http_answer_log_refused(struct conn *c, const struct sg_http_head *head,
    const struct sg_http_answer *answer, const struct sg_err *err)
{
	if (c->server->set.finished == NULL)
		return;
	struct sg_http_record rec = record_of(c->server, head, answer, c->begin_us);
	rec.server_addr = c->local;
	rec.client_addr = c->peer;
	rec.server_port = c->local_port;
	c->server->set.finished(c->server->set.arg, &rec, err);
}
