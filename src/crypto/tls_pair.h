/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto/tls_pair.h - a certificate of a TLS server with its chain and its private key
 *
 * OpenSSL's own reader of certificates runs here, over files that belong to us.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

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
