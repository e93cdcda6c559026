/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/fsck.h - the invariants I1 to I7, I11 and I12 of ARCHITECTURE.md, checked offline
 *
 * Databases are opened without changing a row; a role that has one open is in the way
 * (SG_E_BUSY "store.locked": stop it first). A finding is one broken invariant; SG_OK
 * with no finding means that all hold. What only both databases together can tell (I1:
 * every issued transaction has its certificate, and the other way round) needs both.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

struct sg_fsck_conf {
	const char *registrar_path; /* NULL: not checked */
	const char *ca_path;	    /* NULL: not checked */
	/* Visit the serial number of each entry of a revocation list, as stored here, in the order
	 * of the list. NULL: I11 is not checked. */
	enum sg_code (*crl_read)(struct sg_slice der,
	    enum sg_code (*visit)(void *arg, struct sg_slice serial, struct sg_err *err), void *arg,
	    struct sg_err *err);
	/* Each finding: the invariant ("I3"; "DB" for the file itself) and a sentence. */
	void (*found)(void *arg, const char *invariant, const char *text);
	void *arg;
};

struct sg_fsck_counts {
	uint64_t findings;
	uint64_t transactions, issued, running; /* registrar */
	uint64_t challenges;
	uint64_t certificates, revoked, intents; /* ca */
	uint64_t audit_rows;
};

/* SG_OK when the check could be made, whatever it found. SG_E_CONF "store.path",
 * "store.kind", "store.newer", "store.older" (start the role once). */
SG_RC
sg_fsck(const struct sg_fsck_conf *conf, struct sg_fsck_counts *ret, struct sg_err *err);
