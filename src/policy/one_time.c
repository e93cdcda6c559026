/* SPDX-License-Identifier: Apache-2.0 */

/*
 * one_time.c - policy one-time: an administrator makes a challenge for one device, bound to its
 * names, and it gives one certificate
 */

#include "base/alloc.h"
#include "policy/policy.h"

static SG_RC
generate(const struct sg_binding *binding, const uint8_t random[SG_CHALLENGE_RANDOM_LEN],
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

static SG_RC
check_live(const struct sg_policy_request *req, struct sg_err *err)
{
	return sg_challenge_present(req->offer, req->endpoint, req->now, err);
}

static SG_RC
verify(const struct sg_policy_request *req, struct sg_policy_grant *ret, struct sg_err *err)
{
	struct sg_binding binding;
	enum sg_code rc = check_live(req, err);
	if (rc != SG_OK)
		return rc;
	if (sg_binding_get(req->offer->binding, &binding, NULL) != SG_OK)
		return sg_fail(err, SG_E_INTERNAL, "binding.encoding",
		    "the stored binding of the challenge cannot be read");
	rc = sg_binding_match(&binding, req->csr, err);
	if (rc != SG_OK)
		return rc;
	ret->binding = req->offer->binding;
	if (!binding.any)
		ret->subject = binding.subject;
	return SG_OK;
}

const struct sg_policy sg_policy_one_time = {
    .kind = SG_POLICY_ONE_TIME,
    .names_by = "each challenge is bound to",
    .challenges = true,
    .generate_challenge = generate,
    .check_live = check_live,
    .verify_request = verify,
};
