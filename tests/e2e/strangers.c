/* SPDX-License-Identifier: Apache-2.0 */

/*
 * strangers.c - many connections of many addresses, for tests/e2e/strangers.py
 *
 *   strangers idle  PORT CONNECTIONS ADDRESSES SECONDS       connect and say nothing
 *   strangers drip  PORT CONNECTIONS ADDRESSES SECONDS       a byte of a request head each second
 *   strangers flood PORT CONNECTIONS ADDRESSES SECONDS RATE FILE
 *                                   RATE requests a second, in turn from FILE, whose records are
 *                                   four bytes of length, high byte first, and a request
 *
 * What the server closes is opened again. Prints "ready" when all are open (or it has given up
 * on that), and at the end, or after SIGTERM, one line of JSON.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 5
#define OPEN_PER_TICK 40 /* 8 000 connections a second */
#define READY_MS 30000
#define ANSWER_MAX 16384
#define BEGIN "GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\nX-Slow: "

enum kind { IDLE, DRIP, FLOOD };
enum phase { CLOSED, CONNECTING, FREE, BUSY };

struct stranger {
	int fd;
	enum phase phase;
	int64_t next_ms; /* DRIP: when the next byte is due; CLOSED: when to open */
	size_t sent, got, need;
	const struct message *message;
	char *answer; /* FLOOD */
};

struct message {
	const char *p;
	size_t len;
};

static struct {
	enum kind kind;
	unsigned port, n, addrs, seconds, rate;
	struct stranger *all;
	struct message *messages;
	size_t message_n;
	int epoll;
	size_t last;
	uint64_t opened, closed, failed, sent, missed, status[600];
	unsigned open, most;
} g;

static volatile sig_atomic_t stopped;

static void
on_term(int sig)
{
	stopped = sig;
}

static int64_t
now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
die(const char *what)
{
	fprintf(stderr, "strangers: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
hang_up(struct stranger *s, int64_t again_ms)
{
	if (s->phase == FREE || s->phase == BUSY) {
		g.open--;
		g.closed++;
	}
	close(s->fd);
	s->phase = CLOSED;
	s->next_ms = again_ms;
}

static void
hello(struct stranger *s, int64_t now)
{
	struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
	unsigned addr = (unsigned)(s - g.all) % g.addrs;
	int one = 1;

	/* 127.10.0.1, 127.11.0.1, ...: of networks with nothing in common, as strangers are. */
	from.sin_addr.s_addr = htonl(0x7f000001u + ((10 + addr % 200) << 16) + (addr / 200 << 8));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)g.port);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		die("socket");
	setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = s};
	if (bind(s->fd, (struct sockaddr *)&from, sizeof from) != 0)
		die("bind");
	if (epoll_ctl(g.epoll, EPOLL_CTL_ADD, s->fd, &ev) != 0)
		die("epoll_ctl");
	s->phase = CONNECTING;
	s->sent = s->got = s->need = 0;
	if (connect(s->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS)
		return;
	g.failed++;
	hang_up(s, now + 100);
}

static void
connected(struct stranger *s, int64_t now)
{
	s->phase = FREE;
	g.opened++;
	if (++g.open > g.most)
		g.most = g.open;
	/* Spread over the second, so that the bytes do not come all at once. */
	s->next_ms = now + (int64_t)(s - g.all) % 1000;
}

/* The length of the whole answer once its head is here. */
static void
look(struct stranger *s)
{
	s->answer[s->got] = '\0';
	char *end = strstr(s->answer, "\r\n\r\n");
	char *len = strstr(s->answer, "Content-Length: ");
	if (end != NULL && len != NULL && len < end)
		s->need = (size_t)(end + 4 - s->answer) + strtoul(len + 16, NULL, 10);
}

static void
count(const char *answer, size_t len)
{
	unsigned status = len > 12 ? (unsigned)strtoul(answer + 9, NULL, 10) : 0;
	if (status < 600)
		g.status[status]++;
}

static void
flood_read(struct stranger *s, int64_t now)
{
	ssize_t n = recv(s->fd, s->answer + s->got, ANSWER_MAX - 1 - s->got, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (s->phase == BUSY)
			g.failed++;
		hang_up(s, now);
		return;
	}
	s->got += (size_t)n;
	look(s);
	if (s->need == 0 || s->got < s->need)
		return;
	count(s->answer, s->got);
	s->phase = FREE;
	s->got = s->need = 0;
	if (strstr(s->answer, "Connection: close") != NULL)
		hang_up(s, now);
}

static void
quiet_read(struct stranger *s, int64_t now)
{
	char buf[512];
	ssize_t n = recv(s->fd, buf, sizeof buf - 1, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		buf[n] = '\0';
		count(buf, (size_t)n);
	}
	hang_up(s, now);
}

static void
push(struct stranger *s, int64_t now)
{
	ssize_t n = send(s->fd, s->message->p + s->sent, s->message->len - s->sent, MSG_NOSIGNAL);
	if (n > 0)
		s->sent += (size_t)n;
	else if (n < 0 && errno != EAGAIN) {
		g.failed++;
		hang_up(s, now);
	}
}

static void
happened(struct stranger *s, uint32_t events, int64_t now)
{
	if (s->phase == CLOSED)
		return;
	if (s->phase == CONNECTING) {
		if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
			g.failed++;
			hang_up(s, now + 100);
			return;
		}
		if ((events & EPOLLOUT) != 0)
			connected(s, now);
	}
	if (s->phase == BUSY && (events & EPOLLOUT) != 0 && s->sent < s->message->len)
		push(s, now);
	if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0 || s->phase == CLOSED)
		return;
	if (g.kind == FLOOD)
		flood_read(s, now);
	else
		quiet_read(s, now);
}

static void
drip(struct stranger *s, int64_t now)
{
	static const char begin[] = BEGIN;
	char byte = s->sent < sizeof begin - 1 ? begin[s->sent] : 'a';

	if (s->next_ms > now)
		return;
	s->next_ms += 1000;
	if (send(s->fd, &byte, 1, MSG_NOSIGNAL) == 1) {
		s->sent++;
		g.sent++;
	}
}

static void
ask(uint64_t due, int64_t now)
{
	for (size_t tries = 0; g.sent + g.missed < due && tries < g.n; tries++) {
		struct stranger *s = &g.all[g.last = (g.last + 1) % g.n];
		if (s->phase != FREE)
			continue;
		s->message = &g.messages[g.sent++ % g.message_n];
		s->phase = BUSY;
		s->sent = s->got = s->need = 0;
		push(s, now);
		tries = 0;
	}
	/* Nobody is free: an attacker who waits for answers sends less. */
	if (g.sent + g.missed < due) {
		g.missed = due - g.sent;
	}
}

static void
tick(int64_t now, int64_t flood_from)
{
	unsigned opens = 0;

	for (size_t n = 0; n < g.n; n++) {
		struct stranger *s = &g.all[n];
		if (s->phase == CLOSED && s->next_ms <= now && opens < OPEN_PER_TICK) {
			hello(s, now);
			opens++;
		} else if (s->phase == FREE && g.kind == DRIP) {
			drip(s, now);
		}
	}
	if (g.kind == FLOOD && flood_from > 0)
		ask((uint64_t)(now - flood_from) * g.rate / 1000, now);
}

static void
wait_for_events(int64_t until)
{
	struct epoll_event events[512];
	int64_t left = until - now_ms();
	int n = epoll_wait(g.epoll, events, 512, left > 0 ? (int)left : 0);
	int64_t now = now_ms();

	for (int i = 0; i < n; i++)
		happened(events[i].data.ptr, events[i].events, now);
}

static void
load(const char *path)
{
	FILE *f = fopen(path, "rb");
	unsigned char head[4];

	if (f == NULL)
		die(path);
	while (fread(head, 1, 4, f) == 4) {
		size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 |
			     head[3];
		char *p = malloc(len);
		g.messages = realloc(g.messages, (g.message_n + 1) * sizeof *g.messages);
		if (p == NULL || g.messages == NULL || fread(p, 1, len, f) != len)
			die(path);
		g.messages[g.message_n++] = (struct message){p, len};
	}
	fclose(f);
	if (g.message_n == 0)
		die("no messages");
}

static void
setup(int argc, char **argv)
{
	struct rlimit files;

	if (argc < 6 || (argv[1][0] == 'f') != (argc == 8)) {
		fprintf(stderr, "strangers: wrong arguments, see the source\n");
		exit(2);
	}
	g.kind = argv[1][0] == 'i' ? IDLE : argv[1][0] == 'd' ? DRIP : FLOOD;
	g.port = (unsigned)strtoul(argv[2], NULL, 10);
	g.n = (unsigned)strtoul(argv[3], NULL, 10);
	g.addrs = (unsigned)strtoul(argv[4], NULL, 10);
	g.seconds = (unsigned)strtoul(argv[5], NULL, 10);
	if (g.kind == FLOOD) {
		g.rate = (unsigned)strtoul(argv[6], NULL, 10);
		load(argv[7]);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	g.all = calloc(g.n, sizeof *g.all);
	g.epoll = epoll_create1(0);
	if (g.all == NULL || g.epoll < 0)
		die("no memory");
	for (size_t n = 0; g.kind == FLOOD && n < g.n; n++)
		if ((g.all[n].answer = malloc(ANSWER_MAX)) == NULL)
			die("no memory");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_term);
}

static void
report(double seconds)
{
	printf("{\"opened\": %llu, \"closed\": %llu, \"failed\": %llu, \"open\": %u, \"most\": %u, "
	       "\"sent\": %llu, \"missed\": %llu, \"seconds\": %.3f, \"status\": {",
	    (unsigned long long)g.opened, (unsigned long long)g.closed,
	    (unsigned long long)g.failed, g.open, g.most, (unsigned long long)g.sent,
	    (unsigned long long)g.missed, seconds);
	const char *before = "";
	for (size_t n = 0; n < 600; n++)
		if (g.status[n] > 0) {
			printf("%s\"%zu\": %llu", before, n, (unsigned long long)g.status[n]);
			before = ", ";
		}
	printf("}}\n");
}

int
main(int argc, char **argv)
{
	setup(argc, argv);
	int64_t begin = now_ms(), next = begin, ready = 0, end = INT64_MAX;

	while (!stopped && now_ms() < end) {
		int64_t now = now_ms();
		if (now >= next) {
			tick(now, ready);
			next = now + TICK_MS;
		}
		wait_for_events(next);
		if (ready == 0 && (g.open == g.n || now - begin > READY_MS)) {
			ready = now_ms();
			end = ready + (int64_t)g.seconds * 1000;
			printf("ready\n");
			fflush(stdout);
		}
	}
	report((double)(now_ms() - (ready > 0 ? ready : begin)) / 1000);
	return 0;
}
