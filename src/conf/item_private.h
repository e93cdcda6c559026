/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/item_private.h - items of lists that are parsed: addresses and extended key usages
 */

#include "conf/conf.h"

/* "ADDRESS:PORT" to a socket address, all of ret but its text: NULL, or what to do instead. */
const char *
sg_conf_listen_parse(const char *text, struct sg_conf_listen *ret);
/* "other:" and a dotted OID to that (a part of text); *ret is NULL for what does not begin so.
 * NULL, or what to do. */
const char *
sg_conf_other_parse(const char *text, const char **ret);
/* A word or dotted OID to a dotted OID (static or text itself): NULL, or what to do. */
const char *
sg_conf_eku_parse(const char *text, const char **ret);
