/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/schema.h - the table that the parser, the check and the documentation share: read by conf
 * alone, and written by a role that brings options of its own (sg_service.rows)
 */

#include "conf/files.h"

enum sg_conf_type {
	SG_CONF_T_SECTION = 1,
	SG_CONF_T_NAMED, /* a section whose keys are names that the operator chooses */
	SG_CONF_T_ITEMS, /* a list of sections */
	SG_CONF_T_TEXT,
	SG_CONF_T_NAME,
	SG_CONF_T_PATH,
	SG_CONF_T_URL,
	SG_CONF_T_DURATION, /* int64_t seconds */
	SG_CONF_T_INT,	    /* uint64_t */
	SG_CONF_T_BOOL,
	SG_CONF_T_WORD,	 /* unsigned: one of words */
	SG_CONF_T_FLAGS, /* unsigned: a list of words, or-ed */
	SG_CONF_T_KINDS, /* struct sg_conf_kinds: a list of words, and of "other:" and an OID */
	SG_CONF_T_LISTENS,
	SG_CONF_T_NETS,
	SG_CONF_T_PATHS,
	SG_CONF_T_EKUS,
	SG_CONF_T_SUBJECTS,
	SG_CONF_T_SANS,
};

struct sg_conf_word {
	const char *word; /* NULL ends the table */
	unsigned value;
	const char *why; /* not NULL: a known word that is refused, and why */
};

struct sg_conf_row {
	const char *path; /* '*' stands for a name that the operator chooses, or an item */
	enum sg_conf_type type;
	bool required;
	const char *needed_by; /* of a section: it is required where one of these is written */
	bool written;	       /* optional without default, but the file of `signet up` has it */
	bool commented;	       /* has a default, and the file of `signet up` has it as a comment */
	size_t off;	       /* in struct sg_conf, or in what size is of */
	size_t size; /* named sections and items: of an element; a section: of its own values */
	int64_t min, max; /* characters, value, seconds, or items of a list */
	const struct sg_conf_word *words;
	const char *def;	     /* as it would be written; NULL: none */
	const char *example;	     /* for messages and the written file */
	enum sg_conf_file_kind file; /* paths and addresses: what is there; NONE elsewhere */
	const char *to;		     /* the roles that get it, names with a space between */
	const char *certificate;     /* of a private key that belongs to one: that option */
	const char *text;	     /* what it is, and why it is so */
};

/* A rule of the check: the word in an error, and why it exists. */
struct sg_conf_rule {
	const char *rule;
	const char *text;
};

/* How lists of anything and named sections look. */
struct sg_conf_any {
	size_t n;
	void *item;
};

extern const struct sg_conf_row sg_conf_rows[];	  /* ends with path NULL */
extern const struct sg_conf_rule sg_conf_rules[]; /* ends with rule NULL */

/*
 * More rows, which end with path NULL: sections of their own, each with a size, so that the values
 * of its options are in a struct of that size (sg_conf_own) and not in struct sg_conf. At most
 * SG_CONF_OWN_MAX tables, before the first sg_conf_parse and by one thread.
 */
void
sg_conf_rows_add(const struct sg_conf_row *rows);
/* The row after one, in all tables; NULL: the first row, and past the last one. */
const struct sg_conf_row *
sg_conf_row_after(const struct sg_conf_row *row);
/* The last component of a row's path. */
const char *
sg_conf_row_key(const struct sg_conf_row *row);
/* The next row right below parent ("" is the top), after prev (NULL: from the start). */
const struct sg_conf_row *
sg_conf_row_next(const char *parent, const struct sg_conf_row *prev);
/* "an integer from 1000 to 65500", "a list of paths". */
void
sg_conf_put_type(struct sg_buf *b, const struct sg_conf_row *row);
/* "90d": the largest unit that fits without a rest. */
void
sg_conf_put_duration(struct sg_buf *b, int64_t s);
