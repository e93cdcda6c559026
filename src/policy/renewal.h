/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/renewal.h - may this certificate be renewed by this request?
 *
 * That the old certificate's key signed the message was verified before; that (signer
 * certificate, PKCS#10) gave no other certificate is the store's unique key.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "x509/csr.h"

struct sg_renewal {
	struct sg_slice signer;		 /* DER of the certificate that signed, as it came */
	struct sg_slice record;		 /* our record with that serial; empty: there is none */
	bool revoked;			 /* what the record says */
	struct sg_slice record_endpoint; /* where it was issued */
	struct sg_slice endpoint;	 /* where it is renewed */
	int64_t now;
	int64_t grace_s; /* how long after notAfter it still may */
};

/* What an endpoint grants a lineage: all certificates that come from one enrolment. */
struct sg_renewal_limits {
	struct sg_slice endpoint; /* whose options they are */
	int64_t window_s;	  /* how long before its end a certificate may renew; 0: always */
	uint64_t successors;	  /* live certificates, the new one among them; 0: no limit */
	uint64_t per_day;	  /* renewals in 24 hours; 0: no limit */
};

/* The certificate that renews, and what its lineage has. */
struct sg_renewal_use {
	struct sg_slice serial;
	int64_t not_after, now;
	uint64_t live;	       /* good or on hold, and not ended */
	int64_t live_ends;     /* when the first of them ends */
	uint64_t renewals;     /* in the last 24 hours */
	int64_t renewals_next; /* when the first of them is that old */
};

/*
 * May the lineage have one more? SG_E_DENIED in this order, each with the option's name:
 * "renewal.window", "renewal.successors", "renewal.rate".
 */
SG_RC
sg_renewal_limit(
    const struct sg_renewal_limits *l, const struct sg_renewal_use *use, struct sg_err *err);

/*
 * SG_E_DENIED in this order: "renewal.foreign" (no record), "renewal.altered" (not the
 * bytes we issued), "renewal.endpoint", "renewal.revoked", "renewal.not-yet",
 * "renewal.expired", "renewal.subject", "renewal.san". SG_E_INTERNAL "renewal.record"
 * when our own record cannot be read.
 */
SG_RC
sg_renewal_check(const struct sg_renewal *r, const struct sg_csr *csr, struct sg_err *err);
