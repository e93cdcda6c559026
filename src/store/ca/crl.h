/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/crl.h - revocation lists in the CA's database: what the next one must have, which were
 * published, and what a published one knows that the database does not
 *
 * A revoked certificate is on every list until one whose thisUpdate is after its notAfter
 * has had it (RFC 5280 3.3); that is recorded, not computed from a clock, so that no clock that
 * goes wrong makes a list smaller. By a clock a list only grows (sg_cadb_crl_revive). Times are UTC
 * seconds. Ownership, errors and threads: db/db.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/db.h"

struct sg_cadb_crl_item {
	struct sg_slice serial;
	int64_t revoked_at;
	int reason;
};

/* What the next list rests on; of one state of the database, as are the entries after it. */
struct sg_cadb_crl_state {
	uint64_t number;	  /* larger than that of any list of this issuer and shard */
	uint64_t entries;	  /* how many there are */
	int64_t audit_seq;	  /* the last act that they know of */
	int64_t last_this_update; /* of the list before; 0: there is none */
};

/* Before a list is read: where the last one is dated after now, the clock was ahead when it was
 * made, and certificates left lists that have not ended by now. They are on them again, audited.
 * *ret_n: how many. */
SG_RC
sg_cadb_crl_revive(struct sg_db *store, int issuer, unsigned shard, struct sg_slice who,
    int64_t now, uint64_t *ret_n, struct sg_err *err);

typedef enum sg_code
sg_cadb_crl_visit(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err);

struct sg_cadb_crl_reader {
	enum sg_code (*begin)(void *arg, const struct sg_cadb_crl_state *state, struct sg_err *err);
	sg_cadb_crl_visit *each; /* in the order of the serial numbers, as bytes */
	void *arg;
};

/* The state, then each entry; what a function of the reader says ends it and comes back. */
SG_RC
sg_cadb_crl_read(struct sg_db *store, int issuer, unsigned shard,
    const struct sg_cadb_crl_reader *reader, struct sg_err *err);

struct sg_cadb_crl {
	int issuer;
	unsigned shard;
	uint64_t number;
	int64_t audit_seq;
	int64_t this_update, next_update;
	uint64_t entries;
	struct sg_slice der;
	void *mem;
};

void
sg_cadb_crl_clear(struct sg_cadb_crl *row);

/* Records the signed list (the newest is kept whole) and its audit row, and that certificates
 * that had ended at its thisUpdate, and at now, were on it for the last time. SG_E_CONFLICT
 * "crl.number": there is one with that number or a larger one. */
SG_RC
sg_cadb_crl_publish(struct sg_db *store, const struct sg_cadb_crl *crl, struct sg_slice who,
    int64_t now, struct sg_err *err);

/* Was something revoked, held or released that the newest list does not know of? Then a process
 * died between the act and its list. Reads what was audited since. */
SG_RC
sg_cadb_crl_owed(struct sg_db *store, int issuer, unsigned shard, bool *ret, struct sg_err *err);

/* The newest published. SG_E_NOTFOUND "crl.none". */
SG_RC
sg_cadb_crl_latest(
    struct sg_db *store, int issuer, unsigned shard, struct sg_cadb_crl *ret, struct sg_err *err);

/* A signed list: read visits each entry, from the first one at each call, until visit fails. */
struct sg_cadb_crl_source {
	enum sg_code (*read)(
	    void *arg, sg_cadb_crl_visit *visit, void *visit_arg, struct sg_err *err);
	void *arg;
};

struct sg_cadb_crl_missing {
	uint64_t n; /* entries of which this database does not know that they were revoked */
	struct sg_buf *serials; /* the first of them in hexadecimal, ", " between two */
};

/* What the next list of this issuer would not have as the source has it, nor had its last list. A
 * hold that the source has may have been released since, where crl (issuer, number and dates of
 * the source) is one that was recorded here; other revocations stay, and do not become holds. */
SG_RC
sg_cadb_crl_find_missing(struct sg_db *store, const struct sg_cadb_crl *crl,
    struct sg_cadb_crl_source source, struct sg_cadb_crl_missing *ret, struct sg_err *err);

struct sg_cadb_crl_adopted {
	uint64_t revoked; /* certificates that were good here, or on hold */
	uint64_t foreign; /* entries whose certificates are not here */
	uint64_t known;	  /* revoked here, too */
};

/*
 * Revoke what a list of our own says is revoked, as it says, each with its audit row, and
 * remember entries without a certificate; a certificate that is imported later is revoked.
 * crl: the list; one with the highest number becomes the newest here, so that the next one has a
 * higher number.
 */
SG_RC
sg_cadb_crl_adopt(struct sg_db *store, const struct sg_cadb_crl *crl,
    struct sg_cadb_crl_source source, struct sg_slice who, int64_t now,
    struct sg_cadb_crl_adopted *ret, struct sg_err *err);
