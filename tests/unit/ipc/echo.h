/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * echo.h - an edge that only the tests have: text, which comes back
 */

#include "ipc/peer.h"

enum { ECHO = 16, ECHO_ANSWER, OTHER, OTHER_ANSWER };

#define SG_FRAME_ECHO_ROWS(T, U, B) B(T, text, 1, 2, SG_MESSAGE_MAX)
SG_FRAME_DECLARE(echo, SG_FRAME_ECHO_ROWS);
#define SG_FRAME_ECHO_ANSWER_ROWS(T, U, B)                                                         \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, text, 1, 2, SG_FRAME_MAX - 64)
SG_FRAME_DECLARE(echo_answer, SG_FRAME_ECHO_ANSWER_ROWS);
SG_PEER_QUESTION(echo, echo_answer);

/* Another question: its answer is none to the first. */
#define SG_FRAME_OTHER_ROWS(T, U, B) U(T, n, 1, 0, 9)
SG_FRAME_DECLARE(other, SG_FRAME_OTHER_ROWS);
SG_FRAME_DECLARE(other_answer, SG_FRAME_OTHER_ROWS);
SG_PEER_QUESTION(other, other_answer);

extern const struct sg_edge sg_edge_echo;
