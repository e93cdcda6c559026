/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/crl.h - certificate revocation lists (RFC 5280 section 5): writer and lean reader
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum sg_crl_reason {
	SG_REASON_UNSPECIFIED = 0,
	SG_REASON_KEY_COMPROMISE = 1,
	SG_REASON_CA_COMPROMISE = 2,
	SG_REASON_AFFILIATION_CHANGED = 3,
	SG_REASON_SUPERSEDED = 4,
	SG_REASON_CESSATION = 5,
	SG_REASON_HOLD = 6,
	SG_REASON_PRIVILEGE_WITHDRAWN = 9,
	SG_REASON_AA_COMPROMISE = 10,
};

struct sg_crl_facts {
	struct sg_sigalg sigalg;
	struct sg_slice issuer; /* TLV */
	int64_t this_update, next_update;
	uint64_t number;
	struct sg_slice aki;
};

/* The TBSCertList is written in three steps: begin, one call per entry, end. */
struct sg_crlw {
	size_t tbs, entries; /* marks */
	size_t n;
};
void
sg_crl_begin(struct sg_crlw *w, struct sg_buf *b, const struct sg_crl_facts *facts);
/* serial is a magnitude. */
void
sg_crl_entry(struct sg_crlw *w, struct sg_buf *b, struct sg_slice serial, int64_t revoked_at,
    enum sg_crl_reason reason);
void
sg_crl_end(struct sg_crlw *w, struct sg_buf *b, const struct sg_crl_facts *facts);

struct sg_crl {
	struct sg_slice raw, tbs, issuer, sig;
	struct sg_sigalg sigalg;
	int64_t this_update, next_update; /* next_update 0 when absent */
	struct sg_slice entries;	  /* contents of revokedCertificates */
	uint64_t number;		  /* 0 when absent */
};
SG_RC
sg_crl_parse(struct sg_slice der, struct sg_crl *ret, struct sg_err *err);

/* The word of RFC 5280 5.3.1 ("keyCompromise") and back; SG_E_NOTFOUND. */
const char *
sg_reason_name(enum sg_crl_reason reason);
SG_RC
sg_reason_parse(struct sg_slice word, enum sg_crl_reason *ret, struct sg_err *err);
