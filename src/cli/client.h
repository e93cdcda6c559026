/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/client.h - the SCEP client (enroll/) as enroll, renew, getcacert and getcacaps use it: opened
 * from the command line, its events and failures told to people and to machines
 */

#include <jansson.h>

#include "base/err.h"
#include "cli/cli.h"
#include "enroll/job.h"
#include "enroll/session.h"

struct cli_client {
	const struct cli_args *args;
	struct sg_enroll *session;
	json_t *warnings; /* also printed when they came */
};

/* The server is the first argument. SG_E_USAGE. */
SG_RC
cli_client_open(const struct cli_args *args, struct cli_client *ret, struct sg_err *err);
void
cli_client_close(struct cli_client *c);
#define cli_client_scoped __attribute__((cleanup(cli_client_close))) struct cli_client
/* Print the failure, what to do about it, and with --json an object; returns the exit code. */
int
cli_client_fail(const struct cli_client *c, const struct sg_err *why);
/* The whole of enroll or renew once its options were read; returns the exit code. */
int
cli_client_run(struct cli_client *c, const struct sg_enroll_job_options *options);
