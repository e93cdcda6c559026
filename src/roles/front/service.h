/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/service.h - the declaration of front, for the table in roles/services.c
 */

#include "service/service.h"

extern const struct sg_service front_service;
