/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/ber.h - the one place that understands BER
 *
 * What iOS, Java and Windows send as BER (indefinite or non-minimal lengths, segmented OCTET
 * STRINGs) becomes DER here, once; every reader after it is strict.
 * Security: input is hostile; what is allocated is one copy, not longer than the input.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

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
