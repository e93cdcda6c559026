/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/lineage_private.h - what a renewal joins, within a verb's own transaction, private to
 * src/store
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "db/sql.h"
#include "store/ca/cert.h"

/* Certificate c is in the lineage that is parameter n: the one that it begins with, by its id, or a
 * renewal, by the index, which has no others. */
#define SG_CADB_IN_LINEAGE(c, n)                                                                   \
	"(" c ".id = " n " OR (" c ".lineage = " n " AND " c ".renews IS NOT NULL))"

/* The lineage that a certificate joins as a renewal, judged in the transaction that records it;
 * 0: it begins one. SG_E_DENIED "renewal.foreign", "renewal.revoked", and what its
 * sg_renewal_limit says. */
SG_RC
sg_cadb_lineage_join(
    struct sg_sql *db, const struct sg_cadb_new_cert *in, int64_t *ret_lineage, struct sg_err *err);
