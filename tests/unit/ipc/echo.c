/* SPDX-License-Identifier: Apache-2.0 */

/* echo.c - its tables */

#include "unit/ipc/echo.h"

SG_FRAME_DEFINE(echo, ECHO, SG_EDGE_CLIENT, SG_FRAME_ECHO_ROWS);
SG_FRAME_DEFINE(echo_answer, ECHO_ANSWER, SG_EDGE_SERVER, SG_FRAME_ECHO_ANSWER_ROWS);
SG_FRAME_DEFINE(other, OTHER, SG_EDGE_CLIENT, SG_FRAME_OTHER_ROWS);
SG_FRAME_DEFINE(other_answer, OTHER_ANSWER, SG_EDGE_SERVER, SG_FRAME_OTHER_ROWS);

SG_EDGE_DEFINE(echo, "echo", 1, &sg_frame_echo, &sg_frame_echo_answer, &sg_frame_other,
    &sg_frame_other_answer);
