/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/call_private.h - an answer while a handler makes it
 *
 * Objects and pages are kept whole until the handler has ended well: so whatever goes wrong can
 * still become a problem. Bytes go out as they come.
 */

#include "api/call.h"
#include "api/serve.h"
#include "base/buf.h"
#include "json/read.h"

#define SG_API_PAGE_BYTES (1u << 20) /* a page that is so long has no further item */

struct sg_api_answer {
	const struct sg_api_route *route;
	const struct sg_api_sink *sink;
	struct sg_buf text;
	struct sg_json_fault fault; /* what the refusal is about */
	/* Of a list. */
	bool lines;	     /* an item is a line, not an element */
	unsigned limit;	     /* of items */
	size_t items;	     /* so many are in text */
	int64_t first, last; /* their keys */
	bool more;	     /* there are others */
	/* Of bytes. */
	bool begun;    /* it is out */
	uint64_t left; /* are announced, and still to come */
};

/* Every answer: what it says is of this moment, and may be secret. */
#define SG_API_FIELDS "Cache-Control: no-store\r\n"
#define SG_API_BYTES_TYPE "application/octet-stream"

/* Fill in a fault, cut to its room and made printable; NULL: nothing is to be said. */
void
sg_api_fault_set(
    struct sg_json_fault *fault, struct sg_slice member, const char *expected, const char *found);
