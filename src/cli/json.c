/* SPDX-License-Identifier: Apache-2.0 */

/*
 * json.c - the JSON that commands print which ask no role
 */

#include "cli/json.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "json/write.h"

int
cli_json_put(const struct sg_json_schema *schema, const void *value, const struct sg_json_doc *doc)
{
	sg_buf_scoped text = {.max = SIZE_MAX / 8};
	struct sg_err err;

	sg_json_put(&text, schema, value);
	enum sg_code rc = sg_buf_check(&text, &err);
	if (rc == SG_OK && doc != NULL && doc->failed)
		rc = sg_fail(&err, SG_E_NOMEM, "memory", "no memory for the answer");
	if (rc != SG_OK) {
		fprintf(stderr, "signet: %s\n", err.text);
		return EXIT_FAILED;
	}
	cli_print_json(sg_buf_slice(&text));
	return EXIT_OK;
}
