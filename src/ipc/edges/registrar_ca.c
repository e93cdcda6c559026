/* SPDX-License-Identifier: Apache-2.0 */

/* registrar_ca.c - the tables of the frames between registrar and ca */

#include "ipc/edges/registrar_ca.h"

SG_FRAME_DEFINE(issue, SG_FRAME_ISSUE, SG_EDGE_CLIENT, SG_FRAME_ISSUE_ROWS);
SG_FRAME_DEFINE(cancel, SG_FRAME_CANCEL, SG_EDGE_CLIENT, SG_FRAME_CANCEL_ROWS);
SG_FRAME_DEFINE(issued, SG_FRAME_ISSUED, SG_EDGE_SERVER, SG_FRAME_ISSUED_ROWS);
SG_FRAME_DEFINE(signer, SG_FRAME_SIGNER, SG_EDGE_CLIENT, SG_FRAME_SIGNER_ROWS);
SG_FRAME_DEFINE(signer_answer, SG_FRAME_SIGNER_ANSWER, SG_EDGE_SERVER, SG_FRAME_SIGNER_ANSWER_ROWS);
SG_FRAME_DEFINE(ca_health, SG_FRAME_CA_HEALTH, SG_EDGE_CLIENT, SG_FRAME_CA_HEALTH_ROWS);
SG_FRAME_DEFINE(
    ca_health_answer, SG_FRAME_CA_HEALTH_ANSWER, SG_EDGE_SERVER, SG_FRAME_CA_HEALTH_ANSWER_ROWS);

SG_EDGE_DEFINE(registrar_ca, "registrar-ca", 2, &sg_frame_issue, &sg_frame_cancel, &sg_frame_issued,
    &sg_frame_signer, &sg_frame_signer_answer, &sg_frame_ca_health, &sg_frame_ca_health_answer);
