/* SPDX-License-Identifier: Apache-2.0 */

/* What only a server over TLS can meet: handshakes that are none, and ends that are cut off. */

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "lib/tls_peer.h"
#include "unit/http/rig.h"

#define H "Host: a\r\n"

static int
setup(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	rig_with_tls(NULL);
	rig_init(rig);
	rig->set.head_ms = 3000;
	rig_start(rig);
	*state = rig;
	return 0;
}

static int
teardown(void **state)
{
	rig_end(*state);
	free(*state);
	return rig_without_tls(NULL);
}

static void
exchange(int fd, const char *text, const char *body)
{
	struct answer a;
	say(fd, text);
	assert_true(hear(fd, &a));
	assert_string_equal(a.body, body);
}

/* The raw end of the socket, after an alert perhaps. */
static bool
ends(int fd)
{
	char junk[4096];
	ssize_t n;
	do
		n = recv(fd, junk, sizeof junk, 0);
	while (n > 0);
	return n == 0;
}

static void
bytes__that_are_no_tls__refused(void **state)
{
	static const char texts[][32] = {
	    "\x16\x03\x00\x00\x01x and more",
	    "SSH-2.0-OpenSSH_9.2\r\n",
	    "\x16\x03\x01\xff\xff junk",
	    "OPTIONS / HTTP/1.1\r\n\r\n",
	    "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10 an old hello",
	};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int fd = dial_plain(rig);
		say_bytes(fd, texts[i], 20);
		assert_true(ends(fd));
		close(fd);
	}
	rig_wait_record(rig, "127.0.0.1 tls.bytes: ");
	rig_wait_most(rig, conns, 0);
	assert_int_equal(rig_stats(rig).tls_failed, sizeof texts / sizeof *texts);
	assert_int_equal(rig_stats(rig).requests, 0);
}

static void
plain_http__answered_in_clear(void **state)
{
	static const char *const texts[] = {"GET / HTTP/1.1\r\n" H "\r\n",
	    "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", "HEAD / HTTP/1.0\r\n\r\n",
	    "CONNECT a:443 HTTP/1.1\r\n" H "\r\n"};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct answer a;
		int fd = dial_plain(rig);
		say(fd, texts[i]);
		assert_true(hear(fd, &a));
		assert_int_equal(a.status, 400);
		assert_non_null(strstr(a.body, "https://"));
		assert_non_null(strstr(a.head, "\r\nConnection: close\r\n"));
		assert_true(is_closed(fd));
		close(fd);
	}
	char record[96];
	snprintf(record, sizeof record, "127.0.0.1 - - - %u - 127.0.0.1 - - 400 0 0 0\ntls.plain",
	    rig->port);
	rig_wait_record(rig, record);
	assert_int_equal(rig_stats(rig).requests, 0);
}

static void
handshake__refused__alert_arrives(void **state)
{
	struct rig *rig = *state;
	static const struct {
		struct tls_ask ask;
		int alert;
		const char *record;
	} rows[] = {
	    {{.name = "other.example"}, SSL_AD_UNRECOGNIZED_NAME,
		"127.0.0.1 tls.name: no certificate is for the name \"other.example\""},
	    {{.name = "a\n\x1b[1mb"}, SSL_AD_UNRECOGNIZED_NAME,
		"127.0.0.1 tls.name: no certificate is for the name \"a\\x0a\\x1b[1mb\""},
	    {{.protocols = "\x02h2"}, SSL_AD_NO_APPLICATION_PROTOCOL,
		"127.0.0.1 tls.alpn: only http/1.1 is spoken here, the client wants \"h2\""},
	    {{.max = TLS1_1_VERSION}, SSL_AD_PROTOCOL_VERSION, "127.0.0.1 tls.version: "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int fd = dial_plain(rig);
		assert_false(dial_tls(fd, &rows[i].ask));
		assert_int_equal(tls_client_alert(), rows[i].alert);
		assert_true(ends(fd));
		close(fd);
		rig_wait_record(rig, rows[i].record);
	}
	/* And one that the client sends. */
	int fd = dial_plain(rig);
	assert_false(dial_tls(fd, &(struct tls_ask){.distrusts = true}));
	ERR_clear_error();
	close(fd);
	rig_wait_record(
	    rig, "127.0.0.1 tls.alert: the client refuses: unknown CA: it does not trust");
	fd = dial(rig);
	exchange(fd, "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
	close(fd);
}

static void
handshake__slow__closed_in_time(void **state)
{
	struct rig *rig = *state;
	int64_t since = sg_clock_mono_ms();
	int silent = dial_plain(rig), begun = dial_plain(rig), trickle = dial_plain(rig);
	static const uint8_t hello[] = {0x16, 3, 1, 1, 0, 1, 0, 0, 252, 3, 3};
	say_bytes(begun, hello, sizeof hello);
	for (size_t i = 0; i < sizeof hello; i++) {
		say_bytes(trickle, hello + i, 1);
		sleep_ms(5);
	}
	rig_wait_least(rig, heads_mem, 2 * SG_TLS_SHAKE_MEM);
	assert_true(ends(silent) && ends(begun) && ends(trickle));
	int64_t took = sg_clock_mono_ms() - since;
	assert_true(took >= 3000 && took < SOON_MS);
	assert_int_equal(rig_stats(rig).timeouts, 3);
	assert_int_equal(rig_stats(rig).heads_mem, 0);
	rig_wait_record(rig, "127.0.0.1 tls.slow: ");
	/* Who said nothing is nothing to tell of. */
	assert_int_equal(rig->n_records, 2);
	close(silent);
	close(begun);
	close(trickle);
}

/* Nine bytes that announce 128 KiB. */
static void
handshake__large_message__refused_before_it_comes(void **state)
{
	struct rig *rig = *state;
	static const uint8_t hello[] = {0x16, 3, 1, 0, 4, 1, 1, 0xff, 0xff, 0x16, 3, 1, 0, 1, 0};
	int fd = dial_plain(rig);
	/* The header in two records, too. */
	static const uint8_t cut[] = {0x16, 3, 1, 0, 1, 1, 0x16, 3, 1, 0, 3, 0, 0x40, 1};
	int other = dial_plain(rig);
	say_bytes(fd, hello, sizeof hello);
	say_bytes(other, cut, sizeof cut);
	assert_true(ends(fd) && ends(other));
	rig_wait_record(rig, "127.0.0.1 tls.handshake: the client announces a message of more");
	assert_int_equal(rig_stats(rig).tls_failed, 2);
	close(fd);
	close(other);
}

static void
handshake__left_in_the_middle__told(void **state)
{
	struct rig *rig = *state;
	close(dial_plain(rig));
	/* Nor is a reset, as balancers end their checks, when nothing came before it. */
	int fd = dial_plain(rig);
	struct linger reset = {1, 0};
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	close(fd);
	fd = dial_plain(rig);
	say(fd, "\x16\x03\x01");
	close(fd);
	rig_wait_record(rig, "127.0.0.1 tls.left: ");
	rig_wait_most(rig, conns, 0);
	assert_int_equal(rig->n_records, 1);
}

/* The socket ends without TLS's end: a request that is whole is handled, one that is not, is not.
 */
static void
cut__in_a_request__not_handled(void **state)
{
	static const struct {
		const char *text;
		bool whole;
	} rows[] = {
	    {"GET /now?x HTTP/1.1\r\n" H "\r\n", true},
	    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx", true},
	    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
		true},
	    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nx", false},
	    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
		false},
	    {"GET /now?x HTTP/1.1\r\n" H, false},
	    {"", false},
	};
	struct rig *rig = *state;
	uint64_t whole = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct answer a;
		int fd = dial(rig);
		if (rows[i].text[0] != 0)
			say(fd, rows[i].text);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		assert_int_equal(hear(fd, &a), rows[i].whole);
		if (rows[i].whole)
			assert_string_equal(a.body, "x");
		assert_true(is_closed(fd)); /* with TLS's end */
		close(fd);
		whole += rows[i].whole;
	}
	assert_int_equal(rig_stats(rig).requests, whole);
}

/* A record of which the end is missing holds nothing that counts. */
static void
cut__in_a_record__not_handled(void **state)
{
	struct rig *rig = *state;
	struct answer a;
	int fd = dial(rig), fds[2];
	const char *text = "GET /now?x HTTP/1.1\r\n" H "\r\n";
	uint8_t record[512];
	/* What it would send goes elsewhere, and all but its last byte from there to the server. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	SSL *ssl = ssl_of(fd);
	BIO *to = BIO_new_socket(fds[0], BIO_NOCLOSE);
	SSL_set0_wbio(ssl, to);
	say(fd, text);
	ssize_t n = recv(fds[1], record, sizeof record, 0);
	assert_true(n > 40);
	assert_int_equal(send(fd, record, (size_t)n - 1, 0), n - 1);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_false(hear(fd, &a));
	assert_int_equal(rig_stats(rig).requests, 0);
	close(fd);
	close(fds[0]);
	close(fds[1]);
}

static void
record__damaged__refused(void **state)
{
	struct rig *rig = *state;
	static const uint8_t junk[] = {0x17, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	    14, 15, 16, 17, 18, 19, 20};
	int fd = dial(rig);
	exchange(fd, "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
	assert_int_equal(send(fd, junk, sizeof junk, 0), sizeof junk);
	char c;
	assert_int_equal(get(fd, &c, 1), -1); /* an alert */
	assert_true(ends(fd));
	rig_wait_record(rig, "127.0.0.1 tls.record: ");
	rig_wait_most(rig, conns, 0);
	close(fd);
}

static void
renegotiation__refused(void **state)
{
	struct rig *rig = *state;
	int fd = dial_plain(rig);
	char c;
	assert_true(dial_tls(fd, &(struct tls_ask){.max = TLS1_2_VERSION}));
	exchange(fd, "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
	assert_int_equal(SSL_renegotiate(ssl_of(fd)), 1);
	/* OpenSSL's client gives up when the server says no. */
	assert_int_equal(SSL_do_handshake(ssl_of(fd)), -1);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
	ERR_clear_error();
	assert_int_not_equal(get(fd, &c, 1), 1);
	assert_int_equal(rig_stats(rig).requests, 1);
	close(fd);
	rig_wait_most(rig, conns, 0);
}

static void
sessions__never_resumed(void **state)
{
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		int fd = dial_plain(*state);
		assert_true(dial_tls(fd, &(struct tls_ask){.min = version, .max = version}));
		exchange(fd, "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
		SSL_SESSION *session = SSL_get1_session(ssl_of(fd));
		assert_false(SSL_SESSION_is_resumable(session) && SSL_SESSION_has_ticket(session));
		shut(fd);
		close(fd);
		fd = dial_plain(*state);
		/* The same session again, for who insists. */
		SSL *ssl = tls_client(fd, &(struct tls_ask){.min = version, .max = version});
		assert_int_equal(SSL_set_session(ssl, session), 1);
		assert_int_equal(SSL_do_handshake(ssl), 1);
		assert_false(SSL_session_reused(ssl));
		SSL_SESSION_free(session);
		SSL_free(ssl);
		close(fd);
	}
}

static void
assert_certificate_of(int fd, const char *name)
{
	assert_int_equal(
	    X509_check_host(SSL_get0_peer_certificate(ssl_of(fd)), name, 0, 0, NULL), 1);
}

static void
exchange__while_connections_are_open__they_stay(void **state)
{
	struct rig *rig = *state;
	int fds[8], half = dial_plain(rig);
	for (size_t i = 0; i < 8; i++) {
		fds[i] = dial(rig);
		assert_certificate_of(fds[i], "rig.example");
	}
	say(fds[0], "GET /hold?held HTTP/1.1\r\n" H "\r\n");
	rig_wait_held(rig, 1);
	rig_wait_least(rig, conns, 9);
	for (int n = 0; n < 3; n++) {
		char name[32];
		snprintf(name, sizeof name, "new%d.example", n);
		rig_exchange_tls(rig, name);
		int fd = dial_plain(rig);
		assert_true(dial_tls(fd, &(struct tls_ask){.name = name}));
		assert_certificate_of(fd, name);
		exchange(fd, "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
		close(fd);
		for (size_t i = 1; i < 8; i++)
			exchange(fds[i], "GET /late?x HTTP/1.1\r\n" H "\r\n", "x");
	}
	/* Accepted before, its handshake after: what it began with. */
	assert_true(dial_tls(half, &(struct tls_ask){0}));
	assert_certificate_of(half, "rig.example");
	rig_release(rig);
	exchange(fds[0], "", "held");
	close(half);
	for (size_t i = 0; i < 8; i++)
		close(fds[i]);
}

static void
stop__in_a_handshake__closed(void **state)
{
	struct rig *rig = *state;
	int silent = dial_plain(rig), idle = dial(rig);
	rig_wait_least(rig, conns, 2);
	rig_stop(rig, true);
	assert_true(ends(silent));
	assert_true(is_closed(idle)); /* with TLS's end */
	close(silent);
	close(idle);
}

/* Handshakes that go on have their bound together: the oldest goes. */
static void
handshakes__more_than_memory__oldest_closed(void **state)
{
	(void)state;
	struct rig *rig = calloc(1, sizeof *rig);
	int fds[6];
	rig_with_tls(NULL);
	rig_init(rig);
	rig->set.heads_max = 4 * SG_TLS_SHAKE_MEM;
	rig_start(rig);
	for (size_t i = 0; i < 6; i++) {
		fds[i] = dial_plain(rig);
		say(fds[i], "\x16\x03\x01");
		rig_wait_least(rig, accepted, i + 1);
		sleep_ms(5);
	}
	rig_wait_least(rig, evicted, 2);
	assert_true(ends(fds[0]) && ends(fds[1]));
	assert_int_equal(rig_stats(rig).heads_mem, 4 * SG_TLS_SHAKE_MEM);
	for (size_t i = 0; i < 6; i++)
		close(fds[i]);
	void *end = rig;
	teardown(&end);
}

static void
no_context__closed(void **state)
{
	(void)state;
	struct rig *rig = calloc(1, sizeof *rig);
	rig_init(rig);
	rig->no_context = true;
	rig_start(rig);
	int fd = dial_plain(rig);
	assert_true(ends(fd));
	assert_int_equal(rig_stats(rig).conns, 0);
	close(fd);
	void *end = rig;
	teardown(&end);
}

static size_t
in_use(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

/* Both ends are in this process: what a client has is measured by itself. */
static void
idle__a_thousand__memory_of_each(void **state)
{
	enum { MANY = 1000 };
	static int fds[MANY];
	struct rig *rig = *state;
	for (size_t i = 0; i < 8; i++) {
		fds[i] = dial(rig);
		exchange(fds[i], "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
	}
	for (size_t i = 0; i < 8; i++)
		close(fds[i]);
	rig_wait_most(rig, conns, 0);
	size_t before = in_use();
	for (size_t i = 0; i < MANY; i++) {
		fds[i] = dial(rig);
		exchange(fds[i], "GET /now?x HTTP/1.1\r\n" H "\r\n", "x");
	}
	assert_int_equal(rig_stats(rig).conns, MANY);
	size_t both = in_use() - before;
	rig_free_server(rig);
	size_t clients = in_use() - before;
	print_message("an idle TLS connection: %zu bytes here\n", (both - clients) / MANY);
	assert_true((both - clients) / MANY < 20000);
	for (size_t i = 0; i < MANY; i++)
		close(fds[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(bytes__that_are_no_tls__refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(plain_http__answered_in_clear, setup, teardown),
	    cmocka_unit_test_setup_teardown(handshake__refused__alert_arrives, setup, teardown),
	    cmocka_unit_test_setup_teardown(handshake__slow__closed_in_time, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		handshake__large_message__refused_before_it_comes, setup, teardown),
	    cmocka_unit_test_setup_teardown(handshake__left_in_the_middle__told, setup, teardown),
	    cmocka_unit_test_setup_teardown(cut__in_a_request__not_handled, setup, teardown),
	    cmocka_unit_test_setup_teardown(cut__in_a_record__not_handled, setup, teardown),
	    cmocka_unit_test_setup_teardown(record__damaged__refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(renegotiation__refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(sessions__never_resumed, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		exchange__while_connections_are_open__they_stay, setup, teardown),
	    cmocka_unit_test_setup_teardown(stop__in_a_handshake__closed, setup, teardown),
	    cmocka_unit_test(handshakes__more_than_memory__oldest_closed),
	    cmocka_unit_test(no_context__closed),
	    cmocka_unit_test_setup_teardown(idle__a_thousand__memory_of_each, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
