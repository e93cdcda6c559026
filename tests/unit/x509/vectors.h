/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * vectors.h - messages of real software, found where SIGNET_VECTORS points
 */

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

#define VECTOR_MAX 262144u

static inline void
vectors_file(const char *path, void (*visit)(const char *path, struct sg_slice data))
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(VECTOR_MAX);
	assert_non_null(f);
	assert_non_null(data);
	size_t len = fread(data, 1, VECTOR_MAX, f);
	fclose(f);
	visit(path, sg_slice(data, len));
	free(data);
}

/* Every file in the folders below whose name ends so. False, loudly, without vectors. */
static inline bool
vectors_each(const char *ending, void (*visit)(const char *path, struct sg_slice data))
{
	const char *root = getenv("SIGNET_VECTORS");
	DIR *top = root != NULL ? opendir(root) : NULL;
	if (top == NULL) {
		fprintf(stderr, "SKIPPED: SIGNET_VECTORS does not point to the vectors\n");
		return false;
	}
	for (struct dirent *sub; (sub = readdir(top)) != NULL;) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", root, sub->d_name);
		DIR *dir = sub->d_name[0] != '.' ? opendir(path) : NULL;
		for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
			size_t len = strlen(e->d_name), end = strlen(ending);
			if (len < end || strcmp(e->d_name + len - end, ending) != 0)
				continue;
			snprintf(path, sizeof path, "%s/%s/%s", root, sub->d_name, e->d_name);
			vectors_file(path, visit);
		}
		if (dir != NULL)
			closedir(dir);
	}
	closedir(top);
	return true;
}
