/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/edges/control.h - what the command line says to registrar and ca over their control sockets
 *
 * JSON on both sides, for people and scripts: what is new there has a new name in it, so that these
 * two frames stay as they are, and a command line talks to a process of another version.
 */

#include "ipc/edge.h"

enum { SG_FRAME_CONTROL = 16, SG_FRAME_CONTROL_ANSWER };

/* An object with "verb" and its arguments. */
#define SG_FRAME_CONTROL_ROWS(T, U, B) B(T, json, 1, 2, SG_MESSAGE_MAX)
SG_FRAME_DECLARE(control, SG_FRAME_CONTROL_ROWS);

/* An object. */
#define SG_FRAME_CONTROL_ANSWER_ROWS(T, U, B)                                                      \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, json, 1, 2, SG_FRAME_MAX - 64)
SG_FRAME_DECLARE(control_answer, SG_FRAME_CONTROL_ANSWER_ROWS);

extern const struct sg_edge sg_edge_control;
