/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ask.c - one question to a role of the running system, found by way of its configuration
 */

#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/problem.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/args.h"
#include "cli/conf.h"
#include "http/client.h"
#include "json/write.h"

#define LIMIT_MS 60000 /* of an answer: a CRL over a million entries takes its time */
#define SILENCE_MS                                                                                 \
	60000 /* of an answer that goes on: one that is followed says something all 15 s */

/* "ca.certificates" is the role ca's. */
static int
role_len(const struct sg_api_route *route)
{
	return (int)strcspn(route->id, ".");
}

/* What went wrong on the way, in the words of somebody who knows which socket it was. */
static enum sg_code
say_why(const char *dir, const struct sg_api_route *route, struct sg_err *err)
{
	int n = role_len(route);
	const char *role = route->id;

	if (strcmp(err->rule, "http.client.timeout") == 0)
		return sg_fail(err, SG_E_TIMEOUT, "control.timeout",
		    "%.*s does not answer: if it hangs, end its process (kill -9), and it is "
		    "started again",
		    n, role);
	if (strcmp(err->rule, "http.client.connect") == 0 && err->code == SG_E_DENIED)
		return sg_fail(err, SG_E_DENIED, "control.connect",
		    "%s/%.*s.sock: you may not; run this as the user who started signet, or as "
		    "root",
		    dir, n, role);
	if (strcmp(err->rule, "http.client.connect") == 0)
		return sg_fail(err, SG_E_IO, "control.connect",
		    "%s/%.*s.sock: nobody answers; is signet running with this configuration? "
		    "start it with: signet up",
		    dir, n, role);
	if (strcmp(err->rule, "http.client.broken") == 0)
		return sg_fail(err, SG_E_IO, "control.closed",
		    "%.*s ended the connection before its answer was whole; if its process ended, "
		    "it is started again: ask again",
		    n, role);
	return err->code;
}

/* One question on its way. */
struct call {
	const struct cli_args *args;
	const struct sg_api_route *route;
	const void *params, *body;
	const struct sg_api_ask_page *page;
	bool tells_problem; /* with --json a refusal is printed as the object that it is */
	struct sg_http_call http;
};

static enum sg_code
exchange(const struct call *c, int dir_fd, struct sg_http_reply *reply, struct sg_err *err)
{
	sg_buf_scoped url = {0}, body = {.max = SG_JSON_SIZE_MAX};
	sg_scoped(http_client) client = NULL;
	struct sg_http_call http = c->http;
	char path[64];

	enum sg_code rc = sg_api_put_url(&url, c->route, c->params, c->page, err);
	if (rc == SG_OK && c->body != NULL)
		sg_json_put(&body, c->route->body, c->body);
	if (rc == SG_OK)
		rc = sg_buf_check(&body, err);
	if (rc == SG_OK)
		rc = sg_http_client_new(&client, err);
	if (rc != SG_OK)
		return rc;
	/* By way of /proc because socket paths end at 107 bytes. */
	snprintf(path, sizeof path, "/proc/self/fd/%d/%.*s.sock", dir_fd, role_len(c->route),
	    c->route->id);
	http.url = sg_buf_text(&url);
	http.unix_path = path;
	http.post = c->route->method == SG_HTTP_POST;
	http.body = sg_buf_slice(&body);
	if (c->body != NULL)
		http.content_type = "application/json";
	rc = sg_http_client_call(client, &http, reply, err);
	if (rc == SG_OK && reply->status / 100 != 2)
		rc = sg_api_problem_read(reply->status, sg_buf_slice(&reply->body), err);
	return rc;
}

/* The directory of the sockets is that of the configuration. */
static int
ask_route(const struct call *c, struct sg_buf *ret_text)
{
	sg_buf_scoped dir = {0}, shown = {0};
	sg_http_reply_scoped reply = {0};
	struct sg_err err = {0};
	const char *path = cli_conf_path(c->args);
	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(c->args, path);

	if (conf == NULL)
		return EXIT_USAGE;
	sg_conf_put_path(&dir, path, conf->data);
	sg_buf_puts(&dir, "/run");
	sg_conf_free(&conf);
	int fd = open(sg_buf_text(&dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
	enum sg_code rc = fd >= 0 ? exchange(c, fd, &reply, &err)
				  : sg_fail(&err, errno == EACCES ? SG_E_DENIED : SG_E_IO,
					"http.client.connect", "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (rc == SG_OK && ret_text != NULL) {
		sg_buf_put_slice(ret_text, sg_buf_slice(&reply.body));
		rc = sg_buf_check(ret_text, &err);
	}
	if (rc == SG_OK)
		return EXIT_OK;
	bool problem = reply.status / 100 > 2 && strcmp(err.rule, "api.answer") != 0;
	if (problem && c->tells_problem && cli_get(c->args, "json") != NULL)
		cli_print_json(sg_buf_slice(&reply.body));
	/* What a role says of itself is shown as what came from outside. */
	sg_escape_put_line(&shown, sg_slice_str(err.text), sizeof err.text - 16);
	snprintf(err.text, sizeof err.text, "%s", sg_buf_text(&shown));
	sg_ignore(say_why(sg_buf_text(&dir), c->route, &err));
	return cli_fail(c->args, &err);
}

static int
call_for_text(struct call *c, int64_t limit_ms, struct sg_buf *ret_text)
{
	c->http = (struct sg_http_call){.timeout_ms = limit_ms, .answer_max = SG_API_ANSWER_MAX};
	if (ret_text->max == 0)
		ret_text->max = SG_API_ANSWER_MAX;
	return ask_route(c, ret_text);
}

int
cli_call_within(const struct cli_args *a, int64_t limit_ms, const struct sg_api_route *route,
    const void *params, const struct sg_api_ask_page *page, const void *body,
    struct sg_buf *ret_text)
{
	struct call c = {.args = a, .route = route, .params = params, .page = page, .body = body};

	return call_for_text(&c, limit_ms, ret_text);
}

int
cli_call(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    const struct sg_api_ask_page *page, const void *body, struct sg_buf *ret_text)
{
	struct call c = {.args = a,
	    .route = route,
	    .params = params,
	    .page = page,
	    .body = body,
	    .tells_problem = true};

	return call_for_text(&c, LIMIT_MS, ret_text);
}

void
cli_answer_clear(struct cli_answer *answer)
{
	sg_buf_clear(&answer->text);
	sg_json_doc_clear(&answer->doc);
}

int
cli_call_one(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    const void *body, struct cli_answer *answer, void *ret)
{
	int code = cli_call(a, route, params, NULL, body, &answer->text);
	if (code != EXIT_OK)
		return code;
	struct sg_slice text = sg_buf_slice(&answer->text);
	if (!cli_read(a, route->answer, text, &answer->doc, ret))
		return EXIT_FAILED;
	answer->printed = cli_get(a, "json") != NULL;
	if (answer->printed)
		cli_print_json(text);
	return EXIT_OK;
}

/* --- a list that is followed --- */

struct lines {
	struct sg_buf part; /* the beginning of a line */
	bool (*line)(void *arg, struct sg_slice line);
	void *arg;
	bool enough;
};

static enum sg_code
on_lines(void *arg, const struct sg_http_reply *reply, struct sg_slice piece, struct sg_err *err)
{
	struct lines *l = arg;

	sg_ignore(reply == NULL);
	while (piece.len > 0) {
		const uint8_t *end = memchr(piece.p, '\n', piece.len);
		size_t n = end == NULL ? piece.len : (size_t)(end - piece.p);
		sg_buf_put(&l->part, piece.p, n);
		enum sg_code rc = sg_buf_check(&l->part, err);
		if (rc != SG_OK || end == NULL)
			return rc;
		piece = sg_slice(piece.p + n + 1, piece.len - n - 1);
		/* One that is empty says that the role is alive. */
		struct sg_slice line = sg_buf_slice(&l->part);
		rc = line.len > 0 ? sg_api_problem_read_line(line, err) : SG_OK;
		l->enough = rc == SG_OK && line.len > 0 && !l->line(l->arg, line);
		sg_buf_reset(&l->part);
		if (rc != SG_OK)
			return rc;
		if (l->enough)
			return sg_fail(err, SG_E_BUSY, "control.enough", "no more is wanted");
	}
	return SG_OK;
}

int
cli_call_lines(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    const struct sg_api_ask_page *page, bool (*line)(void *arg, struct sg_slice line), void *arg)
{
	struct lines l = {.part = {.max = SG_JSON_SIZE_MAX}, .line = line, .arg = arg};
	struct call c = {.args = a,
	    .route = route,
	    .params = params,
	    .page = page,
	    .http = {.piece = on_lines, .piece_arg = &l, .idle_ms = SILENCE_MS}};

	int code = ask_route(&c, NULL);
	sg_buf_clear(&l.part);
	return l.enough ? EXIT_OK : code;
}

/* --- a file --- */

struct file {
	int fd;
	bool tell; /* how far it is */
	int told;  /* per cent */
	int64_t got;
	bool failed; /* to write what came: not for want of an answer */
};

static void
tell(struct file *f, int64_t length)
{
	int now = length > 0 ? (int)((double)f->got * 100.0 / (double)length) : 100;

	if (!f->tell || now == f->told)
		return;
	f->told = now;
	fprintf(stderr, "\r%3d %% of %.1f MiB%s", now, (double)length / (1 << 20),
	    now == 100 ? "\n" : "");
}

static enum sg_code
on_bytes(void *arg, const struct sg_http_reply *reply, struct sg_slice piece, struct sg_err *err)
{
	struct file *f = arg;

	for (size_t at = 0; at < piece.len;) {
		ssize_t n = write(f->fd, piece.p + at, piece.len - at);
		if (n < 0 && errno != EINTR) {
			f->failed = true;
			return sg_fail(
			    err, SG_E_IO, "file.write", "cannot write: %s", strerror(errno));
		}
		at += n > 0 ? (size_t)n : 0;
	}
	f->got += (int64_t)piece.len;
	tell(f, reply->length);
	return SG_OK;
}

int
cli_call_file(
    const struct cli_args *a, const struct sg_api_route *route, const void *params, int fd)
{
	struct file f = {.fd = fd, .tell = isatty(STDERR_FILENO) == 1, .told = -1};
	struct call c = {.args = a,
	    .route = route,
	    .params = params,
	    .http = {.piece = on_bytes, .piece_arg = &f, .idle_ms = SILENCE_MS}};

	int code = ask_route(&c, NULL);
	if (code != EXIT_OK && f.told >= 0 && f.told < 100)
		fputc('\n', stderr);
	return f.failed ? EXIT_FAILED : code;
}

void
cli_print_json(struct sg_slice text)
{
	sg_buf_scoped lines = {.max = SIZE_MAX / 8};

	sg_json_put_indented(&lines, text);
	if (lines.failed != SG_OK)
		fputs("signet: no memory for the answer\n", stderr);
	fputs(sg_buf_text(&lines), stdout);
}

bool
cli_read(const struct cli_args *a, const struct sg_json_schema *schema, struct sg_slice text,
    struct sg_json_doc *doc, void *ret)
{
	const struct sg_json_limits limits = sg_api_answer_limits();
	struct sg_err err;

	if (sg_json_read(text, &limits, SG_JSON_TOLERANT, schema, doc, ret, NULL, &err) == SG_OK)
		return true;
	sg_ignore(cli_fail(a, &err) != EXIT_OK);
	return false;
}
