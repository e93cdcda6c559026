/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/tls_pair.c - certificates and the private key of a TLS server, read and checked
 *
 * Files of ours, at the start of front, at each renewal and in the check of a configuration: what
 * is wrong with them is said here, and not by a client. tls_server.c makes a server of pairs.
 */

#include "crypto/tls_pair.h"

#include <time.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/pem.h"
#include "crypto/init.h"
#include "crypto/key.h"
#include "crypto/key_private.h"
#include "crypto/keyfile.h"
#include "crypto/tls_pair_private.h"
#include "crypto/tls_server_private.h"

SG_DEFINE_CLEANUP(X509, X509_free)
SG_DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free)

#define NAME_MAX_LEN 253u /* of DNS, as text */

static enum sg_code
read_cert(struct sg_slice der, unsigned number, X509 **ret, struct sg_err *err)
{
	const unsigned char *p = der.p;
	sg_auto(X509) cert = X509_new_ex(sg_ossl.ctx, NULL);

	if (cert == NULL)
		return sg_ossl_fail(err, SG_E_NOMEM, "memory", "no memory for a certificate");
	if (d2i_X509(&cert, &p, (long)der.len) == NULL || p != der.p + der.len)
		return sg_ossl_fail(err, SG_E_MALFORMED, "tls.chain",
		    "certificate %u of the file is none, or damaged", number);
	*ret = sg_steal(cert);
	return SG_OK;
}

static enum sg_code
read_chain(struct sg_slice pem, struct tls_pair *pair, struct sg_err *err)
{
	size_t pos = 0;

	pair->rest = sk_X509_new_null();
	if (pair->rest == NULL)
		return sg_ossl_fail(err, SG_E_NOMEM, "memory", "no memory for a chain");
	for (unsigned number = 1;; number++) {
		sg_buf_scoped der = {0};
		sg_auto(X509) cert = NULL;
		enum sg_code rc = sg_pem_next(pem, "CERTIFICATE", &pos, &der, err);
		if (rc == SG_E_NOTFOUND && number > 1)
			return SG_OK;
		if (rc == SG_E_NOTFOUND)
			return sg_fail(err, SG_E_MALFORMED, "tls.chain",
			    "want a PEM block CERTIFICATE, have none");
		if (rc == SG_OK && number > SG_TLS_CHAIN_MAX)
			return sg_fail(err, SG_E_MALFORMED, "tls.chain",
			    "want %u certificates at most, have more", SG_TLS_CHAIN_MAX);
		if (rc == SG_OK)
			rc = read_cert(sg_buf_slice(&der), number, &cert, err);
		if (rc != SG_OK)
			return rc;
		if (number == 1)
			pair->cert = sg_steal(cert);
		else if (sk_X509_push(pair->rest, cert) > 0)
			sg_ignore(sg_steal(cert) == NULL); /* the stack's now */
		else
			return sg_ossl_fail(err, SG_E_NOMEM, "memory", "no memory for a chain");
	}
}

static bool
has_key(X509 *cert, const struct sg_key *key)
{
	const EVP_PKEY *public = X509_get0_pubkey(cert);

	return public != NULL && EVP_PKEY_eq(public, key->pkey) == 1;
}

static enum sg_code
check_key(const struct tls_pair *pair, struct sg_err *err)
{
	if (has_key(pair->cert, pair->key))
		return SG_OK;
	for (int i = 0; i < sk_X509_num(pair->rest); i++)
		if (has_key(sk_X509_value(pair->rest, i), pair->key))
			return sg_ossl_fail(err, SG_E_MALFORMED, "tls.key",
			    "the private key is that of certificate %d: the server's own "
			    "certificate "
			    "comes first in the file",
			    i + 2);
	return sg_ossl_fail(
	    err, SG_E_MALFORMED, "tls.key", "the private key is not the key of the certificate");
}

/* Each is signed by the next: a client may know only the last one's issuer. */
static enum sg_code
check_order(const struct tls_pair *pair, struct sg_err *err)
{
	X509 *cert = pair->cert;

	for (int i = 0; i < sk_X509_num(pair->rest); i++) {
		X509 *issuer = sk_X509_value(pair->rest, i);
		EVP_PKEY *key = X509_get0_pubkey(issuer);
		if (X509_NAME_cmp(X509_get_issuer_name(cert), X509_get_subject_name(issuer)) != 0 ||
		    key == NULL || X509_verify(cert, key) != 1)
			return sg_ossl_fail(err, SG_E_MALFORMED, "tls.chain.order",
			    "certificate %d is not signed by certificate %d: want the server's "
			    "own, "
			    "then its issuer's, and so on",
			    i + 1, i + 2);
		cert = issuer;
	}
	return SG_OK;
}

/* Letters, digits, '-', '_' between dots; "*" only as the whole first label. */
static bool
is_dns_name(struct sg_slice s)
{
	size_t label = 0;

	if (s.len == 0 || s.len > NAME_MAX_LEN)
		return false;
	if (s.len > 2 && s.p[0] == '*' && s.p[1] == '.')
		s = sg_slice(s.p + 2, s.len - 2);
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];
		if (c == '.' && label == 0)
			return false;
		if (c != '.' && c != '-' && c != '_' && !sg_ascii_is_alnum(c))
			return false;
		label = c == '.' ? 0 : label + 1;
	}
	return label > 0;
}

static enum sg_code
read_names(X509 *cert, struct sg_tls_info *info, struct sg_err *err)
{
	int critical = 0;
	unsigned count = 0;
	sg_auto(GENERAL_NAMES)
	    names = X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);

	/* -1: it has none. */
	if (names == NULL && critical != -1)
		return sg_ossl_fail(err, SG_E_MALFORMED, "tls.names",
		    "the subjectAltName of the certificate cannot be read");
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		info->addresses = info->addresses || name->type == GEN_IPADD;
		if (name->type != GEN_DNS)
			continue;
		struct sg_slice dns = sg_slice(ASN1_STRING_get0_data(name->d.dNSName),
		    (size_t)ASN1_STRING_length(name->d.dNSName));
		if (++count > SG_TLS_NAMES_MAX)
			return sg_fail(err, SG_E_MALFORMED, "tls.names",
			    "the certificate has more than %u dNSNames", SG_TLS_NAMES_MAX);
		if (!is_dns_name(dns))
			return sg_fail(err, SG_E_MALFORMED, "tls.names",
			    "dNSName %u of the certificate is not the name of a host", count);
		for (size_t k = 0; k < dns.len; k++)
			sg_buf_put_u8(&info->names, sg_ascii_lower(dns.p[k]));
		sg_buf_put_u8(&info->names, 0);
	}
	return sg_buf_check(&info->names, err);
}

static enum sg_code
read_time(const ASN1_TIME *time, int64_t *ret, struct sg_err *err)
{
	struct tm tm = {0};

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return sg_ossl_fail(err, SG_E_MALFORMED, "tls.chain",
		    "the validity of the certificate cannot be read");
	return sg_date_to(&(struct sg_date){.year = tm.tm_year + 1900,
			      .month = tm.tm_mon + 1,
			      .day = tm.tm_mday,
			      .hour = tm.tm_hour,
			      .minute = tm.tm_min,
			      .second = tm.tm_sec},
	    ret, err);
}

static enum sg_code
read_info(struct tls_pair *pair, struct sg_err *err)
{
	struct sg_tls_info *info = &pair->info;
	enum sg_code rc = read_time(X509_get0_notBefore(pair->cert), &info->begins, err);

	if (rc == SG_OK)
		rc = read_time(X509_get0_notAfter(pair->cert), &info->ends, err);
	if (rc == SG_OK)
		rc = read_names(pair->cert, info, err);
	if (rc != SG_OK)
		return rc;
	info->type = sg_key_type(pair->key);
	/* All bits are set where there is no such extension. */
	uint32_t purposes = X509_get_extended_key_usage(pair->cert);
	uint32_t usage = X509_get_key_usage(pair->cert);
	info->server_auth = (purposes & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0 &&
			    (usage & KU_DIGITAL_SIGNATURE) != 0;
	return SG_OK;
}

enum sg_code
sg_tls_pair_use(const struct tls_pair *pair, SSL_CTX *ctx, struct sg_err *err)
{
	if (SSL_CTX_use_cert_and_key(ctx, pair->cert, pair->key->pkey, pair->rest, 1) == 1)
		return SG_OK;
	unsigned long e = ERR_peek_last_error();
	switch (ERR_GET_REASON(e)) {
	case SSL_R_EE_KEY_TOO_SMALL:
	case SSL_R_CA_KEY_TOO_SMALL:
	case SSL_R_CA_MD_TOO_WEAK:
		return sg_ossl_fail(
		    err, SG_E_ALG, "tls.weak", "clients refuse a certificate of the chain");
	default:
		return sg_ossl_fail(err, SG_E_CRYPTO, "tls.context", "OpenSSL refuses the pair");
	}
}

/* What only OpenSSL can say of it. */
static enum sg_code
check_strength(const struct tls_pair *pair, struct sg_err *err)
{
	sg_auto(SSL_CTX) ctx = NULL;
	enum sg_code rc = sg_tls_server_ctx(&ctx, err);

	return rc == SG_OK ? sg_tls_pair_use(pair, ctx, err) : rc;
}

enum sg_code
sg_tls_pair_read(const struct sg_tls_pair *pair, struct tls_pair *ret, struct sg_err *err)
{
	enum sg_code rc = sg_crypto_init(err);

	if (rc == SG_OK)
		rc = read_chain(pair->chain_pem, ret, err);
	if (rc == SG_OK)
		rc = sg_key_from_pem(pair->key_pem, &ret->key, err);
	if (rc == SG_OK)
		rc = check_key(ret, err);
	if (rc == SG_OK)
		rc = check_order(ret, err);
	if (rc == SG_OK)
		rc = read_info(ret, err);
	if (rc == SG_OK)
		rc = check_strength(ret, err);
	return rc;
}

void
sg_tls_pair_clear(struct tls_pair *pair)
{
	sg_key_free(&pair->key);
	X509_free(pair->cert);
	sk_X509_pop_free(pair->rest, X509_free);
	sg_tls_info_clear(&pair->info);
	*pair = (struct tls_pair){0};
}

enum sg_code
sg_tls_pair_info(const struct sg_tls_pair *pair, struct sg_tls_info *ret, struct sg_err *err)
{
	__attribute__((cleanup(sg_tls_pair_clear))) struct tls_pair read = {0};
	enum sg_code rc = sg_tls_pair_read(pair, &read, err);

	if (rc != SG_OK)
		return rc;
	*ret = read.info;
	read.info.names = (struct sg_buf){0};
	return SG_OK;
}

void
sg_tls_info_clear(struct sg_tls_info *info)
{
	sg_buf_clear(&info->names);
}
