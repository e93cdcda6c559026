/* SPDX-License-Identifier: Apache-2.0 */

/* registrar_keyd.c - the tables of the frames between registrar and keyd */

#include "ipc/edges/registrar_keyd.h"

SG_FRAME_DEFINE(unwrap, SG_FRAME_UNWRAP, SG_EDGE_CLIENT, SG_FRAME_UNWRAP_ROWS);
SG_FRAME_DEFINE(unwrap_answer, SG_FRAME_UNWRAP_ANSWER, SG_EDGE_SERVER, SG_FRAME_UNWRAP_ANSWER_ROWS);
SG_FRAME_DEFINE(sign, SG_FRAME_SIGN, SG_EDGE_CLIENT, SG_FRAME_SIGN_ROWS);
SG_FRAME_DEFINE(sign_answer, SG_FRAME_SIGN_ANSWER, SG_EDGE_SERVER, SG_FRAME_SIGN_ANSWER_ROWS);
SG_FRAME_DEFINE(keyd_health, SG_FRAME_KEYD_HEALTH, SG_EDGE_CLIENT, SG_FRAME_KEYD_HEALTH_ROWS);
SG_FRAME_DEFINE(keyd_health_answer, SG_FRAME_KEYD_HEALTH_ANSWER, SG_EDGE_SERVER,
    SG_FRAME_KEYD_HEALTH_ANSWER_ROWS);

SG_EDGE_DEFINE(registrar_keyd, "registrar-keyd", 2, &sg_frame_unwrap, &sg_frame_unwrap_answer,
    &sg_frame_sign, &sg_frame_sign_answer, &sg_frame_keyd_health, &sg_frame_keyd_health_answer);
