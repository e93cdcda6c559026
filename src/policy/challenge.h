/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/challenge.h - the life of a one-time challenge
 */

/* The numbers are stored: none is ever given another meaning. */
#define SG_NO_CHALLENGE_FREE 1
#define SG_NO_CHALLENGE_RESERVED 2
#define SG_NO_CHALLENGE_USED 3
#define SG_NO_CHALLENGE_BURNED 4

enum sg_challenge_state {
	SG_CHALLENGE_FREE = SG_NO_CHALLENGE_FREE,
	SG_CHALLENGE_RESERVED = SG_NO_CHALLENGE_RESERVED, /* by a running or pending transaction */
	SG_CHALLENGE_USED = SG_NO_CHALLENGE_USED,	  /* its certificate is recorded */
	SG_CHALLENGE_BURNED = SG_NO_CHALLENGE_BURNED,	  /* too many failures caused by requests */
};
