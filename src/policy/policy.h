/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/policy.h - who may have a certificate: one shape for every policy of an endpoint
 *
 * A policy is three functions over what the role has fetched for it: make a challenge,
 * judge a request, tell the outcome. Deny by default: no policy, one that fails or that
 * answers something unknown means no certificate (sg_policy_verify sees to it).
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/bind.h"
#include "policy/challenge_text.h"
#include "policy/pattern.h"
#include "x509/csr.h"

/* What authorizes. The numbers are stored: none is ever given another meaning. */
#define SG_NO_POLICY_ONE_TIME 1
#define SG_NO_POLICY_STATIC 2
#define SG_NO_POLICY_RENEWAL 3

enum sg_policy_kind {
	SG_POLICY_ONE_TIME = SG_NO_POLICY_ONE_TIME,
	SG_POLICY_STATIC = SG_NO_POLICY_STATIC,
	SG_POLICY_RENEWAL = SG_NO_POLICY_RENEWAL, /* a certificate of ours */
};

/* As in the configuration and in "signet trace"; "unknown" for a number that is none of these. */
const char *
sg_policy_name(enum sg_policy_kind kind);

struct sg_policy_request {
	const struct sg_csr *csr; /* its signature was verified */
	struct sg_slice endpoint;
	int64_t now;
};

struct sg_policy_outcome {
	enum sg_code code;    /* SG_OK: issued */
	struct sg_slice cert; /* DER when issued */
	const char *rule;     /* when refused */
};

struct sg_policy {
	const char *name;
	/* NULL where challenges come from elsewhere. */
	SG_RC(*generate_challenge)
	(const struct sg_binding *binding, const uint8_t random[SG_CHALLENGE_RANDOM_LEN],
	    struct sg_buf *out, struct sg_err *err);
	/* SG_OK grants; SG_E_PENDING waits for an approver; everything else refuses. */
	SG_RC(*verify_request)
	(const void *self, const struct sg_policy_request *req, struct sg_err *err);
	/* NULL where nobody wants to know. */
	SG_RC (*notify)(const void *self, const struct sg_policy_outcome *out, struct sg_err *err);
};

/* Ask a policy. policy may be NULL: SG_E_DENIED "policy.none". Codes that a policy may not
 * give become SG_E_DENIED "policy.failed". */
SG_RC
sg_policy_verify(const struct sg_policy *policy, const void *self,
    const struct sg_policy_request *req, struct sg_err *err);

/* What the store knows about a presented challenge; numbers are stored. */
enum sg_offer_state {
	SG_OFFER_UNKNOWN = 0, /* no such row */
	SG_OFFER_FRESH = 1,
	SG_OFFER_RESERVED = 2, /* another request is being served with it */
	SG_OFFER_USED = 3,
	SG_OFFER_BURNT = 4,   /* too many refused requests */
	SG_OFFER_REVOKED = 5, /* by an administrator */
};

/* The row of a one-time challenge, found by its keyed hash. */
struct sg_offer {
	enum sg_offer_state state;
	int64_t expires_at;
	struct sg_slice endpoint; /* empty: every endpoint */
	struct sg_slice binding;  /* sg_binding_put */
};

/* self is the struct sg_offer. "challenge.unknown", ".endpoint", ".revoked",
 * ".used", ".reserved", ".burnt", ".expired", then those of sg_binding_match. */
extern const struct sg_policy sg_policy_one_time;
/* self is the struct sg_patterns; that the challenge is the endpoint's was established by
 * the role in constant time ("challenge.wrong"). */
extern const struct sg_policy sg_policy_static;
