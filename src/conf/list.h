/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/list.h - private: lists to typed values, with one line per mistake
 */

#include "conf/value.h"

/* A list with as many items as the row wants; what it is instead is reported. */
bool
sg_conf_is_list(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node);

/* As sg_conf_value_read, of a row whose type is a list: words, kinds, addresses, networks, texts.
 */
void
sg_conf_list_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, void *out);
/* Release what sg_conf_list_read put there; nothing for a row of another type. */
void
sg_conf_list_free(const struct sg_conf_row *row, void *out);
