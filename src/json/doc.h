/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/doc.h - what holds the texts, bytes and lists that were read
 *
 * Security: wiped when it is cleared: there may be secrets.
 * Threads:  a doc belongs to one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Zeroed to begin with; as many texts as are wanted may be read into one. */
struct sg_json_doc {
	struct sg_json_block *block; /* the newest of them */
	bool failed;		     /* there was no memory for something */
};

void
sg_json_doc_clear(struct sg_json_doc *doc);
#define sg_json_doc_scoped __attribute__((cleanup(sg_json_doc_clear))) struct sg_json_doc

/* Zeroed memory that lives as long as the doc's content; NULL: there is none. */
void *
sg_json_doc_take(struct sg_json_doc *doc, size_t size);
/* A copy of bytes there, followed by a NUL; p is NULL where there is no memory. */
struct sg_slice
sg_json_doc_keep(struct sg_json_doc *doc, struct sg_slice bytes);
