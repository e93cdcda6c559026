/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/crl.h - certificate revocation lists (RFC 5280 section 5): writer and lean reader
 */

#include "base/alg.h"
#include "base/buf.h"
#include "asn1/der.h"
#include "base/err.h"
#include "base/slice.h"

/* CRLReason of RFC 5280 5.3.1: enumerator, value, word, what it means (X.509 (2019) 9.5.3.1). */
#define SG_REASON_ROWS(R)                                                                          \
	R(SG_REASON_UNSPECIFIED, 0, "unspecified", "no reason is given")                           \
	R(SG_REASON_KEY_COMPROMISE, 1, "keyCompromise", "its private key may be known to others")  \
	R(SG_REASON_CA_COMPROMISE, 2, "cACompromise", "the private key of a CA may be")            \
	R(SG_REASON_AFFILIATION_CHANGED, 3, "affiliationChanged", "its names are no longer true")  \
	R(SG_REASON_SUPERSEDED, 4, "superseded", "another certificate has taken its place")        \
	R(SG_REASON_CESSATION, 5, "cessationOfOperation", "it is no longer needed")                \
	R(SG_REASON_HOLD, 6, "certificateHold", "for a while: it may be released")                 \
	R(SG_REASON_PRIVILEGE_WITHDRAWN, 9, "privilegeWithdrawn", "a right in it was taken away")  \
	R(SG_REASON_AA_COMPROMISE, 10, "aACompromise", "the key of an attribute authority may be")

#define SG_REASON_ENUMERATOR(name, value, word, text) name = (value),
enum sg_crl_reason { SG_REASON_ROWS(SG_REASON_ENUMERATOR) };

struct sg_crl_facts {
	struct sg_sigalg sigalg;
	struct sg_slice issuer; /* TLV */
	int64_t this_update, next_update;
	uint64_t number;
	struct sg_slice aki;
};

/*
 * The TBSCertList (version 2) is written in three steps: begin, one call per entry, end;
 * close it with sg_signed_put (x509/signed.h). Entries have a reason unless it is unspecified;
 * without entries there is no revokedCertificates. About 40 bytes an entry: the caller sets
 * the buffer's max. A reason that is none makes the buffer fail with SG_E_INTERNAL.
 */
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
	struct sg_sigalg sigalg;	  /* scheme SG_SIG_NONE when we do not know it */
	int64_t this_update, next_update; /* next_update 0 when absent */
	struct sg_slice entries;	  /* contents of revokedCertificates: sg_crl_next */
	uint64_t number;		  /* 0 when absent */
	struct sg_slice aki;		  /* key id, empty when absent */
	bool unknown_critical; /* a delta or partial CRL, for example: refuse to rely on it */
	struct sg_slice unknown_oid;
};
/* Parse a whole CRL of any size; the entries are left for sg_crl_next. Version 1 or 2.
 * SG_E_MALFORMED ("der", "crl.version", "crl.version.exts", "crl.alg.mismatch",
 * "crl.signature.empty", "crl.exts.dup", those of sg_name_check_shape), SG_E_LIMIT
 * ("crl.exts.count"). On failure *ret is empty. */
SG_RC
sg_crl_parse(struct sg_slice der, struct sg_crl *ret, struct sg_err *err);

struct sg_crl_item {
	struct sg_slice serial; /* contents of the INTEGER, as encoded */
	int64_t revoked_at;
	enum sg_crl_reason reason; /* unspecified when absent */
	bool unknown_critical;	   /* certificateIssuer, for example: this is an indirect CRL */
};
/* The next entry, zero after a failure; begin with sg_der_init(crl.entries, err), go on while
 * sg_der_more, and ask sg_der_status.
 * SG_E_MALFORMED ("der", "crl.entry.serial", "crl.reason"). */
struct sg_crl_item
sg_crl_next(struct sg_der *entries);

/* How many entries there are; each is read. */
SG_RC
sg_crl_count(const struct sg_crl *crl, uint64_t *ret, struct sg_err *err);

/* The word of RFC 5280 5.3.1 ("keyCompromise"), NULL for a value that is none. */
const char *
sg_reason_name(enum sg_crl_reason reason);
