/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/service.h - the declaration of registrar, for the table in roles/services.c
 */

#include "service/service.h"

extern const struct sg_service registrar_service;
