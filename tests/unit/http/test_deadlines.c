/* SPDX-License-Identifier: Apache-2.0 */

/* Slow clients and too many of them, with shortened deadlines. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "unit/http/rig.h"

#define H "Host: a\r\n"

static struct rig *
begin(void)
{
	struct rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	rig_init(rig);
	return rig;
}

static void
end(struct rig *rig)
{
	rig_end(rig);
	free(rig);
}

/* Milliseconds until the peer closes or answers. */
static int64_t
wait_for_end(int fd, int64_t since_ms, int *ret_status)
{
	struct answer a;
	*ret_status = hear(fd, &a) ? a.status : 0;
	return sg_clock_mono_ms() - since_ms;
}

static void
head__slow__408_whatever_trickles(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.head_ms = 200;
	rig_start(rig);
	int status, still = dial(rig), trickle = dial(rig), good = dial(rig);
	int64_t since = sg_clock_mono_ms();
	const char *text = "GET /now?xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx HTTP/1.1\r\n";
	say(still, "GET /no");
	/* A byte now and then must not help; on a busy machine it may be closed before the last. */
	for (int i = 0; i < 15; i++) {
		sg_ignore(put(trickle, text + i, 1, 0) != 1);
		sleep_ms(10);
	}
	int64_t took = wait_for_end(still, since, &status);
	assert_int_equal(status, 408);
	assert_true(took >= 200 && took < SOON_MS);
	took = wait_for_end(trickle, since, &status);
	assert_int_equal(status, 408);
	assert_true(took >= 200 && took < SOON_MS);
	assert_true(is_closed(still) && is_closed(trickle));
	say(good, "GET /now HTTP/1.1\r\n" H "\r\n");
	assert_int_equal((wait_for_end(good, since, &status), status), 200);
	assert_int_equal(rig_stats(rig).timeouts, 2);
	rig_wait_record(rig, "127.0.0.1 - - - ");
	close(still);
	close(trickle);
	close(good);
	end(rig);
}

static void
body__below_rate__408_above__accepted(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.body_grace_ms = 200;
	rig->set.body_min_rate = 10;
	rig_start(rig);
	int status, slow = dial(rig), chunked = dial(rig), quick = dial(rig);
	int64_t since = sg_clock_mono_ms();
	char part[100] = {0}, whole[200 + sizeof part] = {0};
	say(slow, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\nxyz");
	say(chunked, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\nx");
	/* Above the rate by so much that a busy machine does not bring it below, for longer than
	 * the grace; what comes with the head is bought ten seconds. */
	int head = snprintf(
	    whole, sizeof whole, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\n");
	say_bytes(quick, whole, (size_t)head + sizeof part);
	for (int i = 1; i < 10; i++) {
		sleep_ms(50);
		say_bytes(quick, part, sizeof part);
	}
	wait_for_end(quick, since, &status);
	assert_int_equal(status, 200);
	int64_t took = wait_for_end(slow, since, &status);
	assert_int_equal(status, 408);
	assert_true(took >= 200 && took < SOON_MS);
	wait_for_end(chunked, since, &status);
	assert_int_equal(status, 408);
	assert_int_equal(rig_stats(rig).timeouts, 2);
	close(slow);
	close(chunked);
	close(quick);
	end(rig);
}

static void
idle__closed_silently(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.idle_ms = 1500; /* and not so short that it ends before anything is said */
	rig_start(rig);
	int status, fresh = dial(rig), used = dial(rig);
	int64_t since = sg_clock_mono_ms();
	say(used, "GET /now HTTP/1.1\r\n" H "\r\n");
	wait_for_end(used, since, &status);
	assert_int_equal(status, 200);
	int64_t took = wait_for_end(fresh, since, &status);
	assert_int_equal(status, 0);
	assert_true(took >= 1500 && took < SOON_MS);
	assert_true(is_closed(used));
	close(fresh);
	close(used);
	end(rig);
}

static void
run__longer_than_every_deadline__still_answered(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.idle_ms = rig->set.head_ms = rig->set.write_ms = 500;
	rig->set.body_grace_ms = rig->set.linger_ms = 500;
	rig_start(rig);
	int status, fd = dial(rig);
	say(fd, "GET /hold HTTP/1.1\r\n" H "\r\n");
	rig_wait_held(rig, 1);
	sleep_ms(1000);
	rig_release(rig);
	wait_for_end(fd, 0, &status);
	assert_int_equal(status, 200);
	close(fd);
	end(rig);
}

static void
write__reader_takes_nothing__dropped(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.write_ms = 200;
	rig_start(rig);
	int small = 4096, fd = dial(rig);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	say(fd, "GET /big HTTP/1.1\r\n" H "\r\n");
	rig_wait_least(rig, timeouts, 1);
	assert_int_equal(rig_stats(rig).timeouts, 1);
	assert_int_equal(rig_stats(rig).conns, 0);
	close(fd);
	end(rig);
}

static void
write__slow_but_steady_reader__served(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.write_ms = 1000; /* far more than each pause, far less than all of them */
	rig_start(rig);
	static char part[1 << 18];
	size_t total = 0;
	int fd = dial(rig);
	say(fd, "GET /big HTTP/1.1\r\n" H "\r\nGET /now?after HTTP/1.1\r\n" H
		"Connection: close\r\n\r\n");
	size_t since = 0; /* the last pause; TLS gives 16 KiB at once */
	for (ssize_t n; (n = get(fd, part, sizeof part)) > 0; total += (size_t)n) {
		since += (size_t)n;
		if (since < sizeof part / 2)
			continue;
		since = 0;
		sleep_ms(40);
	}
	assert_true(total > BIG_LEN);
	close(fd);
	end(rig);
}

static void
address__over_its_share__503(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.per_addr_max = 4;
	rig_start(rig);
	int fds[4], status;
	for (size_t i = 0; i < 4; i++) {
		fds[i] = dial(rig);
		say(fds[i], "GET /now HTTP/1.1\r\n" H "\r\n");
		wait_for_end(fds[i], 0, &status);
		assert_int_equal(status, 200);
	}
	int fd = dial(rig);
	wait_for_end(fd, 0, &status);
	/* Nothing is spent on a handshake to tell. */
	assert_int_equal(status, rig->tls != NULL ? 0 : 503);
	assert_true(rig->tls != NULL || is_closed(fd));
	close(fd);
	assert_int_equal(rig_stats(rig).over_addr, 1);
	assert_int_equal(rig->crowded, 1);
	close(fds[0]);
	rig_wait_most(rig, conns, 3);
	fd = dial(rig);
	say(fd, "GET /now HTTP/1.1\r\n" H "\r\n");
	wait_for_end(fd, 0, &status);
	assert_int_equal(status, 200);
	close(fd);
	for (size_t i = 1; i < 4; i++)
		close(fds[i]);
	end(rig);
}

/* Slow heads in all places keep nobody out: the oldest goes, not the one that just came. */
static void
connections__all_taken_by_slow_heads__oldest_goes(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.conns_max = 3;
	rig_start(rig);
	int status, slow[3];
	for (size_t i = 0; i < 3; i++) {
		slow[i] = dial(rig);
		say(slow[i], "GET /now HT");
		rig_wait_least(rig, conns, i + 1);
		sleep_ms(5); /* each is older than the next by more than the clock's tick */
	}
	for (size_t i = 0; i < 2; i++) {
		int good = dial(rig);
		rig_wait_least(rig, evicted, i + 1);
		assert_true(is_closed(slow[i]));
		say(good, "GET /hold HTTP/1.1\r\n" H "\r\n");
		rig_wait_held(rig, i + 1);
		assert_int_equal(rig_stats(rig).evicted, i + 1);
		assert_int_equal(rig_stats(rig).conns, 3);
		slow[i] = (close(slow[i]), good);
	}
	rig_release(rig);
	for (size_t i = 0; i < 2; i++) {
		wait_for_end(slow[i], 0, &status);
		assert_int_equal(status, 200);
	}
	for (size_t i = 0; i < 3; i++)
		close(slow[i]);
	end(rig);
}

static void
connections__all_taken__idle_one_goes_busy_ones_stay(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.conns_max = 3;
	rig_start(rig);
	int status, busy[3], idle = dial(rig);
	say(idle, "GET /now HTTP/1.1\r\n" H "\r\n");
	wait_for_end(idle, 0, &status);
	assert_int_equal(status, 200);
	for (size_t i = 0; i < 3; i++) {
		busy[i] = dial(rig);
		say(busy[i], "GET /hold HTTP/1.1\r\n" H "\r\n");
		rig_wait_held(rig, i + 1);
	}
	assert_true(is_closed(idle));
	close(idle);
	/* Now nobody can go: the next one waits in the kernel's queue. */
	int next = dial(rig);
	say(next, "GET /now HTTP/1.1\r\n" H "\r\n");
	sleep_ms(50);
	assert_int_equal(rig_stats(rig).conns, 3);
	assert_int_equal(rig_stats(rig).accepted, 4);
	rig_release(rig);
	wait_for_end(next, 0, &status);
	assert_int_equal(status, 200);
	for (size_t i = 0; i < 3; i++) {
		wait_for_end(busy[i], 0, &status);
		assert_int_equal(status, 200);
		close(busy[i]);
	}
	close(next);
	end(rig);
}

static void
memory__unfinished_requests__slowest_closed(void **state)
{
	(void)state;
	struct rig *rig = begin();
	/* Nine times the 16 KiB that each takes; or the last of these nine is still a handshake. */
	rig->set.heads_max = rig->tls != NULL ? 8 * 16384 + SG_TLS_SHAKE_MEM + 1000 : 150000;
	rig_start(rig);
	int status, fds[12];
	char junk[10000];
	memset(junk, 'a', sizeof junk);
	for (size_t i = 0; i < 12; i++) {
		fds[i] = dial(rig);
		say(fds[i], "GET /");
		say_bytes(fds[i], junk, sizeof junk);
		while (rig_stats(rig).heads_mem < 10000)
			sleep_ms(1);
		sleep_ms(2);
	}
	rig_wait_least(rig, evicted, 3);
	assert_int_equal(rig_stats(rig).evicted, 3);
	assert_true(rig_stats(rig).heads_mem <= 150000);
	for (size_t i = 0; i < 3; i++) {
		struct answer a;
		assert_false(hear(fds[i], &a));
	}
	say(fds[11], " HTTP/1.1\r\n" H "\r\n");
	wait_for_end(fds[11], 0, &status);
	assert_int_equal(status, 200);
	for (size_t i = 0; i < 12; i++)
		close(fds[i]);
	end(rig);
}

/* Requests behind one that runs stay where they are but for what may be ahead, and all get
 * their answers once it is their turn. */
static void
ahead__while_a_request_runs__bounded_and_then_answered(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig_start(rig);
	struct answer a;
	sg_buf_scoped all = {0};
	char junk[4001];
	memset(junk, 'a', sizeof junk - 1);
	junk[sizeof junk - 1] = 0;
	int small = 4096;
	assert_int_equal(
	    setsockopt(rig->listen_fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	int fd = dial(rig);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	say(fd, "GET /hold HTTP/1.1\r\n" H "\r\n");
	rig_wait_held(rig, 1);
	for (int i = 0; i < 64; i++)
		sg_buf_printf(&all, "GET /now?%d HTTP/1.1\r\n" H "X: %s\r\n\r\n", i, junk);
	size_t sent = 0;
	/* Until nothing more is taken; what must be taken may take its time. */
	for (int idle = 0; idle < (sent >= SG_HTTP_PIPELINE_MAX ? 20 : SOON_MS / 5);) {
		ssize_t n = put(fd, all.p + sent, all.len - sent, MSG_DONTWAIT);
		sent += n > 0 ? (size_t)n : 0;
		idle = n > 0 ? 0 : idle + 1;
		sleep_ms(5);
	}
	assert_true(sent >= SG_HTTP_PIPELINE_MAX && sent < all.len / 2);
	rig_release(rig);
	say_bytes(fd, all.p + sent, all.len - sent);
	assert_true(hear(fd, &a));
	for (int i = 0; i < 64; i++) {
		char want[16];
		snprintf(want, sizeof want, "%d", i);
		assert_true(hear(fd, &a));
		assert_string_equal(a.body, want);
	}
	close(fd);
	end(rig);
}

static void
linger__client_sends_on__closed_in_time(void **state)
{
	(void)state;
	struct rig *rig = begin();
	rig->set.linger_ms = 200;
	rig_start(rig);
	int status, fd = dial(rig);
	int64_t since = sg_clock_mono_ms();
	say(fd, "PUT / HTTP/1.1\r\n" H "\r\n");
	wait_for_end(fd, since, &status);
	assert_int_equal(status, 405);
	assert_true(is_closed(fd));
	while (put(fd, "x", 1, 0) == 1 && sg_clock_mono_ms() - since < SOON_MS)
		sleep_ms(5);
	assert_true(sg_clock_mono_ms() - since < SOON_MS);
	close(fd);
	end(rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test_twice(head__slow__408_whatever_trickles),
	    rig_test_twice(body__below_rate__408_above__accepted),
	    rig_test_twice(idle__closed_silently),
	    rig_test_twice(run__longer_than_every_deadline__still_answered),
	    rig_test_twice(write__reader_takes_nothing__dropped),
	    rig_test_twice(write__slow_but_steady_reader__served),
	    rig_test_twice(address__over_its_share__503),
	    rig_test_twice(connections__all_taken_by_slow_heads__oldest_goes),
	    cmocka_unit_test(connections__all_taken__idle_one_goes_busy_ones_stay),
	    rig_test_twice(memory__unfinished_requests__slowest_closed),
	    rig_test_twice(ahead__while_a_request_runs__bounded_and_then_answered),
	    rig_test_twice(linger__client_sends_on__closed_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
