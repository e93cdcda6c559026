/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/name_private.h - what name.c gives to name_text.c and bounds.c (private to x509/)
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

struct sg_name_attr {
	size_t rdn; /* which RDN, from 0 */
	struct sg_slice type;
	unsigned tag; /* of the value */
	struct sg_slice val;
};

/* All attributes of a name in the order of the encoding. */
struct sg_name_list {
	size_t n;
	struct sg_name_attr attr[SG_NAME_RDNS_MAX];
};

/* As sg_name_check_shape; *ret is scratch, touched on failure as well. */
SG_RC
sg_name_list(struct sg_slice name, struct sg_name_list *ret, struct sg_err *err);
/* Write one AttributeTypeAndValue in the string type that sg_name_tag_for says. */
void
sg_name_put_attr(struct sg_buf *b, struct sg_slice type, struct sg_slice utf8, unsigned asked);
