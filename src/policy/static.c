/* SPDX-License-Identifier: Apache-2.0 */

/*
 * static.c - policy static: one challenge for all devices of an endpoint, for names that fit its
 * patterns
 */

#include "policy/policy.h"

static SG_RC
check_live(const struct sg_policy_request *req, struct sg_err *err)
{
	if (req->knows_secret)
		return SG_OK;
	return sg_fail(err, SG_E_DENIED, "challenge.wrong", "the challenge is not this endpoint's");
}

static SG_RC
verify(const struct sg_policy_request *req, struct sg_policy_grant *ret, struct sg_err *err)
{
	*ret = (struct sg_policy_grant){0}; /* the device spells its own name */
	enum sg_code rc = check_live(req, err);
	if (rc != SG_OK)
		return rc;
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
    .check_live = check_live,
    .verify_request = verify,
};
