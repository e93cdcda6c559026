/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls_server_private.h - what a connection needs of its server
 */

#include <openssl/ssl.h>

#include "base/slice.h"
#include "crypto/tls_server.h"

/* A context with all rules of tls_server.h, and no certificate. */
SG_RC
sg_tls_server_ctx(SSL_CTX **ret, struct sg_err *err);
/* Of the pair of who names no server. */
SSL *
sg_tls_server_ssl(const struct sg_tls_server *server);
/* What a name of a client stands for; NULL: nothing. */
SSL_CTX *
sg_tls_server_find(const struct sg_tls_server *server, struct sg_slice name);
