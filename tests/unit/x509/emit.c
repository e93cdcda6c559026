/* SPDX-License-Identifier: Apache-2.0 */

/*
 * emit.c - write one structure of each kind with fixed facts around the public key that
 * comes on standard input, for oracle.py, which signs it and reads it with other software
 *
 *   emit ca|leaf|bare|csr|crl|crl-empty rsa|pss|ecdsa < SPKI > TBS
 *   emit signed rsa|pss|ecdsa < 4 bytes length of TBS, TBS, signature > DER
 *   emit equal ignore|exact < pairs of texts, each with 2 bytes length > 0 or 1 for each pair
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"
#include "x509/signed.h"
#include "x509/stringprep.h"
#include "asn1/oid.h"
#include "asn1/tag.h"

#define NOT_BEFORE 1767323045 /* 2026-01-02 03:04:05 */
#define NOT_AFTER 2556241445  /* 2051-01-02 03:04:05 */

static const char *const san_text[] = {"dns:a.example", "email:a@b.example",
    "uri:tag:microsoft.com,2022-09-14:sid:S-1-5", "ip:192.0.2.1", "ip:2001:db8::1",
    "upn:j\xc3\xa4rvi@b.example", "dirname:C=FI, CN=other"};

static uint8_t san_store[sizeof san_text / sizeof san_text[0]][SG_SAN_LEN_MAX];

static int
read_sans(struct sg_sans *ret)
{
	ret->n = sizeof san_text / sizeof san_text[0];
	for (size_t i = 0; i < ret->n; i++) {
		if (sg_san_from_text(
			sg_slice_str(san_text[i]), &ret->item[i], san_store[i], NULL) != SG_OK)
			return -1;
	}
	return 0;
}

static void
put_cert(struct sg_buf *out, const char *kind, struct sg_sigalg alg, struct sg_slice spki,
    const struct sg_sans *sans)
{
	static const uint8_t serial[20] = {
	    0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
	sg_buf_scoped issuer = {0}, subject = {0};
	bool ca = strcmp(kind, "ca") == 0, leaf = strcmp(kind, "leaf") == 0;
	const char *name =
	    ca	   ? "C=FI, O=Test, CN=Test CA"
	    : leaf ? "C=FI, O=J\xc3\xa4rvi\\, Oy, CN=dev1+serialNumber=77, E=a@b.example"
		   : "";
	if (sg_name_from_text(sg_slice_str("C=FI, O=Test, CN=Test CA"), &issuer, NULL) != SG_OK ||
	    sg_name_from_text(sg_slice_str(name), &subject, NULL) != SG_OK) {
		out->failed = SG_E_INTERNAL;
		return;
	}
	struct sg_cert_facts f = {
	    .serial = sg_slice(serial, sizeof serial),
	    .sigalg = alg,
	    .issuer = sg_buf_slice(&issuer),
	    .subject = sg_buf_slice(&subject),
	    .spki = spki,
	    .not_before = NOT_BEFORE,
	    .not_after = NOT_AFTER,
	    .ca = ca,
	    .path_len = ca ? 1 : -1,
	    .key_usage = ca ? SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN
			    : SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT,
	    .sans = ca ? NULL : sans,
	    .ski = sg_slice("\1\2\3\4", 4),
	};
	if (leaf) {
		f.eku_n = 2;
		f.eku[0] = SG_OID(eku_client_auth);
		f.eku[1] = SG_OID(eku_smartcard_logon);
		f.aki = sg_slice("\5\6\7\x08", 4);
		f.cdp_url = sg_slice_str("http://pki.example/ca.crl");
		f.ca_issuers_url = sg_slice_str("http://pki.example/ca.cer");
		f.ocsp_url = sg_slice_str("http://pki.example/ocsp");
		f.policy_n = 2;
		f.policy[0] = sg_slice("\x2a\3\4", 3);
		f.policy[1] = sg_slice("\x2a\3\5", 3);
	}
	sg_cert_put_tbs(out, &f);
}

static void
put_csr(struct sg_buf *out, struct sg_slice spki, const struct sg_sans *sans)
{
	sg_buf_scoped subject = {0};
	if (sg_name_from_text(sg_slice_str("C=FI, O=Test, CN=dev1"), &subject, NULL) != SG_OK) {
		out->failed = SG_E_INTERNAL;
		return;
	}
	struct sg_csr_facts f = {
	    .subject = sg_buf_slice(&subject),
	    .spki = spki,
	    .challenge = sg_slice_str("a secret"),
	    .sans = sans,
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT,
	    .eku_n = 1,
	    .eku = {SG_OID(eku_client_auth)},
	};
	sg_csr_put_info(out, &f);
}

static void
put_crl(struct sg_buf *out, struct sg_sigalg alg, bool empty)
{
	static const enum sg_crl_reason reasons[] = {SG_REASON_UNSPECIFIED,
	    SG_REASON_KEY_COMPROMISE, SG_REASON_CA_COMPROMISE, SG_REASON_AFFILIATION_CHANGED,
	    SG_REASON_SUPERSEDED, SG_REASON_CESSATION, SG_REASON_HOLD,
	    SG_REASON_PRIVILEGE_WITHDRAWN, SG_REASON_AA_COMPROMISE};
	sg_buf_scoped issuer = {0};
	if (sg_name_from_text(sg_slice_str("C=FI, O=Test, CN=Test CA"), &issuer, NULL) != SG_OK) {
		out->failed = SG_E_INTERNAL;
		return;
	}
	struct sg_crl_facts f = {
	    .sigalg = alg,
	    .issuer = sg_buf_slice(&issuer),
	    .this_update = NOT_BEFORE,
	    .next_update = NOT_AFTER,
	    .number = UINT64_C(0xfedcba9876543210),
	    .aki = sg_slice("\1\2\3\4", 4),
	};
	struct sg_crlw w;
	sg_crl_begin(&w, out, &f);
	for (size_t i = 0; !empty && i < sizeof reasons / sizeof reasons[0]; i++) {
		uint8_t serial[3] = {0x80, 0, (uint8_t)i};
		sg_crl_entry(&w, out, sg_slice(serial, 3), NOT_BEFORE + (int64_t)i, reasons[i]);
	}
	sg_crl_end(&w, out, &f);
}

static void
put_signed(struct sg_buf *out, struct sg_sigalg alg, struct sg_slice in)
{
	size_t len = in.len < 4 ? SIZE_MAX
				: (size_t)in.p[0] << 24 | (size_t)in.p[1] << 16 |
				      (size_t)in.p[2] << 8 | in.p[3];
	if (in.len < 4 || len > in.len - 4) {
		out->failed = SG_E_INTERNAL;
		return;
	}
	sg_signed_put(
	    out, sg_slice(in.p + 4, len), alg, sg_slice(in.p + 4 + len, in.len - 4 - len));
}

/* The text that begins with its length; nothing when there is none. */
static struct sg_slice
next_text(struct sg_slice *in)
{
	size_t len = in->len < 2 ? 0 : (size_t)in->p[0] << 8 | in->p[1];
	struct sg_slice text = sg_slice(in->p + 2, len);
	if (in->len < 2 || len > in->len - 2)
		exit(1);
	*in = sg_slice(text.p + len, in->len - 2 - len);
	return text;
}

static void
put_equal(struct sg_buf *out, enum sg_stringprep_case how, struct sg_slice in)
{
	while (in.len > 0) {
		struct sg_slice a = next_text(&in), b = next_text(&in);
		bool equal = sg_stringprep_equal(
		    sg_chars_init(SG_DER_UTF8, a), sg_chars_init(SG_DER_UTF8, b), how);
		sg_buf_put_u8(out, equal ? '1' : '0');
	}
}

int
main(int argc, char **argv)
{
	static uint8_t in[4 * 1024 * 1024];
	struct sg_sans sans;
	sg_buf_scoped out = {0};
	size_t len = fread(in, 1, sizeof in, stdin);
	if (argc != 3 || read_sans(&sans) != 0)
		return 2;
	struct sg_sigalg alg = {.hash = SG_HASH_SHA256};
	alg.scheme = strcmp(argv[2], "rsa") == 0   ? SG_SIG_RSA_PKCS1
		     : strcmp(argv[2], "pss") == 0 ? SG_SIG_RSA_PSS
						   : SG_SIG_ECDSA;
	if (strcmp(argv[1], "equal") == 0)
		put_equal(&out,
		    strcmp(argv[2], "exact") == 0 ? SG_STRINGPREP_CASE_EXACT
						  : SG_STRINGPREP_CASE_IGNORE,
		    sg_slice(in, len));
	else if (strcmp(argv[1], "signed") == 0)
		put_signed(&out, alg, sg_slice(in, len));
	else if (strcmp(argv[1], "csr") == 0)
		put_csr(&out, sg_slice(in, len), &sans);
	else if (strncmp(argv[1], "crl", 3) == 0)
		put_crl(&out, alg, strcmp(argv[1], "crl-empty") == 0);
	else
		put_cert(&out, argv[1], alg, sg_slice(in, len), &sans);
	if (sg_buf_check(&out, NULL) != SG_OK)
		return 1;
	return fwrite(out.p, 1, out.len, stdout) == out.len ? 0 : 1;
}
