/* SPDX-License-Identifier: Apache-2.0 */

/*
 * replay.c - run a fuzz target over every file of a corpus directory, and over every
 * prefix and some single-byte changes of each that has a name, so that a replay can fail.
 * What tools/fuzz-merge took, named by its hash, is many small changes already.
 */

#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_LEN (256u * 1024u)

static void
run_copy(const uint8_t *data, size_t len)
{
	/* An exact heap copy, so that a sanitizer sees one byte too far. */
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static bool
is_hash(const char *name)
{
	return strspn(name, "0123456789abcdef") == 16 && name[16] == '\0';
}

static void
run_variants(uint8_t *data, size_t len)
{
	size_t step = len / 256 + 1;
	for (size_t n = 0; n < len; n += step)
		run_copy(data, n);
	for (size_t n = 0; n < len; n += step) {
		uint8_t was = data[n];
		data[n] = (uint8_t)(was ^ 0x80);
		run_copy(data, len);
		data[n] = 0;
		run_copy(data, len);
		data[n] = was;
	}
}

int
main(int argc, char **argv)
{
	size_t files = 0;
	uint8_t *data = malloc(FILE_MAX_LEN);
	if (argc != 2 || data == NULL) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
		return 2;
	}
	DIR *dir = opendir(argv[1]);
	if (dir == NULL) {
		fprintf(stderr, "%s: no corpus\n", argv[1]);
		return 1;
	}
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char path[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
		FILE *f = fopen(path, "rb");
		if (f == NULL)
			return 1;
		size_t len = fread(data, 1, FILE_MAX_LEN, f);
		fclose(f);
		run_copy(data, len);
		if (!is_hash(e->d_name))
			run_variants(data, len);
		files++;
	}
	closedir(dir);
	free(data);
	printf("%zu corpus files\n", files);
	return files > 0 ? 0 : 1;
}
