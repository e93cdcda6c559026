/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "api/contract.h"
#include "api/serve.h"
#include "roles/services.h"
#include "service/service.h"

/* Of every role that has routes: who lacks a right does not get to the handler, and only he does
 * not. */

static unsigned called;

static enum sg_code
count_call(struct sg_api_call *call, struct sg_err *err)
{
	assert_non_null(call->who);
	called++;
	return sg_fail(err, SG_E_BUSY, "api.handler", "asked, and that is all");
}

static enum sg_code
begin(void *arg, int status, const char *content_type, const char *fields, bool has_length,
    uint64_t length, struct sg_err *err)
{
	assert_true(content_type != NULL && fields != NULL && has_length && length > 0);
	assert_null(err);
	*(int *)arg = status;
	return SG_OK;
}

static struct sg_buf said;

static enum sg_code
put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	assert_true(*(int *)arg != 0 && err == NULL);
	sg_buf_put_slice(&said, piece);
	return SG_OK;
}

static enum sg_code
end(void *arg, struct sg_err *err)
{
	assert_true(*(int *)arg != 0 && err == NULL);
	return SG_OK;
}

/* The status of a question to this route by who has these rights; parameters as they stand. */
static int
ask(const struct sg_api *api, const struct sg_api_route *route, unsigned rights)
{
	const struct sg_api_principal who = {
	    .who = "uid 4711", .proof = SG_API_PROOF_PEERCRED, .rights = rights};
	const struct sg_api_ask question = {
	    .method = route->method, .path = sg_slice_str(route->path)};
	int status = 0;
	const struct sg_api_sink sink = {.arg = &status, .begin = begin, .put = put, .end = end};

	sg_buf_reset(&said);
	assert_int_equal(sg_api_serve(api, &question, &who, NULL, &sink, NULL), SG_OK);
	return status;
}

static void
check_route(const struct sg_api *api, size_t n)
{
	const struct sg_api_route *route = &api->routes->route[n];
	sg_api_handler *handlers[64] = {NULL};
	const struct sg_api counted = {api->routes, handlers};
	const unsigned rights[] = {
	    0, SG_API_RIGHTS_ALL & ~(unsigned)route->right, ~(unsigned)route->right};

	if (api->handler[n] == NULL)
		fail_msg("%s has no handler", route->id);
	handlers[n] = count_call;
	for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
		/* As the role has it, whose state is missing: whoever called its handler would die.
		 */
		assert_int_equal(ask(api, route, rights[i]), 403);
		assert_non_null(strstr(sg_buf_text(&said), "\"rule\":\"api.right\""));
		assert_int_equal(ask(&counted, route, rights[i]), 403);
	}
	assert_int_equal(called, 0);
	assert_int_not_equal(ask(&counted, route, route->right), 403);
	called = 0;
}

static void
routes__without_the_right__refused_before_the_handler(void **state)
{
	(void)state;
	size_t routes = 0;

	for (size_t i = 0; roles_services[i] != NULL; i++) {
		const struct sg_api *api = roles_services[i]->api;
		for (size_t n = 0; api != NULL && n < api->routes->n; n++, routes++)
			check_route(api, n);
	}
	for (size_t i = 0; sg_api_contract[i] != NULL; i++)
		routes -= sg_api_contract[i]->n;
	assert_int_equal(routes, 0); /* what is documented is what is served */
	sg_buf_clear(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routes__without_the_right__refused_before_the_handler),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
