/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca.c - what the ca role answers to a verb that publishes a list, for release and crl
 */

#include "cli/ca.h"

#include <stdio.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "cli/json.h"

int
cli_ca_published(const struct cli_args *a, json_t *question, const char *done)
{
	json_t *answer = NULL;

	int rc = cli_ask(a, "ca", question, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL)
		cli_json_print(answer);
	else
		printf("%s; CRL number %lld is published\n", done,
		    (long long)cli_json_int(answer, "crl_number"));
	json_decref(answer);
	return EXIT_OK;
}
