/* SPDX-License-Identifier: Apache-2.0 */

/*
 * disk.c - a full disk, as the log and `signet status` tell it; the store finds it
 */

#include "service/disk.h"

#include "base/clock.h"
#include "service/log.h"

void
sg_disk_changed(void *disk, const char *why)
{
	struct sg_disk *d = disk;
	int64_t now = sg_clock_now(), since = atomic_exchange(&d->since, why != NULL ? now : 0);

	if (why != NULL) {
		sg_log(SG_LOG_ERROR, "store.full",
		    "the disk is full: %s until there is room; free some (%s)", d->goes_on, why);
		sg_log_leave_out("store.full"); /* a line for each request would fill it further */
		return;
	}
	sg_log_leave_out(NULL);
	sg_log(SG_LOG_NOTICE, "store.room",
	    "the disk has room again and the reserve is whole, after %lld s: everything is "
	    "recorded again",
	    (long long)(now - since));
}

struct sg_api_disk
sg_disk_status(struct sg_disk *disk, uint64_t reserve, uint64_t left)
{
	int64_t since = atomic_load(&disk->since);

	return (struct sg_api_disk){.full = since != 0,
	    .has_since = since != 0,
	    .since = since * SG_CLOCK_SECOND,
	    .reserve = (int64_t)reserve,
	    .reserve_left = (int64_t)left};
}
