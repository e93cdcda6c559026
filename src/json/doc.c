/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doc.c - memory in blocks, which goes all at once: a page of a list is thousands of small texts
 */

#include "json/doc.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/alloc.h"

#define BLOCK_MIN 4096u

struct sg_json_block {
	struct sg_json_block *older;
	size_t used, size; /* of data */
	alignas(max_align_t) uint8_t data[];
};

void *
sg_json_doc_take(struct sg_json_doc *doc, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct sg_json_block *block = doc->block;

	if (size > SIZE_MAX / 2) {
		doc->failed = true;
		return NULL;
	}
	size = (size + align - 1) / align * align;
	if (block == NULL || block->size - block->used < size) {
		size_t room = size < BLOCK_MIN ? BLOCK_MIN : size;
		block = sg_alloc(sizeof *block + room);
		if (block == NULL) {
			doc->failed = true;
			return NULL;
		}
		block->size = room;
		block->older = doc->block;
		doc->block = block;
	}
	void *p = block->data + block->used;
	block->used += size;
	return p;
}

struct sg_slice
sg_json_doc_keep(struct sg_json_doc *doc, struct sg_slice bytes)
{
	char *copy = bytes.len == SIZE_MAX ? NULL : sg_json_doc_take(doc, bytes.len + 1);

	if (copy != NULL && bytes.len > 0)
		memcpy(copy, bytes.p, bytes.len);
	return sg_slice(copy, copy == NULL ? 0 : bytes.len);
}

void
sg_json_doc_clear(struct sg_json_doc *doc)
{
	while (doc->block != NULL) {
		struct sg_json_block *block = doc->block;
		doc->block = block->older;
		sg_wipe(block->data, block->used);
		sg_free(block);
	}
	doc->failed = false;
}
