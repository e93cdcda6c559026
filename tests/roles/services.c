/* SPDX-License-Identifier: Apache-2.0 */

/*
 * services.c - the table of a second program, signet-echo: all roles and one more, in place of
 * src/roles/services.c
 */

#include "roles/services.h"

#include "roles/ca/service.h"
#include "roles/echo/service.h"
#include "roles/front/service.h"
#include "roles/keyd/service.h"
#include "roles/registrar/service.h"

const struct sg_service *const roles_services[] = {
    &front_service, &registrar_service, &keyd_service, &ca_service, &echo_service, NULL};
