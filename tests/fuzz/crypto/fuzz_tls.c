/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/tls.h, as a stranger meets it. The first byte says how: the rest goes to the server as it
 * is, in pieces; or a real client makes its handshake first, over TLS 1.2 or 1.3, and the rest is
 * what comes after: raw records, then (another half of the first byte) content that it encrypts.
 * Nothing crashes, a call ends, what is read is what was written, and a failure says why.
 */

#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "crypto/tls.h"
#include "fuzz/crypto/tls_pem.h"

static struct sg_tls_server *server;
static SSL_CTX *clients;

static void
begin(void)
{
	struct sg_tls_pair pair = {sg_slice_str(tls_chain_pem), sg_slice_str(tls_key_pem)};
	struct sg_err err;

	if (server != NULL)
		return;
	signal(SIGPIPE, SIG_IGN);
	require(sg_tls_server_new(&pair, 1, &server, &err) == SG_OK);
	clients = SSL_CTX_new(TLS_client_method());
	require(clients != NULL);
}

/* What a server does with whatever came, until it needs more. */
static enum sg_tls_got
serve(struct sg_tls *tls, bool *done, struct sg_buf *read)
{
	struct sg_err err = {0};
	enum sg_tls_got got = SG_TLS_OK;

	while (got == SG_TLS_OK && !*done) {
		got = sg_tls_handshake(tls, &err);
		*done = got == SG_TLS_OK;
	}
	while (got == SG_TLS_OK) {
		uint8_t content[4096];
		size_t n = 0;
		got = sg_tls_read(tls, content, sizeof content, &n, &err);
		require(
		    got != SG_TLS_PLAIN && (got != SG_TLS_OK || (n > 0 && n <= sizeof content)));
		if (got == SG_TLS_OK)
			sg_buf_put(read, content, n);
	}
	require((got == SG_TLS_FAIL) == (err.rule != NULL));
	require(got != SG_TLS_FAIL || (err.text[0] != 0 && strchr(err.text, '\n') == NULL));
	return got;
}

static SSL *
shake(int fd, struct sg_tls *tls, bool old, bool *done, struct sg_buf *read)
{
	SSL *client = SSL_new(clients);

	require(client != NULL && SSL_set_fd(client, fd) == 1);
	if (old)
		require(SSL_set_max_proto_version(client, TLS1_2_VERSION) == 1);
	SSL_set_connect_state(client);
	int rc = 0;
	for (int i = 0; i < 8 && (rc != 1 || !*done); i++) {
		rc = SSL_do_handshake(client);
		serve(tls, done, read);
	}
	require(rc == 1 && *done);
	return client;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fds[2];
	bool done = false;
	struct sg_tls *tls = NULL;
	struct sg_err err;
	SSL *client = NULL;
	sg_buf_scoped read = {0};
	enum sg_tls_got got = SG_TLS_WANT_READ;

	begin();
	if (len < 1 || len > 60000)
		return 0;
	unsigned how = data[0];
	data++;
	len--;
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	require(sg_tls_new(server, fds[0], &tls, &err) == SG_OK);
	if ((how & 1) != 0)
		client = shake(fds[1], tls, (how & 2) != 0, &done, &read);
	if (client != NULL && (how & 4) != 0) {
		size_t wrote = 0;
		require(len == 0 || SSL_write_ex(client, data, len, &wrote) == 1);
		got = serve(tls, &done, &read);
		require(got == SG_TLS_WANT_READ && read.len == wrote);
		require(wrote == 0 || memcmp(read.p, data, wrote) == 0);
	} else {
		size_t piece = (how & 8) != 0 ? 1 + (how >> 4) : len;
		for (size_t at = 0, n; at < len && (got == SG_TLS_WANT_READ); at += n) {
			n = len - at < piece ? len - at : piece;
			require(write(fds[1], data + at, n) == (ssize_t)n);
			got = serve(tls, &done, &read);
		}
		/* Nobody without the keys says anything over TLS. */
		require(read.len == 0 && (client != NULL || !done));
	}
	shutdown(fds[1], SHUT_WR);
	if (got == SG_TLS_WANT_READ)
		require(serve(tls, &done, &read) != SG_TLS_WANT_READ);
	SSL_free(client);
	sg_tls_free(&tls);
	ERR_clear_error();
	close(fds[0]);
	close(fds[1]);
	return 0;
}
