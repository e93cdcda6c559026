/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/backup.h - the whole database, for who asks (private to roles/ca)
 */

#include "api/call.h"

/* Recorded in the audit before the first byte. */
SG_RC
ca_backup(struct sg_api_call *call, struct sg_err *err);
