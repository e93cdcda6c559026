/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/openapi.h - the contract as OpenAPI 3.1, from the rows
 */

#include "base/buf.h"

/* Append the whole document, indented, with a line feed at its end. Deterministic. */
void
sg_api_openapi_put(struct sg_buf *b);
