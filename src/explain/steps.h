/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * explain/steps.h - what happened when in one enrolment, in a few bytes of text
 *
 * front sends its own along with the message, ca with its answer; registrar adds them to its own
 * and stores one record in the transaction row, which signet trace prints.
 * Times are microseconds since 1970 (sg_clock_now_us), kept as offsets from the first.
 *
 * Text: "1;<first time, base 36>;" and per step a role letter, a step letter, the offset in
 * base 36 and '!' when it failed or '?' when it waits: "1;i6mr8kjs0;fa0,fbu2,rc1f4!".
 * Threads: a record belongs to one request.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define SG_STEPS_MAX 32u /* a whole enrolment has 13 */

/*
 * The words of a step, for people and in JSON: X(NAME, number, word, what it is). The numbers of
 * roles, steps and states are letters of the text form: stored, never change them.
 */
#define SG_STEP_ROLE_ROWS(X)                                                                       \
	X(FRONT, 'f', "front", "reads the requests of the network")                                \
	X(REGISTRAR, 'r', "registrar", "decides, and keeps the transactions")                      \
	X(KEYD, 'k', "keyd", "holds the keys of the RA")                                           \
	X(CA, 'c', "ca", "holds the keys of the CA, and signs")

enum sg_step_role {
	SG_STEP_ROLE_NONE = 0,
#define SG_STEP_ROLE(name, number, word, text) SG_STEP_ROLE_##name = (number),
	SG_STEP_ROLE_ROWS(SG_STEP_ROLE)
#undef SG_STEP_ROLE
};

/* The six steps of an enrolment. */
#define SG_STEP_GROUP_ROWS(X)                                                                      \
	X(ORDER, 1, "order", "a certificate is ordered for a device")                              \
	X(REQUEST, 2, "request", "the device asks for it")                                         \
	X(VERIFY, 3, "verify", "the request is opened and judged")                                 \
	X(ISSUE, 4, "issue", "the certificate is made and recorded")                               \
	X(DELIVER, 5, "deliver", "the device gets it")                                             \
	X(REPORT, 6, "report", "who ordered it hears of it")

enum sg_step_group {
#define SG_STEP_GROUP(name, number, word, text) SG_STEP_GROUP_##name = (number),
	SG_STEP_GROUP_ROWS(SG_STEP_GROUP)
#undef SG_STEP_GROUP
};

/* And what happens inside them: X(GROUP, NAME, number, word, what it is). */
#define SG_STEP_ROWS(X)                                                                            \
	X(ORDER, ORDERED, 'a', "ordered", "challenge or order made")                               \
	X(REQUEST, RECEIVED, 'b', "received", "request received")                                  \
	X(REQUEST, DECODED, 'c', "decoded", "SCEP message read")                                   \
	X(REQUEST, SIGNATURE, 'd', "signature", "message signature verified")                      \
	X(VERIFY, UNWRAPPED, 'e', "unwrapped", "content key unwrapped")                            \
	X(VERIFY, DECRYPTED, 'f', "decrypted", "certificate request read")                         \
	X(VERIFY, REQUEST_CHECKED, 'g', "request-checked", "certificate request checked")          \
	X(VERIFY, AUTHORIZATION, 'h', "authorization", "challenge or renewal judged")              \
	X(VERIFY, RESERVED, 'i', "reserved", "transaction stored")                                 \
	X(ISSUE, CA_CHECKED, 'j', "ca-checked", "request checked again")                           \
	X(ISSUE, EKU_LEFT_OUT, 's', "eku-left-out",                                                \
	    "foreign extended key usage left out (foreign-eku: ignore)")                           \
	X(ISSUE, CA_SERIAL, 'k', "ca-serial", "serial number leased")                              \
	X(ISSUE, CA_SIGNED, 'l', "ca-signed", "certificate signed")                                \
	X(ISSUE, CA_STORED, 'm', "ca-stored", "certificate stored")                                \
	X(DELIVER, OUTCOME, 'n', "outcome", "outcome stored")                                      \
	X(DELIVER, SEALED, 'o', "sealed", "answer encrypted and signed")                           \
	X(DELIVER, ANSWERED, 'p', "answered", "answer sent")                                       \
	X(DELIVER, INSTALLED, 'q', "installed", "device installed it")                             \
	X(REPORT, REPORTED, 'r', "reported", "outcome reported")

enum sg_step_id {
	SG_STEP_NONE = 0,
#define SG_STEP_ID(group, name, number, word, text) SG_STEP_##name = (number),
	SG_STEP_ROWS(SG_STEP_ID)
#undef SG_STEP_ID
};

#define SG_STEP_STATE_ROWS(X)                                                                      \
	X(OK, 0, "ok", "it was done")                                                              \
	X(FAILED, '!', "failed", "here it ended")                                                  \
	X(WAITS, '?', "waiting", "it waits for an approval")

enum sg_step_state {
#define SG_STEP_STATE(name, number, word, text) SG_STEP_##name = (number),
	SG_STEP_STATE_ROWS(SG_STEP_STATE)
#undef SG_STEP_STATE
};

struct sg_step {
	enum sg_step_id id;
	enum sg_step_role role;
	enum sg_step_state state;
	int64_t at_us; /* when it was done */
};

struct sg_steps {
	size_t n;
	struct sg_step item[SG_STEPS_MAX];
};

/* Remember a step; at most SG_STEPS_MAX, further ones replace the last. */
void
sg_steps_mark(struct sg_steps *s, enum sg_step_role role, enum sg_step_id id,
    enum sg_step_state state, int64_t at_us);
/* Append the text form; nothing for an empty record. */
void
sg_steps_put(struct sg_buf *b, const struct sg_steps *s);
/* Read a text form (empty: no steps) and add its steps to s. SG_E_MALFORMED "steps". */
SG_RC
sg_steps_add(struct sg_steps *s, struct sg_slice text, struct sg_err *err);
/* By time; equal times keep the order of the six steps. */
void
sg_steps_sort(struct sg_steps *s);

enum sg_step_group
sg_step_group(enum sg_step_id id); /* 0: there is no such step */
const char *
sg_step_role_name(enum sg_step_role role); /* "registrar" */

/* Of the step i of a sorted record: since the first, and since the one before it. */
int64_t
sg_steps_since_us(const struct sg_steps *s, size_t i);
int64_t
sg_steps_took_us(const struct sg_steps *s, size_t i);

/* Of a sorted record, an aligned table: step, what was done, role, time since the first, duration,
 * outcome. */
void
sg_steps_print(struct sg_buf *b, const struct sg_steps *s);
