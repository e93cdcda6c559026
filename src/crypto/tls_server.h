/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls_server.h - the certificates, keys and rules of a TLS server
 *
 * TLS 1.2 and 1.3, ECDHE on X25519, P-256 and P-384, AES-GCM and ChaCha20-Poly1305; no session
 * tickets and no cache, no renegotiation, no compression; ALPN is http/1.1 where a client has it.
 * A client that names the server gets the pair that has exactly this name among the dNSNames of
 * its certificate, else the one whose "*.rest" fits with one label for the star, else
 * unrecognized_name; one that names none, or an address, gets the first pair. Two pairs of one
 * name, RSA and EC: the client's algorithms choose, EC first; of the same kind: the first.
 *
 * Ownership: counted: connections keep the server that they began with.
 * Security:  the private keys are in OpenSSL's memory as long as a server or a connection of it is.
 * Threads:   a server is not changed after it was made; the count is atomic.
 */

#include <stddef.h>

#include "base/err.h"
#include "crypto/tls_pair.h"

struct sg_tls_server;

/* With 1 to SG_TLS_PAIRS_MAX pairs, else SG_E_LIMIT "tls.pairs". Refuses as
 * sg_tls_pair_info() does, with "pair 2: " before the text. */
SG_RC
sg_tls_server_new(
    const struct sg_tls_pair *pairs, size_t n, struct sg_tls_server **ret, struct sg_err *err);
/* One more reference to the same. */
struct sg_tls_server *
sg_tls_server_ref(struct sg_tls_server *server);
/* Give one reference back; NULL is fine. */
void
sg_tls_server_free(struct sg_tls_server **serverp);
