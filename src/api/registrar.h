/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/registrar.h - what registrar answers below /v1/registrar/: challenges, and what became of
 * enrolments
 */

#include "api/call.h"
#include "api/route.h"
#include "api/status.h"
#include "base/limits.h"
#include "policy/challenge.h"

#define SG_API_UNKNOWN (-1) /* a number of the database that this version has no word for */

/* Words, each with the number that C has for it. */
extern const struct sg_json_word sg_api_transaction_states[]; /* enum sg_transaction_state */
extern const struct sg_json_word sg_api_transaction_kinds[];  /* enum sg_transaction_kind */
extern const struct sg_json_word sg_api_policies[];	      /* enum sg_policy_kind */
extern const struct sg_json_word sg_api_codes[];	      /* enum sg_code */
extern const struct sg_json_word sg_api_step_roles[];	      /* enum sg_step_role */
extern const struct sg_json_word sg_api_step_groups[];	      /* enum sg_step_group */
extern const struct sg_json_word sg_api_step_names[];	      /* enum sg_step_id */
extern const struct sg_json_word sg_api_step_states[];	      /* enum sg_step_state */

#define SG_API_TEXT_MAX 65536 /* bytes of a text that a store keeps, with what is escaped in it */

/* --- challenges --- */

#define SG_API_CHALLENGE_NEW_ROWS(R, T)                                                            \
	R(T, text, optional, endpoint, (1, SG_ENDPOINT_MAX),                                       \
	    "the endpoint that it is for; default if it is absent")                                \
	R(T, text, optional, subject, (0, SG_CERT_NAMES_MAX),                                      \
	    "the subject that the request must have: CN=dev1,O=Test or /CN=dev1/O=Test; "          \
	    "empty: none")                                                                         \
	R(T, texts, optional, sans, (0, SG_SANS_MAX),                                              \
	    "the names that the request must have: dns:, email:, uri:, ip:, upn:, dirname:, "      \
	    "rid:OID or other:OID:TEXT, other:OID:#HEX for any DER")                               \
	R(T, bool, optional, any, (), "bind it to no name: whoever has it chooses the name")       \
	R(T, int, optional, expires_s, (SG_CHALLENGE_LIFE_MIN_S, SG_CHALLENGE_LIFE_MAX_S),         \
	    "seconds that it is good for; 3600 if it is absent")                                   \
	R(T, text, optional, note, (0, 1024), "remembered with it")
SG_JSON_DECLARE(sg_api_challenge_new, SG_API_CHALLENGE_NEW_ROWS);

#define SG_API_CHALLENGE_ROWS(R, T)                                                                \
	R(T, text, required, challenge, (1, 128),                                                  \
	    "the challenge: who has it gets the certificate. Nobody can ask for it again")         \
	R(T, time, required, expires_at, (), "from when it is no longer good")                     \
	R(T, text, required, endpoint, (1, SG_ENDPOINT_MAX), "the endpoint that it is for")
SG_JSON_DECLARE(sg_api_challenge, SG_API_CHALLENGE_ROWS);

/* --- transactions --- */

#define SG_API_STEP_ROWS(R, T)                                                                     \
	R(T, enum, required, step, (sg_api_step_groups), "which of the six steps it is part of")   \
	R(T, enum, required, done, (sg_api_step_names), "what was done")                           \
	R(T, enum, required, role, (sg_api_step_roles), "the process that did it")                 \
	R(T, time, required, at, (), "when it was done")                                           \
	R(T, int, required, since_us, (0, SG_JSON_INT_MAX), "microseconds since the first")        \
	R(T, int, required, took_us, (0, SG_JSON_INT_MAX), "microseconds since the one before it") \
	R(T, enum, required, outcome, (sg_api_step_states), "how it ended")
SG_JSON_DECLARE(sg_api_step, SG_API_STEP_ROWS);

#define SG_API_TRANSACTION_ROWS(R, T)                                                              \
	R(T, int, required, id, (1, SG_JSON_INT_MAX),                                              \
	    "of the row; a newer transaction has a "                                               \
	    "larger one")                                                                          \
	R(T, int, required, attempt, (1, UINT32_MAX), "how often it was tried")                    \
	R(T, enum, required, state, (sg_api_transaction_states), "what became of it")              \
	R(T, enum, required, kind, (sg_api_transaction_kinds), "what was asked for")               \
	R(T, enum, required, policy, (sg_api_policies), "what authorized it")                      \
	R(T, hex, required, trace, (16, 16), "the trace id of its latest attempt")                 \
	R(T, time, required, started_at, (), "when its latest attempt began")                      \
	R(T, time, optional, finished_at, (), "when that ended; absent while it runs or waits")    \
	R(T, text, required, endpoint, (0, SG_API_TEXT_MAX), "the endpoint that was asked")        \
	R(T, text, required, transaction, (0, SG_API_TEXT_MAX),                                    \
	    "the transactionID of SCEP, as the device chose it")                                   \
	R(T, text, required, subject, (0, SG_API_TEXT_MAX), "whom the certificate is for")         \
	R(T, text, required, peer, (0, SG_API_TEXT_MAX), "the address that asked, and its proxy")  \
	R(T, text, optional, serial, (1, 160),                                                     \
	    "the serial number of the certificate that was issued, in hexadecimal")                \
	R(T, time, optional, not_after, (), "when that certificate ends")                          \
	R(T, text, optional, signer, (1, 160),                                                     \
	    "the serial number of a certificate of this CA that signed the request, where "        \
	    "something else authorized it")                                                        \
	R(T, text, optional, rule, (1, 64), "why it failed: signet explain RULE says more")        \
	R(T, text, optional, text, (1, SG_API_TEXT_MAX), "what was found, in one sentence")        \
	R(T, list, required, steps, (sg_api_step, 0, 32), "what was done when, in its order")
SG_JSON_DECLARE(sg_api_transaction, SG_API_TRANSACTION_ROWS);

#define SG_API_TRANSACTION_FILTER_ROWS(R, T)                                                       \
	R(T, hex, optional, trace, (1, 16), "only those whose trace id begins so")                 \
	R(T, text, optional, transaction, (1, SG_TXID_MAX), "only those with this transactionID")  \
	R(T, text, optional, serial, (1, 160), "only that with this serial number")                \
	R(T, text, optional, subject, (1, SG_CERT_NAMES_MAX),                                      \
	    "only those whose subject has this in it")
SG_JSON_DECLARE(sg_api_transaction_filter, SG_API_TRANSACTION_FILTER_ROWS);

/* --- events --- */

#define SG_API_EVENT_ROWS(R, T)                                                                    \
	R(T, int, required, id, (1, SG_JSON_INT_MAX),                                              \
	    "of the row; a newer event has a larger one")                                          \
	R(T, time, required, at, (), "when it happened")                                           \
	R(T, hex, required, trace, (16, 16), "the trace id of the request")                        \
	R(T, enum, required, role, (sg_api_step_roles), "the process that says so")                \
	R(T, enum, required, code, (sg_api_codes), "what kind of refusal it is; ok: none")         \
	R(T, text, required, rule, (1, 64), "which rule; signet explain RULE says more")           \
	R(T, text, required, text, (0, SG_API_TEXT_MAX), "what was found, in one sentence")        \
	R(T, text, optional, endpoint, (1, SG_API_TEXT_MAX), "the endpoint that was asked")        \
	R(T, text, optional, peer, (1, SG_API_TEXT_MAX), "the address that asked, and its proxy")  \
	R(T, text, optional, transaction, (1, SG_API_TEXT_MAX),                                    \
	    "the transactionID of SCEP, where it was read")                                        \
	R(T, text, optional, subject, (1, SG_API_TEXT_MAX),                                        \
	    "whom the certificate would be for, or whose name the message was signed with")
SG_JSON_DECLARE(sg_api_event, SG_API_EVENT_ROWS);

#define SG_API_EVENT_FILTER_ROWS(R, T)                                                             \
	R(T, text, optional, rule, (1, 64), "only those of this rule")                             \
	R(T, text, optional, subject, (1, SG_CERT_NAMES_MAX),                                      \
	    "only those whose subject has this in it")
SG_JSON_DECLARE(sg_api_event_filter, SG_API_EVENT_FILTER_ROWS);

/* --- what is known of one thing --- */

#define SG_API_TRACE_MAX 100 /* of each: with their steps, more would not fit into an answer */
#define SG_API_TRACE_DEFAULT 20

#define SG_API_TRACE_ASK_ROWS(R, T)                                                                \
	R(T, text, required, what, (1, SG_CERT_NAMES_MAX),                                         \
	    "a trace id or its beginning, a transactionID, a serial number, or part of a "         \
	    "subject: the first of these that finds something counts")                             \
	R(T, int, optional, limit, (1, SG_API_TRACE_MAX),                                          \
	    "at most so many of each; 20 if it is absent")
SG_JSON_DECLARE(sg_api_trace_ask, SG_API_TRACE_ASK_ROWS);

#define SG_API_TRACE_ROWS(R, T)                                                                    \
	R(T, list, required, transactions, (sg_api_transaction, 0, SG_API_TRACE_MAX),              \
	    "newest first")                                                                        \
	R(T, list, required, events, (sg_api_event, 0, SG_API_TRACE_MAX), "newest first")
SG_JSON_DECLARE(sg_api_trace, SG_API_TRACE_ROWS);

/* --- status --- */

#define SG_API_WORKS_ROWS(R, T)                                                                    \
	R(T, bool, required, keyd, (), "keyd says that it works")                                  \
	R(T, bool, required, ca, (), "ca says that it works and has room to record")
SG_JSON_DECLARE(sg_api_works, SG_API_WORKS_ROWS);

#define SG_API_REGISTRAR_STATUS_ROWS(R, T)                                                         \
	R(T, texts, required, endpoints, (0, SG_CONF_SECTIONS_MAX), "names of its endpoints")      \
	R(T, object, required, works, (sg_api_works), "the processes that it needs to issue")      \
	R(T, int, required, commits, (0, SG_JSON_INT_MAX),                                         \
	    "commits of its database since it was started")                                        \
	R(T, int, required, jobs, (0, SG_JSON_INT_MAX), "what was recorded in them")               \
	SG_API_STATUS_ROWS(R, T)
SG_JSON_DECLARE(sg_api_registrar_status, SG_API_REGISTRAR_STATUS_ROWS);

#define SG_API_REGISTRAR_ROUTES(R)                                                                 \
	R(registrar, challenge_new, POST, "/v1/registrar/challenges", ONE, CHALLENGE, sg_api_none, \
	    sg_api_challenge_new, sg_api_challenge, "Make a one-time challenge for one device.")   \
	R(registrar, transactions, GET, "/v1/registrar/transactions", LIST, READ,                  \
	    sg_api_transaction_filter, sg_api_none, sg_api_transaction,                            \
	    "List enrolments and renewals, newest first.")                                         \
	R(registrar, events, GET, "/v1/registrar/events", FOLLOWED, READ, sg_api_event_filter,     \
	    sg_api_none, sg_api_event,                                                             \
	    "List refusals and what else is worth a line, newest first.")                          \
	R(registrar, trace, GET, "/v1/registrar/trace", ONE, READ, sg_api_trace_ask, sg_api_none,  \
	    sg_api_trace, "Say what is known of an enrolment, and why it was refused.")            \
	R(registrar, backup, GET, "/v1/registrar/backup", BYTES, BACKUP, sg_api_none, sg_api_none, \
	    sg_api_none,                                                                           \
	    "Read the whole database as it is now; it goes on meanwhile. One at a time.")          \
	R(registrar, status, GET, "/v1/registrar/status", ONE, READ, sg_api_none, sg_api_none,     \
	    sg_api_registrar_status, "Say whether it works, and what it needs for that.")
SG_API_ROUTES_DECLARE(registrar, SG_API_REGISTRAR_ROUTES);
