/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reference.c - the schema as documentation, as a file to begin with, and as a list
 */

#include "conf/reference.h"

#include <string.h>

#include "base/alloc.h"
#include "conf/schema.h"

#define WRAP 78u

static unsigned
depth_of(const struct sg_conf_row *row)
{
	unsigned n = 0;
	for (const char *s = row->path; *s != '\0'; s++)
		n += *s == '.';
	return n;
}

static bool
is_container(const struct sg_conf_row *row)
{
	return row->type == SG_CONF_T_SECTION || row->type == SG_CONF_T_NAMED;
}

/* An option of an item of a list: the list's own example shows it. */
static bool
is_of_item(const struct sg_conf_row *row)
{
	for (const struct sg_conf_row *list = sg_conf_rows; list->path != NULL; list++) {
		size_t len = strlen(list->path);
		if (list->type == SG_CONF_T_ITEMS && strncmp(row->path, list->path, len) == 0 &&
		    row->path[len] == '.')
			return true;
	}
	return false;
}

static void
indent(struct sg_buf *b, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++)
		sg_buf_puts(b, "  ");
}

/* The text of a row as comment lines. */
static void
put_comment(struct sg_buf *b, unsigned levels, const char *text)
{
	while (*text != '\0') {
		size_t room = WRAP - 2 * levels - 2;
		size_t len = strlen(text);
		if (len > room) {
			len = room;
			while (len > 0 && text[len] != ' ')
				len--;
		}
		indent(b, levels);
		sg_buf_puts(b, "# ");
		sg_buf_put(b, text, len);
		sg_buf_puts(b, "\n");
		text += len + strspn(text + len, " ");
	}
}

/* Text in YAML's double quotes. */
static void
put_quoted(struct sg_buf *b, const char *text)
{
	sg_buf_puts(b, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			sg_buf_puts(b, "\\");
		sg_buf_put(b, text, 1);
	}
	sg_buf_puts(b, "\"");
}

static void
put_default_row(
    struct sg_buf *b, const struct sg_conf_row *row, const char *site, const char *listen)
{
	unsigned levels = depth_of(row);
	bool commented = row->commented || (!row->required && !row->written && row->def == NULL);
	/* A default of "nothing" is shown by what it could be. */
	if (row->def != NULL && strcmp(row->def, "[]") == 0 && row->example != NULL)
		commented = true;
	if (levels == 0 && is_container(row))
		sg_buf_puts(b, "\n");
	put_comment(b, levels, row->text);
	indent(b, levels);
	sg_buf_printf(b, "%s%s:", commented ? "#" : "", sg_conf_row_key(row));
	if (strcmp(row->path, "site") == 0) {
		sg_buf_puts(b, " ");
		put_quoted(b, site);
	} else if (strcmp(row->path, "front.listen") == 0) {
		sg_buf_puts(b, " [");
		put_quoted(b, listen);
		sg_buf_puts(b, "]");
	} else if (row->type == SG_CONF_T_NAMED) {
		sg_buf_printf(b, "\n  %s:", row->example);
	} else if (!is_container(row)) {
		bool example = row->example != NULL && (commented || row->def == NULL);
		sg_buf_printf(b, " %s", example ? row->example : row->def);
	}
	sg_buf_puts(b, "\n");
}

SG_RC
sg_conf_put_default(struct sg_buf *b, const char *site, const char *listen, struct sg_err *err)
{
	sg_buf_scoped text = {0};
	sg_buf_puts(&text,
	    "# The configuration of signet. Paths are relative to the directory of this file.\n"
	    "# Secrets never stand here, only names of files: every role reads this text.\n"
	    "# After a change: signet check -c FILE. All options: docs/configuration.md.\n\n");
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++) {
		if (!is_of_item(row))
			put_default_row(&text, row, site, listen);
	}
	enum sg_code rc = sg_buf_check(&text, err);
	if (rc != SG_OK)
		return rc;
	sg_scoped(conf) conf = NULL;
	struct sg_conf_errors errs;
	rc = sg_conf_parse(sg_buf_slice(&text), "signet.yaml", &conf, &errs);
	if (rc == SG_E_CONF)
		return sg_fail(err, SG_E_USAGE, "conf.default", "%s", errs.item[0].text);
	if (rc != SG_OK)
		return sg_fail(err, rc, "conf.default", "out of memory");
	sg_buf_put_slice(b, sg_buf_slice(&text));
	return sg_buf_check(b, err);
}

/* "`a` and `b`" of "a b". */
static void
put_words_of(struct sg_buf *b, const char *words, const char *between)
{
	for (const char *s = words; *s != '\0'; s += strcspn(s, " "), s += strspn(s, " ")) {
		sg_buf_puts(b, s == words ? "`" : between);
		sg_buf_puts(b, s == words ? "" : "`");
		sg_buf_put(b, s, strcspn(s, " "));
		sg_buf_puts(b, "`");
	}
}

/* What is at a path, and whose it is. */
static void
put_file(struct sg_buf *b, const struct sg_conf_row *row)
{
	static const char *const what[] = {
	    [SG_CONF_FILE_CERTIFICATE] = "public, read by",
	    [SG_CONF_FILE_KEY] = "secret (mode 0600), read by",
	    [SG_CONF_FILE_EARLIER_KEY] = "secret (mode 0600), read by",
	    [SG_CONF_FILE_TLS_CERTIFICATE] = "public, read by",
	    [SG_CONF_FILE_TLS_KEY] = "secret (mode 0600), read by",
	    [SG_CONF_FILE_CHALLENGE] = "secret (mode 0600), read by",
	    [SG_CONF_FILE_SECRET] = "secret (mode 0600), read by",
	    [SG_CONF_FILE_LOG] = "appended to by",
	    [SG_CONF_FILE_PUBLISHED] = "replaced by",
	    [SG_CONF_FILE_LISTENER] = NULL,
	};

	if (row->to == NULL || what[row->file] == NULL)
		return;
	sg_buf_printf(b, "- File: %s ", what[row->file]);
	put_words_of(b, row->to, " and ");
	sg_buf_puts(b, "\n");
}

static void
put_option(struct sg_buf *b, const struct sg_conf_row *row)
{
	if (is_container(row)) {
		sg_buf_printf(b, "## %s\n\n%s", row->path, row->text);
		if (row->needed_by != NULL) {
			sg_buf_puts(b, " Required with ");
			put_words_of(b, row->needed_by, " or ");
			sg_buf_puts(b, ".");
		}
		sg_buf_puts(b, "\n\n");
		return;
	}
	sg_buf_printf(b, "### %s\n\n%s\n\n- Type: ", row->path, row->text);
	sg_conf_put_type(b, row);
	sg_buf_puts(b, "\n");
	put_file(b, row);
	if (row->required)
		sg_buf_puts(b, "- Required\n");
	else if (row->def != NULL)
		sg_buf_printf(b, "- Default: `%s`\n", row->def);
	else
		sg_buf_puts(b, "- Optional\n");
	if (row->example != NULL)
		sg_buf_printf(b, "- Example: `%s: %s`\n", sg_conf_row_key(row), row->example);
	for (const struct sg_conf_word *w = row->words; w != NULL && w->word != NULL; w++) {
		if (w->why != NULL)
			sg_buf_printf(b, "- Refused: `%s`: %s\n", w->word, w->why);
	}
	sg_buf_puts(b, "\n");
}

void
sg_conf_put_reference(struct sg_buf *b)
{
	sg_buf_puts(b,
	    "# Configuration\n\n"
	    "This page is written by `signet check --reference` from the table that the parser "
	    "itself uses.\n\n"
	    "The configuration is one YAML file, `signet.yaml` in the data directory. `signet up` "
	    "writes one with a comment for every option; `signet check -c FILE` says what is wrong "
	    "with one, every mistake on a line of its own with the number of its line. Paths are "
	    "relative to the directory of the file. Secrets never stand in it, only the names of "
	    "the files that hold them, because its text goes to every role.\n\n"
	    "Which roles run is which sections are written: `front`, `registrar`, `ra` (the role "
	    "keyd) and `ca`. What one of them needs from another must be written too, and a line "
	    "says what is missing; what needs nothing can stand alone.\n\n"
	    "It is a strict part of YAML: no tabs, anchors, aliases, tags, merge keys or second "
	    "document, no value over several lines, no unknown and no repeated option. Numbers are "
	    "decimal digits alone, truth is `true` or `false`, durations are a number and one of "
	    "`s m h d w y` (a year has 365 days). A value that begins with `*`, `&`, `!` or `[` "
	    "needs quotes, and so does any subject pattern in brackets. A `*` in the name of an "
	    "option below stands for a name of your choice: 1 to 64 letters, digits, `.`, `_` and "
	    "`-`.\n\n## The installation\n\n");
	for (const struct sg_conf_row *row = NULL; (row = sg_conf_row_after(row)) != NULL;)
		put_option(b, row);
	sg_buf_puts(b, "## What is refused, and why\n\n| rule | why |\n|---|---|\n");
	for (const struct sg_conf_rule *rule = sg_conf_rules; rule->rule != NULL; rule++)
		sg_buf_printf(b, "| `%s` | %s |\n", rule->rule, rule->text);
}
