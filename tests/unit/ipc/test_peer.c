/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/alloc_fail.h"
#include "unit/ipc/peer_test.h"

static void
call__one__answered(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
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
		if (ask_here(arg, text, SOON_MS, &got, &err) != SG_OK ||
		    strcmp(sg_buf_text(&got), text) != 0)
			return "wrong answer";
	}
	return NULL;
}

static void
call__from_many_threads__each_its_own_answer(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	struct task task[12];
	for (size_t n = 0; n < 12; n++)
		task_start(&task[n], client, many_calls, client);
	for (size_t n = 0; n < 12; n++)
		assert_null(task_end(&task[n]));
}

/* Three requests are kept and answered from the last to the first. */
struct shelf {
	struct sg_peer_request *req[3];
	size_t n;
};

static void
answer_backwards(struct sg_peer_request *req, void *arg)
{
	struct shelf *shelf = arg;
	shelf->req[shelf->n++] = req;
	while (shelf->n == 3) {
		for (size_t n = 3; n > 0; n--)
			reply_with(shelf->req[n - 1], sg_peer_asked_echo(shelf->req[n - 1])->text);
		shelf->n = 0;
	}
}

static void
answers__out_of_order__find_their_calls(void **state)
{
	(void)state;
	static struct shelf shelf;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	connect_peers(client, new_peer(SG_EDGE_SERVER, answer_backwards, &shelf));
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
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	struct sg_err err = {0};
	expect_err(ask_for(client, "too early", 30, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	struct call call;
	call_start(&call, client, "early", SOON_MS);
	usleep(20000);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	call_expect(&call, "early");
}

/* The sibling dies with the request, again and again; the same request comes each time. */
static void
call__sibling_dies__asked_again(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	raw_scoped m = {.id = 0};
	sg_buf_scoped first = {0}, out = {0};
	struct call call;
	int raw = attach_raw(client);
	call_start(&call, client, "again", SOON_MS);
	for (int death = 0; death < 5; death++) {
		assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
		if (death == 0)
			sg_buf_put_slice(&first, sg_buf_slice(&m.body));
		assert_true(sg_slice_eq(sg_buf_slice(&first), sg_buf_slice(&m.body)));
		close(raw);
		raw = attach_raw(client);
	}
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
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
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	struct call call;
	int old = attach_raw(client);
	call_start(&call, client, "moved", SOON_MS);
	assert_true(read_frame(old, SG_EDGE_CLIENT, &m));
	int raw = attach_raw(client);
	expect_eof(old);
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	put_answer(&out, m.id, "moved too");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&call, "moved too");
	close(raw);
}

static _Atomic uint64_t last_end, ends;
static struct sg_err last_why;

static void
note_end(const struct sg_edge *edge, uint64_t n, const struct sg_err *why)
{
	sg_ignore(edge != &sg_edge_echo);
	last_end = n;
	last_why = *why;
	ends++;
}

/* The n-th end was that of a socket, and for this rule: NULL for none. */
static void
expect_ends(uint64_t n, uint64_t last, const char *rule)
{
	for (int ms = 0; ends < n && ms < SOON_MS; ms++)
		usleep(1000);
	assert_int_equal(ends, n);
	assert_int_equal(last_end, last);
	if (rule == NULL)
		assert_int_equal(last_why.code, SG_OK);
	else
		expect_err(last_why.code, &last_why, last_why.code, rule);
}

/* Whichever side ends it, or when it cannot be used at all; one that was replaced is no loss. */
static void
on_end__newest_socket_ended__told_once(void **state)
{
	(void)state;
	struct sg_err err = {0};
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	last_end = ends = 0;
	sg_peer_on_end(client, note_end);
	int raw = attach_raw(client);
	close(raw);
	expect_ends(1, 1, NULL);
	int old = attach_raw(client);
	raw = attach_raw(client);
	expect_eof(old);
	write_raw(raw, sg_slice("\0\0\0\0", 4)); /* garbage: ended by us */
	expect_eof(raw);
	expect_ends(2, 3, "frame.type");
	expect_err(sg_peer_attach(client, -1, &err), &err, SG_E_IO, "rpc.socket");
	expect_ends(3, 4, NULL);
	int fd[2];
	make_pair(fd);
	alloc_fail_at(1);
	enum sg_code rc = sg_peer_attach(client, fd[0], &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	expect_eof(fd[1]);
	expect_ends(4, 5, NULL);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	expect_echo(client, "still here");
	assert_int_equal(ends, 4);
}

static const struct {
	const char *what, *hex, *client, *server; /* the rule that each side cuts it off for */
} garbage[] = {
    {"a frame of four GiB", "ffffffff", "frame.size", "frame.size"},
    {"one byte more than a frame may have", "00080001", "frame.size", "frame.size"},
    {"an empty frame", "00000000", "frame.type", "frame.type"},
    {"a frame that is cut", "000000050011000000", "frame.type", "frame.type"},
    {"type 0",
	"0000000a0000"
	"0000000000000001",
	"frame.type", "frame.type"},
    {"type of another edge",
	"0000000a0001"
	"0000000000000001",
	"frame.type", "frame.type"},
    {"a type that nobody knows",
	"0000000affff"
	"0000000000000001",
	"frame.type", "frame.type"},
    {"a question without its field",
	"0000000a0010"
	"0000000000000001",
	"frame.type", "frame.cut"},
    {"an answer without its fields",
	"0000000a0011"
	"0000000000000001",
	"frame.cut", "frame.type"},
    {"a question with a short field",
	"0000000f0010"
	"0000000000000001"
	"00000001"
	"78",
	"frame.type", "frame.field"},
    {"an answer with a code too large",
	"0000001800110000000000000001"
	"0000000000010000"
	"00000002"
	"7b7d",
	"frame.field", "frame.type"},
    {"an answer with a byte behind it",
	"0000001900110000000000000001"
	"0000000000000000"
	"00000002"
	"7b7d"
	"00",
	"frame.trailing", "frame.type"},
    {"text", "474554202f20485454502f312e310d0a", "frame.size", "frame.size"},
};
#define GARBAGE (sizeof garbage / sizeof garbage[0])

static void
client__garbage_from_the_sibling__cut_off(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	last_end = ends = 0;
	sg_peer_on_end(client, note_end);
	for (size_t n = 0; n < GARBAGE; n++) {
		sg_buf_scoped bytes = {0};
		int raw = attach_raw(client);
		asn_hex(garbage[n].hex, &bytes);
		write_raw(raw, sg_buf_slice(&bytes));
		expect_eof(raw);
		expect_ends(n + 1, n + 1, garbage[n].client);
	}
	/* A question is not for a client. */
	sg_buf_scoped out = {0};
	put_ask(&out, 1, "ask");
	int raw = attach_raw(client);
	write_raw(raw, sg_buf_slice(&out));
	expect_eof(raw);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	expect_echo(client, "still here");
}

/* What comes before anything else must be a version that is near enough. */
static void
first_frame__no_version_or_too_far__cut_off(void **state)
{
	(void)state;
	static const struct {
		const char *hex, *rule;
	} first[] = {
	    {"ffffffff", "frame.size"},
	    {"00000000", "frame.hello"},
	    {"0000000a0000"
	     "0000000000000000",
		"frame.version"},
	    {"0000000a0000"
	     "0000000000000003",
		"frame.version"},
	    {"0000000a0000"
	     "ffffffffffffffff",
		"frame.version"},
	    {"0000000a0000"
	     "0000000100000001",
		"frame.version"},
	    {"0000000b0000"
	     "000000000000000100",
		"frame.hello"},
	    {"00000009000000"
	     "000000000000",
		"frame.hello"},
	    {"0000000a0001"
	     "0000000000000001",
		"frame.hello"},
	    {"000000100010"
	     "0000000000000001"
	     "00000002"
	     "7b7d",
		"frame.hello"},
	};
	for (int side = SG_EDGE_CLIENT; side <= SG_EDGE_SERVER; side++) {
		struct sg_peer *peer = new_peer((enum sg_edge_side)side, echo, NULL);
		last_end = ends = 0;
		sg_peer_on_end(peer, note_end);
		for (size_t n = 0; n < sizeof first / sizeof first[0]; n++) {
			sg_buf_scoped bytes = {0};
			uint8_t hello[SG_EDGE_HELLO_LEN];
			int fd[2];
			make_pair(fd);
			attach(peer, fd[0]);
			asn_hex(first[n].hex, &bytes);
			write_raw(fd[1], sg_buf_slice(&bytes));
			assert_true(read_raw(fd[1], hello, sizeof hello));
			expect_eof(fd[1]);
			assert_int_equal(sg_peer_version(peer), 0);
			expect_ends(n + 1, n + 1, first[n].rule);
		}
	}
}

/* Nothing is asked before, and a second time it is no frame. */
static void
first_frame__late_and_twice__waited_for_and_cut_off(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	uint8_t hello[SG_EDGE_HELLO_LEN];
	raw_scoped m = {.id = 0};
	struct call call;
	int fd[2];
	make_pair(fd);
	attach(client, fd[0]);
	call_start(&call, client, "ask", SOON_MS);
	assert_true(read_raw(fd[1], hello, sizeof hello));
	struct pollfd poll_fd = {.fd = fd[1], .events = POLLIN};
	assert_int_equal(poll(&poll_fd, 1, 50), 0);
	write_raw(fd[1], sg_slice(hello, sizeof hello));
	assert_true(read_frame(fd[1], SG_EDGE_CLIENT, &m));
	write_raw(fd[1], sg_slice(hello, sizeof hello));
	expect_eof(fd[1]);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	call_expect(&call, "ask");
}

/* The answer to another question has a struct of its own: it is none to this one, which is asked
 * again on the next socket. */
static void
client__answer_to_another_question__cut_off(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	struct sg_frame_other_answer other = {.n = 1};
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	struct call call;
	last_end = ends = 0;
	sg_peer_on_end(client, note_end);
	int raw = attach_raw(client);
	call_start(&call, client, "ask", SOON_MS);
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	assert_int_equal(sg_frame_put(&sg_frame_other_answer, 1, m.id, &other, &out, NULL), SG_OK);
	write_raw(raw, sg_buf_slice(&out));
	expect_eof(raw);
	expect_ends(1, 1, "frame.answer");
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	call_expect(&call, "ask");
}

static void
server__garbage_from_the_sibling__cut_off(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_EDGE_SERVER, count_and_echo, NULL);
	sg_buf_scoped good = {0};
	last_end = ends = 0;
	sg_peer_on_end(server, note_end);
	put_ask(&good, 9, "good");
	for (size_t n = 0; n < GARBAGE; n++) {
		sg_buf_scoped bytes = {0};
		int raw = attach_raw(server);
		handled = 0;
		/* A good one in front is answered, one behind is not read any more. */
		sg_buf_put_slice(&bytes, sg_buf_slice(&good));
		asn_hex(garbage[n].hex, &bytes);
		sg_buf_put_slice(&bytes, sg_buf_slice(&good));
		write_raw(raw, sg_buf_slice(&bytes));
		expect_answer(raw, 9, "good");
		expect_eof(raw);
		expect_ends(n + 1, n + 1, garbage[n].server);
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
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	struct call one, two;
	int raw = attach_raw(client);
	call_start(&one, client, "one", SOON_MS);
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	put_answer(&out, m.id, "in pieces");
	for (size_t n = 0; n < out.len; n++) {
		write_raw(raw, sg_slice(out.p + n, 1));
		if (n % 8 == 0)
			usleep(1000);
	}
	call_expect(&one, "in pieces");
	call_start(&one, client, "one", SOON_MS);
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	uint64_t first = m.id;
	call_start(&two, client, "two", SOON_MS);
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
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
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	struct call call;
	int raw = attach_raw(client);
	put_answer(&out, 12345, "nobody asked");
	write_raw(raw, sg_buf_slice(&out));
	for (int n = 0; n < 3; n++) {
		call_start(&call, client, "ask", SOON_MS);
		assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
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
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	struct sg_err err = {0};
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	int raw = attach_raw(client);
	int64_t start = sg_clock_mono_ms();
	expect_err(ask_for(client, "silence", 100, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	assert_true(sg_clock_mono_ms() - start >= 99);
	assert_non_null(strstr(err.text, "echo"));
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	uint64_t late = m.id;
	struct call call;
	call_start(&call, client, "next", SOON_MS);
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	put_answer(&out, late, "too late");
	put_answer(&out, m.id, "in time");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&call, "in time");
	/* A deadline that is over asks once, and does not wait. */
	expect_err(ask_for(client, "over", -5, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	close(raw);
}

static struct sg_peer_request *waiting_request;
static atomic_bool request_is_there;

static void
keep_it(struct sg_peer_request *req, void *arg)
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
	struct sg_peer *server = new_peer(SG_EDGE_SERVER, keep_it, NULL);
	sg_buf_scoped out = {0};
	put_ask(&out, 5, "ask");
	int old = attach_raw(server);
	request_is_there = false;
	write_raw(old, sg_buf_slice(&out));
	while (!request_is_there)
		usleep(1000);
	struct sg_peer_request *first = waiting_request;
	assert_int_equal(first->id, 5);
	assert_ptr_equal(first->peer, server);
	int raw = attach_raw(server);
	expect_eof(old);
	reply_with(first, sg_slice_str("old"));
	request_is_there = false;
	write_raw(raw, sg_buf_slice(&out));
	while (!request_is_there)
		usleep(1000);
	reply_with(waiting_request, sg_slice_str("new"));
	expect_answer(raw, 5, "new");
	close(raw);
}

static void
drop_it(struct sg_peer_request *req, void *arg)
{
	sg_ignore(arg);
	sg_peer_drop(req);
}

/* An answer that does not fit its row is not sent, nor is one that was dropped. */
static void
bad_answer(struct sg_peer_request *req, void *arg)
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
		struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
		struct sg_err err = {0};
		connect_peers(client, new_peer(SG_EDGE_SERVER, handlers[n], NULL));
		expect_err(
		    ask_for(client, "ask", 50, NULL, &err), &err, SG_E_TIMEOUT, "rpc.timeout");
	}
}

static void
call__message_does_not_fit__internal(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	struct sg_err err = {0};
	expect_err(ask_for(client, "x", SOON_MS, NULL, &err), &err, SG_E_INTERNAL, "frame.schema");
	struct sg_frame_other ask = {.n = 10};
	struct sg_frame_other_answer answer = {.n = 0};
	expect_err(sg_peer_ask_other(client, &ask, sg_clock_mono_ms() + SOON_MS, &answer, &err),
	    &err, SG_E_INTERNAL, "frame.schema");
	assert_null(answer.hold.block);
}

static void
alloc_fails__each_function__says_so(void **state)
{
	(void)state;
	static struct sg_loop *loop; /* for every mode: it never ends */
	struct sg_err err = {0};
	struct sg_peer *none = NULL;
	if (loop == NULL)
		assert_int_equal(sg_loop_new(&loop, &err), SG_OK);
	alloc_fail_at(1);
	enum sg_code rc = sg_peer_new(&sg_edge_echo, SG_EDGE_CLIENT, loop, NULL, NULL, &none, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	assert_null(none);
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	/* The reader; its watch. */
	for (unsigned long n = 1; n <= 2; n++) {
		int fd[2];
		make_pair(fd);
		alloc_fail_at(n);
		rc = sg_peer_attach(client, fd[0], &err);
		alloc_fail_at(0);
		expect_err(rc, &err, SG_E_NOMEM, "memory");
		expect_eof(fd[1]); /* taken over and closed all the same */
	}
	int raw = attach_raw(client);
	alloc_fail_at(1);
	rc = ask_here(client, "ask", SOON_MS, NULL, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	expect_echo(client, "after that");
	close(raw);
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
	    new_peer(SG_EDGE_CLIENT, NULL, NULL), new_peer(SG_EDGE_SERVER, echo, NULL)};
	struct task task[6];
	pthread_t killer;
	for (size_t n = 0; n < 6; n++)
		task_start(&task[n], peer[0], many_calls, peer[0]);
	assert_int_equal(pthread_create(&killer, NULL, killer_main, peer), 0);
	void *bad = NULL;
	pthread_join(killer, &bad);
	assert_null(bad);
	for (size_t n = 0; n < 6; n++)
		assert_null(task_end(&task[n]));
}

/* A loop asks each of its edges after a round: there is a place for so many. */
static void
new__more_edges_than_places__limit(void **state)
{
	(void)state;
	static struct sg_loop *loop;
	struct sg_err err = {0};
	struct sg_peer *p = NULL;
	assert_int_equal(sg_loop_new(&loop, &err), SG_OK);
	for (size_t n = 0; n < SG_LOOP_ENDS_MAX; n++) {
		assert_int_equal(
		    sg_peer_new(&sg_edge_echo, SG_EDGE_CLIENT, loop, NULL, NULL, &p, &err), SG_OK);
		kept[kept_n++] = p;
	}
	p = NULL;
	enum sg_code rc = sg_peer_new(&sg_edge_echo, SG_EDGE_CLIENT, loop, NULL, NULL, &p, &err);
	expect_err(rc, &err, SG_E_LIMIT, "loop.ends");
	assert_null(p);
}

static const struct row rows[] = {
    ROW(call__one__answered, ALL),
    ROW(call__from_many_threads__each_its_own_answer, ALL),
    ROW(answers__out_of_order__find_their_calls, ALL),
    ROW(call__before_any_socket__waits_for_it, ALL),
    ROW(call__sibling_dies__asked_again, ALL),
    ROW(attach__second__replaces_the_first, ALL),
    ROW(on_end__newest_socket_ended__told_once, ALL),
    ROW(client__garbage_from_the_sibling__cut_off, ALL),
    ROW(first_frame__no_version_or_too_far__cut_off, ALL),
    ROW(first_frame__late_and_twice__waited_for_and_cut_off, ALL),
    ROW(client__answer_to_another_question__cut_off, ALL),
    ROW(server__garbage_from_the_sibling__cut_off, ALL),
    ROW(frames__byte_by_byte_and_at_once__the_same, ALL),
    ROW(answers__unknown_or_twice__ignored, ALL),
    ROW(call__no_answer__deadline_and_late_answer_ignored, ALL),
    ROW(reply__socket_replaced__dropped, ALL),
    ROW(request__dropped_or_misanswered__deadline, ALL),
    ROW(call__message_does_not_fit__internal, ALL),
    ROW(alloc_fails__each_function__says_so, ALL),
    ROW(new__more_edges_than_places__limit, OF(THREADS)),
    ROW(call__deaths_under_load__all_answered, ALL),
};

int
main(void)
{
	return run_rows(rows, sizeof rows / sizeof rows[0]);
}
