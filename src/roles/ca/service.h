/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/service.h - the declaration of ca, for the table in roles/services.c
 */

#include "service/service.h"

extern const struct sg_service ca_service;
