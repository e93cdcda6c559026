/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/fitness_private.h - what is judged of each certificate (private to issue/)
 */

#include "issue/fitness.h"

/* A certificate whose fitness is judged. */
struct sg_fitness_subject {
	const struct sg_fitness *f;
	const struct sg_cert *cert;
	const char *option;
};

/* Tell the caller of f. */
void __attribute__((format(printf, 4, 5))) sg_fitness_say(
    const struct sg_fitness_subject *s, bool fatal, const char *rule, const char *fmt, ...);
/* What holds of every CA certificate on the way: its dates, signature, purposes, names.
 * SG_E_NOMEM. */
SG_RC
sg_fitness_judge(const struct sg_fitness_subject *s, struct sg_err *err);

enum sg_fitness_made {
	SG_FITNESS_MADE,
	SG_FITNESS_NOT_MADE,
	SG_FITNESS_CANNOT_TELL, /* a key or an algorithm that is not used here */
};

/* Did the key of one certificate sign the other? SG_E_NOMEM. */
SG_RC
sg_fitness_who_signed(const struct sg_cert *issuer, const struct sg_cert *cert,
    enum sg_fitness_made *ret, struct sg_err *err);
