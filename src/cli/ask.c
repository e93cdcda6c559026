/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ask.c - finding the configuration and the running system behind it
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "base/file.h"
#include "service/owner.h"
#include "ipc/control.h"

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

/* The socket of a role, by way of /proc because socket paths end at 107 bytes. */
static enum sg_code
ask_socket(const char *dir, const char *role, struct sg_slice question, enum sg_code *ret_code,
    struct sg_buf *answer, struct sg_err *err)
{
	char path[64];

	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sg_fail(err, SG_E_IO, "control.connect",
		    "%s: %s; is signet running with this configuration? start it with: signet up",
		    dir, strerror(errno));
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s.sock", fd, role);
	enum sg_code rc = sg_control_ask(path, question, ret_code, answer, err);
	close(fd);
	if (rc == SG_E_IO && strcmp(err->rule, "control.connect") == 0)
		return sg_fail(err, SG_E_IO, "control.connect",
		    "%s/%s.sock: nobody answers; is signet running with this configuration? start "
		    "it with: signet up",
		    dir, role);
	return rc;
}

int
cli_ask(const struct cli_args *a, const char *role, json_t *question, json_t **ret)
{
	sg_buf_scoped dir = {0}, answer = {0};
	enum sg_code code = SG_OK;
	struct sg_err err;
	const char *path = cli_conf_path(a);
	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(a, path);

	if (conf == NULL) {
		json_decref(question);
		return EXIT_USAGE;
	}
	sg_conf_put_path(&dir, path, conf->data);
	sg_buf_puts(&dir, "/run");
	sg_conf_free(&conf);
	char *text = json_dumps(question, JSON_COMPACT);
	json_decref(question);
	enum sg_code rc =
	    text == NULL
		? sg_fail(&err, SG_E_USAGE, "utf8", "an argument is not well-formed UTF-8")
		: ask_socket(sg_buf_text(&dir), role, sg_slice_str(text), &code, &answer, &err);
	free(text);
	if (rc != SG_OK)
		return cli_fail(a, &err);
	json_t *object = json_loadb((const char *)answer.p, answer.len, 0, NULL);
	if (code == SG_OK && object != NULL) {
		*ret = object;
		return EXIT_OK;
	}
	sg_ignore(sg_fail(&err, code == SG_OK ? SG_E_INTERNAL : code, "control", "%s",
	    object == NULL ? "the answer is not JSON" : cli_json_text(object, "error")));
	json_decref(object);
	return cli_fail(a, &err);
}

void
cli_print_json(const json_t *v)
{
	sg_ignore(json_dumpf(v, stdout, JSON_INDENT(2)) != 0);
	putchar('\n');
}

const char *
cli_json_text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s == NULL ? "" : s;
}

const char *
cli_json_show(const json_t *o, const char *name)
{
	return cli_show(cli_json_text(o, name));
}

int64_t
cli_json_int(const json_t *o, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(o, name));
}
