/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls_private.h - what a connection decides in the middle of its handshake
 */

#include <openssl/ssl.h>

#include "crypto/tls.h"

/* OpenSSL asks for these in the middle of a handshake; the app data of an SSL is the struct sg_tls.
 */
int
sg_tls_choose_name(SSL *ssl, int *alert, void *arg);
int
sg_tls_choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg);
