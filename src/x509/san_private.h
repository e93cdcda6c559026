/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/san_private.h - what san.c and san_text.c share (private to x509/)
 */

#include "x509/ext.h"

/* "dns", "email", ... "other". */
const char *
sg_san_type_name(enum sg_san_type type);
/* The rules for a value of its type; see sg_sans_parse. */
SG_RC
sg_san_check(const struct sg_san *san, struct sg_err *err);
