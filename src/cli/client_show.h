/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/client_show.h - certificates, and what became of a request, for people and for machines
 */

#include "api/outputs.h"
#include "cli/client.h"
#include "enroll/job.h"
#include "json/doc.h"
#include "x509/cert.h"

/* What is shown of a certificate; it borrows from cert and doc. */
struct sg_api_client_certificate
cli_client_cert(const struct sg_cert *cert, struct sg_json_doc *doc);
/* These members in the initialiser of a struct that has them among others. */
#define CLI_CLIENT_CERT_INIT(shown)                                                                \
	.subject = (shown).subject, .sans = (shown).sans, .issuer = (shown).issuer,                \
	.serial = (shown).serial, .not_before = (shown).not_before,                                \
	.not_after = (shown).not_after, .sha256 = (shown).sha256
/* The same, as aligned lines. */
void
cli_client_cert_print(const struct sg_cert *cert);
/* The issued certificate, where it is, and the warnings; returns the exit code. */
int
cli_client_report(struct cli_client *c, const struct sg_enroll_job_options *options,
    const struct sg_enroll_result *result);
/* FAILURE and PENDING: say what the server said; returns the exit code. */
int
cli_client_refused(struct cli_client *c, const struct sg_enroll_result *result);
