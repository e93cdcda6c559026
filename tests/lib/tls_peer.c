/* SPDX-License-Identifier: Apache-2.0 */

#include "lib/tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void
put_pem(BIO *bio, struct sg_buf *out)
{
	char *p = NULL;
	long len = BIO_get_mem_data(bio, &p);

	sg_buf_put(out, p, (size_t)len);
	assert_int_equal(out->failed, SG_OK);
	BIO_free(bio);
}

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

void
tls_make(const struct tls_want *want, struct tls_made *ret)
{
	static long serial = 0;
	const char *type = want->type != NULL ? want->type : "P-256";
	size_t bits = want->bits != 0 ? want->bits : 2048;
	char cn[32];

	*ret = (struct tls_made){0};
	ret->key = strcmp(type, "RSA") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits)
					    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", type);
	ret->cert = X509_new();
	assert_true(ret->key != NULL && ret->cert != NULL);
	snprintf(cn, sizeof cn, "made %ld", ++serial);
	assert_int_equal(X509_set_version(ret->cert, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(ret->cert), serial), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(ret->cert), -3600));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(ret->cert), 3600));
	X509_NAME *name = X509_get_subject_name(ret->cert);
	assert_int_equal(
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (unsigned char *)cn, -1, -1, 0),
	    1);
	assert_int_equal(
	    X509_set_issuer_name(
		ret->cert, want->issuer != NULL ? X509_get_subject_name(want->issuer->cert) : name),
	    1);
	assert_int_equal(X509_set_pubkey(ret->cert, ret->key), 1);
	if (want->ca)
		add_extension(ret->cert, NID_basic_constraints, "critical,CA:TRUE");
	if (want->names != NULL)
		add_extension(ret->cert, NID_subject_alt_name, want->names);
	if (want->purposes != NULL)
		add_extension(ret->cert, NID_ext_key_usage, want->purposes);
	assert_true(X509_sign(ret->cert, want->issuer != NULL ? want->issuer->key : ret->key,
			EVP_get_digestbyname(want->digest != NULL ? want->digest : "SHA256")) > 0);
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(
	    PEM_write_bio_PKCS8PrivateKey(bio, ret->key, NULL, NULL, 0, NULL, NULL), 1);
	put_pem(bio, &ret->key_pem);
	tls_made_add(ret, ret);
}

void
tls_made_add(struct tls_made *made, const struct tls_made *issuer)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509(bio, issuer->cert), 1);
	put_pem(bio, &made->chain_pem);
}

void
tls_made_clear(struct tls_made *made)
{
	EVP_PKEY_free(made->key);
	X509_free(made->cert);
	sg_buf_clear(&made->chain_pem);
	sg_buf_clear(&made->key_pem);
}

struct sg_tls_pair
tls_pair_of(const struct tls_made *made)
{
	return (struct sg_tls_pair){sg_buf_slice(&made->chain_pem), sg_buf_slice(&made->key_pem)};
}

SSL *
tls_client(int fd, const struct tls_ask *ask)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	assert_non_null(ctx);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT);
	assert_int_equal(SSL_CTX_set_min_proto_version(ctx, ask->min), 1);
	assert_int_equal(SSL_CTX_set_max_proto_version(ctx, ask->max), 1);
	if (ask->ciphers != NULL)
		assert_int_equal(SSL_CTX_set_cipher_list(ctx, ask->ciphers), 1);
	if (ask->suites != NULL)
		assert_int_equal(SSL_CTX_set_ciphersuites(ctx, ask->suites), 1);
	/* OpenSSL's macros cast their texts to what is not constant, and change nothing. */
	if (ask->groups != NULL)
		assert_int_equal(SSL_CTX_set1_groups_list(ctx, (uintptr_t)ask->groups), 1);
	if (ask->sigalgs != NULL)
		assert_int_equal(SSL_CTX_set1_sigalgs_list(ctx, (uintptr_t)ask->sigalgs), 1);
	SSL *ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	assert_non_null(ssl);
	if (ask->protocols != NULL)
		assert_int_equal(SSL_set_alpn_protos(ssl, (const unsigned char *)ask->protocols,
				     (unsigned)strlen(ask->protocols)),
		    0);
	if (ask->name != NULL)
		assert_int_equal(SSL_set_tlsext_host_name(ssl, (uintptr_t)ask->name), 1);
	BIO *bio = BIO_new_socket(fd, BIO_NOCLOSE);
	assert_non_null(bio);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_connect_state(ssl);
	if (ask->distrusts)
		SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	return ssl;
}

int
tls_client_alert(void)
{
	unsigned long e = ERR_peek_error();
	int reason = ERR_GET_REASON(e);

	ERR_clear_error();
	return ERR_GET_LIB(e) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET
		   ? reason - SSL_AD_REASON_OFFSET
		   : 0;
}
