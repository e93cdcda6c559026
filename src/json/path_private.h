/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/path_private.h - the path of a member: "sans[3]", "disk.since"
 *
 * Always printable UTF-8; what does not fit is cut.
 */

#include <stddef.h>

#include "base/slice.h"

#define SG_JSON_PATH_MAX 128u

struct sg_json_path {
	size_t len;
	char text[SG_JSON_PATH_MAX];
};

/* Append ".name" (the first without the dot), which may be a stranger's, or "[index]". */
void
sg_json_path_name(struct sg_json_path *path, struct sg_slice name);
void
sg_json_path_index(struct sg_json_path *path, size_t index);
/* Copy text to room bytes, the NUL among them; a character that does not fit whole is left out. */
void
sg_json_path_cut(char *to, size_t room, const char *text);
