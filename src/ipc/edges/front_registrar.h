/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/edges/front_registrar.h - what front asks registrar for a device, and tells it of those that
 * it refused by itself
 */

#include "ipc/peer.h"

enum {
	SG_FRAME_SCEP = 1,
	SG_FRAME_SCEP_ANSWER,
	SG_FRAME_CACERT,
	SG_FRAME_CACERT_ANSWER,
	SG_FRAME_EVENTS,
	SG_FRAME_EVENTS_ANSWER,
	SG_FRAME_EVENT = 18, /* 16 and 17 were those of the control sockets */
	SG_FRAME_HEALTH,
	SG_FRAME_HEALTH_ANSWER,
};

/* A pkiMessage, verified by front unless code says what it found wrong. */
#define SG_FRAME_SCEP_ROWS(T, U, B)                                                                \
	B(T, trace, 1, SG_FRAME_TRACE_LEN, SG_FRAME_TRACE_LEN)                                     \
	B(T, endpoint, 1, 1, SG_ENDPOINT_MAX)                                                      \
	B(T, peer, 1, 0,                                                                           \
	    SG_FRAME_ADDR_MAX) /* "192.0.2.1", or with a proxy "192.0.2.1 via 10.0.0.5" */         \
	U(T, at_us, 1, 0, INT64_MAX)                                                               \
	B(T, steps, 1, 0, SG_FRAME_STEPS_MAX)                                                      \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, rule, 1, 0, SG_FRAME_RULE_MAX)                                                        \
	B(T, text, 1, 0, SG_FRAME_TEXT_MAX)                                                        \
	B(T, message, 1, 1, SG_MESSAGE_MAX)
SG_FRAME_DECLARE(scep, SG_FRAME_SCEP_ROWS);

#define SG_FRAME_SCEP_ANSWER_ROWS(T, U, B)                                                         \
	U(T, status, 1, 0, SG_FRAME_STATUS_MAX)                                                    \
	U(T, on_tick, 1, 0, 1)	       /* to be released on the next timer tick */                 \
	U(T, refused, 1, 0, 1)	       /* for a reason that lies in the request */                 \
	B(T, body, 1, 0, 256u * 1024u) /* with status 200 a CertRep: 3 to 5 KiB, chains longer */
SG_FRAME_DECLARE(scep_answer, SG_FRAME_SCEP_ANSWER_ROWS);
SG_PEER_QUESTION(scep, scep_answer);

/* The answer to GetCACert of an endpoint. */
#define SG_FRAME_CACERT_ROWS(T, U, B) B(T, endpoint, 1, 1, SG_ENDPOINT_MAX)
SG_FRAME_DECLARE(cacert, SG_FRAME_CACERT_ROWS);

#define SG_FRAME_CACERT_ANSWER_ROWS(T, U, B)                                                       \
	U(T, status, 1, 0, SG_FRAME_STATUS_MAX)                                                    \
	B(T, type, 1, 0, SG_FRAME_MEDIA_MAX)                                                       \
	B(T, body, 1, 0, SG_CERT_MAX *(2 + SG_CHAIN_MAX))
SG_FRAME_DECLARE(cacert_answer, SG_FRAME_CACERT_ANSWER_ROWS);
SG_PEER_QUESTION(cacert, cacert_answer);

/* Refusals that never reached registrar, several at once: frames of the kind below, one after the
 * other. */
#define SG_FRAME_EVENTS_ROWS(T, U, B) B(T, records, 1, 1, SG_MESSAGE_MAX)
SG_FRAME_DECLARE(events, SG_FRAME_EVENTS_ROWS);

#define SG_FRAME_EVENTS_ANSWER_ROWS(T, U, B) U(T, code, 1, 0, SG_FRAME_CODE_MAX)
SG_FRAME_DECLARE(events_answer, SG_FRAME_EVENTS_ANSWER_ROWS);
SG_PEER_QUESTION(events, events_answer);

/* One of them, in the version that the edge speaks when it is written: of those that wait while a
 * registrar of another version takes over, some may be lost. It is no message of the edge. */
#define SG_FRAME_EVENT_ROWS(T, U, B)                                                               \
	B(T, trace, 1, SG_FRAME_TRACE_LEN, SG_FRAME_TRACE_LEN)                                     \
	U(T, at_us, 1, 0, INT64_MAX)                                                               \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, rule, 1, 0, SG_FRAME_RULE_MAX)                                                        \
	B(T, text, 1, 0, SG_FRAME_TEXT_MAX)                                                        \
	B(T, endpoint, 1, 0, SG_ENDPOINT_MAX)                                                      \
	B(T, peer, 1, 0, SG_FRAME_ADDR_MAX)                                                        \
	B(T, txid, 1, 0, SG_TXID_MAX)
SG_FRAME_DECLARE(event, SG_FRAME_EVENT_ROWS);

/* Would an enrolment be answered now: do keyd and ca answer, and is there room to record? */
#define SG_FRAME_HEALTH_ROWS(T, U, B) U(T, wait_ms, 2, 1, 10000) /* how long front waits */
SG_FRAME_DECLARE(health, SG_FRAME_HEALTH_ROWS);

#define SG_FRAME_HEALTH_ANSWER_ROWS(T, U, B) U(T, ready, 2, 0, 1)
SG_FRAME_DECLARE(health_answer, SG_FRAME_HEALTH_ANSWER_ROWS);
SG_PEER_QUESTION(health, health_answer);

extern const struct sg_edge sg_edge_front_registrar;
