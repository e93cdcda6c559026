/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca.c - asks the ca role, for the commands about its certificates and lists
 */

#include "cli/ca.h"

#include <stdio.h>

#include "cli/args.h"
#include "cli/ask.h"

void
cli_ca_answer_clear(struct cli_ca_answer *answer)
{
	sg_buf_clear(&answer->text);
	sg_json_doc_clear(&answer->doc);
}

int
cli_ca_call(const struct cli_args *a, unsigned route, const void *params, const void *body,
    struct cli_ca_answer *got, void *ret)
{
	const struct sg_api_route *r = &sg_api_ca_routes.route[route];
	const struct sg_json_limits limits = sg_api_answer_limits();
	struct sg_err err;

	int code = cli_call(a, r, params, NULL, body, &got->text);
	if (code != EXIT_OK)
		return code;
	if (sg_json_read(sg_buf_slice(&got->text), &limits, SG_JSON_TOLERANT, r->answer, &got->doc,
		ret, NULL, &err) != SG_OK)
		return cli_fail(a, &err);
	got->printed = cli_get(a, "json") != NULL;
	if (got->printed)
		cli_print_json(sg_buf_slice(&got->text));
	return EXIT_OK;
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
	cli_ca_answer_scoped got = {0};
	struct sg_api_lists answer;

	int rc = cli_ca_call(a, route, params, body, &got, &answer);
	if (rc == EXIT_OK && !got.printed)
		printf("%s; CRL number %lld is published\n", done, cli_ca_number(&answer.lists));
	return rc;
}
