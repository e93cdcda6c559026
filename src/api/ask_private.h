/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/ask_private.h - a page of a list as a schema: it depends on the list's items
 */

#include "api/ask.h"
#include "api/call.h"
#include "api/route.h"

#define SG_API_PAGE_MEMBERS 2

/* The rows of struct sg_api_got for a route; they live as long as member. */
struct sg_json_schema
sg_api_page_schema(
    const struct sg_api_route *route, struct sg_json_member member[SG_API_PAGE_MEMBERS]);
