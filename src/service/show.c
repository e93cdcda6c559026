/* SPDX-License-Identifier: Apache-2.0 */

/*
 * show.c - the declaration of a role in words: `signet --table` prints them, and tools/man makes
 * tables of SECURITY.md and ARCHITECTURE.md of them
 */

#include "service/show.h"

#include <string.h>

#include "conf/schema.h"

/* One more of a list that begins at from. */
static void
put(struct sg_buf *out, size_t from, const char *before, const char *text, const char *after)
{
	sg_buf_printf(out, "%s%s%s%s", out->len > from ? ", " : "", before, text, after);
}

static void
put_edges(const struct sg_service *service, enum sg_edge_side side, struct sg_buf *out)
{
	size_t from = out->len;

	for (size_t n = 0; n < service->edge_n; n++)
		if (service->edge[n].side == side)
			put(out, from, "", service->edge[n].edge->name, "");
}

static void
put_files(const struct sg_service *service, struct sg_buf *out)
{
	size_t from = out->len;

	for (const struct sg_conf_row *row = NULL; (row = sg_conf_row_after(row)) != NULL;) {
		struct sg_conf_file f = {.kind = row->file, .to = row->to};
		if (!sg_conf_file_is_for(&f, service->name) || f.kind == SG_CONF_FILE_PUBLISHED)
			continue;
		put(out, from, "`", row->path, sg_conf_file_is_secret(&f) ? "` (secret)" : "`");
	}
	if (service->api != NULL)
		put(out, from, "`run/", service->name, ".sock`");
}

static void
put_may(const struct sg_service *service, struct sg_buf *out)
{
	size_t from = out->len;

	for (size_t n = 0; n < SG_SERVICE_PATHS_MAX; n++)
		if (service->path[n].kind == SG_SERVICE_PATH_OWN)
			put(out, from, "files below `", service->path[n].path + 1, "`");
	for (const struct sg_conf_row *row = NULL; (row = sg_conf_row_after(row)) != NULL;) {
		struct sg_conf_file f = {.kind = row->file, .to = row->to};
		if (f.kind == SG_CONF_FILE_PUBLISHED && sg_conf_file_is_for(&f, service->name))
			put(out, from, "files in the directory of `", row->path, "`");
	}
	for (size_t n = 0; n < SG_SERVICE_CALLS_MAX && service->calls[n] != NULL; n++)
		if (service->calls[n]->what != NULL)
			put(out, from, "", service->calls[n]->what, "");
	if (service->api != NULL)
		put(out, from, "", sg_sandbox_control.what, "");
}

void
sg_service_show(const struct sg_service *service, struct sg_buf *out)
{
	sg_buf_printf(out, "%s\t%s\t", service->name, service->section);
	put_edges(service, SG_EDGE_CLIENT, out);
	sg_buf_puts(out, "\t");
	put_edges(service, SG_EDGE_SERVER, out);
	sg_buf_puts(out, "\t");
	put_files(service, out);
	sg_buf_puts(out, "\t");
	put_may(service, out);
}
