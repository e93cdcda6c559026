/* SPDX-License-Identifier: Apache-2.0 */

/* Which certificate a client gets by its name and algorithms, and who gets none. */

#include <sys/socket.h>
#include <unistd.h>

#include "crypto_test.h"

#include "base/limits.h"
#include "crypto/tls.h"
#include "lib/tls_peer.h"

/* The certificates of the server, in its order. */
enum { EC_A, RSA_A, EC_B, EC_WILD, EC_WILD_A, BARE, MADE };
static struct tls_made made[MADE];
static struct sg_tls_server *server;

static int
begin(void **state)
{
	static const struct tls_want want[MADE] = {
	    [EC_A] = {.names = "DNS:a.example"},
	    [RSA_A] = {.names = "DNS:A.example, DNS:rsa.example", .type = "RSA"},
	    [EC_B] = {.names = "DNS:b.example, DNS:a.example", .type = "P-384"},
	    [EC_WILD] = {.names = "DNS:*.w.example, DNS:x.w.example"},
	    [EC_WILD_A] = {.names = "DNS:*.a.example"},
	    [BARE] = {.names = "IP:192.0.2.1"},
	};
	struct sg_tls_pair pairs[MADE];
	struct sg_err err;

	(void)state;
	for (size_t i = 0; i < MADE; i++) {
		tls_make(&want[i], &made[i]);
		pairs[i] = tls_pair_of(&made[i]);
	}
	assert_sg_ok(sg_tls_server_new(pairs, MADE, &server, &err));
	return 0;
}

static int
end(void **state)
{
	(void)state;
	sg_tls_server_free(&server);
	for (size_t i = 0; i < MADE; i++)
		tls_made_clear(&made[i]);
	return 0;
}

/* A handshake over a pair of sockets. What the client got of it: the certificate, or the alert. */
struct outcome {
	enum sg_tls_got got;
	const char *rule;
	int cert; /* index in made, or -1 */
	int alert;
	char protocol[16];
};

static struct outcome
shake(struct sg_tls_server *with, const struct tls_ask *ask)
{
	struct outcome out = {.got = SG_TLS_WANT_READ, .cert = -1};
	struct sg_err err = {0};
	struct sg_tls *tls = NULL;
	const unsigned char *protocol = NULL;
	unsigned protocol_len = 0;
	int fds[2], rc = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_sg_ok(sg_tls_new(with, fds[0], &tls, &err));
	SSL *client = tls_client(fds[1], ask);
	for (int i = 0; i < 10 && (rc != 1 || out.got == SG_TLS_WANT_READ); i++) {
		rc = rc == 1 ? 1 : SSL_do_handshake(client);
		if (out.got == SG_TLS_WANT_READ)
			out.got = sg_tls_handshake(tls, &err);
	}
	out.rule = out.got == SG_TLS_FAIL ? err.rule : NULL;
	assert_true(out.got == SG_TLS_OK || out.got == SG_TLS_FAIL);
	assert_true(out.got == SG_TLS_FAIL || rc == 1);
	const X509 *cert = SSL_get0_peer_certificate(client);
	for (int i = 0; cert != NULL && i < MADE; i++)
		if (X509_cmp(cert, made[i].cert) == 0)
			out.cert = i;
	out.alert = tls_client_alert();
	SSL_get0_alpn_selected(client, &protocol, &protocol_len);
	snprintf(out.protocol, sizeof out.protocol, "%.*s", (int)protocol_len,
	    protocol_len > 0 ? (const char *)protocol : "");
	SSL_free(client);
	sg_tls_free(&tls);
	close(fds[0]);
	close(fds[1]);
	return out;
}

static void
name__of_a_client__its_certificate(void **state)
{
	static const struct {
		const char *name;
		int cert;	     /* of a client that prefers EC; -1: refused */
		const char *sigalgs; /* NULL: all */
	} rows[] = {
	    {NULL, EC_A, NULL},
	    {NULL, RSA_A, "RSA-PSS+SHA256"},
	    {"192.0.2.1", EC_A, NULL},
	    {"2001:db8::1", EC_A, NULL},
	    {"a.example", EC_A, NULL},
	    {"A.EXAMPLE", EC_A, NULL},
	    {"a.example", RSA_A, "RSA-PSS+SHA256"},
	    {"rsa.example", RSA_A, NULL},
	    {"b.example", EC_B, NULL},
	    {"x.w.example", EC_WILD, NULL},
	    {"y.w.example", EC_WILD, NULL},
	    {"Y.W.example", EC_WILD, NULL},
	    {"c.a.example", EC_WILD_A, NULL},
	    {"y.y.w.example", -1, NULL},
	    {"w.example", -1, NULL},
	    {".w.example", -1, NULL},
	    {"*.w.example", -1, NULL},
	    {"a.example.", -1, NULL},
	    {"example", -1, NULL},
	    {"192.0.2.1.", -1, NULL},
	    {"[2001:db8::1]", -1, NULL},
	    {"c.example", -1, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
			struct outcome out = shake(server, &(struct tls_ask){.name = rows[i].name,
							       .sigalgs = rows[i].sigalgs,
							       .min = version,
							       .max = version});
			if (out.cert != rows[i].cert)
				print_error("row %zu: certificate %d\n", i, out.cert);
			assert_int_equal(out.cert, rows[i].cert);
			if (rows[i].cert >= 0)
				continue;
			assert_string_equal(out.rule, "tls.name");
			assert_int_equal(out.alert, SSL_AD_UNRECOGNIZED_NAME);
		}
}

/* One line for each thing that a client may offer, and what becomes of it. */
static void
offer__of_a_client__taken_or_refused(void **state)
{
	static const struct {
		struct tls_ask ask;
		const char *rule; /* NULL: a handshake */
		int alert;
	} rows[] = {
	    {{.min = TLS1_2_VERSION, .max = TLS1_2_VERSION}, NULL, 0},
	    {{.min = TLS1_3_VERSION}, NULL, 0},
	    {{.max = TLS1_1_VERSION}, "tls.version", SSL_AD_PROTOCOL_VERSION},
	    {{.max = TLS1_VERSION}, "tls.version", SSL_AD_PROTOCOL_VERSION},
	    {{.max = TLS1_2_VERSION, .ciphers = "ECDHE+AESGCM"}, NULL, 0},
	    {{.max = TLS1_2_VERSION, .ciphers = "ECDHE+CHACHA20"}, NULL, 0},
	    /* No forward secrecy, CBC, and what has neither name nor key. */
	    {{.max = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"}, "tls.cipher",
		SSL_AD_HANDSHAKE_FAILURE},
	    {{.max = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA256"}, "tls.cipher",
		SSL_AD_HANDSHAKE_FAILURE},
	    {{.max = TLS1_2_VERSION, .ciphers = "DHE+AESGCM"}, "tls.cipher",
		SSL_AD_HANDSHAKE_FAILURE},
	    {{.max = TLS1_2_VERSION, .ciphers = "aNULL"}, "tls.cipher", SSL_AD_HANDSHAKE_FAILURE},
	    {{.max = TLS1_2_VERSION, .ciphers = "eNULL"}, "tls.cipher", SSL_AD_HANDSHAKE_FAILURE},
	    {{.suites = "TLS_AES_128_CCM_SHA256", .min = TLS1_3_VERSION}, "tls.cipher",
		SSL_AD_HANDSHAKE_FAILURE},
	    {{.suites = "TLS_CHACHA20_POLY1305_SHA256"}, NULL, 0},
	    {{.groups = "X25519"}, NULL, 0},
	    {{.groups = "P-256"}, NULL, 0},
	    {{.groups = "P-384"}, NULL, 0},
	    /* The share is asked for again (HelloRetryRequest). */
	    {{.groups = "P-521:P-384"}, NULL, 0},
	    {{.groups = "P-521", .min = TLS1_3_VERSION}, "tls.cipher", SSL_AD_HANDSHAKE_FAILURE},
	    {{.groups = "P-521:X448", .max = TLS1_2_VERSION}, "tls.cipher",
		SSL_AD_HANDSHAKE_FAILURE},
	    {{.sigalgs = "RSA-PSS+SHA512"}, NULL, 0},
	    {{.sigalgs = "RSA+SHA256", .max = TLS1_2_VERSION}, NULL, 0},
	    {{.sigalgs = "RSA+SHA1:ECDSA+SHA1", .max = TLS1_2_VERSION}, "tls.cipher",
		SSL_AD_HANDSHAKE_FAILURE},
	    {{.sigalgs = "ed25519", .min = TLS1_3_VERSION}, "tls.cipher", SSL_AD_HANDSHAKE_FAILURE},
	    {{.protocols = "\x08http/1.1"}, NULL, 0},
	    {{.protocols = "\x02h2\x08http/1.1"}, NULL, 0},
	    {{.protocols = "\x02h2"}, "tls.alpn", SSL_AD_NO_APPLICATION_PROTOCOL},
	    {{.protocols = "\x08http/1.0\x08HTTP/1.1"}, "tls.alpn", SSL_AD_NO_APPLICATION_PROTOCOL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct outcome out = shake(server, &rows[i].ask);
		if (rows[i].rule == NULL) {
			if (out.got != SG_TLS_OK)
				print_error("row %zu: %s\n", i, out.rule);
			assert_int_equal(out.got, SG_TLS_OK);
			assert_string_equal(
			    out.protocol, rows[i].ask.protocols != NULL ? "http/1.1" : "");
			continue;
		}
		if (out.rule == NULL || strcmp(out.rule, rows[i].rule) != 0 ||
		    out.alert != rows[i].alert)
			print_error("row %zu: %s, alert %d\n", i, out.rule, out.alert);
		assert_string_equal(out.rule, rows[i].rule);
		assert_int_equal(out.alert, rows[i].alert);
	}
}

static void
new__pairs__counted_and_named(void **state)
{
	struct sg_tls_pair pairs[SG_TLS_PAIRS_MAX + 1];
	struct sg_tls_server *s = NULL;
	struct sg_err err;

	(void)state;
	for (size_t i = 0; i <= SG_TLS_PAIRS_MAX; i++)
		pairs[i] = tls_pair_of(&made[EC_A]);
	assert_sg_fail(sg_tls_server_new(pairs, 0, &s, &err), SG_E_LIMIT, "tls.pairs");
	assert_sg_fail(
	    sg_tls_server_new(pairs, SG_TLS_PAIRS_MAX + 1, &s, &err), SG_E_LIMIT, "tls.pairs");
	pairs[1].key_pem = sg_buf_slice(&made[EC_B].key_pem);
	assert_sg_fail(sg_tls_server_new(pairs, 2, &s, &err), SG_E_MALFORMED, "tls.key");
	assert_memory_equal(err.text, "pair 2: ", 8);
	assert_null(s);
	/* The same thrice: the first counts. */
	pairs[1] = pairs[0];
	assert_sg_ok(sg_tls_server_new(pairs, 3, &s, &err));
	assert_int_equal(shake(s, &(struct tls_ask){.name = "a.example"}).cert, EC_A);
	sg_tls_server_free(&s);
}

/* Without a dNSName there is nothing that a name could be. */
static void
new__without_names__only_for_who_names_none(void **state)
{
	struct sg_tls_pair pair = tls_pair_of(&made[BARE]);
	struct sg_tls_server *s = NULL;
	struct sg_err err;

	(void)state;
	assert_sg_ok(sg_tls_server_new(&pair, 1, &s, &err));
	assert_int_equal(shake(s, &(struct tls_ask){0}).cert, BARE);
	assert_int_equal(shake(s, &(struct tls_ask){.name = "192.0.2.1"}).cert, BARE);
	assert_string_equal(shake(s, &(struct tls_ask){.name = "a.example"}).rule, "tls.name");
	sg_tls_server_free(&s);
	sg_tls_server_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name__of_a_client__its_certificate),
	    cmocka_unit_test(offer__of_a_client__taken_or_refused),
	    cmocka_unit_test(new__pairs__counted_and_named),
	    cmocka_unit_test(new__without_names__only_for_who_names_none),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
