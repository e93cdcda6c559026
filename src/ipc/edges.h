/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/edges.h - what the processes say to each other: one table per edge
 *
 * The enums below number the fields of each message type in the order of its row in
 * edges.c. Codes are enum sg_code, algorithms the enums of base/alg.h, both checked again
 * by whoever receives them.
 */

#include "ipc/peer.h"

struct sg_val {
	uint64_t u;
	struct sg_slice b;
};

/* A message whose fields are found by their numbers. */
struct sg_msg {
	struct sg_inbox_hold hold;
	uint16_t type;
	struct sg_val v[SG_FRAME_FIELDS_MAX];
};

struct sg_peer_answer {
	struct sg_msg msg;
};
#define sg_peer_answer_scoped __attribute__((cleanup(sg_frame_release))) struct sg_peer_answer

SG_RC
sg_peer_call(struct sg_peer *peer, const struct sg_msg *msg, int64_t deadline_ms,
    struct sg_peer_answer *ret, struct sg_err *err);
void
sg_peer_reply(struct sg_peer_request *req, const struct sg_msg *msg);
const struct sg_msg *
sg_peer_msg(const struct sg_peer_request *req);

#define SG_TRACE_LEN 16u

extern const struct sg_edge sg_edge_front_registrar;
/* Not an edge: the records inside SG_FR_EVENTS. */
extern const struct sg_edge sg_edge_event_record;

enum sg_edge_type {
	/* front -> registrar */
	SG_FR_SCEP = 1,
	SG_FR_SCEP_ANSWER,
	SG_FR_CACERT,
	SG_FR_CACERT_ANSWER,
	SG_FR_EVENTS,
	SG_FR_EVENTS_ANSWER,
	/* inside SG_FR_EVENTS */
	SG_EV_RECORD = 18,
};

/* A pkiMessage, verified by front unless code says what it found wrong. */
enum {
	SG_FR_SCEP_TRACE,
	SG_FR_SCEP_ENDPOINT,
	SG_FR_SCEP_PEER,
	SG_FR_SCEP_AT_US,
	SG_FR_SCEP_STEPS,
	SG_FR_SCEP_CODE,
	SG_FR_SCEP_RULE,
	SG_FR_SCEP_TEXT,
	SG_FR_SCEP_MESSAGE
};
/* HTTP status and, with 200, a CertRep; on_tick: to be released on the next timer tick;
 * refused: for a reason that lies in the request. */
enum {
	SG_FR_SCEP_ANSWER_STATUS,
	SG_FR_SCEP_ANSWER_ON_TICK,
	SG_FR_SCEP_ANSWER_REFUSED,
	SG_FR_SCEP_ANSWER_BODY
};
enum { SG_FR_CACERT_ENDPOINT };
enum { SG_FR_CACERT_ANSWER_STATUS, SG_FR_CACERT_ANSWER_TYPE, SG_FR_CACERT_ANSWER_BODY };
/* Refusals that never reached the registrar, several at once. */
enum { SG_FR_EVENTS_RECORDS };
enum { SG_FR_EVENTS_ANSWER_CODE };

enum {
	SG_EV_TRACE,
	SG_EV_AT_US,
	SG_EV_CODE,
	SG_EV_RULE,
	SG_EV_TEXT,
	SG_EV_ENDPOINT,
	SG_EV_PEER,
	SG_EV_TXID
};
