/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/policy.h - who may have a certificate: one shape for every policy of an endpoint
 *
 * A policy is a row here and a file that fills a struct sg_policy: what its endpoints need, whether
 * its challenges are rows of the database, and a pure function that verifies a request. conf,
 * registrar, ca and the store go by the row and name no policy. Deny by default: no policy, one
 * that fails or that answers something unknown means no certificate (sg_policy_verify sees to it).
 * Threads: pure functions over what they are given.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/bind.h"
#include "policy/challenge.h"
#include "policy/challenge_text.h"
#include "policy/pattern.h"
#include "x509/csr.h"

/* The policies of endpoints: X(number, file, word in the configuration, what authorizes). */
#define SG_POLICY_ROWS(X)                                                                          \
	X(ONE_TIME, one_time, "one-time", "a challenge that is made for one request")              \
	X(STATIC, static, "static", "the challenge that all devices of an endpoint have")

/* And what else authorizes, of no endpoint. */
#define SG_POLICY_OTHER_ROWS(X)                                                                    \
	X(RENEWAL, renewal, "renewal", "a certificate of this CA, whose key signed the request")

/* What authorizes. The numbers are stored: none is ever given another meaning. */
#define SG_NO_POLICY_ONE_TIME 1
#define SG_NO_POLICY_STATIC 2
#define SG_NO_POLICY_RENEWAL 3

enum sg_policy_kind {
	SG_POLICY_ONE_TIME = SG_NO_POLICY_ONE_TIME,
	SG_POLICY_STATIC = SG_NO_POLICY_STATIC,
	SG_POLICY_RENEWAL = SG_NO_POLICY_RENEWAL, /* a certificate of ours; of no endpoint */
};

/* What an endpoint must have with a policy, and may have with no policy that does not need it. */
#define SG_POLICY_NEEDS_SECRET (1u << 0)   /* challenge-file: the challenge of all its devices */
#define SG_POLICY_NEEDS_PATTERNS (1u << 1) /* subjects, and maybe sans */

/* A request, and what the role and the store found out for its policy. */
struct sg_policy_request {
	const struct sg_csr *csr; /* its signature was verified */
	struct sg_slice endpoint;
	int64_t now;
	bool knows_secret; /* its challenge is the endpoint's; compared in constant time */
	const struct sg_patterns *patterns; /* of the endpoint; NULL: none */
	const struct sg_offer *offer; /* its challenge where these are rows; NULL: there is none */
};

/* Whose names are certified when a request is granted; lent by what was asked. Empty: nobody named
 * the subject, and the request's spelling counts. */
struct sg_policy_grant {
	struct sg_slice binding; /* sg_binding_put */
	struct sg_slice subject; /* Name TLV */
};

struct sg_policy {
	enum sg_policy_kind kind;
	unsigned needs; /* SG_POLICY_NEEDS_ */
	/* For the check of a configuration, where no patterns are needed: "each challenge is bound
	 * to", and then "its subject". */
	const char *names_by;
	bool challenges;   /* are rows: reserved by one request, counted, used once */
	int64_t answers_s; /* how long an issued transaction answers its request; 0: for ever */
	/* A challenge for a device, by an administrator; NULL: they come from elsewhere. */
	SG_RC(*generate_challenge)
	(const struct sg_binding *binding, const uint8_t random[SG_CHALLENGE_RANDOM_LEN],
	    struct sg_buf *out, struct sg_err *err);
	/* As sg_policy_check_live. */
	SG_RC(*check_live)
	(const struct sg_policy_request *req, struct sg_err *err);
	/* SG_OK grants; what check_live refuses, it refuses the same; SG_E_PENDING waits for an
	 * approver; everything else refuses. */
	SG_RC(*verify_request)
	(const struct sg_policy_request *req, struct sg_policy_grant *ret, struct sg_err *err);
};

#define SG_POLICY_DECLARE(number, file, word, text) extern const struct sg_policy sg_policy_##file;
SG_POLICY_ROWS(SG_POLICY_DECLARE)
#undef SG_POLICY_DECLARE

/* The policy of an endpoint; NULL for a number that is none. */
const struct sg_policy *
sg_policy_of(enum sg_policy_kind kind);

/* As in the configuration and in "signet trace"; "unknown" for a number that is none of these. */
const char *
sg_policy_name(enum sg_policy_kind kind);

/*
 * Is the challenge of a request live: one that this policy grants something for now, at this
 * endpoint? Nothing of what the request asks for is looked at. SG_E_DENIED, with what is wrong with
 * the challenge; "policy.none".
 */
SG_RC
sg_policy_check_live(
    const struct sg_policy *policy, const struct sg_policy_request *req, struct sg_err *err);

/* Ask a policy. policy may be NULL: SG_E_DENIED "policy.none". Codes that a policy may not
 * give become SG_E_DENIED "policy.failed". */
SG_RC
sg_policy_verify(const struct sg_policy *policy, const struct sg_policy_request *req,
    struct sg_policy_grant *ret, struct sg_err *err);
