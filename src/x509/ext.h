/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/ext.h - extensions that we read: key usage, EKU, basic constraints, key ids, and those of
 * x509/san.h
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "x509/san.h"

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

/* What a certificate or a request says in its extensions; slices borrow from the input. */
struct sg_exts {
	bool has_key_usage, has_eku, has_basic, ca, has_san;
	int path_len; /* -1: none */
	uint32_t key_usage;
	size_t eku_n;
	/* Of a request the first ones: one more than a template can give, so that there is one that
	 * it does not give. */
	struct sg_slice eku[SG_EKUS_MAX + 1];
	struct sg_sans sans;
	struct sg_slice ski, aki; /* key ids, empty when absent */
	bool has_sid;		  /* 1.3.6.1.4.1.311.25.2 */
	bool unknown_critical;	  /* at least one critical extension that we do not know */
	struct sg_slice unknown_oid;
};

/*
 * Parse Extensions (the raw SEQUENCE TLV; an empty one passes). Duplicates, broken contents,
 * a key usage, EKU or SAN that is present but empty, and more than SG_CERT_EXTS_MAX are
 * refused. Unknown extensions are skipped, a critical one is noted in unknown_critical: who
 * relies on the certificate refuses it. What is understood: basicConstraints, keyUsage,
 * extKeyUsage, subjectAltName, both key identifiers, the SID extension.
 * SG_E_MALFORMED ("der", "ext.dup", "ext.ku", "ext.ku.bits", "ext.ku.empty", "ext.eku.empty",
 * "ext.eku.dup", "ext.bc.pathlen" and those of sg_sans_parse), SG_E_LIMIT ("ext.count",
 * "ext.eku.count", "ext.ski.length", "ext.aki.length"). On failure *ret is empty.
 */
SG_RC
sg_exts_parse(struct sg_slice seq, struct sg_exts *ret, struct sg_err *err);

/* Comma-separated words: "digitalSignature, keyEncipherment". */
void
sg_ext_put_usage_text(struct sg_buf *b, uint32_t bits);
