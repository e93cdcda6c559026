/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/trust.h - which of the server's certificates are believed
 *
 * Ownership: certificates are borrowed; what they were read from lives as long as the trust.
 * Security:  the server is hostile until its RA certificate chains to what the owner pinned.
 *            Pure functions of the certificates, the pin and the given time.
 * Threads:   no shared state.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "crypto/digest.h"
#include "x509/cert.h"

/* What GetCACert, a file of CAs and the answer bring, each at most SG_CMS_CERTS_MAX. */
#define SG_ENROLL_CERTS_MAX (3u * SG_CMS_CERTS_MAX)

enum sg_enroll_pin_mode {
	SG_ENROLL_PIN_NONE = 0,
	SG_ENROLL_PIN_FINGERPRINT, /* SHA-256 of a CA certificate */
	SG_ENROLL_PIN_FILE,	   /* CA certificates given as PEM */
	SG_ENROLL_PIN_ISSUER,	   /* the CA whose key signed the certificate that is renewed */
	SG_ENROLL_PIN_INSECURE,	   /* whatever the server says */
};

struct sg_enroll_pin {
	enum sg_enroll_pin_mode mode;
	uint8_t fingerprint[SG_SHA256_LEN];
	const struct sg_cert *issued; /* SG_ENROLL_PIN_ISSUER */
	bool has_ra;		      /* an RA without the purpose of one is accepted: this one */
	uint8_t ra[SG_SHA256_LEN];
	bool sha1; /* certificates signed with SHA-1 are accepted */
};

enum sg_enroll_source {
	SG_ENROLL_FROM_SERVER = 1, /* GetCACert */
	SG_ENROLL_FROM_FILE = 2,   /* given by the owner: trusted as it is */
	SG_ENROLL_FROM_ANSWER = 4, /* beside the issued certificate */
};

struct sg_enroll_cert {
	struct sg_cert cert;
	unsigned sources; /* enum sg_enroll_source bits */
	bool anchor, trusted;
	size_t above;	  /* trusted and no anchor: the CA that it is trusted for */
	int room;	  /* trusted CAs: how many more CAs may follow, -1: any number */
	const char *rule; /* why it is not trusted; NULL: only because none above it is */
	char why[256];
};

struct sg_enroll_trust {
	size_t n;
	size_t ra; /* what requests are encrypted to */
	struct sg_enroll_cert item[SG_ENROLL_CERTS_MAX];
};

/*
 * Add a certificate, once; der is borrowed. What sg_cert_parse says; SG_E_LIMIT
 * ("client.certs").
 */
SG_RC
sg_enroll_trust_add(struct sg_enroll_trust *t, struct sg_slice der, enum sg_enroll_source source,
    struct sg_err *err);
/* Let trust flow from the anchors down: issuer, purpose, signature, validity. */
void
sg_enroll_trust_spread(struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, int64_t now);
/*
 * Find the anchors, let trust flow, choose the RA.
 * SG_E_DENIED ("client.fingerprint", "client.anchor": not there; "client.anchor.ca",
 * "client.anchor.usage", "client.anchor.validity", "client.anchor.path": a pinned CA that cannot
 * be one, or not here; "client.ra.untrusted", "client.ra.purpose"), SG_E_NOTFOUND ("reply.ra",
 * "reply.ra.key")
 */
SG_RC
sg_enroll_trust_settle(
    struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, int64_t now, struct sg_err *err);
/* The certificates that may sign answers; ret has SG_ENROLL_CERTS_MAX places. */
size_t
sg_enroll_trust_signers(
    const struct sg_enroll_trust *t, const struct sg_enroll_pin *pin, struct sg_slice *ret);
/* The trusted CA that signed this certificate. SG_E_SIGNATURE ("client.issuer"). */
SG_RC
sg_enroll_trust_issuer(const struct sg_enroll_trust *t, const struct sg_cert *cert,
    const struct sg_enroll_pin *pin, const struct sg_enroll_cert **ret, struct sg_err *err);
/*
 * Do the name constraints of the trusted CA that issued this certificate, and of those above it,
 * allow its names (RFC 5280 4.2.1.10)? Those of an anchor are not looked at. SG_E_DENIED
 * ("client.names"), and what sg_constraints_read says.
 */
SG_RC
sg_enroll_trust_check_names(const struct sg_enroll_trust *t, const struct sg_enroll_cert *ca,
    const struct sg_cert *cert, struct sg_err *err);
