/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls_pair_private.h - a pair as it was read, for tls_server.c
 */

#include <openssl/ssl.h>

#include "crypto/init_private.h"
#include "crypto/tls_pair.h"

SG_DEFINE_CLEANUP(SSL_CTX, SSL_CTX_free)

/* A pair as it was read. */
struct tls_pair {
	struct sg_key *key;
	X509 *cert;
	STACK_OF(X509) * rest; /* of the chain */
	struct sg_tls_info info;
};

SG_RC
sg_tls_pair_read(const struct sg_tls_pair *pair, struct tls_pair *ret, struct sg_err *err);
void
sg_tls_pair_clear(struct tls_pair *pair);
/* Give it to a context. */
SG_RC
sg_tls_pair_use(const struct tls_pair *pair, SSL_CTX *ctx, struct sg_err *err);
