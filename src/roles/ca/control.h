/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/control.h - what the command line may ask (private to roles/ca)
 */

#include "service/json.h"

extern const struct sg_verb ca_verbs[]; /* ends with NULL */
