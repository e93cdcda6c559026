/* SPDX-License-Identifier: Apache-2.0 */

/*
 * oid.c - the one table of object identifiers: what parsers compare with, writers write and
 * people read
 */

#include "asn1/oid.h"

#include <inttypes.h>

#include "base/ascii.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "base/limits.h"

/* One row each: identifier, DER contents, name, abbreviation. */
#define OIDS(X)                                                                                    \
	X(cn, "\x55\x04\x03", "commonName", "CN")                                                  \
	X(sn, "\x55\x04\x04", "surname", NULL)                                                     \
	X(serial_number, "\x55\x04\x05", "serialNumber", NULL)                                     \
	X(c, "\x55\x04\x06", "countryName", "C")                                                   \
	X(l, "\x55\x04\x07", "localityName", "L")                                                  \
	X(st, "\x55\x04\x08", "stateOrProvinceName", "ST")                                         \
	X(street, "\x55\x04\x09", "streetAddress", "STREET")                                       \
	X(o, "\x55\x04\x0a", "organizationName", "O")                                              \
	X(ou, "\x55\x04\x0b", "organizationalUnitName", "OU")                                      \
	X(title, "\x55\x04\x0c", "title", NULL)                                                    \
	X(given_name, "\x55\x04\x2a", "givenName", "GN")                                           \
	X(initials, "\x55\x04\x2b", "initials", NULL)                                              \
	X(dn_qualifier, "\x55\x04\x2e", "dnQualifier", NULL)                                       \
	X(uid, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "userId", "UID")                        \
	X(dc, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "domainComponent", "DC")                 \
	X(email, PKCS9 "\x01", "emailAddress", "E")                                                \
	X(unstructured_name, PKCS9 "\x02", "unstructuredName", NULL)                               \
	X(unstructured_address, PKCS9 "\x08", "unstructuredAddress", NULL)                         \
	X(ski, "\x55\x1d\x0e", "subjectKeyIdentifier", NULL)                                       \
	X(key_usage, "\x55\x1d\x0f", "keyUsage", NULL)                                             \
	X(san, "\x55\x1d\x11", "subjectAltName", NULL)                                             \
	X(basic_constraints, "\x55\x1d\x13", "basicConstraints", NULL)                             \
	X(crl_number, "\x55\x1d\x14", "cRLNumber", NULL)                                           \
	X(crl_reason, "\x55\x1d\x15", "reasonCode", NULL)                                          \
	X(name_constraints, "\x55\x1d\x1e", "nameConstraints", NULL)                               \
	X(cdp, "\x55\x1d\x1f", "cRLDistributionPoints", NULL)                                      \
	X(cert_policies, "\x55\x1d\x20", "certificatePolicies", NULL)                              \
	X(policy_mappings, "\x55\x1d\x21", "policyMappings", NULL)                                 \
	X(policy_constraints, "\x55\x1d\x24", "policyConstraints", NULL)                           \
	X(inhibit_any_policy, "\x55\x1d\x36", "inhibitAnyPolicy", NULL)                            \
	X(aki, "\x55\x1d\x23", "authorityKeyIdentifier", NULL)                                     \
	X(eku, "\x55\x1d\x25", "extKeyUsage", NULL)                                                \
	X(aia, PKIX "\x01\x01", "authorityInfoAccess", NULL)                                       \
	X(aia_ocsp, PKIX "\x30\x01", "ocsp", NULL)                                                 \
	X(aia_ca_issuers, PKIX "\x30\x02", "caIssuers", NULL)                                      \
	X(ms_sid, MS "\x19\x02", "ntdsCaSecurityExt", NULL)                                        \
	X(ms_template_name, MS "\x14\x02", "enrollCerttypeExtension", NULL)                        \
	X(ms_template, MS "\x15\x07", "certificateTemplate", NULL)                                 \
	X(ms_app_policies, MS "\x15\x0a", "applicationCertPolicies", NULL)                         \
	X(upn, MS "\x14\x02\x03", "userPrincipalName", "UPN")                                      \
	X(eku_any, "\x55\x1d\x25\x00", "anyExtendedKeyUsage", NULL)                                \
	X(eku_server_auth, PKIX "\x03\x01", "serverAuth", NULL)                                    \
	X(eku_client_auth, PKIX "\x03\x02", "clientAuth", NULL)                                    \
	X(eku_code_signing, PKIX "\x03\x03", "codeSigning", NULL)                                  \
	X(eku_email, PKIX "\x03\x04", "emailProtection", NULL)                                     \
	X(eku_time_stamping, PKIX "\x03\x08", "timeStamping", NULL)                                \
	X(eku_ocsp, PKIX "\x03\x09", "OCSPSigning", NULL)                                          \
	X(eku_ipsec_ike, PKIX "\x03\x11", "ipsecIKE", NULL)                                        \
	X(eku_smartcard_logon, MS "\x14\x02\x02", "smartcardLogon", NULL)                          \
	X(eku_request_agent, MS "\x14\x02\x01", "certificateRequestAgent", NULL)                   \
	X(eku_cmc_ra, PKIX "\x03\x1c", "cmcRA", NULL)                                              \
	X(challenge_password, PKCS9 "\x07", "challengePassword", NULL)                             \
	X(ext_request, PKCS9 "\x0e", "extensionRequest", NULL)                                     \
	X(ms_ext_request, MS "\x02\x01\x0e", "certExtensions", NULL)                               \
	X(sha1, "\x2b\x0e\x03\x02\x1a", "SHA-1", NULL)                                             \
	X(sha256, NIST "\x02\x01", "SHA-256", NULL)                                                \
	X(sha384, NIST "\x02\x02", "SHA-384", NULL)                                                \
	X(sha512, NIST "\x02\x03", "SHA-512", NULL)                                                \
	X(md5, "\x2a\x86\x48\x86\xf7\x0d\x02\x05", "MD5", NULL)                                    \
	X(rsa, PKCS1 "\x01", "rsaEncryption", NULL)                                                \
	X(rsa_md5, PKCS1 "\x04", "md5WithRSAEncryption", NULL)                                     \
	X(rsa_sha1, PKCS1 "\x05", "sha1WithRSAEncryption", NULL)                                   \
	X(rsa_sha256, PKCS1 "\x0b", "sha256WithRSAEncryption", NULL)                               \
	X(rsa_sha384, PKCS1 "\x0c", "sha384WithRSAEncryption", NULL)                               \
	X(rsa_sha512, PKCS1 "\x0d", "sha512WithRSAEncryption", NULL)                               \
	X(rsa_pss, PKCS1 "\x0a", "RSASSA-PSS", NULL)                                               \
	X(rsa_oaep, PKCS1 "\x07", "RSAES-OAEP", NULL)                                              \
	X(mgf1, PKCS1 "\x08", "MGF1", NULL)                                                        \
	X(p_specified, PKCS1 "\x09", "pSpecified", NULL)                                           \
	X(ec_public_key, ANSI "\x02\x01", "ecPublicKey", NULL)                                     \
	X(p256, ANSI "\x03\x01\x07", "P-256", NULL)                                                \
	X(p384, "\x2b\x81\x04\x00\x22", "P-384", NULL)                                             \
	X(p521, "\x2b\x81\x04\x00\x23", "P-521", NULL)                                             \
	X(ecdsa_sha1, ANSI "\x04\x01", "ecdsa-with-SHA1", NULL)                                    \
	X(ecdsa_sha256, ANSI "\x04\x03\x02", "ecdsa-with-SHA256", NULL)                            \
	X(ecdsa_sha384, ANSI "\x04\x03\x03", "ecdsa-with-SHA384", NULL)                            \
	X(ecdsa_sha512, ANSI "\x04\x03\x04", "ecdsa-with-SHA512", NULL)                            \
	X(aes128_cbc, NIST "\x01\x02", "AES-128-CBC", NULL)                                        \
	X(aes192_cbc, NIST "\x01\x16", "AES-192-CBC", NULL)                                        \
	X(aes256_cbc, NIST "\x01\x2a", "AES-256-CBC", NULL)                                        \
	X(des3_cbc, "\x2a\x86\x48\x86\xf7\x0d\x03\x07", "DES-EDE3-CBC", NULL)                      \
	X(des_cbc, "\x2b\x0e\x03\x02\x07", "DES-CBC", NULL)

/* Content types and signed attributes of CMS (RFC 5652), transaction attributes of SCEP (RFC 8894
 * 3.2.1): compared with, never named in a subject or by the operator. */
#define MESSAGE_OIDS(X)                                                                            \
	X(data, PKCS7 "\x01")                                                                      \
	X(signed_data, PKCS7 "\x02")                                                               \
	X(enveloped_data, PKCS7 "\x03")                                                            \
	X(auth_enveloped_data, PKCS9 "\x10\x01\x17")                                               \
	X(compressed_data, PKCS9 "\x10\x01\x09")                                                   \
	X(content_type, PKCS9 "\x03")                                                              \
	X(message_digest, PKCS9 "\x04")                                                            \
	X(signing_time, PKCS9 "\x05")                                                              \
	X(message_type, VERISIGN "\x02")                                                           \
	X(pki_status, VERISIGN "\x03")                                                             \
	X(fail_info, VERISIGN "\x04")                                                              \
	X(sender_nonce, VERISIGN "\x05")                                                           \
	X(recipient_nonce, VERISIGN "\x06")                                                        \
	X(transaction_id, VERISIGN "\x07")                                                         \
	X(fail_info_text, PKIX "\x18\x01")                                                         \
	X(ms_hresult, MS "\x15\x21")

#define PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define PKCS7 "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
#define PKCS9 "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define VERISIGN "\x60\x86\x48\x01\x86\xf8\x45\x01\x09" /* id-attributes */
#define PKIX "\x2b\x06\x01\x05\x05\x07"
#define MS "\x2b\x06\x01\x04\x01\x82\x37"
#define NIST "\x60\x86\x48\x01\x65\x03\x04"
#define ANSI "\x2a\x86\x48\xce\x3d"

#define DEFINE(id, bytes, name, abbr)                                                              \
	const struct sg_slice sg_oid_##id = {(const uint8_t *)(bytes), sizeof(bytes) - 1};
OIDS(DEFINE)

#define DEFINE_UNNAMED(id, bytes) DEFINE(id, bytes, NULL, NULL)
MESSAGE_OIDS(DEFINE_UNNAMED)

#define ENTRY(id, bytes, name, abbr) {{(const uint8_t *)(bytes), sizeof(bytes) - 1}, name, abbr},
static const struct sg_oid_entry entries[] = {OIDS(ENTRY)};

const struct sg_oid_entry *
sg_oid_find(struct sg_slice oid)
{
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		if (sg_slice_eq(entries[i].oid, oid))
			return &entries[i];
	}
	return NULL;
}

const struct sg_oid_entry *
sg_oid_by_name(struct sg_slice name)
{
	/* What Windows tools write. */
	if (sg_ascii_is(name, "S"))
		return sg_oid_find(sg_oid_st);
	if (sg_ascii_is(name, "G"))
		return sg_oid_find(sg_oid_given_name);
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		if ((entries[i].abbr != NULL && sg_ascii_is(name, entries[i].abbr)) ||
		    sg_ascii_is(name, entries[i].name))
			return &entries[i];
	}
	return NULL;
}

static void
put_arc(struct sg_buf *b, uint64_t v)
{
	uint8_t digit[10];
	size_t n = 0;
	do {
		digit[n++] = (uint8_t)(v & 0x7f);
		v >>= 7;
	} while (v != 0);
	while (n-- > 0)
		sg_buf_put_u8(b, digit[n] | (n > 0 ? 0x80u : 0u));
}

/* One number up to the next dot or the end; *pos moves past the dot. */
static SG_RC
next_arc(struct sg_slice text, size_t *pos, uint64_t *ret, struct sg_err *err)
{
	size_t end = *pos;
	while (end < text.len && text.p[end] != '.')
		end++;
	uint64_t v;
	if (sg_decimal_parse(sg_slice(text.p + *pos, end - *pos), UINT64_MAX - 80, &v, NULL) !=
	    SG_OK)
		return sg_fail(err, SG_E_MALFORMED, "oid",
		    "object identifier: want numbers with dots between, as in 2.5.4.3, "
		    "found something else at character %zu",
		    *pos + 1);
	*pos = end + 1;
	*ret = v;
	return SG_OK;
}

enum sg_code
sg_oid_from_dotted(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped b = {.max = 4096};
	uint64_t first = 0;
	size_t arcs = 0;
	for (size_t pos = 0; pos <= text.len; arcs++) {
		uint64_t v = 0;
		enum sg_code rc = next_arc(text, &pos, &v, err);
		if (rc != SG_OK)
			return rc;
		if ((arcs == 0 && v > 2) || (arcs == 1 && first < 2 && v > 39))
			return sg_fail(err, SG_E_MALFORMED, "oid.root",
			    "object identifier: begins with 0, 1 or 2, then at most 39 below 0 and "
			    "1");
		if (arcs == 0)
			first = v;
		else
			put_arc(&b, arcs == 1 ? first * 40 + v : v);
		if (b.len > SG_OID_MAX)
			return sg_fail(err, SG_E_LIMIT, "oid.long",
			    "object identifier: more than %u bytes", SG_OID_MAX);
	}
	if (arcs < 2)
		return sg_fail(err, SG_E_MALFORMED, "oid.short",
		    "object identifier: want at least two numbers, found %zu", arcs);
	enum sg_code rc = sg_buf_check(&b, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_put_slice(out, sg_buf_slice(&b));
	return sg_buf_check(out, err);
}

/* Every arc fits 64 bits and the last one is complete. */
static bool
has_plain_arcs(struct sg_slice oid)
{
	uint64_t v = 0;
	for (size_t i = 0; i < oid.len; i++) {
		if (v > UINT64_MAX >> 7)
			return false;
		v = v << 7 | (oid.p[i] & 0x7f);
		if ((oid.p[i] & 0x80) == 0)
			v = 0;
	}
	return oid.len > 0 && (oid.p[oid.len - 1] & 0x80) == 0;
}

static void
put_dotted(struct sg_buf *b, struct sg_slice oid)
{
	uint64_t v = 0;
	bool first = true;
	for (size_t i = 0; i < oid.len; i++) {
		v = v << 7 | (oid.p[i] & 0x7f);
		if ((oid.p[i] & 0x80) != 0)
			continue;
		if (first) {
			uint64_t root = v < 80 ? v / 40 : 2;
			sg_buf_printf(b, "%" PRIu64 ".%" PRIu64, root, v - root * 40);
		} else {
			sg_buf_printf(b, ".%" PRIu64, v);
		}
		first = false;
		v = 0;
	}
}

void
sg_oid_put_text(struct sg_buf *b, struct sg_slice oid, int named)
{
	const struct sg_oid_entry *known = named ? sg_oid_find(oid) : NULL;
	if (known != NULL) {
		sg_buf_puts(b, known->name);
	} else if (has_plain_arcs(oid)) {
		put_dotted(b, oid);
	} else {
		sg_buf_puts(b, "oid:");
		sg_hex_put(b, oid);
	}
}
