/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/der.h - DER reader and writer (X.690), and the one place that understands BER
 *
 * Readers are strict DER: definite minimal lengths, one-byte tags, nothing behind the
 * end. What iOS, Java and Windows send as BER (indefinite or non-minimal lengths,
 * segmented OCTET STRINGs) goes through sg_ber_to_der() first, once.
 * Security: input is hostile; nothing is allocated but the BER copy, whose size is
 * bounded by its input's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum sg_der_tag {
	SG_DER_BOOLEAN = 0x01,
	SG_DER_INTEGER = 0x02,
	SG_DER_BIT_STRING = 0x03,
	SG_DER_OCTET_STRING = 0x04,
	SG_DER_NULL = 0x05,
	SG_DER_OID = 0x06,
	SG_DER_ENUMERATED = 0x0a,
	SG_DER_UTF8 = 0x0c,
	SG_DER_NUMERIC = 0x12,
	SG_DER_PRINTABLE = 0x13,
	SG_DER_T61 = 0x14,
	SG_DER_IA5 = 0x16,
	SG_DER_UTCTIME = 0x17,
	SG_DER_GENTIME = 0x18,
	SG_DER_UNIVERSAL = 0x1c,
	SG_DER_BMP = 0x1e,
	SG_DER_SEQUENCE = 0x30,
	SG_DER_SET = 0x31,
};

#define SG_DER_CTX(n) (0x80u | (unsigned)(n))	   /* [n] IMPLICIT, primitive */
#define SG_DER_CTX_CONS(n) (0xa0u | (unsigned)(n)) /* [n] constructed */

/* The contents octets that are still to be read; make one with sg_der_init. */
struct sg_der {
	struct sg_slice rest;
};

struct sg_tlv {
	unsigned tag;	     /* the identifier octet */
	struct sg_slice raw; /* identifier, length and contents */
	struct sg_slice val; /* contents */
};

struct sg_der
sg_der_init(struct sg_slice contents);
bool
sg_der_more(const struct sg_der *d);
/* The next identifier octet, or 0 at the end. */
unsigned
sg_der_peek(const struct sg_der *d);

/*
 * Read one element of any tag. what names it in messages ("signerInfo").
 * SG_E_MALFORMED, rule "der": end of data, a long-form tag, indefinite or non-minimal
 * length, a length past the end. On failure *ret is untouched.
 */
SG_RC
sg_der_any(struct sg_der *d, const char *what, struct sg_tlv *ret, struct sg_err *err);
/* As sg_der_any, and the tag must be this one. */
SG_RC
sg_der_get(
    struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err);
/* As sg_der_get when the next tag is this one; otherwise *ret is all zero and SG_OK. */
SG_RC
sg_der_opt(
    struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err);
/* Read one constructed element and give a reader of its contents. */
SG_RC
sg_der_enter(
    struct sg_der *d, unsigned tag, const char *what, struct sg_der *ret, struct sg_err *err);
/* SG_OK when nothing is left. */
SG_RC
sg_der_end(const struct sg_der *d, const char *what, struct sg_err *err);
/* The whole of der must be one element with this tag. */
SG_RC
sg_der_whole(
    struct sg_slice der, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err);

/* INTEGER 0 <= v <= max, minimal. */
SG_RC
sg_der_uint(struct sg_der *d, uint64_t max, const char *what, uint64_t *ret, struct sg_err *err);
/* INTEGER that is not negative, as its magnitude without leading zero (empty for 0), at
 * most max_len bytes. */
SG_RC
sg_der_magnitude(
    struct sg_der *d, size_t max_len, const char *what, struct sg_slice *ret, struct sg_err *err);
/* OBJECT IDENTIFIER contents, 1 to SG_OID_MAX bytes, well-formed. */
SG_RC
sg_der_oid(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err);
SG_RC
sg_der_bool(struct sg_der *d, const char *what, bool *ret, struct sg_err *err);
/* BIT STRING without unused bits. */
SG_RC
sg_der_bits(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 writes them; seconds since 1970, UTC. */
SG_RC
sg_der_time(struct sg_der *d, const char *what, int64_t *ret, struct sg_err *err);

/*
 * Rewrite BER as DER lengths: indefinite and non-minimal lengths become minimal definite
 * ones, constructed OCTET STRINGs (tag 0x24) primitive ones. Other constructed elements
 * keep their tag. Nothing else is normalised (sets are not sorted).
 * *ret_was_der is true when the input already was DER: then out is left empty.
 * The input must be exactly one element, at most max_depth deep.
 * SG_E_MALFORMED ("ber"), SG_E_LIMIT ("ber.depth"), SG_E_NOMEM.
 */
SG_RC
sg_ber_to_der(struct sg_slice ber, unsigned max_depth, bool *ret_was_der, struct sg_buf *out,
    struct sg_err *err);

/*
 * Writer: elements go straight into a buffer; a constructed one is opened with
 * sg_derw_begin and closed with sg_derw_end, which puts the length in.
 * Failures are sticky in the buffer.
 */
size_t
sg_derw_begin(struct sg_buf *b, unsigned tag);
void
sg_derw_end(struct sg_buf *b, size_t mark);
void
sg_derw_tlv(struct sg_buf *b, unsigned tag, struct sg_slice val);
/* Identifier and length only; the caller appends exactly len bytes. */
void
sg_derw_head(struct sg_buf *b, unsigned tag, size_t len);
void
sg_derw_uint(struct sg_buf *b, uint64_t v);
/* A non-negative INTEGER from its magnitude (leading zeroes dropped, sign byte added). */
void
sg_derw_magnitude(struct sg_buf *b, struct sg_slice mag);
void
sg_derw_bool(struct sg_buf *b, bool v);
void
sg_derw_null(struct sg_buf *b);
void
sg_derw_oid(struct sg_buf *b, struct sg_slice oid);
/* BIT STRING without unused bits. */
void
sg_derw_bits(struct sg_buf *b, struct sg_slice bits);
/* UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
void
sg_derw_time(struct sg_buf *b, int64_t at);
/* GeneralizedTime whatever the year, if it is one of 1 to 9999; else the buffer fails. */
void
sg_derw_gentime(struct sg_buf *b, int64_t at);
/*
 * Sort the elements of the SET OF that was opened at mark, as DER wants (X.690 11.6).
 * Call just before sg_derw_end. At most 64 elements.
 */
void
sg_derw_sort(struct sg_buf *b, size_t mark);
