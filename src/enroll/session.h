/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/session.h - a client of one SCEP server (RFC 8894): how it is reached, and what it has
 * said so far
 *
 * sg_enroll_open(), then what is wanted of enroll/exchange.h, or the whole of enroll/job.h.
 * Nothing is printed, no environment, no configuration and no clock is read: the caller gives
 * all of it.
 * Ownership: everything hangs on struct sg_enroll, released by sg_enroll_close(). Certificates of
 *            the trust borrow from its buffers. What the options point to outlives it.
 * Limits:    SG_HTTP_ANSWER_MAX, SG_CMS_CERTS_MAX, SG_ENROLL_WAIT_MAX_S.
 * Security:  the server is hostile until its RA certificate chains to what the owner pinned.
 *            Texts name a setting as the signet command spells it (--legacy); the field of that
 *            name is meant.
 * Threads:   one thread at a time; sessions are independent.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "enroll/event.h"
#include "enroll/trust.h"
#include "http/client.h"

struct sg_enroll_options {
	const char *url;
	const char *user_agent;
	const char *tls_ca;   /* PEM: roots for https; NULL: the system's */
	const char *proxy;    /* "http://host:port"; NULL: none */
	int64_t timeout_ms;   /* of one exchange; 0: 30 s */
	unsigned retries;     /* how often an exchange is repeated when nobody answers */
	int64_t (*now)(void); /* the clock: UTC seconds */
	struct sg_enroll_listener listener;
};

struct sg_enroll {
	struct sg_enroll_options options;
	struct sg_http_client *http;
	unsigned tries;	     /* of the last exchange */
	uint32_t caps;	     /* enum sg_scep_cap; 0: none */
	char caps_note[160]; /* why there are none */
	struct sg_buf caps_text, certs_der, file_der, answer_der;
	struct sg_enroll_pin pin;
	struct sg_enroll_trust trust;
};

/* SG_E_USAGE ("client.url"), SG_E_NOMEM. */
SG_RC
sg_enroll_open(const struct sg_enroll_options *options, struct sg_enroll **ret, struct sg_err *err);
void
sg_enroll_close(struct sg_enroll **sessionp);
#define sg_enroll_scoped __attribute__((cleanup(sg_enroll_close))) struct sg_enroll
