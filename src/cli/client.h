/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/client.h - the SCEP client (enroll/) as enroll, renew, getcacert and getcacaps use it: opened
 * from the command line, its events and failures told to people and to machines
 */

#include "api/outputs.h"
#include "base/err.h"
#include "cli/cli.h"
#include "enroll/job.h"
#include "enroll/session.h"
#include "json/doc.h"

struct cli_client {
	const struct cli_args *args;
	struct sg_enroll *session;
	/* Printed when they came; of more only the first are kept. */
	struct sg_slice warning[SG_API_CLIENT_WARNINGS_MAX];
	size_t warning_n;
	struct sg_json_doc doc; /* what warnings and answers are kept in */
};

/* The server is the first argument. SG_E_USAGE. */
SG_RC
cli_client_open(const struct cli_args *args, struct cli_client *ret, struct sg_err *err);
void
cli_client_close(struct cli_client *c);
#define cli_client_scoped __attribute__((cleanup(cli_client_close))) struct cli_client
/* For the answer with --json. */
struct sg_json_list
cli_client_warnings(const struct cli_client *c);
/* Print the failure, what to do about it, and with --json an object; returns the exit code. */
int
cli_client_fail(const struct cli_client *c, const struct sg_err *why);
/* The whole of enroll or renew once its options were read; returns the exit code. */
int
cli_client_run(struct cli_client *c, const struct sg_enroll_job_options *options);
