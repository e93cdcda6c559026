/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/tls_server.c - which certificate a TLS client gets, and what it must be able to do
 *
 * Made of pairs (tls_pair.c) when front starts and when a certificate was renewed; tls.c asks it at
 * the start of each connection.
 */

#include "crypto/tls_server.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "crypto/init.h"
#include "crypto/tls_pair_private.h"
#include "crypto/tls_private.h"
#include "crypto/tls_server_private.h"

#define NO_PAIR SIZE_MAX

/* One name, or several, with the same certificates: of either kind of key one at most. */
struct site {
	size_t ec, rsa; /* index of the pair, or NO_PAIR */
	SSL_CTX *ctx;
};

struct name {
	const char *text; /* in the pair's info */
	SSL_CTX *ctx;	  /* of a site */
};

struct sg_tls_server {
	atomic_uint refs;
	size_t pair_n, site_n, name_n;
	struct tls_pair *pairs;
	struct site *sites; /* the first is for who names no server */
	struct name *names; /* sorted, each once */
};

enum sg_code
sg_tls_server_ctx(SSL_CTX **ret, struct sg_err *err)
{
	/* First of all: no file of the system configures our TLS. */
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
		return sg_ossl_fail(err, SG_E_CRYPTO, "tls.context", "OpenSSL gives no TLS");
	sg_auto(SSL_CTX) ctx = SSL_CTX_new_ex(sg_ossl.ctx, NULL, TLS_server_method());
	if (ctx == NULL)
		return sg_ossl_fail(err, SG_E_CRYPTO, "tls.context", "OpenSSL gives no TLS");
	/* RSA of 2048 bits, SHA-256: whatever OpenSSL was built with. */
	SSL_CTX_set_security_level(ctx, 2);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* An idle connection has no buffers; what libc's writes know, these shall, too. */
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
	    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
					  "TLS_CHACHA20_POLY1305_SHA256") != 1 ||
	    SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") != 1 ||
	    SSL_CTX_set1_sigalgs_list(ctx,
		"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:"
		"RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512") != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1)
		return sg_ossl_fail(
		    err, SG_E_CRYPTO, "tls.context", "OpenSSL lacks what TLS needs");
	if (SSL_CTX_set_tlsext_servername_callback(ctx, sg_tls_choose_name) != 1)
		return sg_ossl_fail(err, SG_E_CRYPTO, "tls.context", "no names of servers");
	SSL_CTX_set_alpn_select_cb(ctx, sg_tls_choose_protocol, NULL);
	*ret = sg_steal(ctx);
	return SG_OK;
}

static bool
is_ec(const struct sg_tls_server *s, size_t pair)
{
	return s->pairs[pair].info.type != SG_KEY_RSA;
}

static bool
has_name(const struct sg_tls_info *info, const char *name)
{
	for (size_t at = 0; at < info->names.len; at += strlen((char *)info->names.p + at) + 1)
		if (strcmp((char *)info->names.p + at, name) == 0)
			return true;
	return false;
}

/* The first pair of this kind that has the name. */
static size_t
first_pair(const struct sg_tls_server *s, const char *name, bool ec)
{
	for (size_t i = 0; i < s->pair_n; i++)
		if (is_ec(s, i) == ec && has_name(&s->pairs[i].info, name))
			return i;
	return NO_PAIR;
}

/* The site of these pairs, made when it is the first. */
static enum sg_code
take_site(struct sg_tls_server *s, size_t ec, size_t rsa, SSL_CTX **ret, struct sg_err *err)
{
	for (size_t i = 0; i < s->site_n; i++)
		if (s->sites[i].ec == ec && s->sites[i].rsa == rsa) {
			*ret = s->sites[i].ctx;
			return SG_OK;
		}
	sg_auto(SSL_CTX) ctx = NULL;
	enum sg_code rc = sg_tls_server_ctx(&ctx, err);
	if (rc == SG_OK && rsa != NO_PAIR)
		rc = sg_tls_pair_use(&s->pairs[rsa], ctx, err);
	if (rc == SG_OK && ec != NO_PAIR)
		rc = sg_tls_pair_use(&s->pairs[ec], ctx, err);
	if (rc != SG_OK)
		return rc;
	*ret = ctx;
	s->sites[s->site_n++] = (struct site){ec, rsa, sg_steal(ctx)};
	return SG_OK;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static struct name *
find(const struct sg_tls_server *s, const char *text)
{
	return bsearch(
	    &(struct name){.text = text}, s->names, s->name_n, sizeof *s->names, name_order);
}

/* Every name of every pair, once, with the pairs that have it. */
static enum sg_code
add_names(struct sg_tls_server *s, struct sg_err *err)
{
	enum sg_code rc = SG_OK;
	size_t all = s->name_n, n = 0;

	qsort(s->names, all, sizeof *s->names, name_order);
	for (size_t i = 0; i < all && rc == SG_OK; i++) {
		const char *text = s->names[i].text;
		if (n > 0 && strcmp(s->names[n - 1].text, text) == 0)
			continue;
		s->names[n].text = text;
		rc = take_site(s, first_pair(s, text, true), first_pair(s, text, false),
		    &s->names[n].ctx, err);
		n++;
	}
	s->name_n = n;
	return rc;
}

/* For who names no server: the first pair, and the other kind of key for its first name. */
static enum sg_code
add_first(struct sg_tls_server *s, struct sg_err *err)
{
	const struct sg_buf *names = &s->pairs[0].info.names;
	bool ec = is_ec(s, 0);
	size_t other = names->len > 0 ? first_pair(s, (char *)names->p, !ec) : NO_PAIR;
	SSL_CTX *ctx;

	return take_site(s, ec ? 0 : other, ec ? other : 0, &ctx, err);
}

static enum sg_code
make_sites(struct sg_tls_server *s, struct sg_err *err)
{
	s->names = sg_calloc(s->pair_n * SG_TLS_NAMES_MAX, sizeof *s->names);
	if (s->names == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS server");
	for (size_t i = 0; i < s->pair_n; i++) {
		const struct sg_buf *names = &s->pairs[i].info.names;
		for (size_t at = 0; at < names->len; at += strlen((char *)names->p + at) + 1)
			s->names[s->name_n++].text = (char *)names->p + at;
	}
	s->sites = sg_calloc(1 + s->name_n, sizeof *s->sites);
	if (s->sites == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS server");
	enum sg_code rc = add_first(s, err);
	return rc == SG_OK ? add_names(s, err) : rc;
}

enum sg_code
sg_tls_server_new(
    const struct sg_tls_pair *pairs, size_t n, struct sg_tls_server **ret, struct sg_err *err)
{
	if (n == 0 || n > SG_TLS_PAIRS_MAX)
		return sg_fail(err, SG_E_LIMIT, "tls.pairs",
		    "want 1 to %u pairs of certificate and key, have %zu", SG_TLS_PAIRS_MAX, n);
	sg_scoped(tls_server) s = sg_alloc(sizeof *s);
	if (s == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS server");
	atomic_init(&s->refs, 1);
	s->pairs = sg_calloc(n, sizeof *s->pairs);
	if (s->pairs == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS server");
	for (; s->pair_n < n; s->pair_n++) {
		struct tls_pair *pair = &s->pairs[s->pair_n];
		enum sg_code rc = sg_tls_pair_read(&pairs[s->pair_n], pair, err);
		if (rc != SG_OK) {
			sg_err_prefix(err, "pair %zu: ", s->pair_n + 1);
			sg_tls_pair_clear(pair);
			return rc;
		}
	}
	enum sg_code rc = make_sites(s, err);
	if (rc != SG_OK)
		return rc;
	*ret = sg_steal(s);
	return SG_OK;
}

struct sg_tls_server *
sg_tls_server_ref(struct sg_tls_server *server)
{
	atomic_fetch_add(&server->refs, 1);
	return server;
}

void
sg_tls_server_free(struct sg_tls_server **serverp)
{
	struct sg_tls_server *s = sg_steal(*serverp);

	if (s == NULL || atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	for (size_t i = 0; i < s->site_n; i++)
		SSL_CTX_free(s->sites[i].ctx);
	for (size_t i = 0; i < s->pair_n; i++)
		sg_tls_pair_clear(&s->pairs[i]);
	sg_free(s->names);
	sg_free(s->sites);
	sg_free(s->pairs);
	sg_free(s);
}

SSL *
sg_tls_server_ssl(const struct sg_tls_server *server)
{
	return SSL_new(server->sites[0].ctx);
}

SSL_CTX *
sg_tls_server_find(const struct sg_tls_server *server, struct sg_slice name)
{
	char text[256] = {0};

	if (name.len == 0 || name.len >= sizeof text || name.p[0] == '*' ||
	    memchr(name.p, 0, name.len) != NULL)
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		text[i] = (char)sg_ascii_lower(name.p[i]);
	const struct name *found = find(server, text);
	char *rest = strchr(text, '.');
	if (found == NULL && rest != NULL && rest > text) {
		*--rest = '*';
		found = find(server, rest);
	}
	return found != NULL ? found->ctx : NULL;
}
