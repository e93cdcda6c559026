/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/issued.h - is what came with a SUCCESS the certificate that was asked for?
 */

#include "base/err.h"
#include "base/slice.h"
#include "enroll/session.h"
#include "scep/reply.h"
#include "x509/cert.h"

/* What the issued certificate is compared with. */
struct sg_enroll_want {
	struct sg_slice spki, subject;
	const struct sg_sans *sans; /* NULL: none */
	struct sg_slice old;	    /* the certificate that is renewed; or empty */
};

/*
 * The certificate of our key in a SUCCESS, checked: chain, validity; differences from what
 * was asked become warnings. *ret borrows from the reply, and so does the trust afterwards.
 * SG_E_MALFORMED ("client.issued.key", "client.issued.old"), SG_E_SIGNATURE ("client.issuer"),
 * SG_E_TIME ("client.validity").
 */
SG_RC
sg_enroll_issued(struct sg_enroll *c, const struct sg_scep_reply *reply,
    const struct sg_enroll_want *want, struct sg_cert *ret, struct sg_err *err);
