/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/backup.c - answers with the whole database
 */

#include "roles/ca/backup.h"

#include "base/clock.h"
#include "roles/ca/state.h"
#include "service/backup.h"
#include "store/ca/audit.h"

#define NAME "ca.db"

static enum sg_code
record(struct sg_api_call *call, struct sg_err *err)
{
	const struct ca *ca = call->role;

	return sg_cadb_audit(ca->store, sg_slice_str(call->who->who), sg_slice_str("backup"),
	    sg_slice_str(NAME), sg_slice("", 0), sg_clock_now(), err);
}

enum sg_code
ca_backup(struct sg_api_call *call, struct sg_err *err)
{
	const struct ca *ca = call->role;

	return sg_backup_answer(call, ca->store, NAME, record, err);
}
