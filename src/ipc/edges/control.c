/* SPDX-License-Identifier: Apache-2.0 */

/* control.c - the tables of the frames between the command line and a role */

#include "ipc/edges/control.h"

SG_FRAME_DEFINE(control, SG_FRAME_CONTROL, SG_EDGE_CLIENT, SG_FRAME_CONTROL_ROWS);
SG_FRAME_DEFINE(
    control_answer, SG_FRAME_CONTROL_ANSWER, SG_EDGE_SERVER, SG_FRAME_CONTROL_ANSWER_ROWS);

SG_EDGE_DEFINE(control, "control", 1, &sg_frame_control, &sg_frame_control_answer);
