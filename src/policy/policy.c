/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/policy.h"

#include "base/alloc.h"
#include "base/date.h"

const char *
sg_policy_name(enum sg_policy_kind kind)
{
	switch (kind) {
	case SG_POLICY_ONE_TIME:
		return sg_policy_one_time.name;
	case SG_POLICY_STATIC:
		return sg_policy_static.name;
	case SG_POLICY_RENEWAL:
		return "renewal";
	}
	return "unknown";
}

SG_RC
sg_policy_verify(const struct sg_policy *policy, const void *self,
    const struct sg_policy_request *req, struct sg_err *err)
{
	if (policy == NULL || policy->verify_request == NULL)
		return sg_fail(err, SG_E_DENIED, "policy.none",
		    "endpoint '%.*s' has no policy: nothing is issued there",
		    (int)req->endpoint.len, (const char *)req->endpoint.p);
	enum sg_code rc = policy->verify_request(self, req, err);
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
	    "policy '%s' gave an answer that it may not give (%s)", policy->name, sg_code_name(rc));
}

static enum sg_code
one_time_generate(const struct sg_binding *binding, const uint8_t random[SG_CHALLENGE_RANDOM_LEN],
    struct sg_buf *out, struct sg_err *err)
{
	char text[SG_CHALLENGE_TEXT_LEN + 1];
	enum sg_code rc = sg_binding_check(binding, err);
	if (rc != SG_OK)
		return rc;
	sg_challenge_make(random, text);
	sg_buf_put(out, text, SG_CHALLENGE_TEXT_LEN);
	sg_wipe(text, sizeof text);
	return sg_buf_check(out, err);
}

/* The states that end it; only a fresh one goes on. */
static enum sg_code
check_state(const struct sg_offer *rec, struct sg_err *err)
{
	switch (rec->state) {
	case SG_OFFER_FRESH:
		return SG_OK;
	case SG_OFFER_RESERVED:
		return sg_fail(err, SG_E_DENIED, "challenge.reserved",
		    "another request is being served with this challenge");
	case SG_OFFER_USED:
		return sg_fail(err, SG_E_DENIED, "challenge.used",
		    "this challenge already gave a certificate for another request");
	case SG_OFFER_BURNT:
		return sg_fail(err, SG_E_DENIED, "challenge.burned",
		    "the challenge was burned by too many refused requests");
	case SG_OFFER_REVOKED:
		return sg_fail(err, SG_E_DENIED, "challenge.revoked",
		    "an administrator has withdrawn this challenge");
	case SG_OFFER_UNKNOWN:
		break;
	default: /* A number from a store that we do not know. */
		return sg_fail(err, SG_E_INTERNAL, "challenge.state",
		    "challenge in unknown state %d", (int)rec->state);
	}
	return sg_fail(
	    err, SG_E_DENIED, "challenge.unknown", "no such challenge was ever made here");
}

static enum sg_code
one_time_verify(const void *self, const struct sg_policy_request *req, struct sg_err *err)
{
	const struct sg_offer *rec = self;

	if (rec == NULL || rec->state == SG_OFFER_UNKNOWN)
		return sg_fail(
		    err, SG_E_DENIED, "challenge.unknown", "no such challenge was ever made here");
	if (rec->endpoint.len > 0 && !sg_slice_eq(rec->endpoint, req->endpoint))
		return sg_fail(err, SG_E_DENIED, "challenge.endpoint",
		    "the challenge is for endpoint '%.*s', the request came to '%.*s'",
		    (int)rec->endpoint.len, (const char *)rec->endpoint.p, (int)req->endpoint.len,
		    (const char *)req->endpoint.p);
	enum sg_code rc = check_state(rec, err);
	if (rc != SG_OK)
		return rc;
	if (req->now >= rec->expires_at) {
		sg_buf_scoped at = {0};
		sg_date_put(&at, rec->expires_at);
		return sg_fail(err, SG_E_DENIED, "challenge.expired",
		    "the challenge was good until %s", sg_buf_text(&at));
	}
	struct sg_binding binding;
	rc = sg_binding_get(rec->binding, &binding, err);
	if (rc != SG_OK)
		return sg_fail(err, SG_E_INTERNAL, "binding.encoding",
		    "the stored binding of the challenge cannot be read");
	return sg_binding_match(&binding, req->csr, err);
}

static enum sg_code
static_verify(const void *self, const struct sg_policy_request *req, struct sg_err *err)
{
	const struct sg_patterns *patterns = self;

	if (patterns == NULL)
		return sg_fail(err, SG_E_DENIED, "pattern.no-subject",
		    "endpoint '%.*s' has no subject patterns", (int)req->endpoint.len,
		    (const char *)req->endpoint.p);
	return sg_patterns_match(patterns, req->csr, err);
}

const struct sg_policy sg_policy_one_time = {
    .name = "one-time",
    .generate_challenge = one_time_generate,
    .verify_request = one_time_verify,
};

const struct sg_policy sg_policy_static = {
    .name = "static",
    .verify_request = static_verify,
};
