/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca_list.c - signet ca list: certificates as the ca role knows them, one line each
 */

#include <stdbool.h>
#include <stdio.h>

#include "api/ca.h"
#include "api/call.h"
#include "base/clock.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "json/write.h"

#define ALL_MAX (1u << 30) /* bytes of a list as JSON: two million certificates */

/* The pages of a list, as they come. */
struct pages {
	bool json;
	unsigned pages;
	struct sg_buf first; /* the text of the first page */
	struct sg_buf items; /* of all, where there is another */
};

static void
print_page(const struct sg_api_got *got, bool is_first)
{
	const struct sg_api_certificate *c = got->items.item;

	if (is_first)
		printf("%-40s  %-9s  %-20s  %s\n", "SERIAL", "STATE", "EXPIRES", "SUBJECT");
	for (size_t n = 0; n < got->items.n; n++)
		printf("%-40s  %-9s  %-20s  %s\n", cli_show_slice(c[n].serial),
		    cli_word(sg_api_certificate_state_words, c[n].state),
		    cli_time_us(c[n].not_after), cli_show_slice(c[n].subject));
}

static void
keep_page(struct sg_buf *items, const struct sg_api_got *got)
{
	const struct sg_api_certificate *c = got->items.item;

	for (size_t n = 0; n < got->items.n; n++) {
		if (items->len > 0)
			sg_buf_puts(items, ",");
		sg_json_put(items, &sg_api_certificate_schema, &c[n]);
	}
}

/* One page after the other, until there are limit items, or no more. */
static int
ask_pages(const struct cli_args *a, const struct sg_api_certificate_filter *filter, int64_t limit,
    struct pages *p, struct sg_api_got *ret)
{
	const struct sg_api_route *route = &sg_api_ca_routes.route[SG_API_ca_certificates];
	struct sg_api_ask_page page = {0};
	struct sg_err err;

	for (int64_t left = limit; limit == 0 || left > 0; left -= (int64_t)ret->items.n) {
		sg_buf_scoped text = {.max = SG_API_ANSWER_MAX};
		sg_json_doc_scoped doc = {0};
		page.limit = limit == 0 || left > (int64_t)SG_API_PAGE_MAX ? SG_API_PAGE_MAX
									   : (unsigned)left;
		int code = cli_call(a, route, filter, &page, NULL, &text);
		if (code != EXIT_OK)
			return code;
		if (sg_api_read_page(route, sg_buf_slice(&text), &doc, ret, &err) != SG_OK)
			return cli_fail(a, &err);
		if (p->json)
			keep_page(&p->items, ret);
		else
			print_page(ret, p->pages == 0);
		if (p->pages++ == 0)
			sg_buf_put_slice(&p->first, sg_buf_slice(&text));
		if (!ret->has_next)
			break;
		page.has_after = true;
		page.after = ret->next;
	}
	return EXIT_OK;
}

/* All that was asked for is one page, as the role would give it if it were not too long. */
static int
print_json(const struct cli_args *a, struct pages *p, const struct sg_api_got *last)
{
	sg_buf_scoped all = {.max = p->items.max};
	struct sg_err err;

	if (p->pages == 1) {
		cli_print_json(sg_buf_slice(&p->first));
		return EXIT_OK;
	}
	sg_buf_puts(&all, "{\"items\":[");
	sg_buf_put_slice(&all, sg_buf_slice(&p->items));
	if (last->has_next)
		sg_buf_printf(&all, "],\"next\":%lld}", (long long)last->next);
	else
		sg_buf_puts(&all, "],\"next\":null}");
	enum sg_code rc = sg_buf_check(&p->items, &err);
	if (rc == SG_OK)
		rc = sg_buf_check(&all, &err);
	if (rc != SG_OK)
		return cli_fail(a, &err);
	cli_print_json(sg_buf_slice(&all));
	return EXIT_OK;
}

static int
run(const struct cli_args *a)
{
	const char *subject = cli_get(a, "subject"), *lineage = cli_get(a, "lineage");
	int64_t limit = cli_get_number(a, "limit", INT32_MAX, 100);
	int64_t within = cli_get_duration(a, "expires-within", 0);
	struct sg_api_certificate_filter filter = {
	    .has_subject = subject != NULL,
	    .subject = sg_slice_str(subject == NULL ? "" : subject),
	    .has_lineage = lineage != NULL,
	    .lineage = sg_slice_str(lineage == NULL ? "" : lineage),
	    .has_expires_before = within > 0,
	    .expires_before = (sg_clock_now() + within) * SG_CLOCK_SECOND,
	};
	struct pages pages = {.json = cli_get(a, "json") != NULL,
	    .first.max = SG_API_ANSWER_MAX,
	    .items.max = ALL_MAX};
	struct sg_api_got last = {0};

	int rc = cli_get_word(
	    a, "state", sg_api_certificate_states_words, &filter.has_state, &filter.state);
	if (rc != EXIT_OK || limit < 0 || within < 0)
		return EXIT_USAGE;
	rc = ask_pages(a, &filter, limit, &pages, &last);
	if (rc == EXIT_OK && pages.json)
		rc = print_json(a, &pages, &last);
	sg_buf_clear(&pages.first);
	sg_buf_clear(&pages.items);
	return rc;
}

static const struct cli_option options[] = {CLI_OPTION_CONF,
    {"subject", 's', "TEXT", "only those whose subject has this in it"},
    {"state", 0, "STATE", "good, revoked, hold, intent or failed"},
    {"lineage", 0, "SERIAL", "only those that come from the same enrolment as this one"},
    {"expires-within", 0, "TIME", "only those that end within this time (30d)"},
    {"limit", 'n', "N", "at most so many, newest first (default: 100; 0: all)"}, CLI_OPTION_JSON,
    CLI_OPTION_END};

const struct cli_command cli_ca_list = {
    .name = "ca list",
    .args = "",
    .summary = "list certificates, newest first",
    .options = options,
    .run = run,
};
