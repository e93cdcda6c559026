/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A text of JSON over a schema that has every kind in every presence, strict and tolerant: what can
 * be read is written, read again, and written the same. What is refused says where and why. The
 * same bytes are each scalar as a parameter, and a string to be written.
 */

#include "fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

#include "base/utf8.h"
#include "unit/json/every.h"

static void
check_refusal(enum sg_code rc, const struct sg_json_fault *fault, const struct sg_err *err,
    const struct every *v)
{
	static const struct every zero;

	require(rc == SG_E_MALFORMED || rc == SG_E_LIMIT);
	require(memcmp(v, &zero, sizeof zero) == 0);
	require(strncmp(err->rule, "json.", 5) == 0);
	require(fault->expected[0] != '\0' && fault->found[0] != '\0');
	require(sg_utf8_is_valid(sg_slice_str(fault->member)));
	require(sg_utf8_is_valid(sg_slice_str(fault->expected)));
	require(sg_utf8_is_valid(sg_slice_str(fault->found)));
	require(sg_utf8_is_valid(sg_slice_str(err->text)));
}

static void
check_written(struct sg_slice text, struct sg_json_limits limits)
{
	sg_json_doc_scoped doc = {0};
	sg_buf_scoped again = {.max = SIZE_MAX / 4};
	struct every v;
	json_error_t e;

	limits.size = text.len;
	require(sg_json_read(text, &limits, SG_JSON_STRICT, &every_schema, &doc, &v, NULL, NULL) ==
		SG_OK);
	sg_json_put(&again, &every_schema, &v);
	require(again.failed == SG_OK && sg_slice_eq(sg_buf_slice(&again), text));
	json_t *root = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &e);
	require(root != NULL);
	json_decref(root);
}

static void
check_read(struct sg_slice text, enum sg_json_mode mode)
{
	struct sg_json_limits limits = sg_json_limits_default();
	sg_json_doc_scoped doc = {0};
	sg_buf_scoped written = {.max = SIZE_MAX / 4};
	struct sg_json_fault fault;
	struct sg_err err = {0};
	struct every v;

	enum sg_code rc = sg_json_read(text, &limits, mode, &every_schema, &doc, &v, &fault, &err);
	if (rc != SG_OK) {
		check_refusal(rc, &fault, &err, &v);
		return;
	}
	require(fault.member[0] == '\0' && fault.found[0] == '\0');
	sg_json_put(&written, &every_schema, &v);
	/* A word that only newer ones know cannot be written. */
	if (mode == SG_JSON_STRICT)
		require(written.failed == SG_OK);
	if (written.failed == SG_OK)
		check_written(sg_buf_slice(&written), limits);
}

static void
check_parameters(struct sg_slice text)
{
	for (size_t n = 0; n < every_nullable_schema.n; n++) {
		const struct sg_json_member *m = &every_nullable_schema.member[n];
		struct every_nullable v = {0}, w = {0};
		sg_json_doc_scoped doc = {0};
		sg_buf_scoped written = {0}, again = {0};
		if (m->kind == SG_JSON_OBJECT || m->kind == SG_JSON_LIST ||
		    m->kind == SG_JSON_TEXTS)
			continue;
		if (sg_json_read_text(m, text, &doc, &v, NULL, NULL) != SG_OK)
			continue;
		sg_json_put_text(&written, m, &v);
		require(
		    sg_json_read_text(m, sg_buf_slice(&written), &doc, &w, NULL, NULL) == SG_OK);
		sg_json_put_text(&again, m, &w);
		require(sg_slice_eq(sg_buf_slice(&written), sg_buf_slice(&again)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice text = sg_slice(data, len);
	sg_buf_scoped string = {0};
	json_error_t e;

	check_read(text, SG_JSON_STRICT);
	check_read(text, SG_JSON_TOLERANT);
	check_parameters(text);
	sg_json_put_string(&string, text);
	if (string.failed != SG_OK)
		return 0;
	json_t *v = json_loadb((const char *)string.p, string.len, JSON_DECODE_ANY, &e);
	require(json_is_string(v));
	if (sg_utf8_is_valid(text))
		require(sg_slice_eq(sg_slice(json_string_value(v), json_string_length(v)), text));
	json_decref(v);
	return 0;
}
