/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls_server.h - the certificates, keys and rules of a TLS server
 *
 * TLS 1.2 and 1.3, ECDHE on X25519, P-256 and P-384, AES-GCM and ChaCha20-Poly1305; no session
 * tickets and no cache, no renegotiation, no compression; ALPN is http/1.1 where a client has it.
 * A client that names the server gets the pair that has exactly this name among the dNSNames of
 * its certificate, else the one whose "*.rest" fits with one label for the star, else
 * unrecognized_name; one that names none gets the first pair. Two pairs of one name, RSA and EC:
 * the client's algorithms choose, EC first; of the same kind: the first.
 *
 * Ownership: counted: connections keep the server that they began with.
 * Security:  the private keys are in OpenSSL's memory as long as a server or a connection of it is.
 * Threads:   a server is not changed after it was made; the count is atomic.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_tls_server;

/* Certificates as PEM, the server's first, each certified by the next (fullchain.pem), and the
 * private key of the first, as sg_key_from_pem takes it. Borrowed for the call. */
struct sg_tls_pair {
	struct sg_slice chain_pem, key_pem;
};

/* What a pair's own certificate says, for whoever configures it. */
struct sg_tls_info {
	enum sg_keytype type;
	int64_t begins, ends; /* seconds UTC */
	bool server_auth;     /* no extendedKeyUsage, or one with serverAuth or any */
	bool addresses;	      /* it has an iPAddress */
	struct sg_buf names;  /* its dNSNames, in small letters, a NUL after each */
};

#define sg_tls_info_scoped __attribute__((cleanup(sg_tls_info_clear))) struct sg_tls_info

/*
 * Look at a pair, as sg_tls_server_new does. SG_E_MALFORMED:
 *   "tls.chain"       no CERTIFICATE in the PEM, one that cannot be read, more than
 *                     SG_TLS_CHAIN_MAX
 *   "tls.chain.order" a certificate is not signed by the next one
 *   "tls.names"       a dNSName is none, or there are more than SG_TLS_NAMES_MAX
 *   "tls.key"         the private key is not the first certificate's
 *   "key.*"           of sg_key_from_pem
 * SG_E_ALG "tls.weak": a key or a signature that TLS clients refuse (RSA below 2048 bits, SHA-1).
 * Whether it is in time, is for the caller to say.
 */
SG_RC
sg_tls_pair_info(const struct sg_tls_pair *pair, struct sg_tls_info *ret, struct sg_err *err);
void
sg_tls_info_clear(struct sg_tls_info *info);

/* With 1 to SG_TLS_PAIRS_MAX pairs, else SG_E_LIMIT "tls.pairs". Refuses as above, with
 * "pair 2: " before the text. */
SG_RC
sg_tls_server_new(
    const struct sg_tls_pair *pairs, size_t n, struct sg_tls_server **ret, struct sg_err *err);
/* One more reference to the same. */
struct sg_tls_server *
sg_tls_server_ref(struct sg_tls_server *server);
/* Give one reference back; NULL is fine. */
void
sg_tls_server_free(struct sg_tls_server **serverp);
