/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/renewal.h - may this certificate be renewed by this request? (ARCHITECTURE.md,
 * "Idempotency": lineages)
 *
 * That the old certificate's key signed the message was verified before; that (signer
 * certificate, PKCS#10) gave no other certificate is the store's unique key.
 * Threads: pure functions over what they are given.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "x509/cert.h"
#include "x509/csr.h"

/* Is the signer's certificate one of ours? SG_E_DENIED "renewal.foreign", or, where its serial
 * number is of a certificate with other bytes, "renewal.altered". */
SG_RC
sg_renewal_ours(bool ours, bool altered, struct sg_err *err);

/* A certificate on record, and where and when it would renew. */
struct sg_renewal {
	bool allowed;		   /* the endpoint renews certificates */
	struct sg_slice issued_at; /* its endpoint */
	struct sg_slice endpoint;  /* where it is renewed */
	bool good;		   /* neither revoked nor on hold */
	int64_t not_before, not_after;
	int64_t now;
	int64_t grace_s; /* how long after notAfter it still may */
};

/*
 * SG_E_DENIED in this order: "renewal.off", "renewal.endpoint", "renewal.revoked",
 * "renewal.not-yet", "renewal.expired".
 */
SG_RC
sg_renewal_check(const struct sg_renewal *r, struct sg_err *err);

/* What becomes of a renewal without alternative names, where the old certificate has some. */
enum sg_renewal_sans {
	SG_RENEWAL_SANS_SAME, /* refused */
	SG_RENEWAL_SANS_KEEP, /* the old ones are certified */
};

/*
 * The request asks for the names of the old certificate, in whatever spelling, or for none of its
 * alternative names where the endpoint keeps them. SG_E_DENIED "renewal.subject", "renewal.san".
 */
SG_RC
sg_renewal_names(const struct sg_cert *old, const struct sg_csr *csr, enum sg_renewal_sans sans,
    struct sg_slice endpoint, struct sg_err *err);

/* The last look at the record, in the transaction that adds the new certificate. SG_E_DENIED
 * "renewal.foreign", "renewal.revoked". */
SG_RC
sg_renewal_still(bool ours, bool good, struct sg_err *err);

#define SG_RENEWAL_DAY_S 86400

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
	uint64_t live;	   /* good or on hold, and not ended */
	int64_t live_ends; /* when the first of them ends; 0: none */
	/* Renewals recorded less than a day from now, before or after it: a clock that was set
	 * back neither frees them nor counts them for as long as it was wrong. */
	uint64_t renewals;
	int64_t renewals_from; /* when the first of them was recorded; 0: none */
};

/* Does what a lineage has matter to these limits? */
bool
sg_renewal_counts(const struct sg_renewal_limits *l);

/*
 * May the lineage have one more? SG_E_DENIED in this order, each with the option's name:
 * "renewal.window", "renewal.successors", "renewal.rate".
 */
SG_RC
sg_renewal_limit(
    const struct sg_renewal_limits *l, const struct sg_renewal_use *use, struct sg_err *err);
