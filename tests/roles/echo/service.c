/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service.c - a role that nothing in src knows: it says back what the command line says, with a MAC
 * under a secret that it was handed, and tries what its sandbox forbids
 *
 * It is all that a role of an option and a control socket is: this file and a row in a table.
 */

#include "roles/echo/service.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/schema.h"
#include "crypto/digest.h"

#define SECRET_LEN 32u

/* ---- options ---- */

struct echo_conf {
	char *secret;
	char *greeting;
};

static const struct sg_conf_row rows[] = {
    {.path = "echo",
	.type = SG_CONF_T_SECTION,
	.size = sizeof(struct echo_conf),
	.text = "What says back what it hears: with this section the role echo runs here."},
    {.path = "echo.secret",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = offsetof(struct echo_conf, secret),
	.example = "keys/echo.key",
	.file = SG_CONF_FILE_SECRET,
	.to = "echo",
	.text = "A file of exactly 32 random bytes, the key of its answers' MAC."},
    {.path = "echo.greeting",
	.type = SG_CONF_T_TEXT,
	.min = 1,
	.max = 32,
	.off = offsetof(struct echo_conf, greeting),
	.def = "hello",
	.text = "What it puts in front of them."},
    {.path = NULL},
};

/* ---- the role ---- */

struct echo {
	const struct echo_conf *conf;
	struct sg_buf secret;
};

static enum sg_code
start(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct echo *e = sg_xalloc(sizeof *e);

	ctx->state = e;
	e->conf = sg_conf_own(ctx->conf, "echo");
	enum sg_code rc = sg_service_take_file(ctx, "echo.secret", &e->secret, err);
	if (rc == SG_OK && e->secret.len != SECRET_LEN)
		rc = sg_fail(err, SG_E_CONF, "echo.secret", "echo.secret: want %u bytes, have %zu",
		    SECRET_LEN, e->secret.len);
	return rc;
}

static enum sg_code
verb_say(struct sg_verb_call *c, struct sg_err *err)
{
	const struct echo *e = c->role;
	const char *text = sg_json_text(c->ask, "text");
	uint8_t mac[SG_SHA256_LEN];

	enum sg_code rc = sg_hmac_sha256(sg_buf_slice(&e->secret), sg_slice_str(text), mac, err);
	if (rc != SG_OK)
		return rc;
	sg_json_set_text(c->answer, "greeting", sg_slice_str(e->conf->greeting));
	sg_json_set_text(c->answer, "text", sg_slice_str(text));
	sg_json_set_hex(c->answer, "mac", sg_slice(mac, sizeof mac));
	return SG_OK;
}

/* Why a file cannot be opened, as errno. */
static enum sg_code
verb_open(struct sg_verb_call *c, struct sg_err *err)
{
	sg_ignore(err == NULL);
	int fd = open(sg_json_text(c->ask, "path"), O_RDONLY | O_CLOEXEC);
	sg_json_set_int(c->answer, "errno", fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
	return SG_OK;
}

static enum sg_code
verb_socket(struct sg_verb_call *c, struct sg_err *err)
{
	sg_ignore(err == NULL);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sg_json_set_int(c->answer, "errno", fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
	return SG_OK;
}

static const struct sg_verb verbs[] = {
    {"say", verb_say}, {"open", verb_open}, {"socket", verb_socket}, {NULL, NULL}};

const struct sg_service echo_service = {
    .name = "echo",
    .section = "echo",
    .rows = rows,
    .verbs = verbs,
    .calls = {&sg_sandbox_no_files},
    .path = {{SG_SERVICE_PATH_OWN, "/db/echo", 0700}},
    .descriptors = 64,
    .data_mib = 64,
    .start = start,
};
