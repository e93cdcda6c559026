/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/fitness.h - issue/fitness.h over a configuration: what its endpoints give, and where it
 * is said
 */

#include "conf/conf.h"
#include "issue/fitness.h"
#include "service/template.h"

/* Whose certificates are judged. */
enum sg_fitness_of {
	SG_FITNESS_CA,	/* ca.certificate: by ca */
	SG_FITNESS_REST /* ca.chain and ra.certificate: by registrar, which alone has them */
};

/* f has the time and the certificates, and who is told; what endpoints give is filled in here, for
 * this call. SG_E_NOMEM. */
SG_RC
sg_service_fitness(const struct sg_conf *conf, const struct sg_templates *templates,
    struct sg_fitness *f, enum sg_fitness_of of, struct sg_err *err);
/* The same for a role that starts: warnings are lines of its log, and the first fatal finding is
 * returned, SG_E_CONF, with the option in front. */
SG_RC
sg_service_fitness_start(const struct sg_conf *conf, const struct sg_templates *templates,
    struct sg_fitness *f, enum sg_fitness_of of, struct sg_err *err);
/* Who is told when a role starts: warnings are lines of its log, the first fatal finding is kept in
 * *err (may be NULL), with the option in front. */
struct sg_service_told {
	bool fatal;
	struct sg_err *err;
};
void
sg_service_told_start(void *arg, bool fatal, const char *option, const struct sg_err *finding);
/* A file of which one certificate is used, the one before pos: are there more? Warning
 * "fitness.file", to tell, or where that is NULL to the log. */
void
sg_service_fitness_file(const char *option, struct sg_slice pem, size_t pos,
    void (*tell)(void *arg, bool fatal, const char *option, const struct sg_err *err), void *arg);
