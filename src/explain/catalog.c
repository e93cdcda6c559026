/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain/catalog.c - looks up the row of a rule word, for signet trace, explain and the documents
 */

#include "explain/catalog.h"

#include <string.h>

#include "explain/rows.h"

static const struct sg_catalog_rule unknown = {"unknown", SG_BLAME_SIGNET, SG_TOLD_NONE,
    "unknown rule", "This version has no explanation for this rule.",
    "See the text above and the documentation of the version that wrote it."};

const struct sg_catalog_rule *
sg_catalog_at(size_t i)
{
	if (i < sg_catalog_enrol_n)
		return &sg_catalog_enrol[i];
	i -= sg_catalog_enrol_n;
	if (i < sg_catalog_message_n)
		return &sg_catalog_message[i];
	i -= sg_catalog_message_n;
	return i < sg_catalog_system_n ? &sg_catalog_system[i] : NULL;
}

/* How well a row fits a word: 0 not at all, more is better, SIZE_MAX exactly. */
static size_t
fits(const char *row, const char *rule)
{
	size_t len = strlen(row);

	if (strcmp(row, rule) == 0)
		return SIZE_MAX;
	if (len < 3 || strcmp(row + len - 2, ".*") != 0 || strncmp(row, rule, len - 2) != 0)
		return 0;
	return rule[len - 2] == '.' || rule[len - 2] == '\0' ? len : 0;
}

static const struct sg_catalog_rule *
find(const char *rule)
{
	const struct sg_catalog_rule *best = NULL, *row;
	size_t best_fit = 0;

	if (rule == NULL)
		return NULL;
	for (size_t i = 0; (row = sg_catalog_at(i)) != NULL; i++) {
		size_t fit = fits(row->rule, rule);
		if (fit > best_fit) {
			best = row;
			best_fit = fit;
		}
	}
	return best;
}

const struct sg_catalog_rule *
sg_catalog_find(const char *rule)
{
	const struct sg_catalog_rule *row = find(rule);

	return row == NULL ? &unknown : row;
}

bool
sg_catalog_known(const char *rule)
{
	return find(rule) != NULL;
}

const char *
sg_blame_name(enum sg_blame blame)
{
	switch (blame) {
	case SG_BLAME_DEVICE:
		return "the device or its profile";
	case SG_BLAME_ADMIN:
		return "an administrator's input";
	case SG_BLAME_SERVER:
		return "the server's environment";
	case SG_BLAME_SIGNET:
		return "Signet itself";
	case SG_BLAME_ATTACK:
		return "possibly an attack";
	}
	return "unknown";
}

/* The bytes of a character do not count, only its first. */
static size_t
columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* "label   text", the text wrapped at spaces and indented below itself. */
static void
put_paragraph(struct sg_buf *out, const char *label, const char *text, unsigned width)
{
	const unsigned indent = 9;
	size_t at = indent;

	sg_buf_printf(out, "%-*s", (int)indent, label);
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		size_t cols = columns(text, len);
		if (at > indent && at + cols + 1 > width) {
			sg_buf_printf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			sg_buf_put_u8(out, ' ');
			at++;
		}
		sg_buf_put(out, text, len);
		at += cols;
		text += len;
		text += strspn(text, " ");
	}
	sg_buf_put_u8(out, '\n');
}

void
sg_catalog_print(struct sg_buf *out, const char *rule, const char *text, unsigned width)
{
	const struct sg_catalog_rule *row = sg_catalog_find(rule);

	sg_buf_printf(out, "%-9s%s: %s\n", "rule", rule == NULL ? "unknown" : rule, row->title);
	if (text != NULL && text[0] != '\0')
		put_paragraph(out, "found", text, width);
	put_paragraph(out, "at fault", sg_blame_name(row->blame), width);
	put_paragraph(out, "cause", row->cause, width);
	put_paragraph(out, "remedy", row->remedy, width);
}
