/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/decide.h - may this request have an attempt of its own? The whole decision about an
 * enrolment: the word of the endpoint's policy, then the template's floor
 *
 * Data in, decision out: registrar fills a case, the store asks in the transaction that reserves,
 * with the challenge as it stands there, so that a decision sees one state of the database.
 *
 * Ownership: a case is lent; a decision owns its buffers until sg_decision_clear.
 * Threads:   no shared state; asked on the thread that writes the database.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/policy.h"
#include "x509/template.h"

struct sg_decide_case {
	const struct sg_policy *policy;	  /* of the endpoint */
	struct sg_policy_request request; /* its offer is given with the question */
	const struct sg_template *tmpl;	  /* of the endpoint */
	int64_t (*now_us)(void);	  /* the clock of the trace; it decides nothing */
	bool may_decline; /* where the challenge is not live, a certificate may authorize instead */
};

struct sg_decision {
	bool declined;	       /* nothing was decided: the challenge is not live */
	struct sg_buf binding; /* what the challenge is bound to, for ca; empty: to nothing */
	struct sg_buf subject; /* as text, as it is certified; empty: as the request has it */
	int64_t authorized_us; /* when the policy had granted it; 0: it did not */
	int64_t checked_us;    /* when the template allowed it, too; 0: it did not */
};

/*
 * Decide; *ret is reset first, so it may be asked twice. What sg_policy_check_live refuses with,
 * where it may decline: then ret->declined is set. Else whatever sg_policy_verify and
 * sg_request_check refuse with, in this order.
 */
SG_RC
sg_decide(const struct sg_decide_case *c, const struct sg_offer *offer, struct sg_decision *ret,
    struct sg_err *err);

void
sg_decision_clear(struct sg_decision *d);
