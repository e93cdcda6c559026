/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/choice.h - how the messages of an enrolment are made: what the owner said, and what
 * follows from the server's capabilities where nothing was said
 *
 * Threads: no shared state.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/err.h"

struct sg_enroll_choice {
	enum sg_cipher cipher; /* SG_CIPHER_NONE: by the capabilities */
	enum sg_hash hash;     /* SG_HASH_NONE: by the capabilities */
	struct sg_keytrans trans;
	bool pss;
	bool post, get;	 /* neither: POST when the server offers it */
	bool legacy;	 /* 3DES and SHA-1 where there is nothing better */
	bool legacy_des; /* read answers in single DES and SHA-1 */
};

/*
 * Choose what was not said. note says why there are no capabilities, when there are none.
 * SG_E_ALG ("client.cipher", "client.digest"): the server offers nothing that is allowed.
 */
SG_RC
sg_enroll_choose(
    struct sg_enroll_choice *choice, uint32_t caps, const char *note, struct sg_err *err);
