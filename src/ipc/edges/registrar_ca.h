/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/edges/registrar_ca.h - what registrar asks ca: a certificate, that there be none, and whether
 * one may renew
 */

#include "ipc/peer.h"

enum {
	SG_FRAME_ISSUE = 11,
	SG_FRAME_CANCEL,
	SG_FRAME_ISSUED,
	SG_FRAME_SIGNER,
	SG_FRAME_SIGNER_ANSWER,
	SG_FRAME_CA_HEALTH = 23,
	SG_FRAME_CA_HEALTH_ANSWER,
};

/*
 * Whose spelling of the names is certified follows from the kind:
 *   SG_ISSUE_ENROL  the request's (static, a challenge that is bound to nothing); no evidence
 *   SG_ISSUE_RENEW  ca's own record of the old certificate; the evidence is the whole message
 *   SG_ISSUE_BOUND  those that the challenge is bound to; the evidence is its binding
 *                   (sg_binding_put), or nothing when it is forgotten: then only a certificate
 *                   that was issued before is handed out
 */
enum sg_issue_kind { SG_ISSUE_ENROL = 1, SG_ISSUE_RENEW = 2, SG_ISSUE_BOUND = 3 };

/* The facts and the evidence. */
#define SG_FRAME_ISSUE_ROWS(T, U, B)                                                               \
	B(T, id, 1, 1, SG_FRAME_REQUEST_ID_MAX)                                                    \
	B(T, trace, 1, SG_FRAME_TRACE_LEN, SG_FRAME_TRACE_LEN)                                     \
	U(T, kind, 1, 0, SG_FRAME_ENUM_MAX) /* enum sg_issue_kind */                               \
	B(T, endpoint, 1, 1, SG_ENDPOINT_MAX)                                                      \
	B(T, csr, 1, 1, SG_MESSAGE_MAX)                                                            \
	B(T, evidence, 1, 0, SG_MESSAGE_MAX)                                                       \
	B(T, cek, 1, 0, SG_FRAME_CEK_MAX) /* of a renewal's message: a secret */                   \
	/* Of what a challenge authorized: the certificate that signed the message, where that     \
	 * names this CA as its issuer; ca records whether it is one of ours. */                   \
	B(T, signer, 2, 0, SG_CERT_MAX)
SG_FRAME_DECLARE(issue, SG_FRAME_ISSUE_ROWS);

/* Give an issue up, by its id. */
#define SG_FRAME_CANCEL_ROWS(T, U, B) B(T, id, 1, 1, SG_FRAME_REQUEST_ID_MAX)
SG_FRAME_DECLARE(cancel, SG_FRAME_CANCEL_ROWS);

/* code SG_OK: the certificate, and to a cancel SHA-256 of its PKCS#10 as text, in hexadecimal;
 * SG_E_NOTFOUND: it never will be; else rule and text. */
#define SG_FRAME_ISSUED_ROWS(T, U, B)                                                              \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, rule, 1, 0, SG_FRAME_RULE_MAX)                                                        \
	B(T, text, 1, 0, SG_FRAME_TEXT_MAX)                                                        \
	B(T, cert, 1, 0, SG_CERT_MAX)                                                              \
	B(T, steps, 1, 0, SG_FRAME_STEPS_MAX)                                                      \
	B(T, signer, 2, 0, SG_SERIAL_MAX) /* of ours that signed the message: its serial number */
SG_FRAME_DECLARE(issued, SG_FRAME_ISSUED_ROWS);
SG_PEER_QUESTION(issue, issued);
SG_PEER_QUESTION(cancel, issued);

/* Is this certificate, byte by byte, one of ours, and may it renew at this endpoint? */
#define SG_FRAME_SIGNER_ROWS(T, U, B)                                                              \
	B(T, cert, 1, 1, SG_CERT_MAX)                                                              \
	B(T, endpoint, 1, 1, SG_ENDPOINT_MAX)
SG_FRAME_DECLARE(signer, SG_FRAME_SIGNER_ROWS);

#define SG_FRAME_SIGNER_ANSWER_ROWS(T, U, B)                                                       \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, rule, 1, 0, SG_FRAME_RULE_MAX)                                                        \
	B(T, text, 1, 0, SG_FRAME_TEXT_MAX)                                                        \
	U(T, ours, 2, 0, 1) /* it is one of ours, whether it may renew or not */
SG_FRAME_DECLARE(signer_answer, SG_FRAME_SIGNER_ANSWER_ROWS);
SG_PEER_QUESTION(signer, signer_answer);

/* Does it answer, and could it do its work? */
#define SG_FRAME_CA_HEALTH_ROWS(T, U, B) U(T, none, 2, 0, 0) /* a frame has a field */
SG_FRAME_DECLARE(ca_health, SG_FRAME_CA_HEALTH_ROWS);

#define SG_FRAME_CA_HEALTH_ANSWER_ROWS(T, U, B) U(T, ready, 2, 0, 1)
SG_FRAME_DECLARE(ca_health_answer, SG_FRAME_CA_HEALTH_ANSWER_ROWS);
SG_PEER_QUESTION(ca_health, ca_health_answer);

extern const struct sg_edge sg_edge_registrar_ca;
