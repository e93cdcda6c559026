/* SPDX-License-Identifier: Apache-2.0 */

/*
 * openapi.c - the contract as OpenAPI 3.1: paths and components, from the rows that are served
 */

#include "api/openapi.h"

#include <string.h>

#include "api/contract.h"
#include "api/openapi_schema_private.h"
#include "api/ask_private.h"
#include "api/params_private.h"
#include "api/problem.h"
#include "base/ascii.h"

#define COMPONENTS_MAX 128u

static const char about[] =
    "Signet's roles answer at Unix sockets below the installation's data directory (`data` in "
    "signet.yaml; here DATA); each path says in x-signet-socket at which. Only root and the user "
    "that started Signet may ask.\n\n"
    "    curl --unix-socket DATA/run/ca.sock http://signet/v1/ca/status\n\n"
    "A body is JSON and is sent as Content-Type: application/json.\n\n"
    "    curl --unix-socket DATA/run/ca.sock -H 'Content-Type: application/json' \\\n"
    "        -d '{\"reason\": \"superseded\"}' "
    "http://signet/v1/ca/certificates/SERIAL/revoke\n\n"
    "Questions are read strictly: a member or parameter that is not known, of a wrong type, out "
    "of bounds, absent, or there twice is refused. Every refusal is a problem (RFC 9457), and "
    "`signet explain RULE` says more about its rule. HEAD is answered as GET without the body, "
    "OPTIONS with the methods of a path.\n\n"
    "A list is read page by page: where next is not null, ask again with after and that key. A "
    "list with the parameter follow gives items as JSON lines instead, from old to new, and goes "
    "on with each that comes; an empty line says that the connection lives; a line "
    "{\"problem\": ...} ends it.\n\n"
    "    curl --no-buffer --unix-socket DATA/run/registrar.sock \\\n"
    "        'http://signet/v1/registrar/events?follow=true&limit=10'\n\n"
    "What is in /v1 stays: answers may get further members, enumerations further words, and "
    "routes further optional parameters and members; nothing is removed or changes its meaning. "
    "Who reads answers skips what he does not know. Times are UTC (RFC 3339), bytes are lower-case "
    "hexadecimal, and no number is above 2^53-1: "
    "what may be larger is a string of digits.";

/* Which schemas the components are. */
struct components {
	size_t n;
	struct {
		const struct sg_json_schema *schema;
		bool asked; /* in a question: it has no further members */
	} of[COMPONENTS_MAX];
};

static void
collect(struct components *c, const struct sg_json_schema *schema, bool asked)
{
	for (size_t n = 0; n < c->n; n++)
		if (c->of[n].schema == schema)
			return;
	if (schema->n == 0 || c->n == COMPONENTS_MAX)
		return;
	c->of[c->n].schema = schema;
	c->of[c->n++].asked = asked;
	for (size_t n = 0; n < schema->n; n++)
		if (schema->member[n].of != NULL)
			collect(c, schema->member[n].of(), asked);
}

static void
collect_all(struct components *c)
{
	for (const struct sg_api_routes *const *r = sg_api_contract; *r != NULL; r++) {
		for (size_t n = 0; n < (*r)->n; n++) {
			collect(c, (*r)->route[n].body, true);
			collect(c, (*r)->route[n].answer, false);
		}
	}
	for (const struct sg_api_output *out = sg_api_outputs; out->command != NULL; out++)
		collect(c, out->schema, false);
	collect(c, &sg_api_problem_schema, false);
}

/* --- an operation -------------------------------------------------------------------------- */

static bool
is_in_path(const struct sg_api_route *route, const struct sg_json_member *member)
{
	sg_buf_scoped text = {0};

	sg_buf_printf(&text, "{%s}", member->name);
	return strstr(route->path, sg_buf_text(&text)) != NULL;
}

static void
put_params(
    struct sg_api_out *o, const struct sg_api_route *route, const struct sg_json_schema *schema)
{
	for (size_t n = 0; n < schema->n; n++) {
		const struct sg_json_member *m = &schema->member[n];
		bool in_path = is_in_path(route, m);
		sg_api_out_open(o, NULL, '{');
		sg_api_out_text(o, "name", m->name);
		sg_api_out_text(o, "in", in_path ? "path" : "query");
		sg_api_out_bool(o, "required", in_path || m->presence == SG_JSON_REQUIRED);
		sg_api_out_text(o, "description", m->text);
		sg_api_out_member(o, "schema", m, m->words != NULL);
		sg_api_out_close(o, '}');
	}
}

static void
put_body(struct sg_api_out *o, const struct sg_json_schema *body)
{
	bool required = false;

	for (size_t n = 0; n < body->n; n++)
		required = required || body->member[n].presence != SG_JSON_OPTIONAL;
	sg_api_out_open(o, "requestBody", '{');
	sg_api_out_bool(o, "required", required);
	sg_api_out_open(o, "content", '{');
	sg_api_out_open(o, "application/json", '{');
	sg_api_out_ref(o, "schema", body);
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
}

static void
put_page(struct sg_api_out *o, const struct sg_api_route *route)
{
	struct sg_json_member member[SG_API_PAGE_MEMBERS];
	const struct sg_json_schema page = sg_api_page_schema(route, member);

	sg_api_out_open(o, "application/json", '{');
	sg_api_out_object(o, "schema", &page, false);
	sg_api_out_close(o, '}');
}

/* Of one line: OpenAPI 3.1 has no word for a sequence of them. */
static void
put_line(struct sg_api_out *o, const struct sg_api_route *route)
{
	sg_api_out_open(o, "application/jsonl", '{');
	sg_api_out_open(o, "schema", '{');
	sg_api_out_text(o, "description", "one line; only the last may be a problem");
	sg_api_out_open(o, "anyOf", '[');
	sg_api_out_ref(o, NULL, route->answer);
	sg_api_out_open(o, NULL, '{');
	sg_api_out_text(o, "type", "object");
	sg_api_out_open(o, "properties", '{');
	sg_api_out_ref(o, "problem", &sg_api_problem_schema);
	sg_api_out_close(o, '}');
	sg_api_out_open(o, "required", '[');
	sg_api_out_text(o, NULL, "problem");
	sg_api_out_close(o, ']');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, ']');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
}

static void
put_answer(struct sg_api_out *o, const struct sg_api_route *route)
{
	sg_api_out_open(o, "200", '{');
	sg_api_out_text(o, "description",
	    route->answer->n > 0	   ? route->answer->text
	    : route->shape == SG_API_BYTES ? "a file"
					   : "done");
	sg_api_out_open(o, "content", '{');
	switch (route->shape) {
	case SG_API_ONE:
		sg_api_out_open(o, "application/json", '{');
		if (route->answer->n > 0)
			sg_api_out_ref(o, "schema", route->answer);
		else
			sg_api_out_object(o, "schema", route->answer, false);
		sg_api_out_close(o, '}');
		break;
	case SG_API_FOLLOWED:
		put_page(o, route);
		put_line(o, route);
		break;
	case SG_API_LIST:
		put_page(o, route);
		break;
	case SG_API_BYTES:
		sg_api_out_open(o, "application/octet-stream", '{');
		sg_api_out_close(o, '}');
		break;
	}
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
}

static void
put_operation(struct sg_api_out *o, const char *role, const struct sg_api_route *route)
{
	bool list = route->shape == SG_API_LIST || route->shape == SG_API_FOLLOWED;
	const char *name = sg_http_method_name(route->method);
	char method[16] = {0};

	for (size_t n = 0; n + 1 < sizeof method && name[n] != '\0'; n++)
		method[n] = (char)sg_ascii_lower((uint8_t)name[n]);
	sg_api_out_open(o, method, '{');
	sg_api_out_text(o, "operationId", route->id);
	sg_api_out_open(o, "tags", '[');
	sg_api_out_text(o, NULL, role);
	sg_api_out_close(o, ']');
	sg_api_out_text(o, "description", route->text);
	sg_api_out_text(
	    o, "x-signet-right", sg_json_word_of(sg_api_right_words, (int)route->right));
	if (route->params->n > 0 || list) {
		sg_api_out_open(o, "parameters", '[');
		put_params(o, route, route->params);
		if (list)
			put_params(o, route, &sg_api_paging_schema);
		if (route->shape == SG_API_FOLLOWED)
			put_params(o, route, &sg_api_following_schema);
		sg_api_out_close(o, ']');
	}
	if (route->body->n > 0)
		put_body(o, route->body);
	sg_api_out_open(o, "responses", '{');
	put_answer(o, route);
	sg_api_out_open(o, "default", '{');
	sg_api_out_text(o, "$ref", "#/components/responses/problem");
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
}

/* Each path once, with all that may be asked there. */
static void
put_paths(struct sg_api_out *o, const struct sg_api_routes *routes)
{
	sg_buf_scoped socket = {0};

	sg_buf_printf(&socket, "run/%s.sock", routes->role);
	for (size_t n = 0; n < routes->n; n++) {
		const char *path = routes->route[n].path;
		size_t first = 0;
		while (strcmp(routes->route[first].path, path) != 0)
			first++;
		if (first < n)
			continue;
		sg_api_out_open(o, path, '{');
		sg_api_out_text(o, "x-signet-socket", sg_buf_text(&socket));
		for (size_t i = n; i < routes->n; i++)
			if (strcmp(routes->route[i].path, path) == 0)
				put_operation(o, routes->role, &routes->route[i]);
		sg_api_out_close(o, '}');
	}
}

/* --- the rest ------------------------------------------------------------------------------ */

/* By command: a schema, or one of several. */
static void
put_outputs(struct sg_api_out *o)
{
	const struct sg_api_output *out = sg_api_outputs, *next;

	for (; out->command != NULL; out = next) {
		for (next = out; next->command != NULL; next++)
			if (strcmp(next->command, out->command) != 0)
				break;
		if (next == out + 1) {
			sg_api_out_ref(o, out->command, out->schema);
			continue;
		}
		sg_api_out_open(o, out->command, '{');
		sg_api_out_open(o, "oneOf", '[');
		for (; out < next; out++)
			sg_api_out_ref(o, NULL, out->schema);
		sg_api_out_close(o, ']');
		sg_api_out_close(o, '}');
	}
}

static void
put_head(struct sg_api_out *o)
{
	sg_api_out_text(o, "openapi", "3.1.0");
	sg_api_out_open(o, "info", '{');
	sg_api_out_text(o, "title", "Signet");
	sg_api_out_text(o, "version", "v1");
	sg_api_out_text(o, "description", about);
	sg_api_out_open(o, "license", '{');
	sg_api_out_text(o, "name", "Apache-2.0");
	sg_api_out_text(o, "identifier", "Apache-2.0");
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
	sg_api_out_open(o, "servers", '[');
	sg_api_out_open(o, NULL, '{');
	sg_api_out_text(o, "url", "http://signet");
	sg_api_out_text(o, "description",
	    "by a Unix socket: curl --unix-socket, with the path's x-signet-socket below the data "
	    "directory");
	sg_api_out_close(o, '}');
	sg_api_out_close(o, ']');
	sg_api_out_open(o, "x-signet-rights", '{');
	for (const struct sg_json_word *w = sg_api_right_words; w->name != NULL; w++)
		sg_api_out_text(o, w->name, w->text);
	sg_api_out_close(o, '}');
	sg_api_out_open(o, "x-signet-commands", '{');
	put_outputs(o);
	sg_api_out_close(o, '}');
}

static void
put_components(struct sg_api_out *o)
{
	struct components c = {0};

	collect_all(&c);
	sg_api_out_open(o, "components", '{');
	sg_api_out_open(o, "schemas", '{');
	for (size_t n = 0; n < c.n; n++)
		sg_api_out_object(
		    o, sg_api_component(c.of[n].schema), c.of[n].schema, c.of[n].asked);
	sg_api_out_close(o, '}');
	sg_api_out_open(o, "responses", '{');
	sg_api_out_open(o, "problem", '{');
	sg_api_out_text(o, "description", sg_api_problem_schema.text);
	sg_api_out_open(o, "content", '{');
	sg_api_out_open(o, "application/problem+json", '{');
	sg_api_out_ref(o, "schema", &sg_api_problem_schema);
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
	sg_api_out_close(o, '}');
}

void
sg_api_openapi_put(struct sg_buf *b)
{
	struct sg_api_out o = {.b = b};

	sg_api_out_open(&o, NULL, '{');
	put_head(&o);
	sg_api_out_open(&o, "paths", '{');
	for (const struct sg_api_routes *const *r = sg_api_contract; *r != NULL; r++)
		put_paths(&o, *r);
	sg_api_out_close(&o, '}');
	put_components(&o);
	sg_api_out_close(&o, '}');
	sg_buf_puts(b, "\n");
}
