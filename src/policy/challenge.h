/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/challenge.h - the life of a one-time challenge: who may present it when, what a refusal
 *and a failure around it do, when it burns
 *
 *	free -> reserved -> used, when the certificate is recorded
 *	        reserved -> free, when the attempt failed; burned at the fifth that lay in a request
 *	free -> burned, at the fifth such refusal
 *
 * The store keeps the state, and a transition only where the row is as it was read.
 * Threads: pure functions over what they are given.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

#define SG_CHALLENGE_FAILURES_MAX 5u /* then it is burned */

/* How long one may be made for. */
#define SG_CHALLENGE_LIFE_MIN_S 1
#define SG_CHALLENGE_LIFE_MAX_S (90 * 86400)

/* The numbers are stored: none is ever given another meaning. */
#define SG_NO_CHALLENGE_FREE 1
#define SG_NO_CHALLENGE_RESERVED 2
#define SG_NO_CHALLENGE_USED 3
#define SG_NO_CHALLENGE_BURNED 4

enum sg_challenge_state {
	SG_CHALLENGE_FREE = SG_NO_CHALLENGE_FREE,
	SG_CHALLENGE_RESERVED = SG_NO_CHALLENGE_RESERVED, /* by a running or pending transaction */
	SG_CHALLENGE_USED = SG_NO_CHALLENGE_USED,	  /* its certificate is recorded */
	SG_CHALLENGE_BURNED = SG_NO_CHALLENGE_BURNED,	  /* too many failures caused by requests */
};

/* A challenge that a request presents, as the store has it. */
struct sg_offer {
	enum sg_challenge_state state;
	uint32_t failures;
	int64_t expires_at;	  /* good while now < expires_at */
	struct sg_slice endpoint; /* empty: every endpoint */
	struct sg_slice binding;  /* sg_binding_put */
};

/*
 * May a request at this endpoint present it now, to have an attempt? offer may be NULL: there is no
 * such challenge.
 *
 * SG_E_DENIED in this order: "challenge.unknown", "challenge.endpoint" (what became of it is
 * nobody's business elsewhere), "challenge.reserved", "challenge.used", "challenge.burned",
 * "challenge.expired". SG_E_INTERNAL "challenge.state": a number that is no state.
 */
SG_RC
sg_challenge_present(
    const struct sg_offer *offer, struct sg_slice endpoint, int64_t now, struct sg_err *err);

/* What happens to a challenge. */
enum sg_challenge_event {
	SG_CHALLENGE_RESERVE, /* a request begins an attempt with it */
	SG_CHALLENGE_REFUSE,  /* a request with it was refused, and that counts */
	SG_CHALLENGE_ISSUE,   /* the certificate of its attempt is recorded */
	SG_CHALLENGE_FAIL,    /* its attempt failed, and that counts */
	SG_CHALLENGE_RELEASE, /* its attempt failed for reasons of ours */
};

/* The state and the failures after an event. False: it changes nothing in this state. A refusal
 * while it is reserved burns it when it is released; used and burned ones stay as they are: nothing
 * is left to protect. */
bool
sg_challenge_step(struct sg_offer *offer, enum sg_challenge_event event);

/* Does a refusal before an attempt count against the challenge? When it lies in the request. */
bool
sg_challenge_refusal_counts(enum sg_code why);

/* The same of an attempt that ca refused. That a number belongs to another request
 * (SG_E_CONFLICT), or was given up (SG_E_NOTFOUND), is between our two databases, of which one was
 * restored: this attempt is over, and the next one has another number. */
bool
sg_challenge_failure_counts(enum sg_code why);
