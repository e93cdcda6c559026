/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/api/toy.h"

#include <jansson.h>

#include "api/contract.h"
#include "api/openapi.h"
#include "api/openapi_schema_private.h"
#include "api/problem.h"

/* What tests/e2e/test_api.py asks of the same text: that it is OpenAPI. */
static void
put__the_contract__one_object_of_json_with_all_routes(void **state)
{
	(void)state;
	sg_buf_scoped b = {.max = 8u << 20}, again = {.max = 8u << 20};
	json_error_t e;
	size_t routes = 0;

	sg_api_openapi_put(&b);
	sg_api_openapi_put(&again);
	assert_int_equal(sg_buf_check(&b, NULL), SG_OK);
	assert_true(sg_slice_eq(sg_buf_slice(&b), sg_buf_slice(&again)));
	json_t *all = json_loadb((const char *)b.p, b.len, JSON_REJECT_DUPLICATES, &e);
	if (all == NULL)
		fail_msg("%s at line %d", e.text, e.line);
	json_t *paths = json_object_get(all, "paths");
	for (const struct sg_api_routes *const *r = sg_api_contract; *r != NULL; r++) {
		for (size_t n = 0; n < (*r)->n; n++, routes++) {
			const char *id = (*r)->route[n].id, *have = "";
			const char *method;
			json_t *op;
			json_object_foreach(json_object_get(paths, (*r)->route[n].path), method,
			    op) if (strcmp(id,
					json_is_object(op)
					    ? json_string_value(json_object_get(op, "operationId"))
					    : "") == 0) have = id;
			assert_string_equal(have, id);
		}
	}
	assert_true(routes > 0);
	json_decref(all);
}

static void
expect_member(const struct sg_json_schema *schema, size_t n, const char *want)
{
	sg_buf_scoped b = {0};
	struct sg_api_out o = {.b = &b};
	struct sg_buf flat = {0};

	sg_api_out_member(&o, NULL, &schema->member[n], false);
	for (size_t i = 0; i < b.len; i++)
		if (b.p[i] != '\n' && b.p[i] != ' ')
			sg_buf_put_u8(&flat, b.p[i]);
	assert_string_equal(sg_buf_text(&flat), want);
	sg_buf_clear(&flat);
}

#define KIND_ROWS(R, T)                                                                            \
	R(T, text, required, text, (0, 8), "a text")                                               \
	R(T, text, nullable, some, (5, 8), "five to eight bytes: two characters may be enough")    \
	R(T, int, required, number, (-1, 5), "a number")                                           \
	R(T, int, optional, large, (0, INT64_MAX), "above 2^53")                                   \
	R(T, int, optional, wide, (INT64_MIN, INT64_MAX), "any")                                   \
	R(T, bool, required, yes, (), "a bool")                                                    \
	R(T, time, optional, at, (), "a time")                                                     \
	R(T, hex, required, bytes, (1, 4), "bytes")                                                \
	R(T, enum, nullable, colour, (toy_colours), "a word")                                      \
	R(T, object, required, thing, (toy_thing), "an object")                                    \
	R(T, object, nullable, other, (toy_thing), "one or none")                                  \
	R(T, list, required, things, (toy_thing, 1, 3), "objects")                                 \
	R(T, texts, optional, texts, (0, 3), "texts")
SG_JSON_DECLARE(kind, KIND_ROWS);
SG_JSON_DEFINE(kind, KIND_ROWS, "every kind");

static void
member__every_kind__in_the_words_of_json_schema(void **state)
{
	(void)state;
	static const char *const want[] = {"{\"type\":\"string\",\"maxLength\":8}",
	    "{\"type\":[\"string\",\"null\"],\"minLength\":2,\"maxLength\":8}",
	    "{\"type\":\"integer\",\"minimum\":-1,\"maximum\":5}",
	    "{\"type\":\"string\",\"pattern\":\"^(0|[1-9][0-9]*)$\"}",
	    "{\"type\":\"string\",\"pattern\":\"^-?(0|[1-9][0-9]*)$\"}", "{\"type\":\"boolean\"}",
	    "{\"type\":\"string\",\"format\":\"date-time\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{"
	    "2}T["
	    "0-9]{2}:[0-9]{2}:[0-9]{2}(\\\\.[0-9]{1,6})?Z$\"}",
	    "{\"type\":\"string\",\"pattern\":\"^([0-9a-f]{2})*$\",\"minLength\":2,\"maxLength\":"
	    "8}",
	    "{\"type\":[\"string\",\"null\"],\"enum\":[\"red\",\"green\",null]}",
	    "{\"$ref\":\"#/components/schemas/toy_thing\"}",
	    "{\"anyOf\":[{\"$ref\":\"#/components/schemas/toy_thing\"},{\"type\":\"null\"}]}",
	    "{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,\"items\":{\"$ref\":\"#/components/"
	    "schemas/toy_thing\"}}",
	    "{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"string\"}}"};

	assert_int_equal(kind_schema.n, sizeof want / sizeof want[0]);
	for (size_t n = 0; n < kind_schema.n; n++)
		expect_member(&kind_schema, n, want[n]);
}

static void
object__closed_or_open__required_said(void **state)
{
	(void)state;
	sg_buf_scoped b = {0}, open = {0};
	struct sg_api_out o = {.b = &b}, p = {.b = &open};

	sg_api_out_object(&o, NULL, &toy_touch_schema, true);
	assert_string_equal(sg_buf_text(&b), "{\n"
					     "  \"type\": \"object\",\n"
					     "  \"description\": \"how it is touched\",\n"
					     "  \"properties\": {\n"
					     "    \"note\": {\n"
					     "      \"type\": \"string\",\n"
					     "      \"maxLength\": 8,\n"
					     "      \"description\": \"why\"\n"
					     "    }\n"
					     "  },\n"
					     "  \"additionalProperties\": false\n"
					     "}");
	sg_api_out_object(&p, NULL, &toy_thing_schema, false);
	assert_null(strstr(sg_buf_text(&open), "additionalProperties"));
	assert_non_null(strstr(sg_buf_text(&open), "\"required\": [\n"
						   "    \"key\",\n"
						   "    \"colour\",\n"
						   "    \"name\"\n"
						   "  ]\n"));
	assert_non_null(strstr(sg_buf_text(&open), "its colour: `red` as blood\""));
	assert_string_equal(sg_api_component(&sg_api_problem_schema), "problem");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put__the_contract__one_object_of_json_with_all_routes),
	    cmocka_unit_test(member__every_kind__in_the_words_of_json_schema),
	    cmocka_unit_test(object__closed_or_open__required_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
