/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/control.h - what the command line may ask registrar (private to roles/registrar)
 */

#include "service/service.h"

extern const struct sg_verb registrar_verbs[]; /* ends with NULL */
