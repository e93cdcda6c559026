/* SPDX-License-Identifier: Apache-2.0 */

/*
 * list.c - an option that is a list to its typed value: under sg_conf_value_read, which has what is
 * no list
 */

#include "conf/list.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/item_private.h"
#include "policy/pattern_syntax.h"

bool
sg_conf_is_list(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node)
{
	if (node->kind == SG_CONF_BROKEN)
		return false;
	if (node->kind != SG_CONF_LIST) {
		sg_conf_wrong_type(walk, row, path, node, "conf.type");
		return false;
	}
	if (node->children_n < (size_t)row->min || node->children_n > (size_t)row->max) {
		sg_conf_wrong_type(walk, row, path, node, "conf.range");
		return false;
	}
	return true;
}

/* Zeroed, for n items; NULL: it is no list, or an empty one, or there is no memory. */
static void *
room_for(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, size_t n, size_t size)
{
	if (!sg_conf_is_list(walk, row, path, node) || node->children_n == 0)
		return NULL;
	void *room = sg_calloc(n, size);
	if (room == NULL)
		walk->nomem = true;
	return room;
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
add_flag(struct sg_conf_walk *walk, const char *path, const struct sg_conf_node *node, unsigned bit,
    unsigned *flags)
{
	if ((*flags & bit) != 0)
		repeated(walk, path, node);
	*flags |= bit;
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
		if (n->kind != SG_CONF_BROKEN && sg_conf_word_read(walk, row, at, n, &bit))
			add_flag(walk, at, n, bit, &flags);
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
	sg_conf_keep_text(walk, text, &ret->item[ret->n]);
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
	ret->others.item = room_for(
	    walk, row, path, node, SG_SAN_OTHERS_MAX, sizeof ret->others.item[0]);
	if (ret->others.item == NULL)
		return;
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		const char *oid = NULL, *wrong = NULL;
		unsigned bit = 0;
		item_path(at, sizeof at, path, index);
		if (sg_conf_is_scalar(n))
			wrong = sg_conf_other_parse(n->text, &oid);
		if (wrong != NULL)
			sg_conf_wrong(walk, "conf.unknown", at, n, "other: and an OID", wrong);
		else if (oid != NULL)
			read_other(walk, at, n, oid, &ret->others);
		else if (n->kind != SG_CONF_BROKEN && sg_conf_word_read(walk, row, at, n, &bit))
			add_flag(walk, at, n, bit, &ret->flags);
	}
}

static void
read_listens(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_listens *ret)
{
	size_t index = 0;
	ret->item = room_for(walk, row, path, node, node->children_n, sizeof ret->item[0]);
	if (ret->item == NULL)
		return;
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
		sg_conf_keep_text(walk, n->text, &l->text);
	}
}

static void
read_nets(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_nets *ret)
{
	size_t index = 0;
	ret->item = room_for(walk, row, path, node, node->children_n, sizeof ret->item[0]);
	if (ret->item == NULL)
		return;
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		struct sg_net net = {.bits = 0};
		size_t same = 0;
		item_path(at, sizeof at, path, index);
		if (n->kind == SG_CONF_BROKEN)
			continue;
		const char *wrong = sg_conf_is_scalar(n) ? sg_net_parse(n->text, &net)
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
		sg_conf_path_read(walk, row, path, node, &file);
		if (file != NULL && has_str(ret, file))
			repeated(walk, path, node);
		if (file != NULL)
			ret->item[ret->n++] = file;
		return;
	}
	if (!sg_conf_is_scalar(node)) {
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
	ret->item = room_for(walk, row, path, node, node->children_n, sizeof ret->item[0]);
	if (ret->item == NULL)
		return;
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char at[SG_CONF_PATH_LEN];
		item_path(at, sizeof at, path, index);
		if (n->kind != SG_CONF_BROKEN)
			read_item(walk, row, at, node, n, ret);
	}
}

void
sg_conf_list_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, void *out)
{
	if (row->type == SG_CONF_T_FLAGS)
		read_flags(walk, row, path, node, out);
	else if (row->type == SG_CONF_T_KINDS)
		read_kinds(walk, row, path, node, out);
	else if (row->type == SG_CONF_T_LISTENS)
		read_listens(walk, row, path, node, out);
	else if (row->type == SG_CONF_T_NETS)
		read_nets(walk, row, path, node, out);
	else
		read_strs(walk, row, path, node, out);
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
sg_conf_list_free(const struct sg_conf_row *row, void *out)
{
	if (row->type == SG_CONF_T_KINDS)
		free_strs(&((struct sg_conf_kinds *)out)->others);
	else if (row->type == SG_CONF_T_LISTENS)
		free_listens(out);
	else if (row->type == SG_CONF_T_NETS)
		sg_free(((struct sg_conf_nets *)out)->item);
	else if (row->type == SG_CONF_T_PATHS || row->type == SG_CONF_T_EKUS ||
		 row->type == SG_CONF_T_SUBJECTS || row->type == SG_CONF_T_SANS)
		free_strs(out);
}
