/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/exchange.h - GetCACaps, GetCACert and PKIOperation over HTTP, and when to try again
 *
 * Failures beside those that are named: what http/client.h says, and "client.http.status" with
 * what the status means. SG_ENROLL_WAIT is told before each wait.
 */

#include <stdbool.h>

#include "enroll/session.h"

#define SG_ENROLL_WAIT_MAX_S 300 /* a longer Retry-After is told, not waited for */

/* GetCACaps; a missing or odd answer means none, with caps_note (RFC 8894 3.5.2). */
SG_RC
sg_enroll_get_caps(struct sg_enroll *c, struct sg_err *err);
/* GetCACert: adds the certificates to the trust, of which nothing is trusted yet. How they are
 * packed and a wrong media type are warnings. SG_E_MALFORMED ("client.certs"). */
SG_RC
sg_enroll_get_certs(struct sg_enroll *c, struct sg_err *err);
/*
 * One PKIOperation, not repeated: *ret_again is true when it may be, after having waited.
 * attempt counts from 0. A wrong media type is a warning. SG_E_MALFORMED ("client.answer").
 */
SG_RC
sg_enroll_operate(struct sg_enroll *c, struct sg_slice message, bool post, unsigned attempt,
    bool *ret_again, struct sg_buf *ret, struct sg_err *err);
