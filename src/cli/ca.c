/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca.c - asks the ca role, for the commands about its certificates and lists
 */

#include "cli/ca.h"

#include <stdio.h>

int
cli_ca_call(const struct cli_args *a, unsigned route, const void *params, const void *body,
    struct cli_answer *answer, void *ret)
{
	return cli_call_one(a, &sg_api_ca_routes.route[route], params, body, answer, ret);
}

long long
cli_ca_number(const struct sg_json_list *lists)
{
	const struct sg_api_published *list = lists->item;

	return lists->n > 0 ? (long long)list[0].number : 0;
}

int
cli_ca_published(const struct cli_args *a, unsigned route, const void *params, const void *body,
    const char *done)
{
	cli_answer_scoped got = {0};
	struct sg_api_lists answer;

	int rc = cli_ca_call(a, route, params, body, &got, &answer);
	if (rc == EXIT_OK && !got.printed)
		printf("%s; CRL number %lld is published\n", done, cli_ca_number(&answer.lists));
	return rc;
}
