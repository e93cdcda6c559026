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

/* Letters of the text form: stored, never change them. */
enum sg_step_role {
	SG_STEP_ROLE_NONE = 0,
	SG_STEP_ROLE_FRONT = 'f',
	SG_STEP_ROLE_REGISTRAR = 'r',
	SG_STEP_ROLE_KEYD = 'k',
	SG_STEP_ROLE_CA = 'c',
};

/* The six steps of an enrolment and what happens inside them. */
enum sg_step_id {
	SG_STEP_NONE = 0,
	/* order */
	SG_STEP_ORDERED = 'a', /* challenge or order made */
	/* request */
	SG_STEP_RECEIVED = 'b',	 /* whole HTTP request read */
	SG_STEP_DECODED = 'c',	 /* SignedData read */
	SG_STEP_SIGNATURE = 'd', /* its signature verified */
	/* verify */
	SG_STEP_UNWRAPPED = 'e',       /* content key from keyd */
	SG_STEP_DECRYPTED = 'f',       /* PKCS#10 read, its signature verified */
	SG_STEP_REQUEST_CHECKED = 'g', /* the floor of rules */
	SG_STEP_AUTHORIZATION = 'h',   /* challenge or renewal judged by the policy */
	SG_STEP_RESERVED = 'i',	       /* transaction and reservation committed */
	/* issue */
	SG_STEP_CA_CHECKED = 'j',   /* ca read and judged the request itself */
	SG_STEP_EKU_LEFT_OUT = 's', /* it asked for an extended key usage that is not given */
	SG_STEP_CA_SERIAL = 'k',    /* a serial number that is on disk */
	SG_STEP_CA_SIGNED = 'l',    /* linted, signed, verified */
	SG_STEP_CA_STORED = 'm',    /* certificate committed */
	/* deliver */
	SG_STEP_OUTCOME = 'n',	 /* outcome committed */
	SG_STEP_SEALED = 'o',	 /* CertRep encrypted and signed */
	SG_STEP_ANSWERED = 'p',	 /* bytes handed to the network */
	SG_STEP_INSTALLED = 'q', /* the device says so */
	/* report */
	SG_STEP_REPORTED = 'r', /* mdm or a validator knows */
};

enum sg_step_state {
	SG_STEP_OK = 0,
	SG_STEP_FAILED = '!',
	SG_STEP_WAITS = '?',
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

const char *
sg_step_name(enum sg_step_id id); /* "ca-signed" */
const char *
sg_step_group(enum sg_step_id id); /* "issue" */
const char *
sg_step_role_name(enum sg_step_role role); /* "registrar" */

/* An aligned table: step, what was done, role, time since the first, duration, outcome. */
void
sg_steps_print(struct sg_buf *b, const struct sg_steps *s);
/* [{"step":"issue","done":"ca-signed","role":"ca","at":"2026-...","since_us":1,"took_us":1,
 * "outcome":"ok"}, ...] */
void
sg_steps_put_json(struct sg_buf *b, const struct sg_steps *s);
