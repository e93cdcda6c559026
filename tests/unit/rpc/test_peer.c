/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/rpc/rpc_test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/peer.h"

/* Peers live as long as their process: they are kept where a leak check sees them. */
static struct sg_peer *volatile kept[256];
static size_t kept_n;

#define SOON_MS 10000 /* nothing here takes so long: a failure, not a wait */

static struct sg_peer *
new_peer(enum sg_side side, sg_peer_handler *handler, void *arg)
{
	struct sg_err err = {0};
	struct sg_peer *p = NULL;
	assert_true(kept_n < sizeof kept / sizeof kept[0]);
	assert_int_equal(sg_peer_new(&sg_edge_control, side, handler, arg, &p, &err), SG_OK);
	kept[kept_n++] = p;
	return p;
}

static void
make_pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
}

static void
attach(struct sg_peer *p, int fd)
{
	struct sg_err err = {0};
	assert_int_equal(sg_peer_attach(p, fd, &err), SG_OK);
}

/* The other end of a new socket of this peer. */
static int
attach_raw(struct sg_peer *p)
{
	int fd[2];
	make_pair(fd);
	attach(p, fd[0]);
	return fd[1];
}

static enum sg_code
ask_for(struct sg_peer *p, const char *text, int64_t ms, struct sg_buf *ret, struct sg_err *err)
{
	sg_answer_scoped answer = {0};
	struct sg_msg m = {.type = SG_CTL_ASK};
	m.v[SG_CTL_ASK_JSON].b = sg_slice_str(text);
	enum sg_code rc = sg_peer_call(p, &m, sg_mono_ms() + ms, &answer, err);
	if (rc == SG_OK && ret != NULL)
		sg_buf_put_slice(ret, answer.msg.v[SG_CTL_ANSWER_JSON].b);
	return rc;
}

static void
reply_with(struct sg_request *req, struct sg_slice json)
{
	struct sg_msg m = {.type = SG_CTL_ANSWER};
	m.v[SG_CTL_ANSWER_JSON].b = json;
	sg_request_reply(req, &m);
}

static void
echo(struct sg_request *req, void *arg)
{
	sg_ignore(arg);
	reply_with(req, req->msg.v[SG_CTL_ASK_JSON].b);
}

static void
connect_peers(struct sg_peer *client, struct sg_peer *server)
{
	int fd[2];
	make_pair(fd);
	attach(client, fd[0]);
	attach(server, fd[1]);
}

static void
expect_echo(struct sg_peer *client, const char *text)
{
	struct sg_err err = {0};
	sg_buf_scoped got = {0};
	if (ask_for(client, text, SOON_MS, &got, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_text(&got, text);
}

/* Read exactly len bytes from a raw end; false at its end of file. */
static bool
read_raw(int fd, void *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		assert_int_equal(poll(&poll_fd, 1, SOON_MS), 1);
		ssize_t n = read(fd, (uint8_t *)p + at, len - at);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* The next frame from a raw end; the caller clears *body, which the message borrows from. */
static bool
read_frame(int fd, enum sg_side sender, struct sg_buf *body, struct sg_msg *ret)
{
	uint8_t head[4];
	sg_buf_reset(body);
	if (!read_raw(fd, head, 4))
		return false;
	size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	assert_true(head[0] == 0 && len <= SG_FRAME_MAX);
	uint8_t *p = sg_buf_extend(body, len);
	assert_non_null(p);
	return read_raw(fd, p, len) &&
	       sg_frame_get(&sg_edge_control, sender, sg_buf_slice(body), ret, NULL) == SG_OK;
}

static void
put_answer(struct sg_buf *out, uint64_t id, const char *text)
{
	struct sg_msg m = {.type = SG_CTL_ANSWER, .id = id};
	m.v[SG_CTL_ANSWER_JSON].b = sg_slice_str(text);
	assert_int_equal(sg_frame_put(&sg_edge_control, &m, out, NULL), SG_OK);
}

static void
write_raw(int fd, struct sg_slice s)
{
	assert_int_equal(send(fd, s.p, s.len, MSG_NOSIGNAL), s.len);
}

static void
expect_eof(int fd)
{
	char byte;
	assert_false(read_raw(fd, &byte, 1));
	close(fd);
}

/* A call in a thread of its own. */
struct call {
	pthread_t thread;
	struct sg_peer *peer;
	const char *text;
	int64_t ms;
	enum sg_code rc;
	struct sg_err err;
	struct sg_buf got;
};

static void *
call_main(void *arg)
{
	struct call *c = arg;
	c->rc = ask_for(c->peer, c->text, c->ms, &c->got, &c->err);
	return NULL;
}

static void
call_start(struct call *c, struct sg_peer *peer, const char *text, int64_t ms)
{
	*c = (struct call){.peer = peer, .text = text, .ms = ms};
	assert_int_equal(pthread_create(&c->thread, NULL, call_main, c), 0);
}

static void
call_expect(struct call *c, const char *text)
{
	pthread_join(c->thread, NULL);
	if (c->rc != SG_OK)
		fail_msg("%s: %s", c->text, c->err.text);
	assert_text(&c->got, text);
	sg_buf_clear(&c->got);
}

static void
call__one__answered(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	connect_peers(client, new_peer(SG_SIDE_SERVER, echo, NULL));
	for (int n = 0; n < 100; n++)
		expect_echo(client, n & 1 ? "one" : "{another}");
}

static void *
many_calls(void *arg)
{
	for (int n = 0; n < 200; n++) {
		char text[64];
		struct sg_err err;
		sg_buf_scoped got = {0};
		snprintf(text, sizeof text, "%p call %d", (void *)&n, n);
		if (ask_for(arg, text, SOON_MS, &got, &err) != SG_OK ||
		    strcmp(sg_buf_text(&got), text) != 0)
			return "wrong answer";
	}
	return NULL;
}

static void
call__from_many_threads__each_its_own_answer(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	connect_peers(client, new_peer(SG_SIDE_SERVER, echo, NULL));
	pthread_t thread[12];
	for (size_t n = 0; n < 12; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, many_calls, client), 0);
	for (size_t n = 0; n < 12; n++) {
		void *bad = NULL;
		pthread_join(thread[n], &bad);
		assert_null(bad);
	}
}

/* Three requests are kept and answered from the last to the first. */
struct shelf {
	struct sg_request *req[3];
	size_t n;
};

static void
answer_backwards(struct sg_request *req, void *arg)
{
	struct shelf *shelf = arg;
	shelf->req[shelf->n++] = req;
	while (shelf->n == 3) {
		for (size_t n = 3; n > 0; n--)
			reply_with(shelf->req[n - 1], shelf->req[n - 1]->msg.v[0].b);
		shelf->n = 0;
	}
}

static void
answers__out_of_order__find_their_calls(void **state)
{
	(void)state;
	static struct shelf shelf;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	connect_peers(client, new_peer(SG_SIDE_SERVER, answer_backwards, &shelf));
	struct call call[3];
	static const char *const text[] = {"first", "second", "third"};
	for (size_t n = 0; n < 3; n++)
		call_start(&call[n], client, text[n], SOON_MS);
	for (size_t n = 0; n < 3; n++)
		call_expect(&call[n], text[n]);
}

static void
call__before_any_socket__waits_for_it(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	struct sg_err err = {0};
	expect_err(ask_for(client, "too early", 30, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	struct call call;
	call_start(&call, client, "early", SOON_MS);
	usleep(20000);
	connect_peers(client, new_peer(SG_SIDE_SERVER, echo, NULL));
	call_expect(&call, "early");
}

/* The sibling dies with the request, again and again; the same request comes each time. */
static void
call__sibling_dies__asked_again(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	sg_buf_scoped body = {0}, first = {0}, out = {0};
	struct sg_msg m;
	struct call call;
	int raw = attach_raw(client);
	call_start(&call, client, "again", SOON_MS);
	for (int death = 0; death < 5; death++) {
		assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
		if (death == 0)
			sg_buf_put_slice(&first, sg_buf_slice(&body));
		assert_true(sg_slice_eq(sg_buf_slice(&first), sg_buf_slice(&body)));
		close(raw);
		raw = attach_raw(client);
	}
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	put_answer(&out, m.id, "at last");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&call, "at last");
	close(raw);
}

/* A new socket comes while the old one still seems to live. */
static void
attach__second__replaces_the_first(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	sg_buf_scoped body = {0}, out = {0};
	struct sg_msg m;
	struct call call;
	int old = attach_raw(client);
	call_start(&call, client, "moved", SOON_MS);
	assert_true(read_frame(old, SG_SIDE_CLIENT, &body, &m));
	int raw = attach_raw(client);
	expect_eof(old);
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	put_answer(&out, m.id, "moved too");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&call, "moved too");
	close(raw);
}

static const struct {
	const char *what, *hex;
} garbage[] = {
    {"a frame of four GiB", "ffffffff"},
    {"one byte more than a frame may have", "00080001"},
    {"an empty frame", "00000000"},
    {"a frame that is cut", "000000050011000000"},
    {"type 0", "0000000a0000"
	       "0000000000000001"},
    {"type of another edge", "0000000a0001"
			     "0000000000000001"},
    {"a type that nobody knows", "0000000affff"
				 "0000000000000001"},
    {"a question without its field", "0000000a0010"
				     "0000000000000001"},
    {"an answer without its fields", "0000000a0011"
				     "0000000000000001"},
    {"a question with a short field", "0000000f0010"
				      "0000000000000001"
				      "00000001"
				      "78"},
    {"an answer with a code too large", "0000001800110000000000000001"
					"0000000000010000"
					"00000002"
					"7b7d"},
    {"an answer with a byte behind it", "0000001900110000000000000001"
					"0000000000000000"
					"00000002"
					"7b7d"
					"00"},
    {"text", "474554202f20485454502f312e310d0a"},
};
#define GARBAGE (sizeof garbage / sizeof garbage[0])

static void
client__garbage_from_the_sibling__cut_off(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	for (size_t n = 0; n < GARBAGE; n++) {
		sg_buf_scoped bytes = {0};
		int raw = attach_raw(client);
		asn_hex(garbage[n].hex, &bytes);
		write_raw(raw, sg_buf_slice(&bytes));
		expect_eof(raw);
	}
	/* A question is not for a client. */
	struct sg_msg m = least_message(sg_edge_find(&sg_edge_control, SG_CTL_ASK), 1);
	sg_buf_scoped out = {0};
	assert_int_equal(sg_frame_put(&sg_edge_control, &m, &out, NULL), SG_OK);
	int raw = attach_raw(client);
	write_raw(raw, sg_buf_slice(&out));
	expect_eof(raw);
	connect_peers(client, new_peer(SG_SIDE_SERVER, echo, NULL));
	expect_echo(client, "still here");
}

static atomic_int handled;

static void
count_and_echo(struct sg_request *req, void *arg)
{
	atomic_fetch_add(&handled, 1);
	echo(req, arg);
}

static void
server__garbage_from_the_sibling__cut_off(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_SIDE_SERVER, count_and_echo, NULL);
	sg_buf_scoped good = {0};
	struct sg_msg m = least_message(sg_edge_find(&sg_edge_control, SG_CTL_ASK), 9), answer;
	assert_int_equal(sg_frame_put(&sg_edge_control, &m, &good, NULL), SG_OK);
	for (size_t n = 0; n < GARBAGE; n++) {
		sg_buf_scoped bytes = {0}, body = {0};
		int raw = attach_raw(server);
		handled = 0;
		/* A good one in front is answered, one behind is not read any more. */
		sg_buf_put_slice(&bytes, sg_buf_slice(&good));
		asn_hex(garbage[n].hex, &bytes);
		sg_buf_put_slice(&bytes, sg_buf_slice(&good));
		write_raw(raw, sg_buf_slice(&bytes));
		assert_true(read_frame(raw, SG_SIDE_SERVER, &body, &answer));
		assert_int_equal(answer.id, 9);
		expect_eof(raw);
		assert_int_equal(handled, 1);
	}
	sg_buf_scoped out = {0};
	put_answer(&out, 1, "an answer is not for a server");
	int raw = attach_raw(server);
	write_raw(raw, sg_buf_slice(&out));
	expect_eof(raw);
}

static void
frames__byte_by_byte_and_at_once__the_same(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	sg_buf_scoped body = {0}, out = {0};
	struct sg_msg m;
	struct call one, two;
	int raw = attach_raw(client);
	call_start(&one, client, "one", SOON_MS);
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	put_answer(&out, m.id, "in pieces");
	for (size_t n = 0; n < out.len; n++) {
		write_raw(raw, sg_slice(out.p + n, 1));
		if (n % 8 == 0)
			usleep(1000);
	}
	call_expect(&one, "in pieces");
	call_start(&one, client, "one", SOON_MS);
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	uint64_t first = m.id;
	call_start(&two, client, "two", SOON_MS);
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	sg_buf_reset(&out);
	put_answer(&out, m.id, "both");
	put_answer(&out, first, "at once");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&two, "both");
	call_expect(&one, "at once");
	close(raw);
}

static void
answers__unknown_or_twice__ignored(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	sg_buf_scoped body = {0}, out = {0};
	struct sg_msg m;
	struct call call;
	int raw = attach_raw(client);
	put_answer(&out, 12345, "nobody asked");
	write_raw(raw, sg_buf_slice(&out));
	for (int n = 0; n < 3; n++) {
		call_start(&call, client, "ask", SOON_MS);
		assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
		sg_buf_reset(&out);
		put_answer(&out, m.id + 1, "not yours");
		put_answer(&out, 0, "not yours");
		put_answer(&out, m.id, "yours");
		put_answer(&out, m.id, "once more");
		write_raw(raw, sg_buf_slice(&out));
		call_expect(&call, "yours");
	}
	close(raw);
}

static void
call__no_answer__deadline_and_late_answer_ignored(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	struct sg_err err = {0};
	sg_buf_scoped body = {0}, out = {0};
	struct sg_msg m;
	int raw = attach_raw(client);
	int64_t start = sg_mono_ms();
	expect_err(ask_for(client, "silence", 100, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	assert_true(sg_mono_ms() - start >= 99);
	assert_non_null(strstr(err.text, "control"));
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	uint64_t late = m.id;
	struct call call;
	call_start(&call, client, "next", SOON_MS);
	assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
	put_answer(&out, late, "too late");
	put_answer(&out, m.id, "in time");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&call, "in time");
	/* A deadline that is over asks once, and does not wait. */
	expect_err(ask_for(client, "over", -5, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	close(raw);
}

static char large[60001];

/* The sibling does not read: every caller gets its deadline, and the bytes that were sent are
 * still whole frames. */
static void
call__sibling_does_not_read__deadline_and_whole_frames(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	int raw = attach_raw(client);
	memset(large, 'l', sizeof large - 1);
	struct call call[12];
	int64_t start = sg_mono_ms();
	for (size_t n = 0; n < 12; n++)
		call_start(&call[n], client, large, 300);
	for (size_t n = 0; n < 12; n++) {
		pthread_join(call[n].thread, NULL);
		expect_err(call[n].rc, &call[n].err, SG_E_TIMEOUT, "rpc.timeout");
	}
	assert_true(sg_mono_ms() - start < 5000);
	call_start(&call[0], client, "after it", SOON_MS);
	sg_buf_scoped body = {0}, out = {0};
	struct sg_msg m = {0};
	size_t whole = 0;
	do {
		assert_true(read_frame(raw, SG_SIDE_CLIENT, &body, &m));
		whole++;
	} while (!sg_slice_is(m.v[SG_CTL_ASK_JSON].b, "after it"));
	assert_true(whole >= 2 && whole <= 13);
	put_answer(&out, m.id, "read at last");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&call[0], "read at last");
	close(raw);
}

/* What could not be sent of the old socket's frame is not sent on the new one. */
static void
call__half_a_frame_and_a_new_socket__begins_anew(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	int old = attach_raw(client);
	memset(large, 'l', sizeof large - 1);
	for (int n = 0; n < 10; n++)
		sg_ignore(ask_for(client, large, 20, NULL, NULL) != SG_OK);
	connect_peers(client, new_peer(SG_SIDE_SERVER, echo, NULL));
	expect_echo(client, "clean");
	expect_echo(client, large);
	close(old);
}

static atomic_long reply_took_ms;

static void
keep_time_and_echo(struct sg_request *req, void *arg)
{
	int64_t start = sg_mono_ms();
	echo(req, arg);
	reply_took_ms = (long)(sg_mono_ms() - start) + 1;
}

/* The answer's worker is free after two seconds; the frame that it began is finished with the
 * next answer. */
static void
reply__client_does_not_read__given_up_and_finished_later(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_SIDE_SERVER, keep_time_and_echo, NULL);
	int fd[2], little = 4608;
	make_pair(fd);
	assert_int_equal(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little), 0);
	attach(server, fd[0]);
	sg_buf_scoped out = {0}, body = {0};
	struct sg_msg m = {.type = SG_CTL_ASK, .id = 1};
	memset(large, 'l', sizeof large - 1);
	m.v[0].b = sg_slice_str(large);
	assert_int_equal(sg_frame_put(&sg_edge_control, &m, &out, NULL), SG_OK);
	write_raw(fd[1], sg_buf_slice(&out));
	while (reply_took_ms == 0)
		usleep(10000);
	assert_true(reply_took_ms >= 1900 && reply_took_ms < 8000);
	m = (struct sg_msg){.type = SG_CTL_ASK, .id = 2};
	m.v[0].b = sg_slice_str("small");
	sg_buf_reset(&out);
	assert_int_equal(sg_frame_put(&sg_edge_control, &m, &out, NULL), SG_OK);
	write_raw(fd[1], sg_buf_slice(&out));
	assert_true(read_frame(fd[1], SG_SIDE_SERVER, &body, &m));
	assert_int_equal(m.id, 1);
	assert_true(sg_slice_is(m.v[SG_CTL_ANSWER_JSON].b, large));
	assert_true(read_frame(fd[1], SG_SIDE_SERVER, &body, &m));
	assert_int_equal(m.id, 2);
	assert_true(sg_slice_is(m.v[SG_CTL_ANSWER_JSON].b, "small"));
	close(fd[1]);
}

static struct sg_request *waiting_request;
static atomic_bool request_is_there;

static void
keep_it(struct sg_request *req, void *arg)
{
	sg_ignore(arg);
	waiting_request = req;
	request_is_there = true;
}

/* The client got a new socket meanwhile: it asks again there, and an answer to the question of
 * the old one must not arrive on the new one. */
static void
reply__socket_replaced__dropped(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_SIDE_SERVER, keep_it, NULL);
	sg_buf_scoped out = {0}, body = {0};
	struct sg_msg m = least_message(sg_edge_find(&sg_edge_control, SG_CTL_ASK), 5);
	assert_int_equal(sg_frame_put(&sg_edge_control, &m, &out, NULL), SG_OK);
	int old = attach_raw(server);
	write_raw(old, sg_buf_slice(&out));
	while (!request_is_there)
		usleep(1000);
	struct sg_request *first = waiting_request;
	assert_int_equal(first->msg.id, 5);
	assert_ptr_equal(first->peer, server);
	int raw = attach_raw(server);
	expect_eof(old);
	reply_with(first, sg_slice_str("old"));
	request_is_there = false;
	write_raw(raw, sg_buf_slice(&out));
	while (!request_is_there)
		usleep(1000);
	reply_with(waiting_request, sg_slice_str("new"));
	assert_true(read_frame(raw, SG_SIDE_SERVER, &body, &m));
	assert_true(sg_slice_is(m.v[SG_CTL_ANSWER_JSON].b, "new"));
	close(raw);
}

static void
drop_it(struct sg_request *req, void *arg)
{
	sg_ignore(arg);
	sg_request_drop(req);
}

/* An answer that does not fit its row is not sent, nor is one that was dropped. */
static void
bad_answer(struct sg_request *req, void *arg)
{
	sg_ignore(arg);
	reply_with(req, sg_slice(NULL, 0));
}

static void
request__dropped_or_misanswered__deadline(void **state)
{
	(void)state;
	static sg_peer_handler *const handlers[] = {drop_it, bad_answer};
	for (size_t n = 0; n < 2; n++) {
		struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
		struct sg_err err = {0};
		connect_peers(client, new_peer(SG_SIDE_SERVER, handlers[n], NULL));
		expect_err(
		    ask_for(client, "ask", 50, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	}
}

static void
call__message_does_not_fit__internal(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	struct sg_err err = {0};
	expect_err(ask_for(client, "x", SOON_MS, NULL, &err), &err, SG_E_INTERNAL, "frame.schema");
	struct sg_msg m = {.type = SG_RC_ISSUE};
	struct sg_answer answer = {0};
	expect_err(sg_peer_call(client, &m, sg_mono_ms() + SOON_MS, &answer, &err), &err,
	    SG_E_INTERNAL, "frame.schema");
	assert_null(answer.frame);
}

static void
alloc_fails__each_function__says_so(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct sg_peer *none = NULL;
	sg_alloc_fail_at(1);
	enum sg_code rc = sg_peer_new(&sg_edge_control, SG_SIDE_CLIENT, NULL, NULL, &none, &err);
	sg_alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	assert_null(none);
	struct sg_peer *client = new_peer(SG_SIDE_CLIENT, NULL, NULL);
	int fd[2];
	make_pair(fd);
	sg_alloc_fail_at(1);
	rc = sg_peer_attach(client, fd[0], &err);
	sg_alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	expect_eof(fd[1]); /* taken over and closed all the same */
	sg_alloc_fail_at(1);
	rc = ask_for(client, "ask", SOON_MS, NULL, &err);
	sg_alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	connect_peers(client, new_peer(SG_SIDE_SERVER, echo, NULL));
	expect_echo(client, "after that");
}

/* Deaths at random moments under load: every call is answered, with its own answer. */
static void *
killer_main(void *arg)
{
	struct sg_peer **peer = arg;
	for (int n = 0; n < 40; n++) {
		int fd[2];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0 ||
		    sg_peer_attach(peer[n & 1], fd[0], NULL) != SG_OK ||
		    sg_peer_attach(peer[1 - (n & 1)], fd[1], NULL) != SG_OK)
			return "cannot attach";
		usleep(2000);
	}
	return NULL;
}

static void
call__deaths_under_load__all_answered(void **state)
{
	(void)state;
	struct sg_peer *peer[2] = {
	    new_peer(SG_SIDE_CLIENT, NULL, NULL), new_peer(SG_SIDE_SERVER, echo, NULL)};
	pthread_t thread[6], killer;
	for (size_t n = 0; n < 6; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, many_calls, peer[0]), 0);
	assert_int_equal(pthread_create(&killer, NULL, killer_main, peer), 0);
	void *bad = NULL;
	pthread_join(killer, &bad);
	assert_null(bad);
	for (size_t n = 0; n < 6; n++) {
		pthread_join(thread[n], &bad);
		assert_null(bad);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(call__one__answered),
	    cmocka_unit_test(call__from_many_threads__each_its_own_answer),
	    cmocka_unit_test(answers__out_of_order__find_their_calls),
	    cmocka_unit_test(call__before_any_socket__waits_for_it),
	    cmocka_unit_test(call__sibling_dies__asked_again),
	    cmocka_unit_test(attach__second__replaces_the_first),
	    cmocka_unit_test(client__garbage_from_the_sibling__cut_off),
	    cmocka_unit_test(server__garbage_from_the_sibling__cut_off),
	    cmocka_unit_test(frames__byte_by_byte_and_at_once__the_same),
	    cmocka_unit_test(answers__unknown_or_twice__ignored),
	    cmocka_unit_test(call__no_answer__deadline_and_late_answer_ignored),
	    cmocka_unit_test(call__sibling_does_not_read__deadline_and_whole_frames),
	    cmocka_unit_test(call__half_a_frame_and_a_new_socket__begins_anew),
	    cmocka_unit_test(reply__client_does_not_read__given_up_and_finished_later),
	    cmocka_unit_test(reply__socket_replaced__dropped),
	    cmocka_unit_test(request__dropped_or_misanswered__deadline),
	    cmocka_unit_test(call__message_does_not_fit__internal),
	    cmocka_unit_test(alloc_fails__each_function__says_so),
	    cmocka_unit_test(call__deaths_under_load__all_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
