/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service/backup.c - a copy of a role's database on its way to who asked for it
 */

#include "service/backup.h"

#include <stdbool.h>

#include "base/clock.h"
#include "db/backup.h"
#include "service/log.h"

struct answer {
	struct sg_api_call *call;
	const char *name;
	enum sg_code (*record)(struct sg_api_call *call, struct sg_err *err);
	bool begun;
	uint64_t length, given;
};

static enum sg_code
begin(void *arg, uint64_t length, struct sg_err *err)
{
	struct answer *a = arg;

	enum sg_code rc = a->record != NULL ? a->record(a->call, err) : SG_OK;
	if (rc != SG_OK)
		return rc;
	a->begun = true;
	a->length = length;
	return sg_api_begin_bytes(a->call, a->name, length, err);
}

static enum sg_code
put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	struct answer *a = arg;

	enum sg_code rc = sg_api_put_bytes(a->call, piece, err);
	if (rc == SG_OK)
		a->given += piece.len;
	return rc;
}

enum sg_code
sg_backup_answer(struct sg_api_call *call, struct sg_db *db, const char *name,
    enum sg_code (*record)(struct sg_api_call *call, struct sg_err *err), struct sg_err *err)
{
	struct answer a = {.call = call, .name = name, .record = record};
	const struct sg_db_backup_to to = {.arg = &a, .begin = begin, .put = put};
	int64_t since = sg_clock_mono_ms();
	struct sg_err why = {.rule = ""};

	enum sg_code rc = sg_db_backup(db, &to, &why);
	if (rc == SG_OK)
		sg_log(SG_LOG_NOTICE, "backup", "%s has a backup: %s, %llu bytes, in %lld ms",
		    call->who->who, name, (unsigned long long)a.length,
		    (long long)(sg_clock_mono_ms() - since));
	else if (a.begun)
		sg_log(SG_LOG_WARNING, "backup",
		    "%s has no whole backup: %llu of %llu bytes of %s (%s: %s)", call->who->who,
		    (unsigned long long)a.given, (unsigned long long)a.length, name, why.rule,
		    why.text);
	if (rc != SG_OK && err != NULL)
		*err = why;
	return rc;
}
