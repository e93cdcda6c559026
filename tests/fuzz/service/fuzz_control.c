/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The JSON of control sockets, both ways: a question goes to a table of verbs as every role has
 * one, and what comes out is one JSON object that a command line can read; the input as an
 * answer is read the same way.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "base/utf8.h"
#include "service/json.h"

/* Every kind of member that a verb can read; it is answered with what was read. */
static enum sg_code
echo(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped bytes = {0};
	const char *text = sg_json_text(c->ask, "text");

	enum sg_code rc = sg_json_bytes(c->ask, "bytes", &bytes, err);
	if (rc != SG_OK)
		return rc;
	require(sg_utf8_is_valid(sg_slice_str(text)));
	sg_json_set_hex(c->answer, "bytes", sg_buf_slice(&bytes));
	sg_json_set_text(c->answer, "text", sg_slice_str(text));
	sg_json_set_text(c->answer, "raw", sg_buf_slice(&bytes));
	sg_json_set_int(c->answer, "number", sg_json_int(c->ask, "number", -1));
	return SG_OK;
}

static enum sg_code
refuse(struct sg_verb_call *c, struct sg_err *err)
{
	return sg_fail(err, SG_E_DENIED, "control.refused", "%.80s", sg_json_text(c->ask, "text"));
}

static void
check_answer(enum sg_code rc, struct sg_slice text)
{
	json_t *answer = NULL;

	require(sg_json_parse(text, &answer, NULL) == SG_OK);
	require((rc == SG_OK) == (json_object_get(answer, "error") == NULL));
	require(rc == SG_OK || sg_json_text(answer, "rule")[0] != '\0');
	json_decref(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct sg_verb verbs[] = {{"echo", echo}, {"refuse", refuse}};
	struct sg_verb_call call = {.role = NULL};
	sg_buf_scoped json = {0};
	json_t *object = NULL;

	enum sg_code rc = sg_json_serve("fuzz", verbs, 2, sg_slice(data, len), 1000, &call, &json);
	require(sg_buf_check(&json, NULL) == SG_OK);
	check_answer(rc, sg_buf_slice(&json));
	/* As the answer of a role that was taken over: printed, it is the same object. */
	if (sg_json_parse(sg_slice(data, len), &object, NULL) == SG_OK) {
		sg_buf_scoped text = {.max = 8 * len + 64};
		json_t *again = NULL;
		sg_json_finish(json_incref(object), &text);
		require(sg_json_parse(sg_buf_slice(&text), &again, NULL) == SG_OK);
		require(json_equal(object, again));
		json_decref(again);
		json_decref(object);
	}
	return 0;
}
