/* SPDX-License-Identifier: Apache-2.0 */

/* test_show.c - a declaration as a line of text */

#include "unit/base/base_test.h"

#include "ipc/frame.h"
#include "service/show.h"

static const struct sg_edge up = {.name = "a-b"}, down = {.name = "b-c"};
static const struct sg_sandbox_call none[] = {{.name = NULL}};
static const struct sg_sandbox_calls calls = {"do a thing", none}, quiet = {NULL, none};
static const struct sg_api api;

static void
show__everything__six_fields(void **state)
{
	(void)state;
	const struct sg_service service = {
	    .name = "ca", /* of whom the schema says what it is handed */
	    .section = "b",
	    .edge_n = 2,
	    .edge = {{&up, SG_EDGE_SERVER, NULL}, {&down, SG_EDGE_CLIENT, NULL}},
	    .api = &api,
	    .calls = {&quiet, &calls},
	    .path = {{SG_SERVICE_PATH_READ, "/dev/null", 0}, {SG_SERVICE_PATH_OWN, "/db/b", 0700}},
	};
	sg_buf_scoped b = {0};
	sg_service_show(&service, &b);
	assert_text(&b, "ca\tb\tb-c\ta-b\t`ca.certificate`, `ca.key` (secret), "
			"`ca.earlier.*.certificate`, `ca.earlier.*.key` (secret), `run/ca.sock`\t"
			"files below `db/b`, files in the directory of `ca.crl`, do a thing, "
			"accept on its control socket");
}

static void
show__nothing__empty_fields(void **state)
{
	(void)state;
	const struct sg_service service = {.name = "nobody", .section = "none"};
	sg_buf_scoped b = {0};
	sg_service_show(&service, &b);
	assert_text(&b, "nobody\tnone\t\t\t\t");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(show__everything__six_fields),
	    cmocka_unit_test(show__nothing__empty_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
