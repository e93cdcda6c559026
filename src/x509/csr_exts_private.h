/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/csr_exts_private.h - what a request asks for in a list of extensions (private to x509/)
 *
 * Certificates are written from the template and never copy an extension, so what a request asks
 * for besides names only decides whether it is refused. So it is read for its meaning, as far as
 * that can be made out, and not for its form; alternative names are certified and read strictly.
 * An ask that somebody hides in an encoding that is not read gains nothing: it is not given.
 */

#include <stdbool.h>

#include "asn1/der.h"
#include "x509/ext.h"

/*
 * What is left of d must be Extensions; *ret is empty before (path_len -1). Criticality is not
 * looked at. Read are subjectAltName, by the rules of sg_sans_parse, where a name repeated in
 * its spelling counts once and an empty list asks for nothing; and with any BER lengths, TRUE
 * other than FF, unused and unknown bits, repeated purposes and whatever stands after them:
 * keyUsage with at least one of its bits set, basicConstraints (ca alone), extKeyUsage (as many
 * purposes as sg_exts has room for). Those three are skipped where they cannot be read, as are
 * all others. One extension several times counts once when the same is read each time.
 * SG_E_MALFORMED ("der" of the list and its elements, "csr.exts.twice" for two that differ, those
 * of sg_sans_parse), SG_E_LIMIT ("ext.count").
 */
void
sg_csr_exts_read(struct sg_der *d, struct sg_exts *ret);
/* Nothing is asked for. */
bool
sg_csr_exts_empty(const struct sg_exts *exts);
/* The same is asked for: names and purposes as sets. */
bool
sg_csr_exts_equal(const struct sg_exts *a, const struct sg_exts *b);
