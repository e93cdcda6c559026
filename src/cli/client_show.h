/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/client_show.h - certificates, and what became of a request, for people and for machines
 */

#include <jansson.h>

#include "cli/client.h"
#include "enroll/job.h"
#include "x509/cert.h"

/* {"subject", "issuer", "serial", "not_before", "not_after", "sha256", "sans"} */
json_t *
cli_client_cert_json(const struct sg_cert *cert);
/* The same, as aligned lines. */
void
cli_client_cert_print(const struct sg_cert *cert);
/* The issued certificate, where it is, and the warnings. */
void
cli_client_report(const struct cli_client *c, const struct sg_enroll_job_options *options,
    const struct sg_enroll_result *result);
/* FAILURE and PENDING: say what the server said; returns the exit code. */
int
cli_client_refused(const struct cli_client *c, const struct sg_enroll_result *result);
