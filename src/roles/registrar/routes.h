/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/routes.h - what registrar answers at its control socket: the routes of
 * api/registrar.h (private to roles/registrar)
 */

#include "api/serve.h"

extern const struct sg_api registrar_api; /* of a struct registrar */
