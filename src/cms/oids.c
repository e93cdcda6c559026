/* SPDX-License-Identifier: Apache-2.0 */

#include "cms/oids.h"

#define OID(...)                                                                                   \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})             \
	}
#define PKCS7(n) OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, n)
#define PKCS9(...) OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, __VA_ARGS__)
/* id-attributes of id-VeriSign, RFC 8894 3.2.1: 2.16.840.1.113733.1.9 */
#define SCEP_ATTR(n) OID(0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x45, 0x01, 0x09, n)

const struct sg_slice sg_scep_oid_data = PKCS7(1);
const struct sg_slice sg_scep_oid_signed_data = PKCS7(2);
const struct sg_slice sg_scep_oid_enveloped_data = PKCS7(3);
const struct sg_slice sg_scep_oid_digested_data = PKCS7(5);
const struct sg_slice sg_scep_oid_encrypted_data = PKCS7(6);
const struct sg_slice sg_scep_oid_auth_enveloped_data = PKCS9(0x10, 0x01, 0x17);
const struct sg_slice sg_scep_oid_compressed_data = PKCS9(0x10, 0x01, 0x09);

const struct sg_slice sg_scep_oid_content_type = PKCS9(3);
const struct sg_slice sg_scep_oid_message_digest = PKCS9(4);
const struct sg_slice sg_scep_oid_signing_time = PKCS9(5);

const struct sg_slice sg_scep_oid_message_type = SCEP_ATTR(2);
const struct sg_slice sg_scep_oid_pki_status = SCEP_ATTR(3);
const struct sg_slice sg_scep_oid_fail_info = SCEP_ATTR(4);
const struct sg_slice sg_scep_oid_sender_nonce = SCEP_ATTR(5);
const struct sg_slice sg_scep_oid_recipient_nonce = SCEP_ATTR(6);
const struct sg_slice sg_scep_oid_transaction_id = SCEP_ATTR(7);
const struct sg_slice sg_scep_oid_fail_info_text = OID(
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x18, 0x01);
const struct sg_slice sg_scep_oid_ms_hresult = OID(
    0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x15, 0x21);
