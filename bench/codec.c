/* SPDX-License-Identifier: Apache-2.0 */

/*
 * codec.c - our encoder and decoder against OpenSSL's CMS on the same messages
 *
 * decode: a pkiMessage up to type, transactionID, nonce, signer's certificate and the parts
 *         of the envelope; no signature checked, nothing decrypted, on either side.
 * encode: the whole pkiMessage from PKCS#10, keys and attributes; both sides encrypt and
 *         sign with the same keys. As that is mostly RSA, the rates come a second time with
 *         the RSA operations, measured alone, taken off.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "bench.h"
#include "cms/envelope.h"
#include "crypto/init.h"
#include "crypto/keyfile.h"
#include "scep/message.h"
#include "scep/pop.h"
#include "scep/request.h"
#include "scep/throwaway.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define ROUND 50

struct both {
	struct sg_key *key;
	struct sg_buf spki, cert, csr, message;
	struct sg_cert parsed;
	EVP_PKEY *pkey;
	X509 *x509;
	ASN1_OBJECT *type, *txid, *nonce;
};

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	ERR_print_errors_fp(stderr);
	bench_die("%s failed", what);
}

static struct sg_slice
nonce_of(void)
{
	return sg_slice("0123456789abcdef", 16);
}

static const char txid_text[] = "d8e8fca2dc0f896fd7cb4cb0031ba249";

static void
ours_encode(const struct both *b, struct sg_buf *out)
{
	struct sg_err err;
	struct sg_scep_request_facts facts = {.type = SG_SCEP_PKCSREQ,
	    .txid = sg_slice_str(txid_text),
	    .sender_nonce = nonce_of(),
	    .hash = SG_HASH_SHA256,
	    .signing_time = sg_clock_now(),
	    .signer_cert = sg_buf_slice(&b->cert),
	    .signer_key = b->key,
	    .recipient = &b->parsed,
	    .cipher = SG_CIPHER_AES128_CBC,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .plain = sg_buf_slice(&b->csr)};
	bench_ok(sg_scep_request_put(out, &facts, &err), &err, "our encoder");
}

static void
theirs_encode(const struct both *b, unsigned char **out)
{
	const unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
	STACK_OF(X509) *to = sk_X509_new_null();
	BIO *plain = BIO_new_mem_buf(b->csr.p, (int)b->csr.len), *inner = BIO_new(BIO_s_mem());

	must(sk_X509_push(to, b->x509) > 0, "push");
	CMS_ContentInfo *env = CMS_encrypt(to, plain, EVP_aes_128_cbc(), CMS_BINARY);
	must(env != NULL && i2d_CMS_bio(inner, env) == 1, "CMS_encrypt");
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	CMS_SignerInfo *si = CMS_add1_signer(cms, b->x509, b->pkey, EVP_sha256(), flags);
	must(si != NULL, "CMS_add1_signer");
	must(
	    CMS_signed_add1_attr_by_OBJ(si, b->type, V_ASN1_PRINTABLESTRING, "19", 2) == 1, "type");
	must(CMS_signed_add1_attr_by_OBJ(
		 si, b->txid, V_ASN1_PRINTABLESTRING, txid_text, (int)strlen(txid_text)) == 1,
	    "transactionID");
	must(CMS_signed_add1_attr_by_OBJ(
		 si, b->nonce, V_ASN1_OCTET_STRING, nonce_of().p, (int)nonce_of().len) == 1,
	    "nonce");
	must(CMS_final(cms, inner, NULL, flags) == 1, "CMS_final");
	must(i2d_CMS_ContentInfo(cms, out) > 0, "encode");
	CMS_ContentInfo_free(cms);
	CMS_ContentInfo_free(env);
	sk_X509_free(to);
	BIO_free(plain);
	BIO_free(inner);
}

static void
ours_decode(const struct both *b)
{
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err;

	bench_ok(sg_scep_decode(sg_buf_slice(&b->message), &msg, &err), &err, "our decoder");
	bench_ok(sg_envelope_decode(msg.content, &env, &err), &err, "our decoder");
	struct sg_cert_light own = {.issuer = b->parsed.issuer, .serial = b->parsed.serial};
	bench_ok(sg_envelope_choose(&env, &own, &err), &err, "our decoder");
	must(msg.has_signer && msg.type == SG_SCEP_PKCSREQ && msg.txid.len == 32 &&
		 msg.sender_nonce.len == 16 && env.wrapped.len == 256,
	    "our decoder");
}

static void
theirs_decode(const struct both *b)
{
	const unsigned char *p = b->message.p;

	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)b->message.len);
	must(cms != NULL, "d2i_CMS_ContentInfo");
	CMS_SignerInfo *si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	STACK_OF(X509) *certs = CMS_get1_certs(cms);
	must(si != NULL && sk_X509_num(certs) == 1, "signer");
	must(CMS_signed_get0_data_by_OBJ(si, b->type, -3, V_ASN1_PRINTABLESTRING) != NULL &&
		 CMS_signed_get0_data_by_OBJ(si, b->txid, -3, V_ASN1_PRINTABLESTRING) != NULL &&
		 CMS_signed_get0_data_by_OBJ(si, b->nonce, -3, V_ASN1_OCTET_STRING) != NULL,
	    "attributes");
	const ASN1_OCTET_STRING *content = *CMS_get0_content(cms);
	p = ASN1_STRING_get0_data(content);
	CMS_ContentInfo *env = d2i_CMS_ContentInfo(NULL, &p, ASN1_STRING_length(content));
	must(
	    env != NULL && sk_CMS_RecipientInfo_num(CMS_get0_RecipientInfos(env)) == 1, "envelope");
	CMS_ContentInfo_free(env);
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
}

static void
run_ours_encode(const struct both *b)
{
	sg_buf_scoped out = {0};
	ours_encode(b, &out);
}

static void
run_theirs_encode(const struct both *b)
{
	unsigned char *out = NULL;
	theirs_encode(b, &out);
	OPENSSL_free(out);
}

/* The RSA of one encoding, as cheap as it gets. */
static void
run_rsa(const struct both *b)
{
	static EVP_PKEY_CTX *sign, *encrypt;
	unsigned char in[32] = {1}, out[512];
	size_t len = sizeof out;

	if (sign == NULL) {
		sign = EVP_PKEY_CTX_new(b->pkey, NULL);
		encrypt = EVP_PKEY_CTX_new(b->pkey, NULL);
		must(EVP_PKEY_sign_init(sign) == 1 &&
			 EVP_PKEY_CTX_set_signature_md(sign, EVP_sha256()) == 1 &&
			 EVP_PKEY_encrypt_init(encrypt) == 1,
		    "RSA");
	}
	must(EVP_PKEY_sign(sign, out, &len, in, sizeof in) == 1, "sign");
	len = sizeof out;
	must(EVP_PKEY_encrypt(encrypt, out, &len, in, 16) == 1, "encrypt");
}

static void
prepare(struct both *b, const char *keys)
{
	sg_buf_scoped name = {0}, info = {0}, pem = {0};
	struct sg_err err;
	int64_t now = sg_clock_now();
	const uint8_t serial[] = {0x41, 1, 2, 3, 4, 5, 6, 7};

	b->key = bench_keys(keys, 1)[0];
	bench_ok(sg_name_from_text(sg_slice_str("CN=codec.bench.example, O=Bench"), &name, &err),
	    &err, "a name");
	bench_ok(sg_scep_throwaway_put(&b->cert, b->key, SG_HASH_SHA256, sg_buf_slice(&name),
		     sg_slice(serial, sizeof serial), now - 86400, now + 86400, &err),
	    &err, "a certificate");
	bench_ok(sg_cert_parse(sg_buf_slice(&b->cert), &b->parsed, &err), &err, "a certificate");
	struct sg_csr_facts facts = {.subject = sg_buf_slice(&name),
	    .spki = b->parsed.spki,
	    .challenge = sg_slice_str("0123456789abcdef0123456789abcdef")};
	sg_csr_put_info(&info, &facts);
	bench_ok(sg_scep_pop_sign(&b->csr, b->key, SG_HASH_SHA256, sg_buf_slice(&info), &err), &err,
	    "PKCS#10");
	bench_ok(sg_key_put_pem(b->key, &pem, &err), &err, "key");
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	b->pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	const unsigned char *p = b->cert.p;
	b->x509 = d2i_X509(NULL, &p, (long)b->cert.len);
	b->type = OBJ_txt2obj("2.16.840.1.113733.1.9.2", 1);
	b->txid = OBJ_txt2obj("2.16.840.1.113733.1.9.7", 1);
	b->nonce = OBJ_txt2obj("2.16.840.1.113733.1.9.5", 1);
	must(b->pkey != NULL && b->x509 != NULL && b->type != NULL, "OpenSSL's objects");
	ours_encode(b, &b->message);
}

int
main(int argc, char **argv)
{
	static struct both b;
	static struct {
		const char *name;
		void (*run)(const struct both *b);
		double us;
	} row[] = {{"ours_decode", ours_decode, 0}, {"openssl_decode", theirs_decode, 0},
	    {"ours_encode", run_ours_encode, 0}, {"openssl_encode", run_theirs_encode, 0},
	    {"rsa_of_encode", run_rsa, 0}};
	struct sg_err err;
	unsigned rounds = 0;

	if (argc < 4)
		bench_die("usage: bench-codec KEYS SECONDS CPU");
	bench_pin((int)bench_number(argv[3], 1023));
	bench_ok(sg_crypto_init(&err), &err, "crypto");
	prepare(&b, argv[1]);
	int64_t until = bench_cpu_ns() + (int64_t)bench_number(argv[2], 600) * 1000000000;
	for (; rounds < 4 || bench_cpu_ns() < until; rounds++)
		for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
			int64_t from = bench_cpu_ns();
			for (int n = 0; n < ROUND; n++)
				row[i].run(&b);
			row[i].us += (double)(bench_cpu_ns() - from) / 1e3;
		}
	printf("{");
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		printf(
		    "%s\"%s\": %.3f", i > 0 ? ", " : "", row[i].name, row[i].us / rounds / ROUND);
	printf("}\n");
	return 0;
}
