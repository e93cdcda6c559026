/* SPDX-License-Identifier: Apache-2.0 */

/*
 * schema.c - going through the rows, conf's own and those that roles bring: asked by parser, check
 * and documentation
 */

#include "conf/schema.h"

#include <inttypes.h>
#include <string.h>

const char *
sg_conf_row_key(const struct sg_conf_row *row)
{
	const char *dot = strrchr(row->path, '.');
	return dot != NULL ? dot + 1 : row->path;
}

static struct {
	const struct sg_conf_row *first, *end;
} more[SG_CONF_OWN_MAX];
static size_t more_n;

void
sg_conf_rows_add(const struct sg_conf_row *rows)
{
	if (more_n == SG_CONF_OWN_MAX)
		return;
	more[more_n].first = more[more_n].end = rows;
	while (more[more_n].end->path != NULL)
		more[more_n].end++;
	more_n++;
}

const struct sg_conf_row *
sg_conf_row_after(const struct sg_conf_row *row)
{
	const struct sg_conf_row *next = row == NULL ? sg_conf_rows : row + 1;
	size_t n = 0;

	if (next->path != NULL)
		return next;
	while (n < more_n && more[n].end != next)
		n++;
	n = n == more_n ? 0 : n + 1; /* of no other table: the end of the first one */
	return n < more_n ? more[n].first : NULL;
}

const struct sg_conf_row *
sg_conf_row_next(const char *parent, const struct sg_conf_row *prev)
{
	size_t len = strlen(parent);
	const struct sg_conf_row *row = prev;
	while ((row = sg_conf_row_after(row)) != NULL) {
		if (len == 0 && strchr(row->path, '.') == NULL)
			return row;
		if (len > 0 && strncmp(row->path, parent, len) == 0 && row->path[len] == '.' &&
		    strchr(row->path + len + 1, '.') == NULL)
			return row;
	}
	return NULL;
}

void
sg_conf_put_duration(struct sg_buf *b, int64_t s)
{
	static const struct {
		int64_t s;
		char unit;
	} units[] = {{365 * 86400, 'y'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}};
	for (size_t i = 0; s > 0 && i < sizeof units / sizeof units[0]; i++) {
		if (s % units[i].s == 0) {
			sg_buf_printf(b, "%" PRId64 "%c", s / units[i].s, units[i].unit);
			return;
		}
	}
	sg_buf_printf(b, "%" PRId64 "%s", s, s == 0 ? "d" : "s");
}

static void
put_words(struct sg_buf *b, const struct sg_conf_word *words)
{
	const char *sep = "";
	for (const struct sg_conf_word *w = words; w->word != NULL; w++) {
		if (w->why != NULL)
			continue;
		sg_buf_printf(b, "%s%s", sep, w->word);
		sep = ", ";
	}
}

static void
put_list(struct sg_buf *b, const struct sg_conf_row *row, const char *what)
{
	if (row->min > 0)
		sg_buf_printf(
		    b, "a list of %" PRId64 " to %" PRId64 " %s", row->min, row->max, what);
	else
		sg_buf_printf(b, "a list of up to %" PRId64 " %s", row->max, what);
}

void
sg_conf_put_type(struct sg_buf *b, const struct sg_conf_row *row)
{
	switch (row->type) {
	case SG_CONF_T_SECTION:
		sg_buf_puts(b, "a section");
		return;
	case SG_CONF_T_NAMED:
		sg_buf_printf(b, "a section of %" PRId64 " to %" PRId64 " named sections", row->min,
		    row->max);
		return;
	case SG_CONF_T_ITEMS:
		put_list(b, row, "sections");
		return;
	case SG_CONF_T_TEXT:
		sg_buf_printf(
		    b, "a text of %" PRId64 " to %" PRId64 " characters", row->min, row->max);
		return;
	case SG_CONF_T_NAME:
		sg_buf_puts(b, "the name of a template");
		return;
	case SG_CONF_T_PATH:
		sg_buf_puts(b, "a path");
		return;
	case SG_CONF_T_URL:
		sg_buf_puts(b, "a URL with http://");
		return;
	case SG_CONF_T_DURATION:
		sg_buf_puts(b, "a duration from ");
		sg_conf_put_duration(b, row->min);
		sg_buf_puts(b, " to ");
		sg_conf_put_duration(b, row->max);
		sg_buf_puts(b, " (a number and one of s m h d w y)");
		return;
	case SG_CONF_T_INT:
		sg_buf_printf(b, "an integer from %" PRId64 " to %" PRId64, row->min, row->max);
		return;
	case SG_CONF_T_BOOL:
		sg_buf_puts(b, "true or false");
		return;
	case SG_CONF_T_WORD:
		sg_buf_puts(b, "one of ");
		put_words(b, row->words);
		return;
	case SG_CONF_T_FLAGS:
		sg_buf_puts(b, row->min > 0 ? "a list of one or more of " : "a list of any of ");
		put_words(b, row->words);
		return;
	case SG_CONF_T_KINDS:
		sg_buf_puts(b, "a list of any of ");
		put_words(b, row->words);
		sg_buf_puts(b, ", other:OID");
		return;
	case SG_CONF_T_LISTENS:
		put_list(b, row, "ADDRESS:PORT");
		return;
	case SG_CONF_T_NETS:
		put_list(b, row, "addresses or networks");
		return;
	case SG_CONF_T_PATHS:
		put_list(b, row, "paths");
		return;
	case SG_CONF_T_EKUS:
		put_list(b, row, "extended key usages");
		return;
	case SG_CONF_T_SUBJECTS:
		put_list(b, row, "subject patterns");
		return;
	case SG_CONF_T_SANS:
		put_list(b, row, "KIND:PATTERN");
		return;
	}
}
