/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/request.h - the floor: what no policy can allow, checked by registrar and again
 * by ca
 *
 * Field practice decides what is refused and what is left out: a request for CA:TRUE, a
 * foreign EKU or keyCertSign is an attack or a grave mistake and is refused; other key
 * usage bits (clients ask for digitalSignature, keyEncipherment, dataEncipherment in every
 * mixture), the SID extension and unknown extensions are never copied, so they are ignored.
 */

#include "base/alg.h"
#include "base/err.h"
#include "x509/csr.h"
#include "x509/template.h"

/*
 * Judge a parsed request whose signature has been verified. All refusals are SG_E_DENIED:
 *   request.key-type      not RSA or P-256, P-384, P-521, or not in the template
 *   request.key           the SubjectPublicKeyInfo is not well-formed
 *   request.key-size      RSA outside the template's sizes
 *   request.key-weak      RSA exponent even, 1 or over 32 bits; modulus even or with a small
 *                         factor
 *   name....              a value of the subject that sg_name_check_bounds refuses
 *   request.subject-empty no subject (or, where the template allows that, no SAN either)
 *   request.san-count, request.san-type, request.san (broken or wildcard names)
 *   request.names-size    subject and SANs together over SG_CERT_NAMES_MAX
 *   request.ca            basicConstraints CA:TRUE
 *   request.ku            keyCertSign or cRLSign
 *   request.eku           an EKU that the template does not give, unless it says to ignore that
 * Where an option of the template would allow what is refused, the text names it; where none
 * would, it says that the limit is fixed.
 */
SG_RC
sg_request_check(const struct sg_csr *csr, const struct sg_template *tmpl, struct sg_err *err);

/* Does a request that passed ask for an EKU that the template does not give? */
bool
sg_request_leaves_eku_out(const struct sg_csr *csr, const struct sg_template *tmpl);

/* The bounds of a subject, as part of the above and for who orders a challenge: what
 * sg_name_check_bounds says, with the option of the template that would allow it. */
SG_RC
sg_request_check_name(struct sg_slice name, const struct sg_template *tmpl, struct sg_err *err);
/* May a certificate have alternative names alone? "request.subject-empty". */
SG_RC
sg_request_check_empty(const struct sg_template *tmpl, struct sg_err *err);
/* The alternative names, and whether a certificate has room for them and the subject, for the same
 * callers. */
SG_RC
sg_request_check_sans(struct sg_slice subject, const struct sg_sans *sans,
    const struct sg_template *tmpl, struct sg_err *err);

/* Type and size of a SubjectPublicKeyInfo without any cryptography; checks of the first
 * four rules above that need no template. */
SG_RC
sg_request_key(
    struct sg_slice spki, enum sg_keytype *ret_type, unsigned *ret_bits, struct sg_err *err);

/* clientAuth; digitalSignature and keyEncipherment; a year, backdated a day; RSA
 * 2048..4096 and the NIST curves; DNS, email, URI, IP and UPN names, as many as there can be; no
 * empty subject. */
void
sg_template_client(struct sg_template *ret);
