/* SPDX-License-Identifier: Apache-2.0 */

/*
 * lines.c - the newest items of a list, and those that follow, for signet events and signet ca
 * audit
 */

#include "cli/lines.h"

#include <stdio.h>

#include "api/call.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "json/write.h"

#define LIMIT_DEFAULT 50

struct lines {
	const struct cli_args *args;
	const struct sg_json_schema *schema;
	void (*print)(const void *item);
	bool failed; /* a line was no item; a message was printed */
};

static void
print_one(const struct lines *l, const void *item)
{
	sg_buf_scoped line = {0};

	if (cli_get(l->args, "json") == NULL) {
		l->print(item);
		return;
	}
	sg_json_put(&line, l->schema, item);
	printf("%s\n", sg_buf_text(&line));
}

static bool
on_line(void *arg, struct sg_slice line)
{
	struct lines *l = arg;
	sg_json_doc_scoped doc = {0};
	void *item = sg_json_doc_take(&doc, l->schema->size);

	if (item == NULL)
		fputs("signet: no memory for the answer\n", stderr);
	l->failed = item == NULL || !cli_read(l->args, l->schema, line, &doc, item);
	if (l->failed)
		return false;
	print_one(l, item);
	return fflush(stdout) == 0;
}

static int
print_page(const struct lines *l, const struct sg_api_route *route, struct sg_slice text)
{
	sg_json_doc_scoped doc = {0};
	struct sg_api_got got;
	struct sg_err err;

	if (sg_api_read_page(route, text, &doc, &got, &err) != SG_OK)
		return cli_fail(l->args, &err);
	for (size_t n = got.items.n; n > 0; n--)
		print_one(l, (const char *)got.items.item + (n - 1) * l->schema->size);
	return EXIT_OK;
}

int
cli_lines(const struct cli_args *a, const struct sg_api_route *route, const void *params,
    void (*print)(const void *item))
{
	struct lines l = {.args = a, .schema = route->answer, .print = print};
	int64_t limit = cli_get_number(a, "limit", SG_API_PAGE_MAX, LIMIT_DEFAULT);
	struct sg_api_ask_page page = {
	    .limit = (unsigned)limit, .follow = cli_get(a, "follow") != NULL};
	sg_buf_scoped text = {0};

	if (limit < 0)
		return EXIT_USAGE;
	if (page.follow) {
		int code = cli_call_lines(a, route, params, &page, on_line, &l);
		return l.failed ? EXIT_FAILED : code;
	}
	if (limit == 0)
		return EXIT_OK;
	int code = cli_call(a, route, params, &page, NULL, &text);
	return code == EXIT_OK ? print_page(&l, route, sg_buf_slice(&text)) : code;
}
