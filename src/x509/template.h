/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/template.h - a template: what certificates of one kind say, and what a request
 * for one may ask
 *
 * One struct for both sides, so that registrar and ca judge a request by the same words
 * (policy/request.h) and the certificate is written from them (issue/issue.h).
 * Slices and the name borrow from the configuration, which outlives everything.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/limits.h"
#include "x509/bounds.h"
#include "x509/ext.h"

/* What becomes of an extended key usage in a request that the template does not give. */
enum sg_foreign_eku {
	SG_FOREIGN_EKU_REFUSE = 0,
	SG_FOREIGN_EKU_IGNORE = 1, /* the certificate has the template's alone */
};

#define SG_KEYTYPE_BIT(t) (1u << (unsigned)(t))

struct sg_template {
	const char *name; /* "client" */

	/* What certificates say. */
	uint32_t key_usage; /* enum sg_key_usage bits; never keyCertSign or cRLSign */
	size_t eku_n;
	struct sg_slice eku[SG_EKUS_MAX]; /* OID contents */
	int64_t validity_s;
	int64_t backdate_s; /* notBefore this long before now: device clocks are behind */
	enum sg_hash hash;  /* under the signature; SG_HASH_NONE: the issuer's own choice */
	size_t policy_n;
	struct sg_slice policy[8]; /* certificatePolicies OIDs */

	/* What a request may ask. */
	uint32_t key_types; /* SG_KEYTYPE_BIT of each that is allowed */
	unsigned rsa_min_bits, rsa_max_bits;
	uint32_t san_types; /* SG_SAN_BIT of each that is allowed */
	size_t san_others_n;
	struct sg_slice san_others[SG_SAN_OTHERS_MAX]; /* types of otherName, OID contents */
	size_t sans_max;
	bool empty_subject; /* allowed when there is a SAN */
	enum sg_name_lengths name_lengths;
	enum sg_foreign_eku foreign_eku;
};

/* May a certificate have a name of this kind? An otherName by its type; never SG_SAN_OTHER. */
bool
sg_san_is_given(const struct sg_template *tmpl, const struct sg_san *san);
