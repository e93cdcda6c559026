/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/csr.h - PKCS#10 certificate requests (RFC 2986, RFC 2985)
 */

#include "base/alg.h"
#include "x509/ext.h"

struct sg_csr {
	struct sg_slice raw;
	struct sg_slice info;	 /* CertificationRequestInfo TLV: what the signature covers */
	struct sg_slice subject; /* Name TLV */
	struct sg_slice spki;	 /* SubjectPublicKeyInfo TLV */
	bool has_challenge;
	unsigned challenge_tag;	   /* string type of challengePassword: sg_string_to_utf8 */
	struct sg_slice challenge; /* its contents: a secret */
	struct sg_exts
	    exts; /* from extensionRequest or Microsoft's twin; has_... false if absent */
	struct sg_sigalg sigalg;
	struct sg_slice sig;
};

/*
 * Parse a whole PKCS#10 of at most SG_MESSAGE_MAX bytes; slices borrow from der. Version 0;
 * the name passes sg_name_check; challengePassword and extensionRequest (or Microsoft's
 * twin, not both) at most once with one value; a challenge is 1 to SG_CHALLENGE_MAX bytes of
 * a DirectoryString or IA5String; unknown attributes are skipped; a missing attributes field
 * is an empty one. What the extensions ask for (CA:TRUE, foreign EKUs) is noted, not judged.
 * The public key is not looked into and the signature not verified here (scep/pop.h).
 * SG_E_MALFORMED ("der", "csr.version", "csr.challenge.dup", "csr.challenge.values",
 * "csr.challenge.type", "csr.challenge.empty", "csr.challenge.encoding", "csr.exts.dup",
 * "csr.exts.values", "csr.signature.empty", those of sg_name_check and sg_exts_parse),
 * SG_E_LIMIT ("csr.size", "csr.attrs.count", "csr.challenge.long"), SG_E_ALG ("csr.sigalg"
 * and those of sg_algid_sig). On failure *ret is empty.
 */
SG_RC
sg_csr_parse(struct sg_slice der, struct sg_csr *ret, struct sg_err *err);

/* What goes into a request of ours. */
struct sg_csr_facts {
	struct sg_slice subject;    /* Name TLV */
	struct sg_slice spki;	    /* TLV */
	struct sg_slice challenge;  /* UTF-8; PrintableString where it fits; empty: none */
	const struct sg_sans *sans; /* may be NULL */
	uint32_t key_usage;	    /* 0: none */
	size_t eku_n;
	struct sg_slice eku[SG_EKUS_MAX];
};

/* The CertificationRequestInfo, to be signed and closed with sg_signed_put (x509/signed.h). */
void
sg_csr_put_info(struct sg_buf *b, const struct sg_csr_facts *facts);
