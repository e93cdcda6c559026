/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/value.h - private: options to typed values, with one line per mistake
 */

#include "conf/schema.h"
#include "conf/tree.h"

/* What a pass over the tree carries. */
struct sg_conf_walk {
	struct sg_conf_errors *errs;
	bool partial;
	bool nomem; /* sticky; looked at once, at the end */
};

#define SG_CONF_PATH_LEN 320u /* of an option in a message, cut beyond */

/*
 * Read the value of an option into out (the field of that row's type). Mistakes go to
 * walk->errs. path is the option's for messages.
 */
void
sg_conf_value_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, void *out);

/* Release what sg_conf_value_read put there; not for sections. */
void
sg_conf_value_free(const struct sg_conf_row *row, void *out);

/* One "'PATH': expected X, found Y; DO" about a node. */
void
sg_conf_wrong(struct sg_conf_walk *walk, const char *rule, const char *path,
    const struct sg_conf_node *node, const char *expected, const char *todo);

/* The same with what the row's type expects, and an example of it. */
void
sg_conf_wrong_type(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, const char *rule);

/* A scalar that says something, if only "". */
bool
sg_conf_is_scalar(const struct sg_conf_node *node);
/* A copy; walk->nomem when there is no memory for it, and then *ret is NULL. */
void
sg_conf_keep_text(struct sg_conf_walk *walk, const char *text, char **ret);
/* One word of the row's table; false when it was refused and reported. */
bool
sg_conf_word_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, unsigned *ret);
/* A path; what is none is reported, and *ret stays as it was. */
void
sg_conf_path_read(struct sg_conf_walk *walk, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, char **ret);

/* Outside text for a message: escaped and cut. */
void
sg_conf_show(char *out, size_t out_len, const char *text);

/* How unlike two words are; letter case and '_' for '-' do not count. 99 when too long. */
unsigned
sg_conf_distance(const char *a, const char *b);
/* True when b may be what was meant by a. */
bool
sg_conf_similar(const char *a, const char *b);
