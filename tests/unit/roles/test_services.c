/* SPDX-License-Identifier: Apache-2.0 */

/* test_services.c - what the table of all roles must be as a whole */

#include "unit/base/base_test.h"

#include "conf/schema.h"
#include "explain/steps.h"
#include "roles/services.h"

static size_t
count(void)
{
	size_t n = 0;
	while (roles_services[n] != NULL)
		n++;
	return n;
}

/* Users and processes' names come from it: nothing may change place. */
static void
services__order__as_released(void **state)
{
	(void)state;
	static const char *const names[] = {"front", "registrar", "keyd", "ca"};
	assert_int_equal(count(), sizeof names / sizeof names[0]);
	for (size_t n = 0; n < count(); n++)
		assert_string_equal(roles_services[n]->name, names[n]);
	assert_true(count() <= SG_SERVICES_MAX);
}

static void
services__names__found_and_their_own(void **state)
{
	(void)state;
	for (size_t n = 0; n < count(); n++)
		assert_ptr_equal(
		    sg_service_find(roles_services, roles_services[n]->name), roles_services[n]);
	assert_null(sg_service_find(roles_services, "nobody"));
	assert_null(sg_service_find(roles_services, ""));
}

/* Each is asked on by one role and answered by one other, which has a handler. */
static void
services__edges__two_ends(void **state)
{
	(void)state;
	for (size_t n = 0; n < count(); n++) {
		assert_true(roles_services[n]->edge_n <= SG_SERVICE_EDGES_MAX);
		for (size_t i = 0; i < roles_services[n]->edge_n; i++) {
			const struct sg_service_edge *e = &roles_services[n]->edge[i];
			size_t others = 0;
			assert_true((e->side == SG_EDGE_SERVER) == (e->handler != NULL));
			for (size_t m = 0; m < count(); m++)
				for (size_t k = 0; m != n && k < roles_services[m]->edge_n; k++) {
					const struct sg_service_edge *o =
					    &roles_services[m]->edge[k];
					others += o->edge == e->edge && o->side != e->side;
					assert_false(o->edge == e->edge && o->side == e->side);
				}
			assert_int_equal(others, 1);
		}
	}
}

static const struct sg_conf_row *
section_of(const struct sg_service *service)
{
	const struct sg_conf_row *row = sg_conf_rows;
	while (row->path != NULL && strcmp(row->path, service->section) != 0)
		row++;
	return row;
}

/* Which section makes a role run; one that asks on an edge needs the section of who answers. */
static void
services__sections__needed_by_those_who_ask(void **state)
{
	(void)state;
	for (size_t n = 0; n < count(); n++) {
		const struct sg_conf_row *row = section_of(roles_services[n]);
		assert_int_equal(row->type, SG_CONF_T_SECTION);
		assert_false(row->required);
		struct sg_conf_file needed = {.to = row->needed_by};
		for (size_t i = 0; i < roles_services[n]->edge_n; i++)
			for (size_t m = 0; m < count(); m++)
				for (size_t k = 0; k < roles_services[m]->edge_n; k++) {
					const struct sg_service_edge *e =
					    &roles_services[m]->edge[k];
					if (e->edge != roles_services[n]->edge[i].edge ||
					    e->side != SG_EDGE_CLIENT || m == n)
						continue;
					assert_true(sg_conf_file_is_for(
					    &needed, roles_services[m]->section));
				}
	}
}

/* A directory belongs to one role; limits are said. */
static void
services__sandboxes__apart(void **state)
{
	(void)state;
	for (size_t n = 0; n < count(); n++) {
		assert_true(roles_services[n]->descriptors > 0 && roles_services[n]->data_mib > 0);
		for (size_t i = 0; i < SG_SERVICE_PATHS_MAX; i++) {
			const struct sg_service_path *p = &roles_services[n]->path[i];
			if (p->kind != SG_SERVICE_PATH_OWN && p->kind != SG_SERVICE_PATH_MADE)
				continue;
			for (size_t m = 0; m < count(); m++)
				for (size_t k = 0; m != n && k < SG_SERVICE_PATHS_MAX; k++)
					assert_true(
					    roles_services[m]->path[k].path == NULL ||
					    strcmp(roles_services[m]->path[k].path, p->path) != 0);
		}
	}
}

/* The schema and the traces know roles by their names. */
static void
services__names__those_of_schema_and_steps(void **state)
{
	(void)state;
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++) {
		struct sg_conf_file f = {.to = row->to};
		size_t found = 0, words = row->to == NULL ? 0 : 1;
		for (const char *s = row->to; s != NULL && *s != '\0'; s++)
			words += *s == ' ';
		for (size_t n = 0; n < count(); n++)
			found += sg_conf_file_is_for(&f, roles_services[n]->name);
		if (found != words)
			fail_msg("%s: not every word of '%s' is a role", row->path, row->to);
	}
	for (size_t n = 0; n < count(); n++) {
		size_t found = 0;
		for (char c = 'a'; c <= 'z'; c++)
			found += strcmp(sg_step_role_name((enum sg_step_role)c),
				     roles_services[n]->name) == 0;
		assert_int_equal(found, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(services__order__as_released),
	    cmocka_unit_test(services__names__found_and_their_own),
	    cmocka_unit_test(services__edges__two_ends),
	    cmocka_unit_test(services__sections__needed_by_those_who_ask),
	    cmocka_unit_test(services__sandboxes__apart),
	    cmocka_unit_test(services__names__those_of_schema_and_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
