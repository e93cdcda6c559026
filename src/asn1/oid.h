/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/oid.h - object identifiers of names, extensions, algorithms and messages, as DER
 * contents
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_oid_entry {
	struct sg_slice oid;
	const char *name; /* "commonName" */
	const char *abbr; /* "CN", or NULL */
};

/* Usage: sg_slice_eq(oid, SG_OID(cn)). */
#define SG_OID(x) (sg_oid_##x)

/* Names. */
extern const struct sg_slice sg_oid_cn, sg_oid_sn, sg_oid_serial_number, sg_oid_c, sg_oid_l,
    sg_oid_st, sg_oid_street, sg_oid_o, sg_oid_ou, sg_oid_title, sg_oid_given_name, sg_oid_initials,
    sg_oid_dn_qualifier, sg_oid_uid, sg_oid_dc, sg_oid_email, sg_oid_unstructured_name,
    sg_oid_unstructured_address;
/* Extensions. */
extern const struct sg_slice sg_oid_ski, sg_oid_key_usage, sg_oid_san, sg_oid_basic_constraints,
    sg_oid_crl_number, sg_oid_crl_reason, sg_oid_cdp, sg_oid_cert_policies, sg_oid_aki, sg_oid_eku,
    sg_oid_name_constraints, sg_oid_policy_mappings, sg_oid_policy_constraints,
    sg_oid_inhibit_any_policy, sg_oid_aia, sg_oid_aia_ocsp, sg_oid_aia_ca_issuers, sg_oid_ms_sid,
    sg_oid_ms_template_name, sg_oid_ms_template, sg_oid_ms_app_policies, sg_oid_upn;
/* Extended key usages. */
extern const struct sg_slice sg_oid_eku_any, sg_oid_eku_server_auth, sg_oid_eku_client_auth,
    sg_oid_eku_code_signing, sg_oid_eku_email, sg_oid_eku_time_stamping, sg_oid_eku_ocsp,
    sg_oid_eku_ipsec_ike, sg_oid_eku_smartcard_logon, sg_oid_eku_request_agent, sg_oid_eku_cmc_ra;
/* Request attributes. */
extern const struct sg_slice sg_oid_challenge_password, sg_oid_ext_request, sg_oid_ms_ext_request;
/* Algorithms. */
extern const struct sg_slice sg_oid_sha1, sg_oid_sha256, sg_oid_sha384, sg_oid_sha512, sg_oid_md5,
    sg_oid_rsa, sg_oid_rsa_md5, sg_oid_rsa_sha1, sg_oid_rsa_sha256, sg_oid_rsa_sha384,
    sg_oid_rsa_sha512, sg_oid_rsa_pss, sg_oid_rsa_oaep, sg_oid_mgf1, sg_oid_p_specified,
    sg_oid_ec_public_key, sg_oid_p256, sg_oid_p384, sg_oid_p521, sg_oid_ecdsa_sha1,
    sg_oid_ecdsa_sha256, sg_oid_ecdsa_sha384, sg_oid_ecdsa_sha512, sg_oid_aes128_cbc,
    sg_oid_aes192_cbc, sg_oid_aes256_cbc, sg_oid_des3_cbc, sg_oid_des_cbc;
/* Content types and signed attributes of CMS (RFC 5652); without an entry. */
extern const struct sg_slice sg_oid_data, sg_oid_signed_data, sg_oid_enveloped_data,
    sg_oid_auth_enveloped_data, sg_oid_compressed_data, sg_oid_content_type, sg_oid_message_digest,
    sg_oid_signing_time;
/* Transaction attributes of SCEP (RFC 8894 3.2.1); without an entry. */
extern const struct sg_slice sg_oid_message_type, sg_oid_pki_status, sg_oid_fail_info,
    sg_oid_sender_nonce, sg_oid_recipient_nonce, sg_oid_transaction_id, sg_oid_fail_info_text,
    sg_oid_ms_hresult;

/* The entry of a known identifier, or NULL. */
const struct sg_oid_entry *
sg_oid_find(struct sg_slice oid);
/* By name or abbreviation, letter case ignored ("CN", "emailAddress", and "S", "G" as Windows
 * writes ST and GN); NULL when unknown. */
const struct sg_oid_entry *
sg_oid_by_name(struct sg_slice name);
/* Dotted decimal ("2.5.4.3") to DER contents, appended. SG_E_MALFORMED ("oid", "oid.root",
 * "oid.short"), SG_E_LIMIT ("oid.long"). */
SG_RC
sg_oid_from_dotted(struct sg_slice text, struct sg_buf *out, struct sg_err *err);
/* Append dotted decimal, or the name of a known one when named; "oid:" and hexadecimal when
 * a number is above 64 bits or cut. */
void
sg_oid_put_text(struct sg_buf *b, struct sg_slice oid, int named);
