/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sg_name_check, sg_name_put_text, sg_name_from_text, sg_name_reencode, sg_name_equal: a name
 * that passes the check survives the way to text and back as the same name; sg_stringprep_equal
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "x509/bounds.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/stringprep.h"
#include "asn1/oid.h"
#include "asn1/tag.h"

static void
try_text(struct sg_slice text)
{
	sg_buf_scoped der = {0}, back = {0}, again = {0};
	if (sg_name_from_text(text, &der, NULL) != SG_OK)
		return;
	if (sg_name_check(sg_buf_slice(&der), NULL) != SG_OK)
		abort();
	sg_name_put_text(&back, sg_buf_slice(&der));
	if (sg_name_from_text(sg_buf_slice(&back), &again, NULL) != SG_OK ||
	    !sg_slice_eq(sg_buf_slice(&der), sg_buf_slice(&again)))
		abort();
}

static void
try_der(struct sg_slice name)
{
	sg_buf_scoped text = {0}, again = {0}, value = {0};
	sg_name_put_text(&text, name);
	bool good = sg_name_check(name, NULL) == SG_OK;
	if (good && sg_name_check_shape(name, NULL) != SG_OK)
		abort();
	if (sg_name_equal(name, name) && sg_name_check_shape(name, NULL) != SG_OK)
		abort();
	if (good && !sg_name_equal(name, name))
		abort();
	if (sg_name_reencode(name, name, &again, NULL) == SG_OK &&
	    (!good || !sg_name_equal(name, sg_buf_slice(&again))))
		abort();
	sg_ignore(sg_name_get(name, SG_OID(cn), &value, NULL));
	/* What may be certified can be written, and is the same then. */
	if (sg_name_check_bounds(name, SG_NAME_LENGTHS_255, NULL) == SG_OK &&
	    (!good || again.len == 0 || !sg_name_has_own_types(sg_buf_slice(&again)) ||
		sg_name_check_bounds(sg_buf_slice(&again), SG_NAME_LENGTHS_255, NULL) != SG_OK))
		abort();
}

/* Two texts, divided at a line feed: equality is symmetric, each is itself, and what is equal with
 * its case is equal without. */
static void
try_equal(struct sg_slice in)
{
	const uint8_t *cut = in.len > 0 ? memchr(in.p, '\n', in.len) : NULL;
	if (cut == NULL)
		return;
	size_t at = (size_t)(cut - in.p);
	struct sg_chars a = sg_chars_init(SG_DER_UTF8, sg_slice(in.p, at));
	struct sg_chars b = sg_chars_init(SG_DER_UTF8, sg_slice(cut + 1, in.len - at - 1));
	bool same = sg_stringprep_equal(a, b, SG_STRINGPREP_CASE_IGNORE);
	bool exact = sg_stringprep_equal(a, b, SG_STRINGPREP_CASE_EXACT);
	sg_buf_scoped text = {0};
	bool good = sg_string_to_utf8(SG_DER_UTF8, sg_slice(in.p, at), &text, NULL) == SG_OK;

	if (same != sg_stringprep_equal(b, a, SG_STRINGPREP_CASE_IGNORE) ||
	    exact != sg_stringprep_equal(b, a, SG_STRINGPREP_CASE_EXACT) ||
	    good != sg_stringprep_equal(a, a, SG_STRINGPREP_CASE_IGNORE))
		abort();
	/* Too short for one of them to be compared as it stands. */
	if (exact && !same && in.len <= SG_STRINGPREP_MAX / 18 * 3)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	try_der(sg_slice(data, len));
	if (len < 4096)
		try_text(sg_slice(data, len));
	try_equal(sg_slice(data, len));
	return 0;
}
