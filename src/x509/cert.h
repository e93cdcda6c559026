/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/cert.h - certificates (RFC 5280): a lean reader and the writer of TBSCertificate
 */

#include "base/alg.h"
#include "x509/ext.h"

/* A view of one certificate; slices borrow from der. */
struct sg_cert {
	struct sg_slice raw;
	struct sg_slice tbs;		       /* TLV */
	int version;			       /* 1, 2 or 3 */
	struct sg_slice serial;		       /* contents of the INTEGER, as encoded */
	struct sg_slice issuer, subject, spki; /* TLVs */
	int64_t not_before, not_after;
	bool has_exts;
	struct sg_exts exts;
	struct sg_sigalg sigalg; /* scheme SG_SIG_NONE when we do not know it */
	struct sg_slice sig;
};

/*
 * Parse a whole certificate of at most SG_CERT_MAX bytes: shape and sizes. Tolerant of what
 * throw-away signer certificates carry (version 1, serials of 64 bytes, negative ones, any
 * signature algorithm, critical authorityKeyIdentifier, empty names, names with strange
 * values); what a certificate may be used for, and whether exts.unknown_critical is
 * tolerable, is the caller's question.
 * SG_E_MALFORMED ("der", "cert.version", "cert.version.exts", "cert.serial",
 * "cert.alg.mismatch", "cert.signature.empty", those of sg_name_check_shape and
 * sg_exts_parse), SG_E_LIMIT ("cert.size", "cert.serial.long"). On failure *ret is empty.
 */
SG_RC
sg_cert_parse(struct sg_slice der, struct sg_cert *ret, struct sg_err *err);

/* What a certificate of ours says; slices borrow. */
struct sg_cert_facts {
	struct sg_slice serial; /* magnitude, 1 to 20 bytes */
	struct sg_sigalg sigalg;
	struct sg_slice issuer, subject, spki; /* TLVs */
	int64_t not_before, not_after;
	bool ca;
	int path_len;	    /* -1: none; only with ca */
	uint32_t key_usage; /* critical; 0: no extension */
	size_t eku_n;
	struct sg_slice eku[SG_EKUS_MAX];
	const struct sg_sans *sans; /* NULL: none; critical when the subject is empty */
	struct sg_slice ski, aki;   /* key ids; empty: none */
	struct sg_slice cdp_url;    /* empty: none */
	struct sg_slice ca_issuers_url, ocsp_url;
	size_t policy_n;
	struct sg_slice policy[8]; /* certificatePolicies OIDs */
};

/*
 * Append the TBSCertificate; close it with sg_signed_put (x509/signed.h). Version 3, extensions
 * in this order: basicConstraints (always there and critical, for leafs as well: a verifier
 * that ignores it is broken, and CA:FALSE in clear text survives careless copies), keyUsage
 * (critical), extKeyUsage, subjectKeyIdentifier, authorityKeyIdentifier, subjectAltName,
 * cRLDistributionPoints, authorityInfoAccess (OCSP, then CA issuers), certificatePolicies.
 */
void
sg_cert_put_tbs(struct sg_buf *b, const struct sg_cert_facts *facts);
