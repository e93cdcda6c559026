/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/crl.h - a certificate revocation list from its rows, signed and verified
 *
 * Written row by row, so that a million rows need one buffer only. Give it a buffer whose
 * max is SG_CRL_MAX.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "issue/issuer.h"
#include "x509/crl.h"

struct sg_issue_crl_times {
	int64_t this_update, next_update;
};

/*
 * thisUpdate is dated back by SG_CRL_BACKDATE_S for relying parties whose clock is slow, but not
 * before the last list's (0: there is none), whatever the clock says; nextUpdate is validity_s
 * after now or, with a clock that went back, after that. validity_s is positive.
 */
struct sg_issue_crl_times
sg_issue_crl_times_of(int64_t now, int64_t last_this_update, int64_t validity_s);

struct sg_issue_crl {
	const struct sg_issuer *issuer;
	struct sg_crl_facts facts;
	struct sg_crlw w;
	struct sg_buf tbs;
	uint64_t n;
};

/* number must grow from list to list: the caller's store sees to it. next_at after at. */
SG_RC
sg_issue_crl_begin(struct sg_issue_crl *c, const struct sg_issuer *issuer, uint64_t number,
    int64_t at, int64_t next_at, struct sg_err *err);
/* serial is a magnitude. What was revoked later than thisUpdate is dated thisUpdate: it is revoked
 * now, and an entry of the future could be taken for one that does not count yet. SG_E_INTERNAL
 * "crl.serial". */
SG_RC
sg_issue_crl_entry(struct sg_issue_crl *c, struct sg_slice serial, int64_t revoked_at,
    enum sg_crl_reason reason, struct sg_err *err);
/* Sign, read back, count, verify; DER appended to out. entries: how many there must be.
 * SG_E_INTERNAL "crl.count", "crl.readback": nothing is appended. */
SG_RC
sg_issue_crl_finish(
    struct sg_issue_crl *c, uint64_t entries, struct sg_buf *out, struct sg_err *err);
/* Release what begin took; always call it. */
void
sg_issue_crl_clear(struct sg_issue_crl *c);
