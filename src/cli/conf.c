/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conf.c - finding and reading the configuration, before a command asks what runs with it
 */

#include "cli/conf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "cli/args.h"
#include "service/owner.h"

#define CONF_MAX (256u * 1024u)

/* The name that was given or that is usual, its absolute path in path; NULL after a message. */
static const char *
find_conf(const struct cli_args *a, char path[PATH_MAX])
{
	const char *const usual[] = {"signet-data/signet.yaml", "/etc/signet/signet.yaml"};
	const char *given = cli_get(a, "config");

	if (given != NULL) {
		if (realpath(given, path) != NULL)
			return given;
		fprintf(stderr, "signet %s: %s: %s; make a configuration with: signet up DIR\n",
		    a->command->name, given, strerror(errno));
		return NULL;
	}
	for (size_t n = 0; n < 2; n++)
		if (realpath(usual[n], path) != NULL)
			return usual[n];
	fprintf(stderr,
	    "signet %s: no configuration: neither %s nor %s is there; say which with -c FILE\n",
	    a->command->name, usual[0], usual[1]);
	return NULL;
}

const char *
cli_conf_path(const struct cli_args *a)
{
	static char path[PATH_MAX];

	return find_conf(a, path) == NULL ? NULL : path;
}

bool
cli_conf_way_is_ours(const struct cli_args *a)
{
	char path[PATH_MAX];
	const char *name = find_conf(a, path);
	struct sg_err err;

	if (name != NULL && sg_owner_check_way(name, &err) == SG_OK)
		return true;
	if (name != NULL)
		cli_fail(a, &err);
	return false;
}

struct sg_conf *
cli_conf_load(const struct cli_args *a, const char *path)
{
	sg_buf_scoped text = {.max = CONF_MAX}, lines = {0};
	struct sg_conf *conf = NULL;
	struct sg_conf_errors *errs = sg_xalloc(sizeof *errs);
	struct sg_err err;

	if (sg_file_read(path, &text, &err) != SG_OK) {
		cli_fail(a, &err);
	} else if (sg_conf_parse(sg_buf_slice(&text), path, &conf, errs) != SG_OK) {
		sg_conf_errors_put(errs, &lines);
		fputs(sg_buf_text(&lines), stderr);
	}
	sg_free(errs);
	return conf;
}
