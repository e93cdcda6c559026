/* SPDX-License-Identifier: Apache-2.0 */

#include "ipc/edges.h"

#define U(no, max)                                                                                 \
	{                                                                                          \
#no, SG_FRAME_UINT, offsetof(struct sg_msg, v[no].u), 1, 0, max                    \
	}
#define B(no, min, max)                                                                            \
	{                                                                                          \
#no, SG_FRAME_BYTES, offsetof(struct sg_msg, v[no].b), 1, min, max                 \
	}
#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ROW(type, side, fields)                                                                    \
	&(const struct sg_frame)                                                                   \
	{                                                                                          \
#type, type, side, sizeof(struct sg_msg), COUNT(fields), fields                    \
	}
#define EDGE(id, text, rows) const struct sg_edge id = {text, 1, COUNT(rows), rows}

#define CODE_MAX 0xffffu
#define RULE_MAX 64u
#define TEXT_MAX 511u
#define ADDR_TEXT_MAX 64u
#define STEPS_MAX 1024u
#define ENUM_MAX 255u
#define ANSWER_MAX 262144u /* a CertRep is 3 to 5 KiB; chains are longer */
#define CERTS_MAX (SG_CERT_MAX * SG_CMS_CERTS_MAX)

static const struct sg_frame_field fr_scep[] = {
    B(SG_FR_SCEP_TRACE, SG_TRACE_LEN, SG_TRACE_LEN),
    B(SG_FR_SCEP_ENDPOINT, 1, SG_ENDPOINT_MAX),
    B(SG_FR_SCEP_PEER, 0, ADDR_TEXT_MAX),
    U(SG_FR_SCEP_AT_US, INT64_MAX),
    B(SG_FR_SCEP_STEPS, 0, STEPS_MAX),
    U(SG_FR_SCEP_CODE, CODE_MAX),
    B(SG_FR_SCEP_RULE, 0, RULE_MAX),
    B(SG_FR_SCEP_TEXT, 0, TEXT_MAX),
    B(SG_FR_SCEP_MESSAGE, 1, SG_MESSAGE_MAX),
};
static const struct sg_frame_field fr_scep_answer[] = {U(SG_FR_SCEP_ANSWER_STATUS, 599),
    U(SG_FR_SCEP_ANSWER_ON_TICK, 1), U(SG_FR_SCEP_ANSWER_REFUSED, 1),
    B(SG_FR_SCEP_ANSWER_BODY, 0, ANSWER_MAX)};
static const struct sg_frame_field fr_cacert[] = {B(SG_FR_CACERT_ENDPOINT, 1, SG_ENDPOINT_MAX)};
static const struct sg_frame_field fr_cacert_answer[] = {U(SG_FR_CACERT_ANSWER_STATUS, 599),
    B(SG_FR_CACERT_ANSWER_TYPE, 0, 64), B(SG_FR_CACERT_ANSWER_BODY, 0, CERTS_MAX)};
static const struct sg_frame_field fr_events[] = {B(SG_FR_EVENTS_RECORDS, 1, SG_MESSAGE_MAX)};
static const struct sg_frame_field fr_events_answer[] = {U(SG_FR_EVENTS_ANSWER_CODE, CODE_MAX)};

static const struct sg_frame *const front_registrar[] = {
    ROW(SG_FR_SCEP, SG_EDGE_CLIENT, fr_scep),
    ROW(SG_FR_SCEP_ANSWER, SG_EDGE_SERVER, fr_scep_answer),
    ROW(SG_FR_CACERT, SG_EDGE_CLIENT, fr_cacert),
    ROW(SG_FR_CACERT_ANSWER, SG_EDGE_SERVER, fr_cacert_answer),
    ROW(SG_FR_EVENTS, SG_EDGE_CLIENT, fr_events),
    ROW(SG_FR_EVENTS_ANSWER, SG_EDGE_SERVER, fr_events_answer),
};
EDGE(sg_edge_front_registrar, "front-registrar", front_registrar);

static const struct sg_frame_field ev_record[] = {
    B(SG_EV_TRACE, SG_TRACE_LEN, SG_TRACE_LEN),
    U(SG_EV_AT_US, INT64_MAX),
    U(SG_EV_CODE, CODE_MAX),
    B(SG_EV_RULE, 0, RULE_MAX),
    B(SG_EV_TEXT, 0, TEXT_MAX),
    B(SG_EV_ENDPOINT, 0, SG_ENDPOINT_MAX),
    B(SG_EV_PEER, 0, ADDR_TEXT_MAX),
    B(SG_EV_TXID, 0, SG_TXID_MAX),
};
static const struct sg_frame *const event_record[] = {ROW(SG_EV_RECORD, SG_EDGE_CLIENT, ev_record)};
EDGE(sg_edge_event_record, "event-record", event_record);

/* An answer's type is the next one after its question's. */
enum sg_code
sg_peer_call(struct sg_peer *peer, const struct sg_msg *msg, int64_t deadline_ms,
    struct sg_peer_answer *ret, struct sg_err *err)
{
	const struct sg_frame *question = sg_edge_find(&sg_edge_front_registrar, msg->type);
	const struct sg_frame *answer = sg_edge_find(
	    &sg_edge_front_registrar, (uint16_t)(msg->type + 1));

	if (question == NULL || answer == NULL)
		return sg_fail(err, SG_E_INTERNAL, "frame.schema", "no type %u", msg->type);
	return sg_peer_ask(peer, question, msg, deadline_ms, answer, &ret->msg, err);
}

void
sg_peer_reply(struct sg_peer_request *req, const struct sg_msg *msg)
{
	const struct sg_frame *answer = sg_edge_find(sg_peer_edge(req), msg->type);

	if (answer == NULL)
		sg_peer_drop(req);
	else
		sg_peer_answer(req, answer, msg);
}

const struct sg_msg *
sg_peer_msg(const struct sg_peer_request *req)
{
	return (const struct sg_msg *)(const void *)req->value;
}
