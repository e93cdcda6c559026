/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/event.h - events: refusals and what happens to the processes
 *
 * Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

struct sg_regdb_event {
	int64_t id; /* given by the store, grows */
	int64_t at_us;
	uint8_t trace[SG_STORE_TRACE_LEN];
	unsigned role;	/* the caller's numbering */
	unsigned level; /* the caller's numbering */
	enum sg_code code;
	struct sg_slice rule, text, endpoint, peer, txid, subject;
};

/* How many rows, and bytes of their texts, there may be. */
struct sg_regdb_event_keep {
	uint64_t rows, bytes;
};

/*
 * All of them in one commit; n 1..SG_REGDB_EVENT_BATCH_MAX. The same commit drops what is beyond
 * keep, at most twice as many as it adds and SG_REGDB_EVENT_DROP_MORE, so that no rate of refusals
 * outruns it. An address with more than a part of SG_REGDB_EVENT_PARTS of what is kept, and
 * SG_REGDB_EVENT_FEW, gives up its own oldest one for each that it adds, so that few addresses push
 * nobody's out; for the others the oldest of all goes. The newest always stays, so that ids never
 * start again.
 */
#define SG_REGDB_EVENT_BATCH_MAX 256u
#define SG_REGDB_EVENT_DROP_MORE 16u
#define SG_REGDB_EVENT_PARTS 1024u
#define SG_REGDB_EVENT_FEW 8u
SG_RC
sg_regdb_event_add(struct sg_db *store, const struct sg_regdb_event *rows, size_t n,
    const struct sg_regdb_event_keep *keep, struct sg_err *err);

struct sg_regdb_event_filter {
	struct sg_slice trace_prefix; /* 0..16 bytes */
	struct sg_slice txid;	      /* exact; empty: any */
	struct sg_slice subject;      /* part of it, ASCII case ignored; empty: any */
	struct sg_slice rule;	      /* exact; empty: any */
	int64_t from_us, until_us;    /* from <= at < until; until 0: no end */
	bool ascending;		      /* oldest first */
	int64_t after_id;	      /* cursor, of ascending: only ids above */
	int64_t before_id;	      /* cursor, of the other: only ids below; 0: from the newest */
	unsigned limit;		      /* 0: 100 */
};

/* Newest first, or ascending. */
SG_RC
sg_regdb_event_list(struct sg_db *store, const struct sg_regdb_event_filter *filter,
    bool (*each)(void *arg, const struct sg_regdb_event *row), void *arg, struct sg_err *err);
