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
	unsigned challenge_tag;	       /* string type of challengePassword */
	struct sg_slice challenge;     /* its contents: a secret */
	struct sg_exts exts;	       /* from extensionRequest or Microsoft's twin; zero when absent */
	struct sg_sigalg sigalg;
	struct sg_slice sig;
};

/*
 * Parse a whole PKCS#10; slices borrow from der. Version 0; each attribute once with one
 * value; challengePassword 1..SG_CHALLENGE_MAX bytes; unknown attributes are skipped; the
 * name is checked. The signature is not verified here (scep/pop.h).
 * SG_E_MALFORMED, SG_E_LIMIT, SG_E_ALG with rules "csr....".
 */
SG_RC
sg_csr_parse(struct sg_slice der, struct sg_csr *ret, struct sg_err *err);

/* What goes into a request of ours. */
struct sg_csr_facts {
	struct sg_slice subject;   /* Name TLV */
	struct sg_slice spki;	   /* TLV */
	struct sg_slice challenge; /* UTF-8; PrintableString where it fits; empty: none */
	const struct sg_sans *sans; /* may be NULL */
	uint32_t key_usage;	    /* 0: none */
	size_t eku_n;
	struct sg_slice eku[SG_EKUS_MAX];
};

/* The CertificationRequestInfo, to be signed and closed with sg_signed_put. */
void
sg_csr_put_info(struct sg_buf *b, const struct sg_csr_facts *facts);
/* SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }: requests, certificates, CRLs. */
void
sg_signed_put(struct sg_buf *b, struct sg_slice tbs, struct sg_sigalg alg, struct sg_slice sig);
