/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * explain/catalog.h - every rule that can refuse something: who is to blame, why it happens,
 * what to do
 *
 * One row per rule word of sg_fail; a row "name.*" stands for every word that begins with
 * "name." (and for "name") when cause and remedy are the same. tools/check-rules.py says
 * which words have no row and which rows no word.
 * Threads: constant data.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Who can fix it. */
enum sg_blame {
	SG_BLAME_DEVICE = 1, /* the client's request or software */
	SG_BLAME_ADMIN = 2,  /* what an administrator ordered, typed or configured */
	SG_BLAME_SERVER = 3, /* this server's environment: disk, memory, clock, load */
	SG_BLAME_SIGNET = 4, /* a mistake in Signet itself: report it */
	SG_BLAME_ATTACK = 5, /* honest clients do not do this */
};

/* What the SCEP client is told (RFC 8894 3.2.1.4); the numbers are the protocol's. For
 * people: what is sent is decided by the code of the failure (sg_scep_fail_from). */
enum sg_told {
	SG_TOLD_BAD_ALG = 0,
	SG_TOLD_BAD_MESSAGE_CHECK = 1,
	SG_TOLD_BAD_REQUEST = 2,
	SG_TOLD_BAD_TIME = 3,
	SG_TOLD_BAD_CERT_ID = 4,
	SG_TOLD_NONE = 5, /* no CertRep: an HTTP status, or nobody asks */
};

struct sg_catalog_rule {
	const char *rule;
	enum sg_blame blame;
	enum sg_told answer;
	const char *title;  /* "wrong challenge" */
	const char *cause;  /* sentences for the administrator */
	const char *remedy; /* what to do, with the command that helps */
};

/* The row of a rule word: its own, else the longest prefix row; never NULL (unknown words
 * get a row that says so). */
const struct sg_catalog_rule *
sg_catalog_find(const char *rule);
/* The word has a row of its own or a prefix row. */
bool
sg_catalog_known(const char *rule);
/* The rows one by one, from 0, in the order of the catalog; NULL after the last. */
const struct sg_catalog_rule *
sg_catalog_at(size_t i);
const char *
sg_blame_name(enum sg_blame blame); /* "the device" */

/* "rule", "text", title, cause, remedy as paragraphs, wrapped at width columns. text, the
 * sentence of the failure, may be NULL. */
void
sg_catalog_print(struct sg_buf *out, const char *rule, const char *text, unsigned width);
