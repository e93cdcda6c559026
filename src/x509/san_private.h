/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/san_private.h - what san.c gives to ext.c and san_text.c (private to x509/)
 */

#include "asn1/der.h"
#include "x509/san.h"

/* "dns", "email", ... "other". */
const char *
sg_san_type_name(enum sg_san_type type);
/* The rules for a value of its type; see sg_sans_parse. */
SG_RC
sg_san_check(const struct sg_san *san, struct sg_err *err);
/* As sg_sans_parse over what is left of d; *ret is empty before. */
void
sg_sans_read(struct sg_der *d, struct sg_sans *ret);
