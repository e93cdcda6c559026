/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/routes.h - what ca answers over its control socket (private to roles/ca)
 */

#include "api/serve.h"

/* Its state is a struct ca. */
extern const struct sg_api ca_api;
