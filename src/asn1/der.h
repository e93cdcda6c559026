/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/der.h - DER reader (X.690)
 *
 * Readers are strict DER: definite minimal lengths, one-byte tags, nothing after the end.
 * What iOS, Java and Windows send as BER goes through sg_ber_to_der (asn1/ber.h) first, once.
 * Security: input is hostile; nothing is allocated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asn1/tag.h"
#include "base/err.h"
#include "base/slice.h"

struct sg_tlv {
	unsigned tag;	     /* the identifier octet */
	struct sg_slice raw; /* identifier, length and contents */
	struct sg_slice val; /* contents */
};

/*
 * Readers are sticky, so that a parser reads like its schema, from top to bottom, and asks once
 * at the end: the first failure stays, a reader and those of what is inside it share it, and
 * after it every read gives zero (an empty slice, tag 0, false), loops over sg_der_more end,
 * and neither sg_der_end nor sg_der_fail puts another error over the first.
 *
 *	struct sg_der d = sg_der_init(der, err);
 *	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "Validity");
 *	int64_t from = sg_der_time(&seq, "notBefore"), to = sg_der_time(&seq, "notAfter");
 *	sg_der_end(&seq, "Validity");
 *	if (from > to)
 *		sg_der_fail(&d, SG_E_TIME, "x.validity", "validity: ends before it begins");
 *	return sg_der_status(&d);
 */
struct sg_der_state {
	enum sg_code code;
	struct sg_err *err; /* may be NULL */
};

/* The contents octets that are still to be read. */
struct sg_der {
	struct sg_slice rest;
	struct sg_der_state *state;
};

/* A reader of der; err may be NULL, and is untouched without a failure. The reader and those
 * made from it live as long as the block where this stands. */
#define sg_der_init(der, error)                                                                    \
	((struct sg_der){(der), &(struct sg_der_state){.code = SG_OK, .err = (error)}})
/* A reader of other bytes (what a string holds, for example) that shares d's error. */
struct sg_der
sg_der_inside(const struct sg_der *d, struct sg_slice contents);

/* The code of the first failure. */
SG_RC
sg_der_status(const struct sg_der *d);
bool
sg_der_ok(const struct sg_der *d);
/* Something is left, and nothing has failed. */
bool
sg_der_more(const struct sg_der *d);
/* The next identifier octet; 0 at the end and after a failure. */
unsigned
sg_der_peek(const struct sg_der *d);

/* What was read breaks a rule: as sg_fail, unless something failed before. */
#define sg_der_fail(d, code, rule, ...)                                                            \
	sg_der_fail_at((d), (code), (rule), __FILE__, __LINE__, __VA_ARGS__)
void
sg_der_fail_at(struct sg_der *d, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Ask a function that judges by itself and fills sg_der_err(d); not called after a failure:
 * sg_der_try(&d, sg_name_check(subject, sg_der_err(&d))). */
#define sg_der_try(d, call)                                                                        \
	do {                                                                                       \
		if (sg_der_ok(d))                                                                  \
			(d)->state->code = (call);                                                 \
	} while (0)
struct sg_err *
sg_der_err(const struct sg_der *d);

/*
 * Read one element of any tag. what names it in messages ("signerInfo").
 * SG_E_MALFORMED, rule "der": end of data, a long-form tag, indefinite or non-minimal
 * length, a length past the end.
 */
struct sg_tlv
sg_der_any(struct sg_der *d, const char *what);
/* As sg_der_any, and the tag must be this one. */
struct sg_tlv
sg_der_get(struct sg_der *d, unsigned tag, const char *what);
/* As sg_der_get when the next tag is this one; otherwise all zero. */
struct sg_tlv
sg_der_opt(struct sg_der *d, unsigned tag, const char *what);
/* Read one constructed element and give a reader of its contents. */
struct sg_der
sg_der_enter(struct sg_der *d, unsigned tag, const char *what);
/* Nothing may be left. */
void
sg_der_end(struct sg_der *d, const char *what);
/* What is left must be one element with this tag. */
struct sg_tlv
sg_der_whole(struct sg_der *d, unsigned tag, const char *what);

/* INTEGER 0 <= v <= max, minimal. SG_E_LIMIT ("der.integer"). */
uint64_t
sg_der_uint(struct sg_der *d, uint64_t max, const char *what);
/* INTEGER that is not negative, as its magnitude without leading zero (empty for 0), at
 * most max_len bytes. SG_E_LIMIT ("der.integer"). */
struct sg_slice
sg_der_magnitude(struct sg_der *d, size_t max_len, const char *what);
/* OBJECT IDENTIFIER contents, well-formed, 1 to SG_OID_MAX bytes: SG_E_LIMIT ("der.oid"). */
struct sg_slice
sg_der_oid(struct sg_der *d, const char *what);
bool
sg_der_bool(struct sg_der *d, const char *what);
/* BIT STRING without unused bits. */
struct sg_slice
sg_der_bits(struct sg_der *d, const char *what);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 writes them; seconds since 1970, UTC.
 * SG_E_MALFORMED ("der.time", "time"). */
int64_t
sg_der_time(struct sg_der *d, const char *what);
