/* SPDX-License-Identifier: Apache-2.0 */

/*
 * decide.c - the decision about one enrolment, between registrar, which says what is asked, and the
 * store, which says what there is
 */

#include "policy/decide.h"

#include "policy/request.h"
#include "x509/name.h"
#include "x509/name_text.h"

SG_RC
sg_decide(const struct sg_decide_case *c, const struct sg_offer *offer, struct sg_decision *ret,
    struct sg_err *err)
{
	struct sg_policy_request req = c->request;
	struct sg_policy_grant grant = {0};

	req.offer = offer;
	sg_buf_reset(&ret->binding);
	sg_buf_reset(&ret->subject);
	ret->authorized_us = ret->checked_us = 0;
	enum sg_code rc = c->may_decline ? sg_policy_check_live(c->policy, &req, err) : SG_OK;
	ret->declined = rc == SG_E_DENIED;
	if (rc != SG_OK)
		return rc;
	rc = sg_policy_verify(c->policy, &req, &grant, err);
	if (rc != SG_OK)
		return rc;
	ret->authorized_us = c->now_us();
	rc = sg_request_check(req.csr, c->tmpl, err);
	if (rc != SG_OK)
		return rc;
	ret->checked_us = c->now_us();
	sg_buf_put_slice(&ret->binding, grant.binding);
	if (grant.subject.len > 0)
		sg_name_put_text(&ret->subject, grant.subject);
	rc = sg_buf_check(&ret->binding, err);
	return rc == SG_OK ? sg_buf_check(&ret->subject, err) : rc;
}

void
sg_decision_clear(struct sg_decision *d)
{
	sg_buf_clear(&d->binding);
	sg_buf_clear(&d->subject);
}
