/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/csr.h - PKCS#10 certificate requests (RFC 2986, RFC 2985)
 */

#include "base/alg.h"
#include "base/err.h"
#include "x509/ext.h"

struct sg_csr {
	struct sg_slice raw;
	struct sg_slice info;	 /* CertificationRequestInfo TLV: what the signature covers */
	struct sg_slice subject; /* Name TLV */
	struct sg_slice spki;	 /* SubjectPublicKeyInfo TLV */
	bool has_challenge;
	unsigned challenge_tag;	       /* string type of challengePassword: sg_string_to_utf8 */
	struct sg_slice challenge;     /* its contents: a secret */
	struct sg_err challenge_fault; /* code SG_OK: none, or why there is no challenge to read */
	struct sg_exts exts; /* extensionRequest or Microsoft's twin; has_... false: none */
	struct sg_sigalg sigalg;
	struct sg_slice sig;
};

/*
 * Parse a whole PKCS#10 of at most SG_MESSAGE_MAX bytes; slices borrow from der. Strict where
 * something is certified or proves something (subject, key, alternative names, signature), deaf
 * where nothing is used: the version is any INTEGER of 1 to 8 bytes, a missing attributes field is
 * an empty one, and unknown attributes may stand as often and with as many values as they like.
 *
 * challengePassword: none is an empty SET, too. A fault of it is kept in challenge_fault, for
 * whoever asks for the challenge (policy/challenge_text.h): a renewal by certificate never does.
 * One that is repeated with the same text counts once. Its rules: SG_E_MALFORMED ("der",
 * "csr.challenge.dup" of another in a second attribute, "csr.challenge.values" in the same one,
 * "csr.challenge.type", "csr.challenge.encoding"), SG_E_LIMIT ("csr.challenge.long").
 *
 * Lists of extensions stand in extensionRequest or in Microsoft's twin; an empty SET and NULL are
 * none. What is read of them says sg_csr_exts_read (x509/csr_exts_private.h). Several lists count
 * once when the same is read of each, a list of which nothing is read says nothing, and any other
 * two contradict each other. What they ask for (CA:TRUE, foreign EKUs) is noted, not judged.
 *
 * The public key is not looked into and the signature not verified here (scep/pop.h).
 * SG_E_MALFORMED ("der", "csr.version", "csr.exts.differ", "csr.signature.empty", those of
 * sg_name_check and sg_csr_exts_read), SG_E_LIMIT ("csr.size", "csr.attrs.count",
 * "csr.exts.count"), SG_E_ALG ("csr.sigalg" and those of sg_algid_sig). On failure *ret is empty.
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
