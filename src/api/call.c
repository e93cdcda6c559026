/* SPDX-License-Identifier: Apache-2.0 */

/*
 * call.c - what a handler says: its answer, item by item or piece by piece, or a refusal
 */

#include "api/call.h"

#include <string.h>

#include "api/call_private.h"
#include "base/escape.h"
#include "json/write.h"

#define FAULT_TEXT 100u /* bytes of outside text that a fault shows */

void
sg_api_put(struct sg_api_call *call, const void *value)
{
	sg_json_put(&call->answer->text, call->answer->route->answer, value);
}

bool
sg_api_put_item(struct sg_api_call *call, int64_t key, const void *value)
{
	struct sg_api_answer *a = call->answer;

	if (key <= 0 || key > SG_JSON_INT_MAX)
		a->text.failed = SG_E_INTERNAL; /* no page could go on after it */
	if (a->text.failed != SG_OK)
		return false;
	if (a->items == a->limit || a->text.len >= SG_API_PAGE_BYTES) {
		a->more = true;
		return false;
	}
	if (!a->lines && a->items > 0)
		sg_buf_puts(&a->text, ",");
	sg_json_put(&a->text, a->route->answer, value);
	if (a->lines)
		sg_buf_puts(&a->text, "\n");
	a->first = a->items == 0 ? key : a->first;
	a->last = key;
	a->items++;
	return a->text.failed == SG_OK;
}

enum sg_code
sg_api_begin_bytes(struct sg_api_call *call, const char *name, uint64_t length, struct sg_err *err)
{
	struct sg_api_answer *a = call->answer;
	sg_buf_scoped fields = {0};

	sg_buf_printf(
	    &fields, SG_API_FIELDS "Content-Disposition: attachment; filename=\"%s\"\r\n", name);
	enum sg_code rc = sg_buf_check(&fields, err);
	if (rc != SG_OK)
		return rc;
	a->begun = true;
	a->left = length;
	return a->sink->begin(
	    a->sink->arg, 200, SG_API_BYTES_TYPE, sg_buf_text(&fields), true, length, err);
}

enum sg_code
sg_api_put_bytes(struct sg_api_call *call, struct sg_slice piece, struct sg_err *err)
{
	struct sg_api_answer *a = call->answer;

	if (!a->begun || piece.len > a->left)
		return sg_fail(err, SG_E_INTERNAL, "api.handler",
		    "%s: a file became longer than was announced", a->route->id);
	a->left -= piece.len;
	return a->sink->put(a->sink->arg, piece, err);
}

/* text is cut at max bytes, before what it becomes has its room. */
static void
put_part(char *room, size_t size, const char *text, size_t max)
{
	sg_buf_scoped b = {0};

	if (text != NULL)
		sg_escape_put_line(&b, sg_slice_str(text), max);
	const char *shown = sg_buf_text(&b);
	size_t len = strnlen(shown, size - 1);
	memcpy(room, shown, len);
	room[len] = '\0';
}

void
sg_api_fault_set(
    struct sg_json_fault *fault, struct sg_slice member, const char *expected, const char *found)
{
	sg_buf_scoped name = {0};

	sg_escape_put(&name, member, FAULT_TEXT);
	put_part(fault->member, sizeof fault->member, sg_buf_text(&name), FAULT_TEXT);
	put_part(fault->expected, sizeof fault->expected, expected, sizeof fault->expected);
	put_part(fault->found, sizeof fault->found, found, FAULT_TEXT);
}

void
sg_api_blame_member(
    struct sg_api_call *call, const char *member, const char *expected, const char *found)
{
	sg_api_fault_set(&call->answer->fault, sg_slice_str(member), expected, found);
}

enum sg_code
sg_api_refuse_member(struct sg_api_call *call, const char *rule, const char *member,
    const char *expected, const char *found, struct sg_err *err)
{
	const struct sg_json_fault *fault = &call->answer->fault;

	sg_api_blame_member(call, member, expected, found);
	return sg_fail(err, SG_E_USAGE, rule, "%s: %s%s%s%s", fault->member,
	    expected == NULL ? "refused" : "want ", fault->expected,
	    found == NULL ? "" : ", found ", fault->found);
}
