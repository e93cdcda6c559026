/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/lineage.h - revokes a whole lineage (private to roles/ca)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/ca.h"
#include "base/err.h"
#include "base/slice.h"
#include "roles/ca/show.h"

struct ca;

/* What was done, and what is to be published after it. Large. */
struct ca_lineage_revoked {
	struct sg_api_lineage_revoked answer;
	bool changed;
	bool on_list[1 + SG_CONF_EARLIER_MAX]; /* in the order of the lists */
	uint64_t unlisted; /* certificates that have not ended, of a key that is not here */
	/* What the answer borrows from. */
	size_t n;
	struct sg_slice serial[SG_API_REVOKED_SHOWN];
	struct ca_serial_text text[SG_API_REVOKED_SHOWN];
};

/* Revoke all of the lineage of a certificate. */
SG_RC
ca_lineage_revoke(struct ca *ca, struct sg_slice serial, int reason, const char *who,
    struct ca_lineage_revoked *ret, struct sg_err *err);
