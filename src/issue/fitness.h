/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/fitness.h - whether what a CA signs will verify: the certificates that an administrator
 * brought, against what the configuration gives
 *
 * What no relying party accepts is fatal: the caller does not start. All else is a warning, because
 * some relying parties, or some certificates, are not concerned. Each says what will not verify and
 * what to do. Pure functions: the role and `signet check` say the same.
 * Threads: no shared state.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "x509/cert.h"
#include "x509/san.h"
#include "x509/template.h"

/* A name that an endpoint gives; slices borrow. */
struct sg_fitness_name {
	const char *option; /* where it stands: "endpoints.x.subjects[0]" */
	struct sg_san san;  /* a subject as a directory name */
	bool cn_is_host;    /* of a subject: no DNS name stands beside its CN */
};

/* What was brought and what it shall serve. */
struct sg_fitness {
	int64_t now;
	const struct sg_cert *ca, *ra;
	size_t chain_n;
	const struct sg_cert *chain; /* in the order of `ca.chain` */
	size_t template_n;
	const struct sg_template *const *tmpl; /* of the endpoints, each once */
	size_t name_n;
	const struct sg_fitness_name *name;
	/* SG_SAN_BIT of each kind of name that nobody knows before it is asked for: those that
	 * challenges are bound to; a subject is SG_SAN_DIRNAME. */
	uint32_t open;
	/* option: of what is at fault, "ca.chain[0]"; err: rule and text, SG_E_CONF. */
	void (*tell)(void *arg, bool fatal, const char *option, const struct sg_err *err);
	void *arg;
};

/*
 * Could a certificate of this CA for these names verify anywhere? SG_E_USAGE "fitness.excluded":
 * its critical name constraints exclude one, which no verifier may pass over (RFC 5280 4.2.1.10).
 * Names that only some verifiers hold against them are let pass: a CN that looks like a host, a
 * UPN, an e-mail address in a subject with alternative names. SG_E_NOMEM.
 */
SG_RC
sg_fitness_names(const struct sg_cert *ca, struct sg_slice subject, const struct sg_sans *sans,
    struct sg_err *err);
/*
 * The issuing certificate alone. Warnings "fitness.crl-sign", "fitness.eku", "fitness.names",
 * "fitness.constraints" (that cannot be read), "fitness.critical", "fitness.dates",
 * "fitness.short" (it ends before what a template gives), "fitness.signature". What makes it
 * impossible, sg_issuer_new says. SG_E_NOMEM.
 */
SG_RC
sg_fitness_ca(const struct sg_fitness *f, struct sg_err *err);
/* The RA's certificate: warnings "fitness.ra" and "fitness.ra-key" (that of the CA). SG_E_NOMEM. */
SG_RC
sg_fitness_ra(const struct sg_fitness *f, struct sg_err *err);
