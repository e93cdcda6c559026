/* SPDX-License-Identifier: Apache-2.0 */

/*
 * static.c - policy static: one challenge for all devices of an endpoint, for names that fit its
 * patterns
 */

#include "policy/policy.h"

static SG_RC
verify(const struct sg_policy_request *req, struct sg_policy_grant *ret, struct sg_err *err)
{
	*ret = (struct sg_policy_grant){0}; /* the device spells its own name */
	if (!req->knows_secret)
		return sg_fail(
		    err, SG_E_DENIED, "challenge.wrong", "the challenge is not this endpoint's");
	if (req->patterns == NULL)
		return sg_fail(err, SG_E_DENIED, "pattern.no-subject",
		    "endpoint '%.*s' has no subject patterns", (int)req->endpoint.len,
		    (const char *)req->endpoint.p);
	return sg_patterns_match(req->patterns, req->csr, err);
}

const struct sg_policy sg_policy_static = {
    .kind = SG_POLICY_STATIC,
    .needs = SG_POLICY_NEEDS_SECRET | SG_POLICY_NEEDS_PATTERNS,
    .answers_s = 20 * 60,
    .verify_request = verify,
};
