/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/lineage.h - all certificates that come from one enrolment or import by renewals
 *
 * A certificate is live while it is good or on hold and has not ended. Times are UTC seconds.
 * Ownership, errors and threads: db/db.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/ca/cert.h"

/* What a lineage has at a time: all of *ret but its serial number and its end. */
SG_RC
sg_cadb_lineage_get_use(struct sg_db *store, int64_t lineage, int64_t now,
    struct sg_renewal_use *ret, struct sg_err *err);

struct sg_cadb_lineage {
	uint8_t first[SG_CADB_SERIAL_KEY_MAX]; /* serial number of the one that it begins with */
	size_t first_len;
	uint64_t size, live;
	uint64_t good; /* of the live ones those that are not on hold */
};

SG_RC
sg_cadb_lineage_get(struct sg_db *store, int64_t lineage, int64_t now, struct sg_cadb_lineage *ret,
    struct sg_err *err);

/* What revoking a lineage did. */
struct sg_cadb_lineage_revoked {
	uint64_t size;	  /* certificates of the lineage */
	uint64_t changed; /* of which so many were not revoked before */
	uint64_t ended;	  /* of the changed: they had ended */
};

struct sg_cadb_lineage_member {
	struct sg_slice serial; /* lent */
	int issuer;
	bool ended;
	bool changed; /* false: it was so already */
};

/*
 * Revoke every certificate of the lineage of serial that is not revoked, in one transaction, each
 * with its audit row. Ended ones too: within the grace of renewal they could give another. With
 * SG_CADB_REASON_HOLD those that are good become held. each is called after the commit, for every
 * member.
 *
 * SG_E_NOTFOUND "serial.unknown"
 */
SG_RC
sg_cadb_lineage_revoke(struct sg_db *store, struct sg_slice serial, int reason, struct sg_slice who,
    int64_t now, void (*each)(void *arg, const struct sg_cadb_lineage_member *member), void *arg,
    struct sg_cadb_lineage_revoked *ret, struct sg_err *err);
