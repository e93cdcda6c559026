/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/control_lineage.h - what the verbs of ca say and do about a whole lineage (private to
 * roles/ca)
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "service/json.h"
#include "store/ca/cert.h"

struct ca;

/* Where a certificate belongs: {"first", "size", "live", "members": [...], "more"}. The newest
 * members, as many as a page shows; the caller owns *ret. */
SG_RC
ca_lineage_show(struct ca *ca, const struct sg_cadb_cert *row, json_t **ret, struct sg_err *err);

/* The lineage of a serial number, for a list. SG_E_NOTFOUND "serial.unknown". */
SG_RC
ca_lineage_find(struct ca *ca, struct sg_slice serial, int64_t *ret_lineage, struct sg_err *err);

/* What is to be published after it. */
struct ca_lineage_lists {
	bool has[1 + SG_CONF_EARLIER_MAX]; /* in the order of the lists */
	uint64_t unlisted; /* certificates that have not ended, of a key that is not here */
};

/* Revoke all of the lineage; the answer gets "changed", "size", "ended", "revoked_count" and
 * "revoked": [serial numbers], of many only the first. */
SG_RC
ca_lineage_revoke(struct ca *ca, struct sg_slice serial, int reason, const struct sg_verb_call *c,
    struct ca_lineage_lists *ret, struct sg_err *err);

/* After one was revoked: how many of its lineage are good still, as "lineage_good". */
SG_RC
ca_lineage_rest(struct ca *ca, struct sg_slice serial, json_t *answer, struct sg_err *err);
