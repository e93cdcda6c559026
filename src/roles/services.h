/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/services.h - all roles of this program
 */

#include "service/service.h"

/* Ends with NULL. A role's place is its number: the user that it gets is `users` and so many more,
 * so a new role goes to the end. */
extern const struct sg_service *const roles_services[];
