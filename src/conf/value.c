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
#include "conf/item_private.h"
#include "policy/pattern_syntax.h"

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

/* The same with the expectation of the row's type, and an example of it. */
static void
wrong_type(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
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

static bool
is_scalar(const struct sg_conf_node *node)
{
	return node->kind == SG_CONF_SCALAR && (node->quoted || node->text[0] != '\0');
}

/* What other programs take for "no value": here it is nearly always a mistake. */
static bool
is_null_word(const struct sg_conf_node *node)
{
	return !node->quoted && (strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

static void
keep_text(struct sg_conf_walk *walk, const char *text, char **ret)
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
	if (!is_scalar(node) || is_null_word(node)) {
		wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	size_t n = count_chars(node->text);
	if (row->max > 0 && (n < (size_t)row->min || n > (size_t)row->max)) {
		wrong_type(walk, row, path, node, "conf.range");
		return;
	}
	keep_text(walk, node->text, ret);
}

static void
read_path(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, char **ret)
{
	if (!is_scalar(node)) {
		wrong_type(walk, row, path, node, "conf.type");
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
	keep_text(walk, s, ret);
}

static void
read_url(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, char **ret)
{
	if (!is_scalar(node)) {
		wrong_type(walk, row, path, node, "conf.type");
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
	keep_text(walk, s, ret);
}

static void
read_duration(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, int64_t *ret)
{
	int64_t s = 0;
	if (!is_scalar(node) || sg_duration_parse(sg_slice_str(node->text), &s, NULL) != SG_OK) {
		wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	if (s < row->min || s > row->max) {
		wrong_type(walk, row, path, node, "conf.range");
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
	if (is_scalar(node) && !node->quoted)
		rc = sg_decimal_parse(sg_slice_str(node->text), (uint64_t)row->max, &v, NULL);
	if (rc != SG_OK || v < (uint64_t)row->min) {
		wrong_type(walk, row, path, node,
		    rc == SG_OK || rc == SG_E_LIMIT ? "conf.range" : "conf.type");
		return;
	}
	*ret = v;
}

static void
read_bool(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, bool *ret)
{
	bool yes = is_scalar(node) && !node->quoted && strcmp(node->text, "true") == 0;
	bool no = is_scalar(node) && !node->quoted && strcmp(node->text, "false") == 0;
	if (!yes && !no) {
		wrong_type(walk, row, path, node, "conf.type");
		return;
	}
	*ret = yes;
}

/* One word of a table; false when it was refused and reported. */
static bool
read_word(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, unsigned *ret)
{
	if (!is_scalar(node)) {
		wrong_type(walk, row, path, node, "conf.type");
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

/* A list that is one, of a good length; its items are then looked at one by one. */
bool
sg_conf_is_list(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node)
{
	if (node->kind == SG_CONF_BROKEN)
		return false;
	if (node->kind != SG_CONF_LIST) {
		wrong_type(walk, row, path, node, "conf.type");
		return false;
	}
	if (node->children_n < (size_t)row->min || node->children_n > (size_t)row->max) {
		wrong_type(walk, row, path, node, "conf.range");
		return false;
	}
	return true;
}

static void
item_path(char *out, size_t out_len, const char *path, size_t index)
{
	if (snprintf(out, out_len, "%s[%zu]", path, index) < 0)
		out[0] = '\0';
}

static void
repeated(struct sg_conf_walk *walk, const char *path, const struct sg_conf_node *node)
{
	sg_conf_wrong(walk, "conf.duplicate", path, node, "each item once", "remove it here");
}

static void
read_flags(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, unsigned *ret)
{
	unsigned flags = 0;
	size_t index = 0;
	if (!sg_conf_is_list(walk, row, path, node))
		return;
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		unsigned bit = 0;
		item_path(at, sizeof at, path, index);
		if (n->kind == SG_CONF_BROKEN || !read_word(walk, row, at, n, &bit))
			continue;
		if ((flags & bit) != 0)
			repeated(walk, at, n);
		flags |= bit;
	}
	*ret = flags;
}

static bool
has_str(const struct sg_conf_strs *strs, const char *text)
{
	for (size_t i = 0; i < strs->n; i++) {
		if (strcmp(strs->item[i], text) == 0)
			return true;
	}
	return false;
}

static void
keep_once(struct sg_conf_walk *walk, const char *path, const struct sg_conf_node *node,
    const char *text, struct sg_conf_strs *ret)
{
	if (has_str(ret, text)) {
		repeated(walk, path, node);
		return;
	}
	keep_text(walk, text, &ret->item[ret->n]);
	if (ret->item[ret->n] != NULL)
		ret->n++;
}

static void
read_other(struct sg_conf_walk *walk, const char *path, const struct sg_conf_node *node,
    const char *oid, struct sg_conf_strs *ret)
{
	if (ret->n == SG_SAN_OTHERS_MAX && !has_str(ret, oid)) {
		sg_conf_wrong(walk, "conf.limit", path, node, "at most 16 types of otherName",
		    "remove those that no device needs");
		return;
	}
	keep_once(walk, path, node, oid, ret);
}

static void
read_kinds(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_kinds *ret)
{
	size_t index = 0;
	if (!sg_conf_is_list(walk, row, path, node) || node->children_n == 0)
		return;
	ret->others.item = sg_calloc(SG_SAN_OTHERS_MAX, sizeof ret->others.item[0]);
	if (ret->others.item == NULL) {
		walk->nomem = true;
		return;
	}
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		const char *oid = NULL, *wrong = NULL;
		unsigned bit = 0;
		item_path(at, sizeof at, path, index);
		if (is_scalar(n))
			wrong = sg_conf_other_parse(n->text, &oid);
		if (wrong != NULL)
			sg_conf_wrong(walk, "conf.unknown", at, n, "other: and an OID", wrong);
		else if (oid != NULL)
			read_other(walk, at, n, oid, &ret->others);
		else if (n->kind != SG_CONF_BROKEN && read_word(walk, row, at, n, &bit)) {
			if ((ret->flags & bit) != 0)
				repeated(walk, at, n);
			ret->flags |= bit;
		}
	}
}

static void
read_listens(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_listens *ret)
{
	size_t index = 0;
	if (!sg_conf_is_list(walk, row, path, node))
		return;
	ret->item = sg_calloc(node->children_n, sizeof ret->item[0]);
	if (ret->item == NULL) {
		walk->nomem = true;
		return;
	}
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		const char *wrong = NULL;
		item_path(at, sizeof at, path, index);
		if (n->kind == SG_CONF_BROKEN)
			continue;
		struct sg_conf_listen *l = &ret->item[ret->n];
		if (n->kind == SG_CONF_LIST || n->kind == SG_CONF_SECTION)
			wrong = "put an IPv6 address in quotes: \"[::1]:8080\"";
		else
			wrong = sg_conf_listen_parse(n->text, l);
		if (wrong != NULL) {
			sg_conf_wrong(walk, "conf.listen", at, n, "ADDRESS:PORT", wrong);
			continue;
		}
		/* Counted before the text is there, so that it is freed in any case. */
		ret->n++;
		keep_text(walk, n->text, &l->text);
	}
}

static void
read_nets(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_nets *ret)
{
	size_t index = 0;
	if (!sg_conf_is_list(walk, row, path, node) || node->children_n == 0)
		return;
	ret->item = sg_calloc(node->children_n, sizeof ret->item[0]);
	if (ret->item == NULL) {
		walk->nomem = true;
		return;
	}
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		struct sg_net net = {.bits = 0};
		size_t same = 0;
		item_path(at, sizeof at, path, index);
		if (n->kind == SG_CONF_BROKEN)
			continue;
		const char *wrong = is_scalar(n) ? sg_net_parse(n->text, &net)
						 : "put an IPv6 address in quotes";
		if (wrong != NULL) {
			sg_conf_wrong(walk, "conf.net", at, n, "ADDRESS or ADDRESS/BITS", wrong);
			continue;
		}
		while (
		    same < ret->n && (ret->item[same].bits != net.bits ||
					 memcmp(&ret->item[same].ip, &net.ip, sizeof net.ip) != 0))
			same++;
		if (same < ret->n)
			repeated(walk, at, n);
		else
			ret->item[ret->n++] = net;
	}
}

/* One item of a list of texts: NULL or what to do; *ret is what is kept. */
static const char *
parse_item(const struct sg_conf_row *row, const struct sg_conf_node *list,
    const struct sg_conf_node *node, const char **ret, const char **ret_rule)
{
	*ret = node->text;
	*ret_rule = "conf.pattern";
	if (row->type == SG_CONF_T_EKUS) {
		*ret_rule = "conf.eku";
		return sg_conf_eku_parse(node->text, ret);
	}
	if (row->type == SG_CONF_T_SANS)
		return sg_pattern_san_wrong(sg_slice_str(node->text));
	if (list->flow && !node->quoted) {
		*ret_rule = "conf.quote";
		return "no quotes: in brackets a comma ends the item";
	}
	return sg_pattern_subject_wrong(sg_slice_str(node->text));
}

static void
read_item(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *list, const struct sg_conf_node *node, struct sg_conf_strs *ret)
{
	const char *text = NULL;
	const char *rule = "conf.type";
	char todo[200];
	if (row->type == SG_CONF_T_PATHS) {
		char *file = NULL;
		read_path(walk, row, path, node, &file);
		if (file != NULL && has_str(ret, file))
			repeated(walk, path, node);
		if (file != NULL)
			ret->item[ret->n++] = file;
		return;
	}
	if (!is_scalar(node)) {
		sg_conf_wrong(walk, rule, path, node, "a text", "put it in quotes");
		return;
	}
	const char *wrong = parse_item(row, list, node, &text, &rule);
	if (wrong != NULL && row->type != SG_CONF_T_EKUS) {
		snprintf(todo, sizeof todo, "it has %s; write for example %s", wrong, row->example);
		wrong = todo;
	}
	if (wrong != NULL) {
		sg_conf_wrong(walk, rule, path, node,
		    row->type == SG_CONF_T_EKUS	  ? "an extended key usage"
		    : row->type == SG_CONF_T_SANS ? "KIND:PATTERN"
						  : "TYPE=PATTERN, TYPE=PATTERN ... in quotes",
		    wrong);
		return;
	}
	keep_once(walk, path, node, text, ret);
}

static void
read_strs(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_strs *ret)
{
	size_t index = 0;
	if (!sg_conf_is_list(walk, row, path, node) || node->children_n == 0)
		return;
	ret->item = sg_calloc(node->children_n, sizeof ret->item[0]);
	if (ret->item == NULL) {
		walk->nomem = true;
		return;
	}
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		item_path(at, sizeof at, path, index);
		if (n->kind != SG_CONF_BROKEN)
			read_item(walk, row, at, node, n, ret);
	}
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
		read_path(walk, row, path, node, out);
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
		sg_ignore(!read_word(walk, row, path, node, out)); /* reported already */
		return;
	case SG_CONF_T_FLAGS:
		read_flags(walk, row, path, node, out);
		return;
	case SG_CONF_T_KINDS:
		read_kinds(walk, row, path, node, out);
		return;
	case SG_CONF_T_LISTENS:
		read_listens(walk, row, path, node, out);
		return;
	case SG_CONF_T_NETS:
		read_nets(walk, row, path, node, out);
		return;
	case SG_CONF_T_PATHS:
	case SG_CONF_T_EKUS:
	case SG_CONF_T_SUBJECTS:
	case SG_CONF_T_SANS:
		read_strs(walk, row, path, node, out);
		return;
	}
}

static void
free_listens(struct sg_conf_listens *listens)
{
	for (size_t i = 0; i < listens->n; i++)
		sg_free(listens->item[i].text);
	sg_free(listens->item);
}

static void
free_strs(struct sg_conf_strs *strs)
{
	for (size_t i = 0; i < strs->n; i++)
		sg_free(strs->item[i]);
	sg_free(strs->item);
}

void
sg_conf_value_free(const struct sg_conf_row *row, void *out)
{
	switch (row->type) {
	case SG_CONF_T_TEXT:
	case SG_CONF_T_NAME:
	case SG_CONF_T_PATH:
	case SG_CONF_T_URL:
		sg_free(*(char **)out);
		return;
	case SG_CONF_T_KINDS:
		free_strs(&((struct sg_conf_kinds *)out)->others);
		return;
	case SG_CONF_T_LISTENS:
		free_listens(out);
		return;
	case SG_CONF_T_NETS:
		sg_free(((struct sg_conf_nets *)out)->item);
		return;
	case SG_CONF_T_PATHS:
	case SG_CONF_T_EKUS:
	case SG_CONF_T_SUBJECTS:
	case SG_CONF_T_SANS:
		free_strs(out);
		return;
	case SG_CONF_T_SECTION:
	case SG_CONF_T_NAMED:
	case SG_CONF_T_ITEMS:
	case SG_CONF_T_DURATION:
	case SG_CONF_T_INT:
	case SG_CONF_T_BOOL:
	case SG_CONF_T_WORD:
	case SG_CONF_T_FLAGS:
		return;
	}
}
