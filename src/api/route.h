/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/route.h - what a route is: one row of the contract, from which its check, its documentation
 * and the command line's question are made
 *
 *	#define SG_API_CA_ROUTES(R)
 *		R(ca, certificates, GET, "/v1/ca/certificates", LIST, READ,
 *		    sg_api_certificate_filter, sg_api_none, sg_api_certificate, "newest first")
 *
 * A row has an enumerator, SG_API_ca_certificates, and the place of that number in the table
 * sg_api_ca_routes; the role's handlers stand in an array by these numbers. The rows of a role are
 * in api/ROLE.h, its structs in api/ROLE.h too; contract.h has all roles.
 *
 * Path: segments; "{name}" is the parameter of that name in the rows of params. What else is in
 *       those rows comes in the query. Everything below /v1/ROLE/ is answered at run/ROLE.sock.
 * Threads: constant data.
 */

#include "http/parse.h"
#include "json/schema.h"

/* What a principal may do; the words are in the documentation (sg_api_right_words). */
enum sg_api_right {
	SG_API_READ = 1u << 0,	      /* look at everything but secrets */
	SG_API_CHALLENGE = 1u << 1,   /* make challenges: who has one gets a certificate */
	SG_API_CERTIFICATE = 1u << 2, /* revoke, release, import, publish lists */
	SG_API_BACKUP = 1u << 3,      /* read a whole database */
};
#define SG_API_RIGHTS_ALL (SG_API_READ | SG_API_CHALLENGE | SG_API_CERTIFICATE | SG_API_BACKUP)
extern const struct sg_json_word sg_api_right_words[];

/* What the answer of a success is. */
enum sg_api_shape {
	SG_API_ONE,  /* an object */
	SG_API_LIST, /* {"items": [...], "next": KEY or null}, paged by key (sg_api_page_schema) */
	SG_API_FOLLOWED, /* the same; and with "follow" JSON lines without end */
	SG_API_BYTES,	 /* a file, application/octet-stream */
};

struct sg_api_route {
	const char *id; /* "ca.certificates": operationId */
	enum sg_http_method method;
	const char *path;
	enum sg_api_shape shape;
	enum sg_api_right right;
	/* answer is a list's item; sg_api_none_schema, without members, where there is nothing. A
	 * body whose members are all optional may be left out. */
	const struct sg_json_schema *params, *body, *answer;
	const struct sg_json_schema *(*answer_of)(void); /* the same, for a schema of lists */
	const char *text; /* what it does, the sentence of the reference */
};

struct sg_api_routes {
	const char *role; /* "ca" */
	size_t n;
	const struct sg_api_route *route;
};

extern const struct sg_json_schema sg_api_none_schema; /* of an empty object */
const struct sg_json_schema *
sg_api_none_of(void);

#define SG_API_NUMBER(role, name, method, path, shape, right, params, body, answer, text)          \
	SG_API_##role##_##name,
#define SG_API_ROW(role_, name, method_, path_, shape_, right_, params_, body_, answer_, text_)    \
	{.id = #role_ "." #name,                                                                   \
	    .method = SG_HTTP_##method_,                                                           \
	    .path = path_,                                                                         \
	    .shape = SG_API_##shape_,                                                              \
	    .right = SG_API_##right_,                                                              \
	    .params = &params_##_schema,                                                           \
	    .body = &body_##_schema,                                                               \
	    .answer = &answer_##_schema,                                                           \
	    .answer_of = answer_##_of,                                                             \
	    .text = text_},
/* The numbers SG_API_ROLE_NAME and, as the last, SG_API_ROLE_n. */
#define SG_API_ROUTES_DECLARE(role, ROWS)                                                          \
	enum { ROWS(SG_API_NUMBER) SG_API_##role##_n };                                            \
	extern const struct sg_api_routes sg_api_##role##_routes
#define SG_API_ROUTES_DEFINE(role_, ROWS)                                                          \
	static const struct sg_api_route role_##_route[] = {ROWS(SG_API_ROW)};                     \
	const struct sg_api_routes sg_api_##role_##_routes = {                                     \
	    #role_, SG_API_##role_##_n, role_##_route}
