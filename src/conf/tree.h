/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/tree.h - private: the YAML text as a small tree, before the schema looks at it
 *
 * The tree stays with the configuration, because it knows the line of everything.
 */

#include "conf/conf.h"

enum sg_conf_kind {
	SG_CONF_SCALAR = 1,
	SG_CONF_LIST,
	SG_CONF_SECTION,
	SG_CONF_BROKEN, /* reported already: the schema says nothing about it */
};

struct sg_conf_node {
	enum sg_conf_kind kind;
	bool quoted;   /* scalar in quotes */
	bool flow;     /* list or section in brackets */
	unsigned line; /* of the key, in a list of the item itself */
	char *key;     /* in a section; NULL in a list */
	char *text;    /* scalar: printable UTF-8 without NUL */
	size_t children_n;
	struct sg_conf_node *first, *last; /* children */
	struct sg_conf_node *next;
};

struct sg_conf_lines {
	struct sg_conf_node *root; /* NULL: the text has no content */
	bool partial;		   /* reading stopped at a mistake: the end is missing */
};

/*
 * Read the text. Mistakes of the text itself go to errs; what could be read is in *ret.
 * SG_E_NOMEM is the only failure.
 */
SG_RC
sg_conf_tree_read(struct sg_slice text, struct sg_conf_lines **ret, struct sg_conf_errors *errs);

void
sg_conf_lines_free(struct sg_conf_lines **linesp);

/* The node at a path, or NULL; *ret_line (may be NULL) is its line or that of the nearest
 * section around it. */
const struct sg_conf_node *
sg_conf_tree_find(const struct sg_conf_lines *lines, const char *path, unsigned *ret_line);

/* The entry of a section, or NULL. */
const struct sg_conf_node *
sg_conf_node_child(const struct sg_conf_node *section, const char *key);
