/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_peer_behind.c - what a socket does not take, and answers that leave together
 */

#include "unit/ipc/peer_test.h"

static char large[60001];

/* The sibling does not read: every caller gets its deadline, and the bytes that were sent are
 * still whole frames. */
static void
call__sibling_does_not_read__deadline_and_whole_frames(void **state)
{
	(void)state;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	int raw = attach_raw(client);
	memset(large, 'l', sizeof large - 1);
	struct call call[12];
	int64_t start = sg_clock_mono_ms();
	for (size_t n = 0; n < 12; n++)
		call_start(&call[n], client, large, 300);
	for (size_t n = 0; n < 12; n++) {
		task_end(&call[n].task);
		expect_err(call[n].rc, &call[n].err, SG_E_TIMEOUT, "rpc.timeout");
	}
	assert_true(sg_clock_mono_ms() - start < 5000);
	call_start(&call[0], client, "after it", SOON_MS);
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	size_t whole = 0;
	do {
		assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
		whole++;
	} while (!sg_slice_is(m.text, "after it"));
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
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	int old = attach_raw(client);
	memset(large, 'l', sizeof large - 1);
	for (int n = 0; n < 10; n++)
		sg_ignore(ask_for(client, large, 20, NULL, NULL) != SG_OK);
	connect_peers(client, new_peer(SG_EDGE_SERVER, echo, NULL));
	expect_echo(client, "clean");
	expect_echo(client, large);
	close(old);
}

/* Whoever answers goes on at once; the frame that was begun is finished before the next answer. */
static void
reply__client_does_not_read__goes_on_and_finished_later(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_EDGE_SERVER, count_and_echo, NULL);
	int fd[2], little = 4608;
	make_pair(fd);
	assert_int_equal(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little), 0);
	attach(server, fd[0]);
	meet_raw(fd[1], 1);
	sg_buf_scoped out = {0};
	memset(large, 'l', sizeof large - 1);
	put_ask(&out, 1, large);
	handled = 0;
	write_raw(fd[1], sg_buf_slice(&out));
	wait_handled(1);
	sg_buf_reset(&out);
	put_ask(&out, 2, "small");
	write_raw(fd[1], sg_buf_slice(&out));
	wait_handled(2);
	expect_answer(fd[1], 1, large);
	expect_answer(fd[1], 2, "small");
	close(fd[1]);
}

/* ---- what a socket does not take ---- */

#define CROWD 110 /* more than fits behind a socket, of large ones */

/* Read every frame there is, until nothing comes for a while. */
static size_t
count_frames(int fd, uint64_t *ret_last, bool *ret_rising)
{
	raw_scoped m = {.id = 0};
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	size_t n = 0;
	*ret_last = 0;
	*ret_rising = true;
	while (poll(&poll_fd, 1, 300) == 1) {
		assert_true(read_frame(fd, SG_EDGE_CLIENT, &m));
		*ret_rising = *ret_rising && m.id > *ret_last;
		*ret_last = m.id;
		n++;
	}
	return n;
}

/* Much more is sent than may wait: what is too much is lost, what is read later is whole and in
 * order, and then the edge is as good as new. */
static void
call__far_too_much_behind__lost_whole(void **state)
{
	(void)state;
	static struct call call[CROWD], after;
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	int raw = attach_raw(client);
	uint64_t last;
	bool rising;
	memset(large, 'l', sizeof large - 1);
	int64_t start = sg_clock_mono_ms();
	for (size_t n = 0; n < CROWD; n++)
		call_start(&call[n], client, large, 500);
	for (size_t n = 0; n < CROWD; n++) {
		task_end(&call[n].task);
		expect_err(call[n].rc, &call[n].err, SG_E_TIMEOUT, "rpc.timeout");
	}
	assert_true(sg_clock_mono_ms() - start < SOON_MS);
	size_t whole = count_frames(raw, &last, &rising);
	assert_true(whole > SG_EDGE_BEHIND_MAX / (sizeof large + 64));
	assert_true(whole < (SG_EDGE_BEHIND_MAX + SG_FRAME_MAX) / (sizeof large - 1) + 5);
	if (mode == FIBERS)
		assert_true(rising); /* they asked one after the other */
	call_start(&after, client, "after it", SOON_MS);
	raw_scoped m = {.id = 0};
	sg_buf_scoped out = {0};
	assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
	assert_true(sg_slice_is(m.text, "after it"));
	put_answer(&out, m.id, "as new");
	write_raw(raw, sg_buf_slice(&out));
	call_expect(&after, "as new");
	close(raw);
}

/* Whoever waits is asked again on the new socket, once, and of the old one's bytes, of which some
 * had been sent in the middle of a frame, none comes there. */
static void
attach__much_behind__only_whole_frames_on_the_new_one(void **state)
{
	(void)state;
	static struct call call[40];
	struct sg_peer *client = new_peer(SG_EDGE_CLIENT, NULL, NULL);
	bool seen[64] = {0};
	memset(large, 'l', sizeof large - 1);
	int old = attach_raw(client);
	for (size_t n = 0; n < 40; n++)
		call_start(&call[n], client, large, SOON_MS);
	usleep(50000);
	int raw = attach_raw(client);
	for (size_t n = 0; n < 40; n++) {
		raw_scoped m = {.id = 0};
		sg_buf_scoped out = {0};
		assert_true(read_frame(raw, SG_EDGE_CLIENT, &m));
		assert_true(m.id < 64 && !seen[m.id]);
		seen[m.id] = true;
		put_answer(&out, m.id, "here");
		write_raw(raw, sg_buf_slice(&out));
	}
	for (size_t n = 0; n < 40; n++)
		call_expect(&call[n], "here");
	struct pollfd poll_fd = {.fd = raw, .events = POLLIN};
	assert_int_equal(poll(&poll_fd, 1, 50), 0);
	close(old);
	close(raw);
}

/* The same for a server: its answers to the old socket's questions are gone. */
static void
attach__answers_behind__gone(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_EDGE_SERVER, count_and_echo, NULL);
	sg_buf_scoped out = {0};
	int old = attach_raw(server);
	memset(large, 'l', sizeof large - 1);
	handled = 0;
	for (int n = 1; n <= 8; n++) {
		sg_buf_reset(&out);
		put_ask(&out, (uint64_t)n, large);
		write_raw(old, sg_buf_slice(&out));
		wait_handled(n);
	}
	int raw = attach_raw(server);
	sg_buf_reset(&out);
	put_ask(&out, 99, "new");
	write_raw(raw, sg_buf_slice(&out));
	expect_answer(raw, 99, "new");
	close(old);
	close(raw);
}

/* ---- what leaves together ---- */

static void
requests__in_one_write__all_answered_in_order(void **state)
{
	(void)state;
	static const unsigned count[] = {1, 2, 7, 100, 400};
	struct sg_peer *server = new_peer(SG_EDGE_SERVER, count_and_echo, NULL);
	int raw = attach_raw(server);
	for (size_t i = 0; i < sizeof count / sizeof count[0]; i++) {
		sg_buf_scoped out = {.max = 1u << 20};
		for (unsigned n = 1; n <= count[i]; n++)
			put_ask(&out, n, "one of many");
		write_raw(raw, sg_buf_slice(&out));
		for (unsigned n = 1; n <= count[i]; n++)
			expect_answer(raw, n, "one of many");
	}
	close(raw);
}

#define SLOW_MS 30

static atomic_bool first_is_read;

/* Slow; and from the fourth on as slow as whoever reads the first answer. */
static void
echo_slowly(struct sg_peer_request *req, void *arg)
{
	usleep(SLOW_MS * 1000);
	for (int ms = 0; handled >= 3 && !first_is_read && ms < SOON_MS / 2; ms++)
		usleep(1000);
	count_and_echo(req, arg);
}

/* Answers wait for those that come after them, but not longer than the next takes. */
static void
reply__slow_handler__earlier_answers_do_not_wait_for_the_last(void **state)
{
	(void)state;
	struct sg_peer *server = new_peer(SG_EDGE_SERVER, echo_slowly, NULL);
	int raw = attach_raw(server);
	sg_buf_scoped out = {0};
	for (unsigned n = 1; n <= 10; n++)
		put_ask(&out, n, "slow");
	handled = 0;
	first_is_read = false;
	write_raw(raw, sg_buf_slice(&out));
	for (int n = 1; n <= 10; n++) {
		expect_answer(raw, (uint64_t)n, "slow");
		assert_true(n > 1 || handled < 10); /* the first does not wait for the last */
		first_is_read = true;
	}
	close(raw);
}

static const struct row rows[] = {
    ROW(call__sibling_does_not_read__deadline_and_whole_frames, ALL),
    ROW(call__half_a_frame_and_a_new_socket__begins_anew, ALL),
    ROW(reply__client_does_not_read__goes_on_and_finished_later, ALL),
    ROW(call__far_too_much_behind__lost_whole, ALL),
    ROW(attach__much_behind__only_whole_frames_on_the_new_one, ALL),
    ROW(attach__answers_behind__gone, ALL),
    ROW(requests__in_one_write__all_answered_in_order, ALL),
    ROW(reply__slow_handler__earlier_answers_do_not_wait_for_the_last, OF(THREADS)),
};

int
main(void)
{
	return run_rows(rows, sizeof rows / sizeof rows[0]);
}
