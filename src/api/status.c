/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api/status.c - the tables of what the answers to GET /v1/ROLE/status share
 */

#include "api/status.h"

SG_JSON_DEFINE(sg_api_disk, SG_API_DISK_ROWS, "the space for a database");
