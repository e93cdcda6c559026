/* SPDX-License-Identifier: Apache-2.0 */

/*
 * show.c - names as they stand in the text of a refusal
 */

#include "policy/show.h"

#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

const char *
sg_policy_show_name(struct sg_buf *b, struct sg_slice name)
{
	if (sg_name_is_empty(name))
		return "(no subject)";
	sg_name_put_text(b, name);
	return sg_buf_text(b);
}

const char *
sg_policy_show_sans(struct sg_buf *b, const struct sg_sans *sans)
{
	if (sans->n == 0)
		return "no names";
	for (size_t i = 0; i < sans->n; i++) {
		if (i > 0)
			sg_buf_puts(b, ", ");
		sg_san_put_text(b, &sans->item[i]);
	}
	return sg_buf_text(b);
}
