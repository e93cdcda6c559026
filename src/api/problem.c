/* SPDX-License-Identifier: Apache-2.0 */

/*
 * problem.c - a failure as a problem of RFC 9457, written where it was refused and read by who
 * asked
 */

#include "api/problem.h"

#include <string.h>

#include "base/hex.h"
#include "explain/catalog.h"
#include "json/write.h"

#define URN "urn:signet:rule:"

const struct sg_json_word sg_api_problem_codes[] = {
#define WORD(name, number, word, text) {word, name, text},
    SG_CODE_ROWS(WORD)
#undef WORD
	{0},
};

SG_JSON_DEFINE(sg_api_problem, SG_API_PROBLEM_ROWS, "why a question was refused (RFC 9457)");
SG_JSON_DEFINE(sg_api_last_line, SG_API_LAST_LINE_ROWS, "the last line of a list that is followed");

int
sg_api_status(enum sg_code code)
{
	switch (code) {
	case SG_E_MALFORMED:
	case SG_E_LIMIT:
	case SG_E_ALG:
	case SG_E_SIGNATURE:
	case SG_E_TIME:
	case SG_E_REPLAY:
	case SG_E_USAGE:
		return 400;
	case SG_E_DENIED:
		return 403;
	case SG_E_NOTFOUND:
		return 404;
	case SG_E_CONFLICT:
	case SG_E_PENDING:
		return 409;
	case SG_E_BUSY:
	case SG_E_TIMEOUT:
	case SG_E_IO:
	case SG_E_NOMEM:
		return 503;
	case SG_OK:
	case SG_E_INTERNAL:
	case SG_E_CRYPTO:
	case SG_E_CONF:
		break;
	}
	return 500;
}

static struct sg_slice
cut(const char *text, size_t max)
{
	return sg_slice(text, strnlen(text, max));
}

void
sg_api_problem_put(struct sg_buf *b, const struct sg_err *why, const struct sg_json_fault *fault,
    int status, const uint8_t trace[16])
{
	const struct sg_catalog_rule *row = sg_catalog_find(why->rule);
	const struct sg_json_fault none = {{0}, {0}, {0}};
	sg_buf_scoped type = {0};

	if (fault == NULL)
		fault = &none;
	sg_buf_printf(&type, URN "%s", why->rule);
	struct sg_api_problem p = {.type = sg_buf_slice(&type),
	    .title = sg_slice_str(row->title),
	    .status = status,
	    .detail = sg_slice_str(why->text[0] == '\0' ? row->title : why->text),
	    .code = (int)why->code,
	    .rule = sg_slice_str(why->rule),
	    .has_member = fault->member[0] != '\0',
	    .member = cut(fault->member, sizeof fault->member),
	    .has_expected = fault->expected[0] != '\0',
	    .expected = cut(fault->expected, sizeof fault->expected),
	    .has_found = fault->found[0] != '\0',
	    .found = cut(fault->found, sizeof fault->found),
	    .remedy = sg_slice_str(row->remedy),
	    .trace = sg_slice(trace, 16)};
	if (b->failed == SG_OK && type.failed != SG_OK)
		b->failed = type.failed;
	sg_json_put(b, &sg_api_problem_schema, &p);
}

static enum sg_code
fail_as(const struct sg_api_problem *p, int status, struct sg_err *err)
{
	/* A word that a newer version made says no more than the status. */
	enum sg_code code = p->code > SG_OK		    ? (enum sg_code)p->code
			    : status >= 400 && status < 500 ? SG_E_DENIED
							    : SG_E_INTERNAL;

	return sg_fail(err, code, sg_err_rule_intern(p->rule.p, p->rule.len), "%.*s",
	    (int)p->detail.len, (const char *)p->detail.p);
}

enum sg_code
sg_api_problem_read(int status, struct sg_slice text, struct sg_err *err)
{
	sg_json_doc_scoped doc = {0};
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_problem p;

	if (sg_json_read(text, &limits, SG_JSON_TOLERANT, &sg_api_problem_schema, &doc, &p, NULL,
		NULL) != SG_OK)
		return sg_fail(err, SG_E_INTERNAL, "api.answer",
		    "the answer has status %d and is no problem (RFC 9457)", status);
	return fail_as(&p, status, err);
}

enum sg_code
sg_api_problem_read_line(struct sg_slice line, struct sg_err *err)
{
	sg_json_doc_scoped doc = {0};
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_last_line last;

	if (sg_json_read(line, &limits, SG_JSON_TOLERANT, &sg_api_last_line_schema, &doc, &last,
		NULL, NULL) != SG_OK ||
	    !last.has_problem)
		return SG_OK;
	return fail_as(&last.problem, (int)last.problem.status, err);
}
