/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/issued.h - is what came with a SUCCESS the certificate that was asked for?
 */

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "enroll/session.h"
#include "scep/reply.h"
#include "x509/cert.h"

/* What the issued certificate is compared with. */
struct sg_enroll_want {
	struct sg_slice spki, subject;
	const struct sg_sans *sans; /* NULL: none */
	struct sg_slice old;	    /* the certificate that is renewed; or empty */
	uint32_t key_usage;	    /* 0: not asked for */
	size_t eku_n;		    /* 0: not asked for */
	const struct sg_slice *eku;
};

/*
 * The certificate of our key in a SUCCESS, which is not the old one. *ret borrows from the reply.
 * SG_E_MALFORMED ("client.issued.key", "client.issued.old"); "client.issued.unread": there is one,
 * in ret->raw, of which nothing else can be read. After the others ret->raw is empty.
 */
SG_RC
sg_enroll_issued_find(const struct sg_scep_reply *reply, const struct sg_enroll_want *want,
    struct sg_cert *ret, struct sg_err *err);
/*
 * That a trusted CA issued it. What differs from what was asked, and dates that do not fit the
 * clock, become warnings. The trust borrows from the reply afterwards.
 * SG_E_SIGNATURE ("client.issuer").
 */
SG_RC
sg_enroll_issued_check(struct sg_enroll *c, const struct sg_scep_reply *reply,
    const struct sg_enroll_want *want, const struct sg_cert *cert, struct sg_err *err);
