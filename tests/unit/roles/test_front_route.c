/* SPDX-License-Identifier: Apache-2.0 */

/* Every way to write a URL that devices and people have, and what must not be taken for one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/url.h"
#include "roles/front/route.h"

static void
path__of_endpoints__their_names(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
	    {"/scep", "default"},
	    {"/scep/", "default"},
	    {"/scep//", "default"},
	    {"//scep", "default"},
	    {"///SCEP///", "default"},
	    {"/Scep/pkiclient.exe", "default"},
	    {"/scep//pkiclient.exe", "default"},
	    {"/scep/PKIClient.EXE//pkiclient.exe/", "default"},
	    {"/scep/pkiclient%2eexe", "default"},
	    {"/%73cep", "default"},
	    {"/sc%65%50/", "default"},
	    {"/scep/Default", "default"},
	    {"/scep/%64efault", "default"},
	    {"/scep/printers", "printers"},
	    {"/scep/printers/", "printers"},
	    {"/SCEP/Printers/pkiclient.exe", "printers"},
	    {"/scep//printers//pkiclient.exe//", "printers"},
	    {"/scep/mscep.dll", "mscep.dll"},
	    {"/scep/health", "health"},
	    {"/certsrv/mscep", "default"},
	    {"/certsrv/mscep/", "default"},
	    {"/CertSrv/mSCEP//", "default"},
	    {"/certsrv/mscep/mscep.dll", "default"},
	    {"/certsrv//mscep//mscep.dll//", "default"},
	    {"/certsrv/mscep/mscep.dll/pkiclient.exe", "default"},
	    {"/certsrv/mscep/mscep.dll/pkiclient.exe/pkiclient.exe/", "default"},
	    {"/certsrv/mscep/pkiclient.exe", "default"},
	    {"/certsrv/mscep/%6dscep.dll", "default"},
	    {"/cgi-bin/pkiclient.exe", "default"},
	    {"/CGI-BIN//PKIclient.exe/pkiclient.exe", "default"},
	    {"/cgi%2Dbin/pkiclient.exe", "default"},
	    /* Names that no endpoint has: the look-up finds none. */
	    {"/scep/..", ".."},
	    {"/scep/.", "."},
	    {"/scep/scep", "scep"},
	    {"/scep/a:b", "a:b"},
	    {"/scep/default;x=1", "default;x=1"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_slice name = {0};
		if (front_route_path(sg_slice_str(rows[i].path), &name) != FRONT_AT_ENDPOINT ||
		    !sg_http_escaped_is(name, rows[i].want))
			fail_msg("%s: %.*s", rows[i].path, (int)name.len, (const char *)name.p);
	}
}

static void
path__others__nowhere(void **state)
{
	static const char *const rows[] = {
	    "",
	    "/",
	    "//",
	    "*",
	    "/scepx",
	    "/x/scep",
	    "/scep%2f",
	    "/scep%2fdefault",
	    "/%2fscep",
	    "/scep:8081/pkiclient.exe",
	    "/scep;x=1",
	    "/scep?",
	    "/scep%3f",
	    "/scep%00",
	    "/scep%",
	    "/%2573cep",
	    "/./scep",
	    "/scep/../scep",
	    "/scep/./default",
	    "/x/../scep",
	    "/scep/default/..",
	    "/scep/default/x",
	    "/scep/default/mscep.dll",
	    "/scep/pkiclient.exe/default",
	    "/certsrv",
	    "/certsrv/",
	    "/certsrv/mscepx",
	    "/certsrv/mscep/x",
	    "/certsrv/mscep/default",
	    "/certsrv/mscep/mscep.dllx",
	    "/certsrv/mscep/mscep.dll/x",
	    "/certsrv/mscep/mscep.dll/mscep.dll",
	    "/certsrv/pkiclient.exe",
	    "/mscep/mscep.dll",
	    "/cgi-bin",
	    "/cgi-bin/",
	    "/cgi-bin/pkiclient.exe.bak",
	    "/cgi-bin/pkiclient.exe/x",
	    "/pkiclient.exe",
	    "/default",
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sg_slice name = {0};
		if (front_route_path(sg_slice_str(rows[i]), &name) != FRONT_NOWHERE)
			fail_msg("%s", rows[i]);
	}
}

static void
path__of_ndes_challenges__told_apart(void **state)
{
	static const char *const rows[] = {"/certsrv/mscep_admin", "/certsrv/mscep_admin/",
	    "/CertSrv//MSCEP_Admin//", "/certsrv/mscep%5fadmin/mscep.dll"};
	struct sg_slice name;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(front_route_path(sg_slice_str(rows[i]), &name), FRONT_AT_ADMIN);
}

static void
path__of_load_balancers__told_apart(void **state)
{
	static const char *const rows[] = {"/health", "/health/", "//Health", "/he%61lth"};
	static const char *const others[] = {
	    "/health/x", "/healthz", "/health%2f", "/x/health", "/certsrv/health"};
	struct sg_slice name;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(front_route_path(sg_slice_str(rows[i]), &name), FRONT_AT_HEALTH);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_equal(front_route_path(sg_slice_str(others[i]), &name), FRONT_NOWHERE);
}

static void
query__table__operation(void **state)
{
	static const struct {
		const char *query;
		enum front_operation want;
	} rows[] = {
	    {"", FRONT_OP_NONE},
	    {"&", FRONT_OP_NONE},
	    {"x=y", FRONT_OP_NONE},
	    {"operation", FRONT_OP_NONE},
	    {"operation=", FRONT_OP_NONE},
	    {"operation=+%20", FRONT_OP_NONE},
	    {"operatio=GetCACaps", FRONT_OP_NONE},
	    {"/pkiclient.exe", FRONT_OP_NONE},
	    {"operation=GetCACaps", FRONT_OP_CACAPS},
	    {"operation=GetCACert", FRONT_OP_CACERT},
	    {"operation=PKIOperation", FRONT_OP_PKI},
	    {"OPERATION=pkioperation", FRONT_OP_PKI},
	    {"operation=%47etCACaps", FRONT_OP_CACAPS},
	    {"%6Fperation=%67%65tcacert", FRONT_OP_CACERT},
	    {"?operation=GetCACaps", FRONT_OP_CACAPS},
	    {"&operation=GetCACaps&", FRONT_OP_CACAPS},
	    {"foo=bar&operation=GetCACaps", FRONT_OP_CACAPS},
	    {"foo=bar?operation=GetCACaps", FRONT_OP_CACAPS},
	    {"/pkiclient.exe?operation=GetCACaps", FRONT_OP_CACAPS},
	    {"operation=GetCACaps+", FRONT_OP_CACAPS},
	    {"operation=%20GetCACaps%0d%0A", FRONT_OP_CACAPS},
	    {"operation=++GetCACaps%20+%09", FRONT_OP_CACAPS},
	    {"operation=GetCACaps&operation=GetCACaps", FRONT_OP_CACAPS},
	    {"operation=GetCACaps&operation=getcacaps%20", FRONT_OP_CACAPS},
	    {"operation=&operation=GetCACaps&operation", FRONT_OP_CACAPS},
	    {"operation=x", FRONT_OP_UNKNOWN},
	    {"operation=x&operation=x", FRONT_OP_UNKNOWN},
	    {"operation=GetCACapsX", FRONT_OP_UNKNOWN},
	    {"operation=Get+CACaps", FRONT_OP_UNKNOWN},
	    {"operation==GetCACaps", FRONT_OP_UNKNOWN},
	    {"operation=GetCACaps;x", FRONT_OP_UNKNOWN},
	    {"operation=GetCACaps%00", FRONT_OP_UNKNOWN},
	    {"operation=GetCACaps%2", FRONT_OP_UNKNOWN},
	    {"operation=%2547etCACaps", FRONT_OP_UNKNOWN},
	    {"operation=%", FRONT_OP_UNKNOWN},
	    {"operation=2%20", FRONT_OP_UNKNOWN},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct front_query got;
		assert_int_equal(front_route_query(sg_slice_str(rows[i].query), &got, NULL), SG_OK);
		if (got.operation != rows[i].want)
			fail_msg("%s: %d", rows[i].query, (int)got.operation);
	}
}

static void
query__operations_that_differ__refused(void **state)
{
	static const char *const rows[] = {
	    "operation=GetCACaps&operation=GetCACert",
	    "operation=GetCACaps?operation=PKIOperation",
	    "operation=GetCACaps&operation=x",
	    "operation=x&operation=GetCACaps",
	    "operation=x&operation=y",
	    "operation=x&operation=X",
	    "Operation=GetCACaps&x&%6fperation=GetCACert",
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct front_query got;
		struct sg_err err;
		assert_int_equal(
		    front_route_query(sg_slice_str(rows[i]), &got, &err), SG_E_MALFORMED);
		assert_string_equal(err.rule, "http.query.operation");
	}
}

static void
query__table__message(void **state)
{
	static const struct {
		const char *query, *want;
		bool differ;
	} rows[] = {
	    {"", "", false},
	    {"operation=PKIOperation", "", false},
	    {"message", "", false},
	    {"message=", "", false},
	    {"message=MIIB%2B+/==", "MIIB%2B+/==", false},
	    {"MESSAGE=MIIB&operation=PKIOperation", "MIIB", false},
	    {"operation=PKIOperation?%6Dessage=MIIB", "MIIB", false},
	    {"message=MIIB&message=MIIB", "MIIB", false},
	    {"message=&message=MIIB&message", "MIIB", false},
	    {"message=MIIB&message=MIIC", "MIIB", true},
	    {"message=MIIB&message=miib", "MIIB", true},
	    {"message=MIIB&message=MIIC&message=MIIB", "MIIB", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct front_query got;
		assert_int_equal(front_route_query(sg_slice_str(rows[i].query), &got, NULL), SG_OK);
		assert_true(sg_slice_is(got.message, rows[i].want));
		assert_int_equal(got.messages_differ, rows[i].differ);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(path__of_endpoints__their_names),
	    cmocka_unit_test(path__others__nowhere),
	    cmocka_unit_test(path__of_ndes_challenges__told_apart),
	    cmocka_unit_test(path__of_load_balancers__told_apart),
	    cmocka_unit_test(query__table__operation),
	    cmocka_unit_test(query__operations_that_differ__refused),
	    cmocka_unit_test(query__table__message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
