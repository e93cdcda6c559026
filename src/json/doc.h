/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/doc.h - what holds the texts, bytes and lists that were read
 *
 * Security: wiped when it is cleared: there may be secrets.
 * Threads:  a doc belongs to one thread at a time.
 */

#include <stddef.h>

/* Zeroed to begin with; as many texts as are wanted may be read into one. */
struct sg_json_doc {
	struct sg_json_block *block; /* the newest of them */
};

void
sg_json_doc_clear(struct sg_json_doc *doc);
#define sg_json_doc_scoped __attribute__((cleanup(sg_json_doc_clear))) struct sg_json_doc

/* Zeroed memory that lives as long as the doc's content; NULL: there is none. */
void *
sg_json_doc_take(struct sg_json_doc *doc, size_t size);
