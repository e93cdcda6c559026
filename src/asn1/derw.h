/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/derw.h - DER writer (X.690)
 *
 * Elements go straight into a buffer; a constructed one is opened with
 * sg_derw_begin and closed with sg_derw_end, which puts the length in.
 * Failures are sticky in the buffer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asn1/tag.h"
#include "base/buf.h"
#include "base/slice.h"

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
