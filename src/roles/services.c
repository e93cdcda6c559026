/* SPDX-License-Identifier: Apache-2.0 */

/*
 * services.c - the table of all roles: the command line gives it to the supervisor, which starts
 * them, and finds in it what it is asked to run as
 */

#include "roles/services.h"

#include "roles/ca/service.h"
#include "roles/front/service.h"
#include "roles/keyd/service.h"
#include "roles/registrar/service.h"

const struct sg_service *const roles_services[] = {
    &front_service, &registrar_service, &keyd_service, &ca_service, NULL};
