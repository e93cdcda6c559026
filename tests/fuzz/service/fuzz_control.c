/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Bytes at a control socket, as registrar and ca have one, with a small table of routes: whatever
 * is said, what comes back is a row of whole HTTP answers, of which every refusal is a problem of
 * its schema; and the connection ends.
 *
 * What is looked for: a read or write out of bounds, a hang, an answer that a client could read in
 * two ways. Reached: http/blocking.c, http/parse.c, api/ and json/ as far as a question reaches
 * them, service/control.c.
 */

#include "fuzz/fuzz.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/problem.h"
#include "base/decimal.h"
#include "json/read.h"
#include "service/control.h"
#include "unit/json/every.h"

#define INPUT_MAX 65536u
#define ANSWERS_MAX (64u << 20)

/* --- the routes --- */

#define FUZZ_FILTER_ROWS(R, T)                                                                     \
	R(T, hex, required, id, (1, 20), "in the path")                                            \
	R(T, text, optional, subject, (1, 64), "text")                                             \
	R(T, time, optional, before, (), "time")                                                   \
	R(T, bool, optional, lineage, (), "yes or no")                                             \
	R(T, int, optional, many, (-5, SG_JSON_INT_MAX), "number")
SG_JSON_DECLARE(fuzz_filter, FUZZ_FILTER_ROWS);
SG_JSON_DEFINE(fuzz_filter, FUZZ_FILTER_ROWS, "parameters");
#define FUZZ_ITEM_ROWS(R, T) R(T, int, required, id, (1, SG_JSON_INT_MAX), "its number")
SG_JSON_DECLARE(fuzz_item, FUZZ_ITEM_ROWS);
SG_JSON_DEFINE(fuzz_item, FUZZ_ITEM_ROWS, "an item");

#define FUZZ_ROUTES(R)                                                                             \
	R(fuzz, one, GET, "/v1/f/{id}", ONE, READ, fuzz_filter, sg_api_none, fuzz_item, "one")     \
	R(fuzz, list, GET, "/v1/f", LIST, READ, sg_api_none, sg_api_none, fuzz_item, "some")       \
	R(fuzz, follow, GET, "/v1/g", FOLLOWED, READ, sg_api_none, sg_api_none, fuzz_item, "more") \
	R(fuzz, file, GET, "/v1/b", BYTES, BACKUP, sg_api_none, sg_api_none, sg_api_none, "bytes") \
	R(fuzz, every, POST, "/v1/f", ONE, CERTIFICATE, sg_api_none, every, every, "all kinds")    \
	R(fuzz, fail, DELETE, "/v1/f/{id}", ONE, READ, fuzz_filter, sg_api_none, sg_api_none,      \
	    "fails")
SG_API_ROUTES_DECLARE(fuzz, FUZZ_ROUTES);
SG_API_ROUTES_DEFINE(fuzz, FUZZ_ROUTES);

static enum sg_code
give_one(struct sg_api_call *call, struct sg_err *err)
{
	const struct fuzz_filter *f = call->params;
	struct fuzz_item v = {.id = 1};

	sg_ignore(err == NULL);
	require(f->id.len >= 1 && f->id.len <= 20);
	require(!f->has_subject || (f->subject.len >= 1 && f->subject.len <= 64));
	require(!f->has_many || (f->many >= -5 && f->many <= SG_JSON_INT_MAX));
	sg_api_put(call, &v);
	return SG_OK;
}

/* Five of them: 5 4 3 2 1, or the other way round. */
static enum sg_code
give_some(struct sg_api_call *call, struct sg_err *err)
{
	sg_ignore(err == NULL);
	require(call->page.limit >= 1 && call->page.limit <= SG_API_PAGE_MAX + 1);
	for (int64_t n = 1; n <= 5; n++) {
		struct fuzz_item v = {.id = call->page.ascending ? n : 6 - n};
		bool skip = call->page.has_after &&
			    (call->page.ascending ? v.id <= call->page.after
						  : v.id >= call->page.after);
		if (!skip && !sg_api_put_item(call, v.id, &v))
			break;
	}
	return SG_OK;
}

static enum sg_code
give_file(struct sg_api_call *call, struct sg_err *err)
{
	enum sg_code rc = sg_api_begin_bytes(call, "f.bin", 6, err);

	if (rc == SG_OK)
		rc = sg_api_put_bytes(call, sg_slice_str("123"), err);
	return rc == SG_OK ? sg_api_put_bytes(call, sg_slice_str("456"), err) : rc;
}

static enum sg_code
give_back(struct sg_api_call *call, struct sg_err *err)
{
	sg_ignore(err == NULL);
	sg_api_put(call, call->body);
	return SG_OK;
}

static enum sg_code
fail_so(struct sg_api_call *call, struct sg_err *err)
{
	const struct fuzz_filter *f = call->params;

	return f->has_subject
		   ? sg_api_refuse_member(call, "fuzz.refused", "subject", "another", NULL, err)
		   : sg_fail(err, SG_E_CONFLICT, "fuzz.conflict", "already so");
}

static sg_api_handler *const handlers[SG_API_fuzz_n] = {[SG_API_fuzz_one] = give_one,
    [SG_API_fuzz_list] = give_some,
    [SG_API_fuzz_follow] = give_some,
    [SG_API_fuzz_file] = give_file,
    [SG_API_fuzz_every] = give_back,
    [SG_API_fuzz_fail] = fail_so};
static const struct sg_api api = {.routes = &sg_api_fuzz_routes, .handler = handlers};

/* --- who listens --- */

struct listener {
	int fd;
	struct sg_buf got;
	bool left; /* before the end: what is followed has none */
};

static void *
listen_main(void *arg)
{
	struct listener *l = arg;
	char bytes[65536];

	for (ssize_t n; !l->left && (n = read(l->fd, bytes, sizeof bytes)) > 0;) {
		sg_buf_put(&l->got, bytes, (size_t)n);
		l->left = strstr(sg_buf_text(&l->got), "application/jsonl") != NULL;
	}
	close(l->fd);
	return NULL;
}

/* The next line of what is left, without its end. */
static struct sg_slice
next_line(struct sg_slice *rest)
{
	const uint8_t *end = memmem(rest->p, rest->len, "\r\n", 2);

	require(end != NULL);
	struct sg_slice line = sg_slice(rest->p, (size_t)(end - rest->p));
	*rest = sg_slice(end + 2, rest->len - line.len - 2);
	return line;
}

static bool
begins(struct sg_slice s, const char *with)
{
	return s.len >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

static void
check_problem(struct sg_slice text, uint64_t status)
{
	sg_json_doc_scoped doc = {0};
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_problem p;

	require(sg_json_read(text, &limits, SG_JSON_STRICT, &sg_api_problem_schema, &doc, &p, NULL,
		    NULL) == SG_OK);
	require((uint64_t)p.status == status);
}

static void
check_answers(struct sg_slice rest)
{
	while (rest.len > 0) {
		struct sg_slice line = next_line(&rest);
		uint64_t status = 0, length = 0;
		bool problem = false, has_length = false;
		require(begins(line, "HTTP/1.1 ") && line.len > 12);
		require(sg_decimal_parse(sg_slice(line.p + 9, 3), 599, &status, NULL) == SG_OK);
		while ((line = next_line(&rest)).len > 0) {
			problem = problem || begins(line, "Content-Type: application/problem+json");
			if (!begins(line, "Content-Length: "))
				continue;
			require(!has_length);
			has_length = true;
			require(sg_decimal_parse(sg_slice(line.p + 16, line.len - 16), ANSWERS_MAX,
				    &length, NULL) == SG_OK);
		}
		require(problem == (status >= 400));
		/* HEAD was asked: no body of ours begins like the next answer. */
		if (length == 0 || rest.len == 0 || begins(rest, "HTTP/1.1 "))
			continue;
		require(length <= rest.len);
		if (problem)
			check_problem(sg_slice(rest.p, (size_t)length), status);
		rest = sg_slice(rest.p + length, rest.len - (size_t)length);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct sg_service_control control = {.api = &api};
	struct listener l = {.got = {.max = ANSWERS_MAX}};
	int fd[2], large = 1 << 20;
	pthread_t thread;

	signal(SIGPIPE, SIG_IGN);
	len = len < INPUT_MAX ? len : INPUT_MAX;
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	require(setsockopt(fd[1], SOL_SOCKET, SO_SNDBUF, &large, sizeof large) == 0);
	require(len == 0 || send(fd[1], data, len, MSG_DONTWAIT) == (ssize_t)len);
	require(shutdown(fd[1], SHUT_WR) == 0);
	l.fd = fd[1];
	require(pthread_create(&thread, NULL, listen_main, &l) == 0);
	sg_service_control_answer(&control, fd[0], 1000);
	close(fd[0]);
	pthread_join(thread, NULL);
	require(sg_buf_check(&l.got, NULL) == SG_OK);
	if (!l.left)
		check_answers(sg_buf_slice(&l.got));
	sg_buf_clear(&l.got);
	return 0;
}
