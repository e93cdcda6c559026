/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sg_name_check, sg_name_put_text, sg_name_from_text, sg_name_reencode, sg_name_equal: a name
 * that passes the check survives the way to text and back as the same name
 */

#include "fuzz/fuzz.h"

#include "x509/bounds.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "asn1/oid.h"

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
	if (sg_name_reencode(name, &again, NULL) == SG_OK &&
	    (!good || !sg_name_equal(name, sg_buf_slice(&again))))
		abort();
	sg_ignore(sg_name_get(name, SG_OID(cn), &value, NULL));
	/* What may be certified can be written, and is the same then. */
	if (sg_name_check_bounds(name, SG_NAME_LENGTHS_255, NULL) == SG_OK &&
	    (!good || again.len == 0 || !sg_name_has_own_types(sg_buf_slice(&again)) ||
		sg_name_check_bounds(sg_buf_slice(&again), SG_NAME_LENGTHS_255, NULL) != SG_OK))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	try_der(sg_slice(data, len));
	if (len < 4096)
		try_text(sg_slice(data, len));
	return 0;
}
