/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * lib/tls_peer.h - certificates for TLS, and OpenSSL as a client, for tests of our server
 */

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "crypto/tls_pair.h"

/* A certificate with its key. */
struct tls_made {
	EVP_PKEY *key;
	X509 *cert;
	struct sg_buf chain_pem, key_pem;
};

/* What it shall be; what is left out is as a public CA would make it. */
struct tls_want {
	const char *type; /* "P-256" (also when NULL), "P-384", "RSA": of 2048 bits, or of bits */
	unsigned bits;
	const char *names;    /* of subjectAltName: "DNS:a.example, IP:192.0.2.1"; NULL: none */
	const char *purposes; /* of extendedKeyUsage: "serverAuth"; NULL: none */
	const char *digest;   /* "SHA256" */
	const struct tls_made *issuer; /* NULL: itself */
	bool ca;
};

/* All fail the test when something is wrong. */
void
tls_make(const struct tls_want *want, struct tls_made *ret);
void
tls_made_clear(struct tls_made *made);
/* Another certificate after the last. */
void
tls_made_add(struct tls_made *made, const struct tls_made *issuer);
struct sg_tls_pair
tls_pair_of(const struct tls_made *made);

/* What a client offers; what is left out is OpenSSL's default, at security level 0. */
struct tls_ask {
	int min, max; /* TLS1_2_VERSION ... */
	const char *ciphers, *suites, *groups, *sigalgs;
	const char *protocols; /* of ALPN, as on the wire: "\x08http/1.1" */
	const char *name;
	bool distrusts; /* every certificate */
};

/* A client on a connected socket, which stays the caller's; the handshake is still to be made. It
 * trusts every certificate, unless it shall not. */
SSL *
tls_client(int fd, const struct tls_ask *ask);
/* The alert that it got, or 0, when its last call failed. */
int
tls_client_alert(void);
