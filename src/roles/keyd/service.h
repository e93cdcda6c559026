/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/keyd/service.h - the declaration of keyd, for the table in roles/services.c
 */

#include "service/service.h"

extern const struct sg_service keyd_service;
