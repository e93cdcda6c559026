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

/* ---- routes ---- */

#define ECHO_TEXT_ROWS(R, T) R(T, text, required, text, (0, 4096), "what is said, or a path")
SG_JSON_DECLARE(echo_text, ECHO_TEXT_ROWS);
SG_JSON_DEFINE(echo_text, ECHO_TEXT_ROWS, "a text");

#define ECHO_SAID_ROWS(R, T)                                                                       \
	R(T, text, required, greeting, (1, 32), "the option's")                                    \
	R(T, text, required, text, (0, 4096), "what was said")                                     \
	R(T, hex, required, mac, (32, 32), "HMAC-SHA-256 of it under the secret")
SG_JSON_DECLARE(echo_said, ECHO_SAID_ROWS);
SG_JSON_DEFINE(echo_said, ECHO_SAID_ROWS, "what comes back");

#define ECHO_TRIED_ROWS(R, T) R(T, int, required, error, (0, 4096), "errno; 0: it worked")
SG_JSON_DECLARE(echo_tried, ECHO_TRIED_ROWS);
SG_JSON_DEFINE(echo_tried, ECHO_TRIED_ROWS, "what came of it");

#define ECHO_ROUTES(R)                                                                             \
	R(echo, say, POST, "/v1/echo/say", ONE, READ, sg_api_none, echo_text, echo_said,           \
	    "say a text back")                                                                     \
	R(echo, open, POST, "/v1/echo/open", ONE, READ, sg_api_none, echo_text, echo_tried,        \
	    "open a file")                                                                         \
	R(echo, socket, POST, "/v1/echo/socket", ONE, READ, sg_api_none, sg_api_none, echo_tried,  \
	    "make a socket")
SG_API_ROUTES_DECLARE(echo, ECHO_ROUTES);
SG_API_ROUTES_DEFINE(echo, ECHO_ROUTES);

static enum sg_code
say(struct sg_api_call *call, struct sg_err *err)
{
	const struct echo *e = call->role;
	const struct echo_text *body = call->body;
	uint8_t mac[SG_SHA256_LEN];

	enum sg_code rc = sg_hmac_sha256(sg_buf_slice(&e->secret), body->text, mac, err);
	if (rc != SG_OK)
		return rc;
	struct echo_said said = {.greeting = sg_slice_str(e->conf->greeting),
	    .text = body->text,
	    .mac = sg_slice(mac, sizeof mac)};
	sg_api_put(call, &said);
	return SG_OK;
}

static enum sg_code
put_tried(struct sg_api_call *call, int fd)
{
	struct echo_tried tried = {.error = fd < 0 ? errno : 0};

	if (fd >= 0)
		close(fd);
	sg_api_put(call, &tried);
	return SG_OK;
}

static enum sg_code
try_open(struct sg_api_call *call, struct sg_err *err)
{
	const struct echo_text *body = call->body;
	sg_buf_scoped path = {0};

	sg_ignore(err == NULL);
	sg_buf_put_slice(&path, body->text);
	return put_tried(call, open(sg_buf_text(&path), O_RDONLY | O_CLOEXEC));
}

static enum sg_code
try_socket(struct sg_api_call *call, struct sg_err *err)
{
	sg_ignore(err == NULL);
	return put_tried(call, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static sg_api_handler *const handlers[SG_API_echo_n] = {
    [SG_API_echo_say] = say, [SG_API_echo_open] = try_open, [SG_API_echo_socket] = try_socket};
static const struct sg_api api = {.routes = &sg_api_echo_routes, .handler = handlers};

const struct sg_service echo_service = {
    .name = "echo",
    .section = "echo",
    .rows = rows,
    .api = &api,
    .calls = {&sg_sandbox_no_files},
    .path = {{SG_SERVICE_PATH_OWN, "/db/echo", 0700}},
    .descriptors = 64,
    .data_mib = 64,
    .start = start,
};
