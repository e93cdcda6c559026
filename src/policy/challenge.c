/* SPDX-License-Identifier: Apache-2.0 */

/*
 * challenge.c - the life of a one-time challenge: asked by policy one-time when it verifies a
 * request, and by the store in each transaction that moves one
 */

#include "policy/challenge.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/date.h"

/* The states that end it; only a free one goes on. */
static enum sg_code
check_state(enum sg_challenge_state state, struct sg_err *err)
{
	switch (state) {
	case SG_CHALLENGE_FREE:
		return SG_OK;
	case SG_CHALLENGE_RESERVED:
		return sg_fail(err, SG_E_DENIED, "challenge.reserved",
		    "another request is being served with this challenge");
	case SG_CHALLENGE_USED:
		return sg_fail(err, SG_E_DENIED, "challenge.used",
		    "this challenge already gave a certificate for another request");
	case SG_CHALLENGE_BURNED:
		return sg_fail(err, SG_E_DENIED, "challenge.burned",
		    "the challenge was burned by too many refused requests");
	}
	return sg_fail(
	    err, SG_E_INTERNAL, "challenge.state", "challenge in unknown state %d", (int)state);
}

SG_RC
sg_challenge_present(
    const struct sg_offer *offer, struct sg_slice endpoint, int64_t now, struct sg_err *err)
{
	if (offer == NULL)
		return sg_fail(
		    err, SG_E_DENIED, "challenge.unknown", "no such challenge was ever made here");
	if (offer->endpoint.len > 0 && !sg_ascii_same(offer->endpoint, endpoint))
		return sg_fail(err, SG_E_DENIED, "challenge.endpoint",
		    "the challenge is for endpoint '%.*s', the request came to '%.*s'",
		    (int)offer->endpoint.len, (const char *)offer->endpoint.p, (int)endpoint.len,
		    (const char *)endpoint.p);
	enum sg_code rc = check_state(offer->state, err);
	if (rc != SG_OK)
		return rc;
	if (now >= offer->expires_at) {
		sg_buf_scoped at = {0};
		sg_date_put(&at, offer->expires_at);
		return sg_fail(err, SG_E_DENIED, "challenge.expired",
		    "the challenge was good until %s", sg_buf_text(&at));
	}
	return SG_OK;
}

bool
sg_challenge_step(struct sg_offer *o, enum sg_challenge_event event)
{
	enum sg_challenge_state was = o->state;

	if (was != SG_CHALLENGE_FREE && was != SG_CHALLENGE_RESERVED)
		return false;
	switch (event) {
	case SG_CHALLENGE_RESERVE:
		o->state = SG_CHALLENGE_RESERVED;
		return was == SG_CHALLENGE_FREE;
	case SG_CHALLENGE_REFUSE:
		o->failures++;
		if (was == SG_CHALLENGE_FREE && o->failures >= SG_CHALLENGE_FAILURES_MAX)
			o->state = SG_CHALLENGE_BURNED;
		return true;
	case SG_CHALLENGE_ISSUE:
		if (was != SG_CHALLENGE_RESERVED)
			return false;
		o->state = SG_CHALLENGE_USED;
		return true;
	case SG_CHALLENGE_FAIL:
	case SG_CHALLENGE_RELEASE:
		if (was != SG_CHALLENGE_RESERVED)
			return false;
		o->failures += event == SG_CHALLENGE_FAIL ? 1 : 0;
		o->state = o->failures >= SG_CHALLENGE_FAILURES_MAX ? SG_CHALLENGE_BURNED
								    : SG_CHALLENGE_FREE;
		return true;
	}
	return false;
}

bool
sg_challenge_refusal_counts(enum sg_code why)
{
	return sg_code_is_peer(why);
}

bool
sg_challenge_failure_counts(enum sg_code why)
{
	return sg_code_is_peer(why) && why != SG_E_CONFLICT && why != SG_E_NOTFOUND;
}
