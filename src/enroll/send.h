/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/send.h - one request and its answer
 */

#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "enroll/choice.h"
#include "enroll/session.h"
#include "scep/message.h"
#include "scep/reply.h"

struct sg_enroll_request {
	enum sg_scep_type type;
	const struct sg_enroll_choice *choice; /* complete */
	struct sg_slice csr;
	const struct sg_key *signer_key;
	struct sg_slice signer_cert; /* empty: a throw-away certificate for signer_key */
	struct sg_slice subject;     /* of that */
	const char *txid;
};

/*
 * Send until there is an answer that is ours: signed by the RA, of this transaction; what
 * scep/reply.h and enroll/exchange.h refuse. The trust must be settled. After a refusal for what an
 * option would allow ("reply.des", "reply.sha1", "reply.nonce" where it is missing) *ret has the
 * answer all the same: the certificate in it proves itself, by its key and its chain.
 */
SG_RC
sg_enroll_send(struct sg_enroll *c, const struct sg_enroll_request *r, struct sg_scep_reply *ret,
    struct sg_err *err);

#define SG_ENROLL_TRACE_MAX 64u
/* The id after "trace " in the text of a server's refusal, or "". */
void
sg_enroll_trace(struct sg_slice text, char ret[SG_ENROLL_TRACE_MAX + 1]);
