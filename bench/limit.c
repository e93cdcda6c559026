/* SPDX-License-Identifier: Apache-2.0 */

/*
 * limit.c - what an enrolment cannot cost less than: its six operations with RSA-2048
 * device, RA and client, by EVP on keys from EVP_PKEY_fromdata, contexts
 * made once; and what the server's handshake of TLS 1.3 cannot: an ephemeral key of X25519, the
 * secret, an ECDSA signature; and what libssl makes of that, in memory, without a socket.
 * Microseconds of CPU time each, as one line of JSON.
 *
 * It stands alone, with nothing of ours in it, so that no change of the product moves it.
 */

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define ROUND 20
#define LEN_MAX 512

static void
must(int ok, const char *what)
{
	if (ok == 1)
		return;
	fprintf(stderr, "limit: %s failed\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static double
cpu_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* A key made from its numbers. */
static EVP_PKEY *
from_numbers(EVP_PKEY *made, int selection)
{
	OSSL_PARAM *numbers = NULL;
	EVP_PKEY *key = NULL;

	must(EVP_PKEY_todata(made, selection, &numbers), "todata");
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, made, NULL);
	must(EVP_PKEY_fromdata_init(ctx), "fromdata_init");
	must(EVP_PKEY_fromdata(ctx, &key, selection, numbers), "fromdata");
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(numbers);
	return key;
}

/* An operation on a key, ready to be repeated. */
struct op {
	const char *name;
	int (*run)(struct op *op);
	EVP_PKEY_CTX *ctx;
	unsigned char in[LEN_MAX], out[LEN_MAX];
	size_t in_len, out_len;
	double us;
	long n;
};

static int
run_sign(struct op *op)
{
	op->out_len = sizeof op->out;
	return EVP_PKEY_sign(op->ctx, op->out, &op->out_len, op->in, op->in_len);
}

static int
run_verify(struct op *op)
{
	return EVP_PKEY_verify(op->ctx, op->out, op->out_len, op->in, op->in_len);
}

static int
run_encrypt(struct op *op)
{
	op->out_len = sizeof op->out;
	return EVP_PKEY_encrypt(op->ctx, op->out, &op->out_len, op->in, op->in_len);
}

static int
run_decrypt(struct op *op)
{
	op->out_len = sizeof op->out;
	return EVP_PKEY_decrypt(op->ctx, op->out, &op->out_len, op->in, op->in_len);
}

static EVP_PKEY_CTX *
context(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	must(ctx != NULL, "context");
	return ctx;
}

static void
prepare_sign(struct op *op, const char *name, EVP_PKEY *private)
{
	*op = (struct op){.name = name, .run = run_sign, .ctx = context(private), .in_len = 32};
	memset(op->in, 0x5a, op->in_len);
	must(EVP_PKEY_sign_init(op->ctx), "sign_init");
	must(EVP_PKEY_CTX_set_signature_md(op->ctx, EVP_sha256()), "set_signature_md");
	must(run_sign(op), "sign");
}

static void
prepare_verify(struct op *op, const char *name, EVP_PKEY *public, const struct op *sign)
{
	*op = *sign;
	op->name = name;
	op->run = run_verify;
	op->ctx = context(public);
	must(EVP_PKEY_verify_init(op->ctx), "verify_init");
	must(EVP_PKEY_CTX_set_signature_md(op->ctx, EVP_sha256()), "set_signature_md");
	must(run_verify(op), "verify");
}

static void
prepare_encrypt(struct op *op, const char *name, EVP_PKEY *public)
{
	*op = (struct op){.name = name, .run = run_encrypt, .ctx = context(public), .in_len = 16};
	memset(op->in, 0x5a, op->in_len);
	must(EVP_PKEY_encrypt_init(op->ctx), "encrypt_init");
	must(EVP_PKEY_CTX_set_rsa_padding(op->ctx, RSA_PKCS1_PADDING), "padding");
	must(run_encrypt(op), "encrypt");
}

static void
prepare_unwrap(struct op *op, const char *name, EVP_PKEY *private, const struct op *encrypt)
{
	*op = (struct op){
	    .name = name, .run = run_decrypt, .ctx = context(private), .in_len = encrypt->out_len};
	memcpy(op->in, encrypt->out, encrypt->out_len);
	must(EVP_PKEY_decrypt_init(op->ctx), "decrypt_init");
	must(EVP_PKEY_CTX_set_rsa_padding(op->ctx, RSA_NO_PADDING), "padding");
	must(run_decrypt(op), "decrypt");
}

static int
run_keygen(struct op *op)
{
	EVP_PKEY *key = NULL;
	int ok = EVP_PKEY_keygen(op->ctx, &key);

	EVP_PKEY_free(key);
	return ok;
}

static int
run_derive(struct op *op)
{
	op->out_len = sizeof op->out;
	return EVP_PKEY_derive(op->ctx, op->out, &op->out_len);
}

static void
prepare_exchange(struct op *keygen, struct op *derive)
{
	EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	EVP_PKEY *peer = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

	must(own != NULL && peer != NULL, "keygen");
	*keygen = (struct op){.name = "x25519_keygen",
	    .run = run_keygen,
	    .ctx = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL)};
	must(keygen->ctx != NULL && EVP_PKEY_keygen_init(keygen->ctx) == 1, "keygen_init");
	*derive = (struct op){.name = "x25519_derive", .run = run_derive, .ctx = context(own)};
	must(EVP_PKEY_derive_init(derive->ctx), "derive_init");
	must(EVP_PKEY_derive_set_peer(derive->ctx, peer), "derive_set_peer");
}

static void
measure(struct op *op)
{
	double from = cpu_us();
	for (int i = 0; i < ROUND; i++)
		must(op->run(op), op->name);
	op->us += cpu_us() - from;
	op->n += ROUND;
}

static SSL_CTX *
server_context(EVP_PKEY *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	X509 *cert = X509_new();

	must(ctx != NULL && cert != NULL, "server context");
	must(X509_set_version(cert, X509_VERSION_3), "version");
	must(X509_set_pubkey(cert, key), "set_pubkey");
	must(X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL, "notBefore");
	must(X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL, "notAfter");
	must(X509_sign(cert, key, EVP_sha256()) > 0, "sign certificate");
	must(SSL_CTX_use_certificate(ctx, cert), "use_certificate");
	must(SSL_CTX_use_PrivateKey(ctx, key), "use_PrivateKey");
	must(SSL_CTX_set_num_tickets(ctx, 0), "set_num_tickets");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	X509_free(cert);
	return ctx;
}

/* The server's part of a handshake, from its SSL_new to its SSL_free. */
static double
handshake_us(SSL_CTX *server, SSL_CTX *client)
{
	BIO *ours, *theirs;
	double us = 0;
	int done = 0;

	must(BIO_new_bio_pair(&ours, 0, &theirs, 0), "bio_pair");
	SSL *peer = SSL_new(client);
	SSL_set_bio(peer, theirs, theirs);
	SSL_set_connect_state(peer);
	double from = cpu_us();
	SSL *ssl = SSL_new(server);
	SSL_set_bio(ssl, ours, ours);
	SSL_set_accept_state(ssl);
	us += cpu_us() - from;
	for (int turn = 0; !done && turn < 10; turn++) {
		int connected = SSL_do_handshake(peer);
		from = cpu_us();
		done = SSL_do_handshake(ssl) == 1 && connected == 1;
		us += cpu_us() - from;
	}
	must(done, "handshake");
	from = cpu_us();
	SSL_free(ssl);
	us += cpu_us() - from;
	SSL_free(peer);
	return us;
}

static double
libssl_us(EVP_PKEY *key, double seconds)
{
	SSL_CTX *server = server_context(key), *client = SSL_CTX_new(TLS_client_method());
	double us = 0;
	long n = 0;

	must(client != NULL, "client context");
	for (double start = cpu_us(); cpu_us() - start < seconds * 1e6; n++)
		us += handshake_us(server, client);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	return us / (double)n;
}

int
main(int argc, char **argv)
{
	enum {
		UNWRAP,
		SIGN_CERTREP,
		SIGN_RSA,
		SIGN_P256,
		VERIFY_MSG,
		VERIFY_REQ,
		ENCRYPT,
		KEYGEN,
		DERIVE,
		OPS
	};
	static struct op op[OPS];
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1.0, us[OPS];
	cpu_set_t set;

	if (argc > 2) {
		CPU_ZERO(&set);
		CPU_SET(strtoul(argv[2], NULL, 10), &set);
		must(sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
	}
	EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	EVP_PKEY *ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	must(rsa != NULL && ec != NULL, "keygen");
	EVP_PKEY *private = from_numbers(rsa, EVP_PKEY_KEYPAIR);
	EVP_PKEY *public = from_numbers(rsa, EVP_PKEY_PUBLIC_KEY);
	EVP_PKEY *ca = from_numbers(ec, EVP_PKEY_KEYPAIR);
	prepare_encrypt(&op[ENCRYPT], "encrypt_answer", public);
	prepare_unwrap(&op[UNWRAP], "unwrap", private, &op[ENCRYPT]);
	prepare_sign(&op[SIGN_CERTREP], "sign_certrep", private);
	prepare_sign(&op[SIGN_RSA], "sign_certificate_rsa", private);
	prepare_sign(&op[SIGN_P256], "sign_certificate_p256", ca);
	prepare_verify(&op[VERIFY_MSG], "verify_message", public, &op[SIGN_CERTREP]);
	prepare_verify(&op[VERIFY_REQ], "verify_request", public, &op[SIGN_CERTREP]);
	prepare_exchange(&op[KEYGEN], &op[DERIVE]);
	for (double start = cpu_us(); cpu_us() - start < seconds * 1e6;)
		for (int i = 0; i < OPS; i++)
			measure(&op[i]);
	printf("{");
	for (int i = 0; i < OPS; i++) {
		us[i] = op[i].us / (double)op[i].n;
		printf("\"%s\": %.2f, ", op[i].name, us[i]);
	}
	double common = us[UNWRAP] + us[SIGN_CERTREP] + us[VERIFY_MSG] + us[VERIFY_REQ] +
			us[ENCRYPT];
	printf("\"libssl_handshake\": %.2f, ", libssl_us(ca, seconds / 4));
	double handshake = us[KEYGEN] + us[DERIVE] + us[SIGN_P256];
	printf("\"rsa_per_cpu_second\": %.1f, \"p256_per_cpu_second\": %.1f, "
	       "\"handshake_per_cpu_second\": %.1f, \"p256_fresh_per_cpu_second\": %.1f}\n",
	    1e6 / (common + us[SIGN_RSA]), 1e6 / (common + us[SIGN_P256]), 1e6 / handshake,
	    1e6 / (common + us[SIGN_P256] + handshake));
	return 0;
}
