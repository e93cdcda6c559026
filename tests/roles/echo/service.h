/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/echo/service.h - the declaration of echo, for the table in tests/roles/services.c
 */

#include "service/service.h"

extern const struct sg_service echo_service;
