/* SPDX-License-Identifier: Apache-2.0 */

/* One connection over a pair of sockets: content both ways, and every end that it can have. */

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto_test.h"

#include "base/limits.h"
#include "crypto/tls.h"
#include "lib/tls_peer.h"

struct both {
	int fds[2]; /* the server's, the client's */
	struct sg_tls *tls;
	SSL *client;
	struct sg_err err;
};

static struct sg_tls_server *server;

static int
begin(void **state)
{
	struct tls_made made;
	struct sg_err err;

	(void)state;
	tls_make(&(struct tls_want){.names = "DNS:a.example"}, &made);
	struct sg_tls_pair pair = tls_pair_of(&made);
	assert_sg_ok(sg_tls_server_new(&pair, 1, &server, &err));
	tls_made_clear(&made);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	sg_tls_server_free(&server);
	return 0;
}

static struct both
begin_both(int version)
{
	struct both b = {0};
	struct sg_err err;
	enum sg_tls_got got = SG_TLS_WANT_READ;
	int rc = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b.fds), 0);
	assert_sg_ok(sg_tls_new(server, b.fds[0], &b.tls, &err));
	assert_false(sg_tls_began(b.tls));
	b.client = tls_client(b.fds[1], &(struct tls_ask){.min = version, .max = version});
	for (int i = 0; i < 10 && (rc != 1 || got != SG_TLS_OK); i++) {
		rc = rc == 1 ? 1 : SSL_do_handshake(b.client);
		if (got != SG_TLS_OK)
			got = sg_tls_handshake(b.tls, &b.err);
	}
	assert_int_equal(got, SG_TLS_OK);
	assert_true(sg_tls_began(b.tls));
	return b;
}

static void
end_both(struct both *b)
{
	SSL_free(b->client);
	sg_tls_free(&b->tls);
	assert_null(b->tls);
	close(b->fds[0]);
	close(b->fds[1]);
}

static enum sg_tls_got
read_one(struct both *b, char *p, size_t len, size_t *n)
{
	*n = 0;
	return sg_tls_read(b->tls, p, len, n, &b->err);
}

/* Each test for TLS 1.2 and 1.3. */
#define for_both(b)                                                                                \
	for (int v_ = TLS1_2_VERSION; v_ <= TLS1_3_VERSION; v_++)                                  \
		for (struct both b = begin_both(v_); b.tls != NULL; end_both(&b))

static void
read__in_pieces__pending_says_so(void **state)
{
	char p[16];
	size_t n;

	(void)state;
	for_both(b)
	{
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_WANT_READ);
		assert_int_equal(SSL_write(b.client, "0123456789", 10), 10);
		assert_int_equal(SSL_write(b.client, "abc", 3), 3);
		assert_int_equal(read_one(&b, p, 4, &n), SG_TLS_OK);
		assert_int_equal(n, 4);
		assert_memory_equal(p, "0123", 4);
		assert_true(sg_tls_pending(b.tls));
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_OK);
		assert_memory_equal(p, "456789", 6);
		/* The second record came with the first one. */
		assert_true(sg_tls_pending(b.tls));
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_OK);
		assert_int_equal(n, 3);
		assert_false(sg_tls_pending(b.tls));
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_WANT_READ);
	}
}

static void
write__more_than_the_socket_takes__goes_on(void **state)
{
	const size_t all = 4u << 20;
	uint8_t *out = calloc(1, all), *in = calloc(1, all);

	(void)state;
	assert_true(out != NULL && in != NULL);
	for (size_t i = 0; i < all; i++)
		out[i] = (uint8_t)(i * 7 + i / 251);
	for_both(b)
	{
		size_t sent = 0, got = 0, n;
		while (got < all) {
			n = 0;
			enum sg_tls_got rc = SG_TLS_OK;
			if (sent < all)
				rc = sg_tls_write(b.tls, out + sent, all - sent, &n, &b.err);
			assert_true(rc == SG_TLS_OK || rc == SG_TLS_WANT_WRITE);
			sent += n;
			while (SSL_read_ex(b.client, in + got, all - got, &n) == 1)
				got += n;
		}
		assert_int_equal(sent, all);
		assert_memory_equal(in, out, all);
		memset(in, 0, all);
	}
	free(out);
	free(in);
}

static void
end__said_by_the_client__answer_still_goes(void **state)
{
	char p[16];
	size_t n;

	(void)state;
	for_both(b)
	{
		assert_int_equal(SSL_write(b.client, "hello", 5), 5);
		assert_int_equal(SSL_shutdown(b.client), 0);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_OK);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_END);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_END);
		assert_int_equal(sg_tls_write(b.tls, "answer", 6, &n, &b.err), SG_TLS_OK);
		assert_int_equal(sg_tls_close(b.tls, &b.err), SG_TLS_OK);
		assert_int_equal(SSL_read(b.client, p, 16), 6);
		assert_int_equal(SSL_read(b.client, p, 16), 0);
		assert_int_equal(
		    SSL_get_shutdown(b.client), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	}
}

static void
end__cut__answer_still_goes(void **state)
{
	char p[16];
	size_t n;

	(void)state;
	for_both(b)
	{
		assert_int_equal(SSL_write(b.client, "hello", 5), 5);
		assert_int_equal(shutdown(b.fds[1], SHUT_WR), 0);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_OK);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_CUT);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_CUT);
		assert_int_equal(sg_tls_write(b.tls, "answer", 6, &n, &b.err), SG_TLS_OK);
		assert_int_equal(sg_tls_close(b.tls, &b.err), SG_TLS_OK);
		assert_int_equal(SSL_read(b.client, p, 16), 6);
		assert_int_equal(SSL_read(b.client, p, 16), 0);
	}
}

static void
end__reset_or_damage__fails(void **state)
{
	char p[16];
	size_t n;

	(void)state;
	for_both(b)
	{
		static const uint8_t junk[] = {0x17, 3, 3, 0, 4, 1, 2, 3, 4};
		assert_int_equal(send(b.fds[1], junk, sizeof junk, 0), sizeof junk);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_FAIL);
		assert_string_equal(b.err.rule, "tls.record");
		assert_int_equal(sg_tls_close(b.tls, &b.err), SG_TLS_FAIL);
	}
	for_both(b)
	{
		close(b.fds[1]);
		b.fds[1] = -1;
		assert_int_equal(sg_tls_write(b.tls, "x", 1, &n, &b.err), SG_TLS_FAIL);
		assert_string_equal(b.err.rule, "tls.socket");
		assert_int_equal(b.err.code, SG_E_IO);
	}
}

/* Messages without content: some are taken, and then it is enough. */
static void
keys__new_ones_again_and_again__refused(void **state)
{
	char p[16];
	size_t n;

	(void)state;
	struct both b = begin_both(TLS1_3_VERSION);
	for (unsigned i = 0; i < SG_TLS_LATER_MAX; i++) {
		/* Between them the connection is what it was. */
		assert_int_equal(SSL_write(b.client, "x", 1), 1);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_OK);
		assert_int_equal(SSL_key_update(b.client, SSL_KEY_UPDATE_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(b.client), 1);
		assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_WANT_READ);
	}
	assert_int_equal(SSL_key_update(b.client, SSL_KEY_UPDATE_REQUESTED), 1);
	assert_int_equal(SSL_do_handshake(b.client), 1);
	assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_FAIL);
	assert_string_equal(b.err.rule, "tls.keys");
	assert_int_equal(b.err.code, SG_E_LIMIT);
	end_both(&b);

	/* What comes with the one that is too many is not read. */
	b = begin_both(TLS1_3_VERSION);
	for (unsigned i = 0; i < 2 * SG_TLS_LATER_MAX; i++) {
		assert_int_equal(SSL_key_update(b.client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(b.client), 1);
	}
	assert_int_equal(SSL_write(b.client, "x", 1), 1);
	assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_FAIL);
	assert_string_equal(b.err.rule, "tls.keys");
	end_both(&b);
}

static void
server__freed_while_a_connection_lives__kept(void **state)
{
	struct tls_made made;
	struct sg_tls_server *old = server, *other = NULL;
	struct sg_err err;
	char p[16];
	size_t n;

	(void)state;
	tls_make(&(struct tls_want){0}, &made);
	struct sg_tls_pair pair = tls_pair_of(&made);
	assert_sg_ok(sg_tls_server_new(&pair, 1, &other, &err));
	server = other;
	struct both b = begin_both(TLS1_3_VERSION);
	sg_tls_server_free(&other);
	server = old;
	assert_int_equal(SSL_write(b.client, "x", 1), 1);
	assert_int_equal(read_one(&b, p, 16, &n), SG_TLS_OK);
	end_both(&b);
	tls_made_clear(&made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__in_pieces__pending_says_so),
	    cmocka_unit_test(write__more_than_the_socket_takes__goes_on),
	    cmocka_unit_test(end__said_by_the_client__answer_still_goes),
	    cmocka_unit_test(end__cut__answer_still_goes),
	    cmocka_unit_test(end__reset_or_damage__fails),
	    cmocka_unit_test(keys__new_ones_again_and_again__refused),
	    cmocka_unit_test(server__freed_while_a_connection_lives__kept),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, begin, end);
}
