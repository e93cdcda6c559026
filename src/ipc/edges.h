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
#define SG_REQUEST_ID_MAX 32u

extern const struct sg_edge sg_edge_front_registrar;
extern const struct sg_edge sg_edge_registrar_ca;
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
	/* registrar -> ca */
	SG_RC_ISSUE = 11,
	SG_RC_CANCEL,
	SG_RC_ISSUED,
	SG_RC_SIGNER,
	SG_RC_SIGNER_ANSWER,
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

/*
 * The facts and the evidence. Whose spelling of the names is certified follows from the kind:
 *   SG_ISSUE_ENROL  the request's (static, a challenge that is bound to nothing); no evidence
 *   SG_ISSUE_RENEW  ca's own record of the old certificate; the evidence is the whole message
 *   SG_ISSUE_BOUND  those that the challenge is bound to; the evidence is its binding
 *                   (sg_binding_put), or nothing when it is forgotten: then only a certificate
 *                   that was issued before is handed out
 */
enum sg_issue_kind { SG_ISSUE_ENROL = 1, SG_ISSUE_RENEW = 2, SG_ISSUE_BOUND = 3 };
enum {
	SG_RC_ISSUE_ID,
	SG_RC_ISSUE_TRACE,
	SG_RC_ISSUE_KIND,
	SG_RC_ISSUE_ENDPOINT,
	SG_RC_ISSUE_CSR,
	SG_RC_ISSUE_EVIDENCE,
	SG_RC_ISSUE_CEK
};
enum { SG_RC_CANCEL_ID };
/* code SG_OK: the certificate, and in the answer to a cancel SHA-256 of its PKCS#10 as text, in
 * hexadecimal; SG_E_NOTFOUND: it never will be; else rule and text. */
enum {
	SG_RC_ISSUED_CODE,
	SG_RC_ISSUED_RULE,
	SG_RC_ISSUED_TEXT,
	SG_RC_ISSUED_CERT,
	SG_RC_ISSUED_STEPS
};
/* Is this certificate, byte by byte, one of ours, and may it renew at this endpoint? */
enum { SG_RC_SIGNER_CERT, SG_RC_SIGNER_ENDPOINT };
enum { SG_RC_SIGNER_ANSWER_CODE, SG_RC_SIGNER_ANSWER_RULE, SG_RC_SIGNER_ANSWER_TEXT };

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
