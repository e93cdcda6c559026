/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/ca.h - the certificates that signet up makes: a self-signed CA and its RA
 */

#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/key.h"
#include "issue/issuer.h"

struct sg_issue_ca {
	struct sg_slice subject;  /* Name TLV, not empty */
	const struct sg_key *key; /* private: signs itself */
	enum sg_hash hash;
	int64_t now, validity_s;
	int path_len; /* -1: none */
};

/* Key usage keyCertSign, cRLSign and digitalSignature (RFC 8894 2.1.2: it may sign SCEP
 * answers); CA:TRUE critical; SKI and AKI. Linted, signed, verified; DER appended. */
SG_RC
sg_issue_ca_make(const struct sg_issue_ca *req, struct sg_buf *out, struct sg_err *err);

struct sg_issue_ra {
	struct sg_slice subject; /* Name TLV, not empty */
	struct sg_slice spki;	 /* RSA: it decrypts */
	int64_t now, validity_s; /* ends no later than the issuer */
};

/* Key usage digitalSignature and keyEncipherment, EKU certificate request agent, CA:FALSE
 * (what Windows, macOS and jscep choose an RA certificate by). */
SG_RC
sg_issue_ra_make(const struct sg_issuer *issuer, const struct sg_issue_ra *req, struct sg_buf *out,
    struct sg_err *err);
