/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/running.h - whether it is this very Signet that has an address (private to the
 * supervisor)
 */

#include <stdbool.h>

#include "conf/conf.h"

/* Is there a socket that keeps this address busy, and does every such socket belong to the
 * supervisor that runs with this data directory? False as well where /proc does not tell, for
 * example of the processes of another user. */
bool
supervisor_has_address(const char *data, const struct sg_conf_listen *listen);
