/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/query.h - the small bodies: IssuerAndSubject of CertPoll (RFC 8894 3.3.3) and
 * IssuerAndSerialNumber of GetCert and GetCRL (3.3.4)
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Two Name TLVs, nothing after them; their insides are not checked. SG_E_MALFORMED ("der"). */
SG_RC
sg_scep_issuer_subject_parse(struct sg_slice der, struct sg_slice *ret_issuer,
    struct sg_slice *ret_subject, struct sg_err *err);
/* A Name TLV and the contents of the serial INTEGER, up to SG_SERIAL_MAX bytes. */
SG_RC
sg_scep_issuer_serial_parse(struct sg_slice der, struct sg_slice *ret_issuer,
    struct sg_slice *ret_serial, struct sg_err *err);
void
sg_scep_issuer_subject_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice subject);
/* serial is the contents of an INTEGER, as struct sg_cert has it. */
void
sg_scep_issuer_serial_put(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial);
