/* SPDX-License-Identifier: Apache-2.0 */

/*
 * policy.c - the table of policies, and the one way to ask one of them
 */

#include "policy/policy.h"

const struct sg_policy *
sg_policy_of(enum sg_policy_kind kind)
{
	switch (kind) {
#define ROW(number, file, word, text)                                                              \
	case SG_POLICY_##number:                                                                   \
		return &sg_policy_##file;
		SG_POLICY_ROWS(ROW)
#undef ROW
	case SG_POLICY_RENEWAL:
		break;
	}
	return NULL;
}

const char *
sg_policy_name(enum sg_policy_kind kind)
{
	switch (kind) {
#define ROW(number, file, word, text)                                                              \
	case SG_POLICY_##number:                                                                   \
		return word;
		SG_POLICY_ROWS(ROW)
		SG_POLICY_OTHER_ROWS(ROW)
#undef ROW
	}
	return "unknown";
}

static enum sg_code
no_policy(const struct sg_policy_request *req, struct sg_err *err)
{
	return sg_fail(err, SG_E_DENIED, "policy.none",
	    "endpoint '%.*s' has no policy: nothing is issued there", (int)req->endpoint.len,
	    (const char *)req->endpoint.p);
}

SG_RC
sg_policy_check_live(
    const struct sg_policy *policy, const struct sg_policy_request *req, struct sg_err *err)
{
	if (policy == NULL || policy->check_live == NULL)
		return no_policy(req, err);
	return policy->check_live(req, err);
}

SG_RC
sg_policy_verify(const struct sg_policy *policy, const struct sg_policy_request *req,
    struct sg_policy_grant *ret, struct sg_err *err)
{
	if (policy == NULL || policy->verify_request == NULL)
		return no_policy(req, err);
	enum sg_code rc = policy->verify_request(req, ret, err);
	switch (rc) {
	case SG_OK:
	case SG_E_PENDING:
	case SG_E_DENIED:
	case SG_E_BUSY:
	case SG_E_TIMEOUT:
	case SG_E_IO:
	case SG_E_NOMEM:
	case SG_E_INTERNAL:
		return rc;
	case SG_E_MALFORMED:
	case SG_E_LIMIT:
	case SG_E_ALG:
	case SG_E_SIGNATURE:
	case SG_E_TIME:
	case SG_E_REPLAY:
	case SG_E_NOTFOUND:
	case SG_E_CONFLICT:
	case SG_E_CRYPTO:
	case SG_E_USAGE:
	case SG_E_CONF:
	default:
		break;
	}
	return sg_fail(err, SG_E_DENIED, "policy.failed",
	    "policy '%s' gave an answer that it may not give (%s)", sg_policy_name(policy->kind),
	    sg_code_name(rc));
}
