/* SPDX-License-Identifier: Apache-2.0 */

#include "ipc/edges.h"

#define U(name, max)                                                                               \
	{                                                                                          \
		name, SG_F_UINT, 0, max                                                            \
	}
#define B(name, min, max)                                                                          \
	{                                                                                          \
		name, SG_F_BYTES, min, max                                                         \
	}
#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ROW(type, side, fields)                                                                    \
	{                                                                                          \
		type, #type, side, COUNT(fields), fields                                           \
	}
#define EDGE(id, text, rows) const struct sg_edge id = {text, COUNT(rows), rows}

#define CODE_MAX 0xffffu
#define RULE_MAX 64u
#define TEXT_MAX 511u
#define ADDR_TEXT_MAX 64u
#define STEPS_MAX 1024u
#define ENUM_MAX 255u
#define WRAPPED_MAX 1024u  /* RSA-8192 */
#define ANSWER_MAX 262144u /* a CertRep is 3 to 5 KiB; chains are longer */
#define CERTS_MAX (SG_CERT_MAX * SG_CMS_CERTS_MAX)

static const struct sg_field fr_scep[] = {
    B("trace", SG_TRACE_LEN, SG_TRACE_LEN),
    B("endpoint", 1, SG_ENDPOINT_MAX),
    B("peer", 0, ADDR_TEXT_MAX),
    U("at_us", INT64_MAX),
    B("steps", 0, STEPS_MAX),
    U("code", CODE_MAX),
    B("rule", 0, RULE_MAX),
    B("text", 0, TEXT_MAX),
    B("message", 1, SG_MESSAGE_MAX),
};
static const struct sg_field fr_scep_answer[] = {
    U("status", 599), U("on_tick", 1), U("refused", 1), B("body", 0, ANSWER_MAX)};
static const struct sg_field fr_cacert[] = {B("endpoint", 1, SG_ENDPOINT_MAX)};
static const struct sg_field fr_cacert_answer[] = {
    U("status", 599), B("type", 0, 64), B("body", 0, CERTS_MAX)};
static const struct sg_field fr_events[] = {B("records", 1, SG_MESSAGE_MAX)};
static const struct sg_field fr_events_answer[] = {U("code", CODE_MAX)};

static const struct sg_msgdef front_registrar[] = {
    ROW(SG_FR_SCEP, SG_EDGE_CLIENT, fr_scep),
    ROW(SG_FR_SCEP_ANSWER, SG_EDGE_SERVER, fr_scep_answer),
    ROW(SG_FR_CACERT, SG_EDGE_CLIENT, fr_cacert),
    ROW(SG_FR_CACERT_ANSWER, SG_EDGE_SERVER, fr_cacert_answer),
    ROW(SG_FR_EVENTS, SG_EDGE_CLIENT, fr_events),
    ROW(SG_FR_EVENTS_ANSWER, SG_EDGE_SERVER, fr_events_answer),
};
EDGE(sg_edge_front_registrar, "front-registrar", front_registrar);

static const struct sg_field rk_unwrap[] = {
    U("transport", ENUM_MAX),
    U("oaep_hash", ENUM_MAX),
    U("mgf1_hash", ENUM_MAX),
    U("cek_len", 32),
    B("wrapped", 1, WRAPPED_MAX),
};
static const struct sg_field rk_unwrap_answer[] = {U("code", CODE_MAX), B("cek", 0, 32)};
static const struct sg_field rk_sign[] = {
    U("status", ENUM_MAX),
    U("fail", ENUM_MAX),
    B("fail_text", 0, 255),
    B("txid", 1, SG_TXID_MAX),
    U("txid_tag", ENUM_MAX),
    B("nonce", 0, SG_NONCE_MAX),
    U("hash", ENUM_MAX),
    B("digest", 0, 64),
};
static const struct sg_field rk_sign_answer[] = {
    U("code", CODE_MAX), B("attrs", 0, 4096), B("sig", 0, WRAPPED_MAX)};

static const struct sg_msgdef registrar_keyd[] = {
    ROW(SG_RK_UNWRAP, SG_EDGE_CLIENT, rk_unwrap),
    ROW(SG_RK_UNWRAP_ANSWER, SG_EDGE_SERVER, rk_unwrap_answer),
    ROW(SG_RK_SIGN, SG_EDGE_CLIENT, rk_sign),
    ROW(SG_RK_SIGN_ANSWER, SG_EDGE_SERVER, rk_sign_answer),
};
EDGE(sg_edge_registrar_keyd, "registrar-keyd", registrar_keyd);

static const struct sg_field rc_issue[] = {
    B("id", 1, SG_REQUEST_ID_MAX),
    B("trace", SG_TRACE_LEN, SG_TRACE_LEN),
    U("kind", ENUM_MAX),
    B("endpoint", 1, SG_ENDPOINT_MAX),
    B("csr", 1, SG_MESSAGE_MAX),
    B("evidence", 0, SG_MESSAGE_MAX),
    B("cek", 0, 32),
};
static const struct sg_field rc_cancel[] = {B("id", 1, SG_REQUEST_ID_MAX)};
static const struct sg_field rc_issued[] = {
    U("code", CODE_MAX),
    B("rule", 0, RULE_MAX),
    B("text", 0, TEXT_MAX),
    B("cert", 0, SG_CERT_MAX),
    B("steps", 0, STEPS_MAX),
};
static const struct sg_field rc_signer[] = {
    B("cert", 1, SG_CERT_MAX), B("endpoint", 1, SG_ENDPOINT_MAX)};
static const struct sg_field rc_signer_answer[] = {
    U("code", CODE_MAX), B("rule", 0, RULE_MAX), B("text", 0, TEXT_MAX)};

static const struct sg_msgdef registrar_ca[] = {
    ROW(SG_RC_ISSUE, SG_EDGE_CLIENT, rc_issue),
    ROW(SG_RC_CANCEL, SG_EDGE_CLIENT, rc_cancel),
    ROW(SG_RC_ISSUED, SG_EDGE_SERVER, rc_issued),
    ROW(SG_RC_SIGNER, SG_EDGE_CLIENT, rc_signer),
    ROW(SG_RC_SIGNER_ANSWER, SG_EDGE_SERVER, rc_signer_answer),
};
EDGE(sg_edge_registrar_ca, "registrar-ca", registrar_ca);

static const struct sg_field ctl_ask[] = {B("json", 2, SG_MESSAGE_MAX)};
static const struct sg_field ctl_answer[] = {U("code", CODE_MAX), B("json", 2, SG_FRAME_MAX - 64)};

static const struct sg_msgdef control[] = {
    ROW(SG_CTL_ASK, SG_EDGE_CLIENT, ctl_ask),
    ROW(SG_CTL_ANSWER, SG_EDGE_SERVER, ctl_answer),
};
EDGE(sg_edge_control, "control", control);

static const struct sg_field ev_record[] = {
    B("trace", SG_TRACE_LEN, SG_TRACE_LEN),
    U("at_us", INT64_MAX),
    U("code", CODE_MAX),
    B("rule", 0, RULE_MAX),
    B("text", 0, TEXT_MAX),
    B("endpoint", 0, SG_ENDPOINT_MAX),
    B("peer", 0, ADDR_TEXT_MAX),
    B("txid", 0, SG_TXID_MAX),
};
static const struct sg_msgdef event_record[] = {ROW(SG_EV_RECORD, SG_EDGE_CLIENT, ev_record)};
EDGE(sg_edge_event_record, "event-record", event_record);
