/* SPDX-License-Identifier: Apache-2.0 */

/*
 * path.c - where the reader is, as text for a refusal
 */

#include "json/path_private.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"

void
sg_json_path_cut(char *to, size_t room, const char *text)
{
	size_t len = strlen(text);

	if (len >= room) {
		len = room - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memmove(to, text, len);
	to[len] = '\0';
}

static void
append(struct sg_json_path *path, const char *text)
{
	sg_json_path_cut(path->text + path->len, sizeof path->text - path->len, text);
	path->len += strlen(path->text + path->len);
}

void
sg_json_path_name(struct sg_json_path *path, struct sg_slice name)
{
	sg_buf_scoped escaped = {0};

	if (path->len > 0)
		append(path, ".");
	sg_escape_put(&escaped, name, SG_JSON_PATH_MAX);
	append(path, sg_buf_text(&escaped));
}

void
sg_json_path_index(struct sg_json_path *path, size_t index)
{
	char text[32];

	snprintf(text, sizeof text, "[%zu]", index);
	append(path, text);
}
