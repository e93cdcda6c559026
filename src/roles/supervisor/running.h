/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/running.h - whether it is this very Signet that has an address (private to the
 * supervisor)
 */

#include <stdbool.h>

#include "conf/conf.h"

/* Each socket that listens there, or on an address that keeps this one busy, belongs to the
 * supervisor that runs with this data directory, and there is one. False as well where /proc does
 * not tell, for example of the processes of another user. */
bool
supervisor_has_address(const char *data, const struct sg_conf_listen *listen);
