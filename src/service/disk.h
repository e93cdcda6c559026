/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/disk.h - what a role says about a full disk: a line of the log when it begins and when it
 * ends, and a member of `signet status`
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/status.h"

struct sg_disk {
	const char *goes_on;   /* what the role still does meanwhile, for the log */
	_Atomic int64_t since; /* 0: there is room */
};

/* It begins, or ends (why NULL): sg_db_conf.on_full, with a struct sg_disk. */
void
sg_disk_changed(void *disk, const char *why);

/* For an answer. */
struct sg_api_disk
sg_disk_status(struct sg_disk *disk, uint64_t reserve, uint64_t left);
