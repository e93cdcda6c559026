/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/audit.c - answers what was done at the CA, and by whom
 */

#include "roles/ca/audit.h"

#include "api/ca.h"
#include "base/clock.h"
#include "roles/ca/state.h"
#include "store/ca/audit.h"

static bool
put_row(void *arg, const struct sg_cadb_audit_row *row)
{
	const struct sg_api_audit value = {.seq = row->seq,
	    .at = row->at * SG_CLOCK_SECOND,
	    .who = row->who,
	    .act = row->act,
	    .object = row->object,
	    .detail = row->detail,
	    .hash = sg_slice(row->hash, sizeof row->hash)};

	return sg_api_put_item(arg, row->seq, &value);
}

enum sg_code
ca_audit(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_audit_filter *ask = call->params;
	const struct ca *ca = call->role;
	int64_t key = call->page.has_after ? call->page.after : 0;
	const struct sg_cadb_audit_filter filter = {
	    .act = ask->act,
	    .ascending = call->page.ascending,
	    .after = key,
	    .before = key,
	    .limit = call->page.limit,
	};

	return sg_cadb_audit_list(ca->store, &filter, put_row, call, err);
}
