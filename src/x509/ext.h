/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/ext.h - extensions that we read: key usage, EKU, SAN, basic constraints, key ids
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

/* KeyUsage bits, RFC 5280 4.2.1.3: bit n is 1u << n. */
enum sg_key_usage {
	SG_KU_DIGITAL_SIGNATURE = 1u << 0,
	SG_KU_NON_REPUDIATION = 1u << 1,
	SG_KU_KEY_ENCIPHERMENT = 1u << 2,
	SG_KU_DATA_ENCIPHERMENT = 1u << 3,
	SG_KU_KEY_AGREEMENT = 1u << 4,
	SG_KU_KEY_CERT_SIGN = 1u << 5,
	SG_KU_CRL_SIGN = 1u << 6,
	SG_KU_ENCIPHER_ONLY = 1u << 7,
	SG_KU_DECIPHER_ONLY = 1u << 8,
};

enum sg_san_type {
	SG_SAN_DNS = 1,
	SG_SAN_EMAIL,
	SG_SAN_URI,
	SG_SAN_IP,	/* 4 or 16 bytes */
	SG_SAN_UPN,	/* otherName 1.3.6.1.4.1.311.20.2.3, UTF-8 */
	SG_SAN_DIRNAME, /* a Name */
	SG_SAN_OTHER,	/* any other GeneralName, val is its whole TLV: read, never issued */
};

struct sg_san {
	enum sg_san_type type;
	struct sg_slice val;
};

struct sg_sans {
	size_t n;
	struct sg_san item[SG_SANS_MAX];
};

/* What a certificate or a request says in its extensions; slices borrow from the input. */
struct sg_exts {
	bool has_key_usage, has_eku, has_basic, ca, has_san;
	int path_len; /* -1: none */
	uint32_t key_usage;
	size_t eku_n;
	struct sg_slice eku[SG_EKUS_MAX];
	struct sg_sans sans;
	struct sg_slice ski, aki; /* key ids, empty when absent */
	bool has_sid;		  /* 1.3.6.1.4.1.311.25.2 */
	bool unknown_critical;	  /* at least one critical extension that we do not know */
	struct sg_slice unknown_oid;
};

/*
 * Parse Extensions (the raw SEQUENCE TLV; an empty one passes). Duplicates, broken contents,
 * a key usage, EKU or SAN that is there but empty, and more than SG_CERT_EXTS_MAX are
 * refused. Unknown extensions are skipped, a critical one is noted in unknown_critical: who
 * relies on the certificate refuses it. What is understood: basicConstraints, keyUsage,
 * extKeyUsage, subjectAltName, both key identifiers, the SID extension.
 * SG_E_MALFORMED ("der", "ext.dup", "ext.ku", "ext.ku.bits", "ext.ku.empty", "ext.eku.empty",
 * "ext.eku.dup", "ext.bc.pathlen" and those of sg_sans_parse), SG_E_LIMIT ("ext.count",
 * "ext.eku.count", "ext.ski.length", "ext.aki.length"). On failure *ret is empty.
 */
SG_RC
sg_exts_parse(struct sg_slice seq, struct sg_exts *ret, struct sg_err *err);

/*
 * GeneralNames (the SEQUENCE TLV). DNS, email and URI are printable ASCII; a directory name
 * passes sg_name_check, a UPN is UTF-8 without control characters.
 * SG_E_MALFORMED ("der", "san.empty", "san.type", "san.value.empty", "san.ascii",
 * "san.upn", "san.ip", "name...."), SG_E_LIMIT ("san.count", "san.long"). On failure *ret is
 * empty.
 */
SG_RC
sg_sans_parse(struct sg_slice seq, struct sg_sans *ret, struct sg_err *err);
/* "dns:host", "email:a@b", "uri:...", "ip:192.0.2.1" or IPv6, "upn:a@b", "dirname:C=FI, CN=x".
 * At most SG_SAN_LEN_MAX bytes are written to store, and ret->val points there: store must
 * outlive ret. SG_E_MALFORMED ("san.text" and those of sg_sans_parse), SG_E_LIMIT. */
SG_RC
sg_san_from_text(
    struct sg_slice text, struct sg_san *ret, uint8_t store[SG_SAN_LEN_MAX], struct sg_err *err);
/* "dns:host", escaped; "other:" and hexadecimal for what has no text form. */
void
sg_san_put_text(struct sg_buf *b, const struct sg_san *san);
/* GeneralNames as a SEQUENCE. SG_SAN_OTHER is never written: the buffer fails with
 * SG_E_INTERNAL. */
void
sg_sans_put(struct sg_buf *b, const struct sg_sans *sans);
/* The same name (RFC 5280 7.2, 7.4, 7.5): DNS, the domain of email and UPN, scheme and host of a
 * URI without letter case, directory names as sg_name_equal, the rest byte by byte. */
bool
sg_san_equal(const struct sg_san *a, const struct sg_san *b);
/* The same set of names: in any order, a repeated one counts once. */
bool
sg_sans_equal(const struct sg_sans *a, const struct sg_sans *b);
/* Leave out each name that is the same as one before it. */
void
sg_sans_unique(struct sg_sans *sans);
/* Comma-separated words: "digitalSignature, keyEncipherment". */
void
sg_key_usage_put_text(struct sg_buf *b, uint32_t bits);
