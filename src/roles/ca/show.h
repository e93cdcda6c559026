/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/show.h - a certificate in the answers of verbs (private to roles/ca)
 */

#include <jansson.h>

#include "base/slice.h"
#include "store/ca/cert.h"

/* A state in the answers of verbs. */
const char *
ca_state_name(enum sg_cadb_cert_state state);
/* A serial number there, from the key that it is stored under. */
void
ca_set_serial(json_t *o, const char *name, struct sg_slice key);
