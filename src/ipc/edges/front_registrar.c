/* SPDX-License-Identifier: Apache-2.0 */

/* front_registrar.c - the tables of the frames between front and registrar */

#include "ipc/edges/front_registrar.h"

SG_FRAME_DEFINE(scep, SG_FRAME_SCEP, SG_EDGE_CLIENT, SG_FRAME_SCEP_ROWS);
SG_FRAME_DEFINE(scep_answer, SG_FRAME_SCEP_ANSWER, SG_EDGE_SERVER, SG_FRAME_SCEP_ANSWER_ROWS);
SG_FRAME_DEFINE(cacert, SG_FRAME_CACERT, SG_EDGE_CLIENT, SG_FRAME_CACERT_ROWS);
SG_FRAME_DEFINE(cacert_answer, SG_FRAME_CACERT_ANSWER, SG_EDGE_SERVER, SG_FRAME_CACERT_ANSWER_ROWS);
SG_FRAME_DEFINE(events, SG_FRAME_EVENTS, SG_EDGE_CLIENT, SG_FRAME_EVENTS_ROWS);
SG_FRAME_DEFINE(events_answer, SG_FRAME_EVENTS_ANSWER, SG_EDGE_SERVER, SG_FRAME_EVENTS_ANSWER_ROWS);
SG_FRAME_DEFINE(event, SG_FRAME_EVENT, SG_EDGE_CLIENT, SG_FRAME_EVENT_ROWS);
SG_FRAME_DEFINE(health, SG_FRAME_HEALTH, SG_EDGE_CLIENT, SG_FRAME_HEALTH_ROWS);
SG_FRAME_DEFINE(health_answer, SG_FRAME_HEALTH_ANSWER, SG_EDGE_SERVER, SG_FRAME_HEALTH_ANSWER_ROWS);

SG_EDGE_DEFINE(front_registrar, "front-registrar", 2, &sg_frame_scep, &sg_frame_scep_answer,
    &sg_frame_cacert, &sg_frame_cacert_answer, &sg_frame_events, &sg_frame_events_answer,
    &sg_frame_health, &sg_frame_health_answer);
