/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/tag.h - the identifier octets of the types that are in use here
 */

enum sg_der_tag {
	SG_DER_BOOLEAN = 0x01,
	SG_DER_INTEGER = 0x02,
	SG_DER_BIT_STRING = 0x03,
	SG_DER_OCTET_STRING = 0x04,
	SG_DER_NULL = 0x05,
	SG_DER_OID = 0x06,
	SG_DER_ENUMERATED = 0x0a,
	SG_DER_UTF8 = 0x0c,
	SG_DER_NUMERIC = 0x12,
	SG_DER_PRINTABLE = 0x13,
	SG_DER_T61 = 0x14,
	SG_DER_IA5 = 0x16,
	SG_DER_UTCTIME = 0x17,
	SG_DER_GENTIME = 0x18,
	SG_DER_UNIVERSAL = 0x1c,
	SG_DER_BMP = 0x1e,
	SG_DER_SEQUENCE = 0x30,
	SG_DER_SET = 0x31,
};

#define SG_DER_CTX(n) (0x80u | (unsigned)(n))	   /* [n] IMPLICIT, primitive */
#define SG_DER_CTX_CONS(n) (0xa0u | (unsigned)(n)) /* [n] constructed */
