/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ask.c - one question to a role of the running system, found by way of its configuration
 */

#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/args.h"
#include "cli/conf.h"
#include "cli/json.h"
#include "ipc/control.h"

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
	if (rc == SG_E_TIMEOUT && strcmp(err->rule, "control.timeout") == 0)
		return sg_fail(err, SG_E_TIMEOUT, "control.timeout",
		    "%s does not answer: if it hangs, end its process (kill -9), and it is started "
		    "again",
		    role);
	return rc;
}

json_t *
cli_ask_new(const char *verb)
{
	json_t *question = json_object();

	json_object_set_new(question, "verb", json_string(verb));
	return question;
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
