/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/openapi_schema_private.h - indented JSON written piece by piece, and a schema in the words of
 * JSON Schema
 */

#include <stdint.h>

#include "api/route.h"
#include "base/buf.h"

struct sg_api_out {
	struct sg_buf *b;
	unsigned depth;
	bool follows; /* something stands before it in this object or array */
};

/* key is NULL in an array, and of the whole. */
void
sg_api_out_open(struct sg_api_out *o, const char *key, char bracket);
void
sg_api_out_close(struct sg_api_out *o, char bracket);
void
sg_api_out_text(struct sg_api_out *o, const char *key, const char *text);
void
sg_api_out_bool(struct sg_api_out *o, const char *key, bool yes);
/* {"$ref": "#/components/schemas/NAME"}, its brackets too. */
void
sg_api_out_ref(struct sg_api_out *o, const char *key, const struct sg_json_schema *schema);

/* The name of a component: the tag without its prefix. */
const char *
sg_api_component(const struct sg_json_schema *schema);
/* "schema" or what else key says: of one member. described: with its sentence. */
void
sg_api_out_member(
    struct sg_api_out *o, const char *key, const struct sg_json_member *member, bool described);
/* An object of these members. closed: it has no others. */
void
sg_api_out_object(
    struct sg_api_out *o, const char *key, const struct sg_json_schema *schema, bool closed);
