/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/api/toy.h"

#include "api/contract.h"
#include "api/params_private.h"
#include "api/problem.h"

static bool
is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n > 0 && s[n] == '\0' && s[0] != '_' && s[n - 1] != '_';
}

static void
check_members(const struct sg_json_schema *schema, unsigned depth)
{
	assert_true(schema->n <= 64 && depth < 6);
	assert_true(is_name(schema->tag) && strlen(schema->text) > 3);
	for (size_t n = 0; n < schema->n; n++) {
		const struct sg_json_member *m = &schema->member[n];
		if (!is_name(m->name) || m->text == NULL || strlen(m->text) < 3)
			fail_msg("%s.%s", schema->tag, m->name);
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(schema->member[i].name, m->name);
		for (const struct sg_json_word *w = m->words; w != NULL && w->name != NULL; w++)
			for (const struct sg_json_word *v = m->words; v < w; v++)
				if (strcmp(v->name, w->name) == 0 || v->value == w->value)
					fail_msg("%s.%s: %s twice", schema->tag, m->name, w->name);
		if (m->of != NULL)
			check_members(m->of(), depth + 1);
	}
}

/* Parameters are words of a URL: no objects, and none that is null. */
static void
check_params(const struct sg_api_route *route)
{
	unsigned in_path = 0, braces = 0;

	for (const char *p = route->path; *p != '\0'; p++)
		braces += *p == '{';
	for (size_t n = 0; n < route->params->n; n++) {
		const struct sg_json_member *m = &route->params->member[n];
		char segment[64];
		if (m->kind == SG_JSON_OBJECT || m->kind == SG_JSON_LIST ||
		    m->kind == SG_JSON_TEXTS || m->presence == SG_JSON_NULLABLE)
			fail_msg("%s: parameter %s", route->id, m->name);
		snprintf(segment, sizeof segment, "/{%s}", m->name);
		const char *at = strstr(route->path, segment);
		if (at == NULL)
			continue;
		in_path++;
		assert_int_equal(m->presence, SG_JSON_REQUIRED);
		assert_true(at[strlen(segment)] == '/' || at[strlen(segment)] == '\0');
	}
	if (in_path != braces)
		fail_msg("%s: a parameter of %s has no row", route->id, route->path);
	bool list = route->shape == SG_API_LIST || route->shape == SG_API_FOLLOWED;
	for (size_t n = 0; list && n < sg_api_paging_schema.n; n++)
		for (size_t i = 0; i < route->params->n; i++)
			assert_string_not_equal(
			    route->params->member[i].name, sg_api_paging_schema.member[n].name);
}

static void
check_route(const char *role, const struct sg_api_route *route)
{
	char prefix[64];

	snprintf(prefix, sizeof prefix, "/v1/%s/", role);
	if (strncmp(route->path, prefix, strlen(prefix)) != 0)
		fail_msg("%s: %s is not below %s", route->id, route->path, prefix);
	assert_true(route->method == SG_HTTP_GET || route->method == SG_HTTP_POST);
	assert_true(route->method == SG_HTTP_POST || route->body->n == 0);
	assert_true(route->method == SG_HTTP_GET || route->shape == SG_API_ONE);
	assert_non_null(sg_json_word_of(sg_api_right_words, (int)route->right));
	assert_true(strlen(route->text) > 3 && route->text[strlen(route->text) - 1] == '.');
	assert_ptr_equal(route->answer_of(), route->answer);
	check_params(route);
	check_members(route->params, 0);
	check_members(route->body, 0);
	check_members(route->answer, 0);
}

/* The path with each parameter as another word: what a template may be taken for. */
static bool
may_meet(const char *a, const char *b)
{
	char plain[256];
	size_t n = 0;

	for (const char *p = a; *p != '\0' && n + 1 < sizeof plain; p++)
		if (*p != '{' && *p != '}')
			plain[n++] = *p;
	plain[n] = '\0';
	return sg_api_path_fits(b, sg_slice_str(plain));
}

static void
contract__every_row__whole(void **state)
{
	(void)state;
	for (const struct sg_api_routes *const *r = sg_api_contract; *r != NULL; r++) {
		for (size_t n = 0; n < (*r)->n; n++) {
			const struct sg_api_route *route = &(*r)->route[n];
			check_route((*r)->role, route);
			for (size_t i = 0; i < n; i++) {
				const struct sg_api_route *other = &(*r)->route[i];
				bool same = strcmp(route->path, other->path) == 0;
				assert_string_not_equal(route->id, other->id);
				if (same ? route->method == other->method
					 : may_meet(route->path, other->path) ||
					       may_meet(other->path, route->path))
					fail_msg("%s and %s", route->id, other->id);
			}
		}
	}
	check_members(&sg_api_problem_schema, 0);
	for (const struct sg_api_output *out = sg_api_outputs; out->command != NULL; out++)
		check_members(out->schema, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(contract__every_row__whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
