/* SPDX-License-Identifier: Apache-2.0 */

/*
 * value.c - one option of the tree to its typed value, as the row says; the second step of
 * sg_conf_parse
 */

#include "conf/value.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "base/escape.h"
#include "conf/list.h"

void
sg_conf_show(char *out, size_t out_len, const char *text)
{
	sg_buf_scoped b = {0};
	sg_escape_put(&b, sg_slice_str(text), 48);
	snprintf(out, out_len, "%s", sg_buf_text(&b));
}

unsigned
sg_conf_distance(const char *a, const char *b)
{
	unsigned row[33], diagonal;
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > 64 || b_len > 32)
		return 99;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		uint32_t x = a[i - 1] == '_' ? '-' : sg_ascii_lower((unsigned char)a[i - 1]);
		diagonal = row[0]++;
		for (size_t j = 1; j <= b_len; j++) {
			uint32_t y = b[j - 1] == '_' ? '-'
						     : sg_ascii_lower((unsigned char)b[j - 1]);
			unsigned best = diagonal + (x != y ? 1 : 0);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b_len];
}

bool
sg_conf_similar(const char *a, const char *b)
{
	unsigned max = strlen(b) <= 4 ? 1 : strlen(b) <= 8 ? 2 : 3;
	return sg_conf_distance(a, b) <= max;
}

static void
put_found(struct sg_buf *b, const struct sg_conf_node *node)
{
	char shown[256];
	switch (node->kind) {
	case SG_CONF_SCALAR:
		if (node->text[0] == '\0' && !node->quoted) {
			sg_buf_puts(b, "nothing");
			return;
		}
		sg_conf_show(shown, sizeof shown, node->text);
		sg_buf_printf(b, "'%s'%s", shown, node->quoted ? " in quotes" : "");
		return;
	case SG_CONF_LIST:
		if (node->children_n == 0)
			sg_buf_puts(b, "an empty list");
		else
			sg_buf_printf(b, "a list of %zu", node->children_n);
		return;
	case SG_CONF_SECTION:
		sg_buf_puts(b, node->children_n == 0 ? "an empty section" : "a section");
		return;
	case SG_CONF_BROKEN:
		sg_buf_puts(b, "a mistake");
		return;
	}
}

void
sg_conf_wrong(struct sg_conf_walk *walk, const char *rule, const char *path,
    const struct sg_conf_node *node, const char *expected, const char *todo)
{
	sg_buf_scoped found = {0};
	put_found(&found, node);
	sg_conf_error_add(walk->errs, node->line, rule, "'%s': expected %s, found %s; %s", path,
	    expected, sg_buf_text(&found), todo);
}

void
sg_conf_wrong_type(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, const char *rule)
{
	sg_buf_scoped type = {0};
	char todo[160];
	sg_conf_put_type(&type, row);
	const char *example = row->example != NULL ? row->example : row->def;
	snprintf(todo, sizeof todo, "write for example %s: %s", sg_conf_row_key(row),
	    example != NULL ? example : "NAME");
	sg_conf_wrong(walk, rule, path, node, sg_buf_text(&type), todo);
}

bool
sg_conf_is_scalar(const struct sg_conf_node *node)
{
	return node->kind == SG_CONF_SCALAR && (node->quoted || node->text[0] != '\0');
}

/* What other programs take for "no value": here it is nearly always a mistake. */
static bool
is_null_word(const struct sg_conf_node *node)
{
	return !node->quoted && (strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

void
sg_conf_keep_text(struct sg_conf_walk *walk, const char *text, char **ret)
{
	*ret = sg_memdup(text, strlen(text));
	if (*ret == NULL)
		walk->nomem = true;
}

static size_t
count_chars(const char *s)
{
	size_t n = 0;
	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0u) != 0x80u;
	return n;
}

static void
read_text(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, char **ret)
{
	if (!sg_conf_is_scalar(node) || is_null_word(node)) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	size_t n = count_chars(node->text);
	if (row->max > 0 && (n < (size_t)row->min || n > (size_t)row->max)) {
		sg_conf_wrong_type(walk, row, path, node, "conf.range");
		return;
	}
	sg_conf_keep_text(walk, node->text, ret);
}

void
sg_conf_path_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, char **ret)
{
	if (!sg_conf_is_scalar(node)) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	const char *s = node->text;
	size_t len = strlen(s);
	const char *wrong = NULL;
	if (len == 0)
		wrong = "write a path, or leave the option out";
	else if (is_null_word(node))
		wrong = "leave the option out if there is no such file";
	else if (s[0] == '~' || strchr(s, '$') != NULL)
		wrong = "'~' and '$' are not expanded; write the path out";
	else if (s[0] == ' ' || s[len - 1] == ' ')
		wrong = "remove the spaces around it";
	else if (s[len - 1] == '/' && len > 1)
		wrong = "remove the '/' at its end";
	else if (strncmp(s, "file:", 5) == 0)
		wrong = "write the path alone, without 'file:'";
	if (wrong != NULL) {
		sg_conf_wrong(walk, "conf.path", path, node,
		    "a path, relative to the configuration file or from '/'", wrong);
		return;
	}
	sg_conf_keep_text(walk, s, ret);
}

static void
read_url(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, char **ret)
{
	if (!sg_conf_is_scalar(node)) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	const char *s = node->text;
	const char *wrong = NULL;
	if (strncmp(s, "https://", 8) == 0)
		wrong = "write http: whoever checks a certificate cannot use TLS for it, and what "
			"is fetched is signed";
	else if (strncmp(s, "http://", 7) != 0)
		wrong = "begin it with http://";
	else if (!sg_ascii_is_alnum((unsigned char)s[7]) && s[7] != '[')
		wrong = "write the host after http://";
	for (const char *c = s; wrong == NULL && *c != '\0'; c++) {
		if (*c <= ' ' || (unsigned char)*c >= 0x7f || strchr("\"<>\\^`{|}#@", *c) != NULL)
			wrong = "remove spaces and characters that a URL may not have";
	}
	if (wrong != NULL) {
		sg_conf_wrong(walk, "conf.url", path, node, "a URL with http://", wrong);
		return;
	}
	sg_conf_keep_text(walk, s, ret);
}

static void
read_duration(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, int64_t *ret)
{
	int64_t s = 0;
	if (!sg_conf_is_scalar(node) ||
	    sg_duration_parse(sg_slice_str(node->text), &s, NULL) != SG_OK) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	if (s < row->min || s > row->max) {
		sg_conf_wrong_type(walk, row, path, node, "conf.range");
		return;
	}
	*ret = s;
}

static void
read_int(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, uint64_t *ret)
{
	uint64_t v = 0;
	enum sg_code rc = SG_E_MALFORMED;
	if (sg_conf_is_scalar(node) && !node->quoted)
		rc = sg_decimal_parse(sg_slice_str(node->text), (uint64_t)row->max, &v, NULL);
	if (rc != SG_OK || v < (uint64_t)row->min) {
		sg_conf_wrong_type(walk, row, path, node,
		    rc == SG_OK || rc == SG_E_LIMIT ? "conf.range" : "conf.type");
		return;
	}
	*ret = v;
}

static void
read_bool(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, bool *ret)
{
	bool yes = sg_conf_is_scalar(node) && !node->quoted && strcmp(node->text, "true") == 0;
	bool no = sg_conf_is_scalar(node) && !node->quoted && strcmp(node->text, "false") == 0;
	if (!yes && !no) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	*ret = yes;
}

bool
sg_conf_word_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, unsigned *ret)
{
	if (!sg_conf_is_scalar(node)) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return false;
	}
	const char *meant = NULL;
	for (const struct sg_conf_word *w = row->words; w->word != NULL; w++) {
		if (strcmp(w->word, node->text) == 0 && w->why == NULL) {
			*ret = w->value;
			return true;
		}
		if (strcmp(w->word, node->text) == 0) {
			sg_conf_error_add(walk->errs, node->line, "conf.refused",
			    "'%s': '%s' is refused: %s", path, w->word, w->why);
			return false;
		}
		if (meant == NULL && w->why == NULL && sg_conf_similar(node->text, w->word))
			meant = w->word;
	}
	struct sg_conf_row one = *row;
	one.type = SG_CONF_T_WORD; /* of a list, this is one item */
	sg_buf_scoped type = {0};
	sg_conf_put_type(&type, &one);
	char todo[96];
	if (meant != NULL)
		snprintf(todo, sizeof todo, "did you mean %s?", meant);
	else
		snprintf(todo, sizeof todo, "write one of these words");
	sg_conf_wrong(walk, "conf.unknown", path, node, sg_buf_text(&type), todo);
	return false;
}

void
sg_conf_value_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, void *out)
{
	if (node->kind == SG_CONF_BROKEN)
		return;
	switch (row->type) {
	case SG_CONF_T_SECTION:
	case SG_CONF_T_NAMED:
	case SG_CONF_T_ITEMS:
		return;
	case SG_CONF_T_TEXT:
	case SG_CONF_T_NAME:
		read_text(walk, row, path, node, out);
		return;
	case SG_CONF_T_PATH:
		sg_conf_path_read(walk, row, path, node, out);
		return;
	case SG_CONF_T_URL:
		read_url(walk, row, path, node, out);
		return;
	case SG_CONF_T_DURATION:
		read_duration(walk, row, path, node, out);
		return;
	case SG_CONF_T_INT:
		read_int(walk, row, path, node, out);
		return;
	case SG_CONF_T_BOOL:
		read_bool(walk, row, path, node, out);
		return;
	case SG_CONF_T_WORD:
		sg_ignore(!sg_conf_word_read(walk, row, path, node, out)); /* reported already */
		return;
	case SG_CONF_T_FLAGS:
	case SG_CONF_T_KINDS:
	case SG_CONF_T_LISTENS:
	case SG_CONF_T_NETS:
	case SG_CONF_T_PATHS:
	case SG_CONF_T_EKUS:
	case SG_CONF_T_SUBJECTS:
	case SG_CONF_T_SANS:
		sg_conf_list_read(walk, row, path, node, out);
		return;
	}
}

void
sg_conf_value_free(const struct sg_conf_row *row, void *out)
{
	if (row->type == SG_CONF_T_TEXT || row->type == SG_CONF_T_NAME ||
	    row->type == SG_CONF_T_PATH || row->type == SG_CONF_T_URL)
		sg_free(*(char **)out);
	else
		sg_conf_list_free(row, out);
}
