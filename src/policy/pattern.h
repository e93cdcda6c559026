/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/pattern.h - which subjects and SANs an endpoint with a static challenge gives
 *
 * A subject pattern is a name in text form: "CN=*.dev.example, O=Test". A request fits
 * when it has the same attribute types in the same order and equal values: equal but for the
 * case of ASCII letters and for spaces (sg_name_equal_ascii), since the device's own spelling
 * is certified; beyond ASCII a pattern fits what is spelled as it is. One '*' is
 * allowed in a CN: it stands for one or more letters and digits of ASCII, '-' and '_', so
 * that "*.dev.example" fits "a.dev.example" but neither "a.b.dev.example" nor
 * "x@a.dev.example". What else it may stand for is written out in braces after it:
 * "*{. }-kiosk" allows '.' and the space, too. Between the braces are printable ASCII (in
 * the escapes of a name: "*{\,}") and Latin letters. Beside a '*' the text of a CN counts as
 * it stands, but for the case of ASCII letters: spaces are not folded.
 *
 * A SAN pattern is a name as sg_san_from_text reads it. One '*' is allowed: in "dns:" as
 * the whole first label, in "email:" and "upn:" as the whole part before '@' (letters,
 * digits and . _ + - there), in "uri:" anywhere after the scheme (letters, digits, - and
 * _); in "ip:" none. Every requested SAN must fit one pattern; without SAN patterns there
 * are no SANs.
 *
 * Ownership: the set owns copies of everything.  Threads: read-only after loading.
 */

#include "base/err.h"
#include "base/slice.h"
#include "x509/bounds.h"
#include "x509/csr.h"

struct sg_patterns;

/* lengths: of the template; a pattern that no name within its bounds fits is refused. */
SG_RC
sg_patterns_new(enum sg_name_lengths lengths, struct sg_patterns **ret, struct sg_err *err);
void
sg_patterns_free(struct sg_patterns **pp);
/* SG_E_CONF "pattern.subject", "pattern.san" (what is wrong with it), "pattern.count"
 * (SG_PATTERNS_MAX of each), "pattern.free" (no letter or digit of the CN is fixed: "CN=*"). */
SG_RC
sg_patterns_add_subject(struct sg_patterns *p, struct sg_slice text, struct sg_err *err);
SG_RC
sg_patterns_add_san(struct sg_patterns *p, struct sg_slice text, struct sg_err *err);
/* SG_OK when one subject pattern and the SAN patterns fit; SG_E_DENIED "pattern.no-subject",
 * "pattern.no-san". A set without subject patterns fits nothing. SG_E_NOMEM ("memory") when
 * nothing fitted and a subject could not be compared. */
SG_RC
sg_patterns_match(const struct sg_patterns *p, const struct sg_csr *csr, struct sg_err *err);
