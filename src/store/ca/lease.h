/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/lease.h - serial numbers that are committed before anything is signed with them
 *
 * Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "store/verbs.h"

#define SG_CADB_SERIAL_MAX 20u	      /* RFC 5280 4.1.2.2 */
#define SG_CADB_ACT_ABANDON "abandon" /* audit: serials that no certificate has, and none will */

/*
 * Serial numbers that this process alone may sign with, committed before it does. So each
 * serial that was ever signed is on disk: in a certificate, in a lease, or named in the audit.
 */
struct sg_cadb_lease {
	struct sg_slice serials; /* SG_CADB_SERIAL_MAX bytes each, 1..SG_LEASE_MAX of them */
	int64_t ended[SG_LEASE_ENDED_MAX]; /* leases of which none will be signed any more: */
	unsigned n_ended;		   /* what has no certificate is abandoned */
	int64_t ended_upto; /* so are all up to this: of a process that is gone; 0: none */
	int64_t id;	    /* set by the commit */
};

/* The last lease there is; 0: none. */
SG_RC
sg_cadb_lease_last(struct sg_db *store, int64_t *ret_id, struct sg_err *err);

/* Commit a lease by itself; it shares the commit of a certificate in sg_cadb_cert_add. */
SG_RC
sg_cadb_lease_add(
    struct sg_db *store, struct sg_cadb_lease *lease, int64_t now, struct sg_err *err);
