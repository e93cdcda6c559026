/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/status.h - what the answers to GET /v1/ROLE/status share
 */

#include "json/schema.h"

#define SG_API_DISK_ROWS(R, T)                                                                     \
	R(T, bool, required, full, (),                                                             \
	    "no space is left: ca records only revocations, registrar nothing")                    \
	R(T, time, optional, since, (), "when that began; absent while there is room")             \
	R(T, int, required, reserve, (0, SG_JSON_INT_MAX),                                         \
	    "bytes that are kept beside the database for that")                                    \
	R(T, int, required, reserve_left, (0, SG_JSON_INT_MAX), "bytes of them that are left")
SG_JSON_DECLARE(sg_api_disk, SG_API_DISK_ROWS);

/* Rows of the status of every role that has a database. */
#define SG_API_STATUS_ROWS(R, T)                                                                   \
	R(T, object, required, disk, (sg_api_disk), "the space for its database")                  \
	R(T, texts, required, pass_env, (0, 256),                                                  \
	    "names of environment variables that roles inherit, for a test; empty otherwise")
