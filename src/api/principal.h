/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/principal.h - who asks: by what proof, with which rights
 *
 * Every route takes its principal as an argument, and the audit's `who` is its name; no route
 * concludes anything from the way that a question came by.
 */

#include "api/route.h"

/* By what it is known who asks. */
enum sg_api_proof {
	SG_API_PROOF_NONE,
	SG_API_PROOF_PEERCRED, /* the kernel said which user has the other end of a Unix socket */
};

struct sg_api_principal {
	char who[64]; /* for the audit: "uid 0" */
	enum sg_api_proof proof;
	unsigned rights; /* SG_API_..., or-ed */
};
