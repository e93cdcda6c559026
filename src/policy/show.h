/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/show.h - names and SANs in refusals, escaped (private to policy/)
 */

#include "base/buf.h"
#include "x509/ext.h"

/* A subject as text, "(no subject)" when empty. */
const char *
sg_policy_show_name(struct sg_buf *b, struct sg_slice name);
/* "dns:a, dns:b", or "no names". */
const char *
sg_policy_show_sans(struct sg_buf *b, const struct sg_sans *sans);
