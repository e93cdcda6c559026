/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/certs.h - the certificates in an answer to GetCACert, however they are packed
 *
 * Ownership: slices borrow from the buffer that the certificates are written to.
 * Limits:    SG_CMS_CERTS_MAX; the buffer's own.
 * Security:  input is hostile. Nothing of it is trusted by being read.
 * Threads:   no shared state.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

struct sg_enroll_certs {
	size_t n;
	struct sg_slice cert[SG_CMS_CERTS_MAX];
	bool bare;	 /* one certificate, which no certs-only message is around */
	const char *odd; /* how it is packed otherwise than RFC 8894 4.2 says; NULL: it is not */
};

/*
 * The first element of an answer, without what scripts write before it (white space, NUL, a byte
 * order mark) and without what follows; of an answer that is no DER all but white space around it.
 * *ret_odd says what was left out; NULL: nothing.
 */
struct sg_slice
sg_enroll_certs_trim(struct sg_slice body, const char **ret_odd);
/* The message that a text holds as PEM (PKCS7, CMS) or as base64 alone; nothing: neither.
 * SG_E_NOMEM. */
SG_RC
sg_enroll_certs_untext(struct sg_slice text, struct sg_buf *out, struct sg_err *err);

/*
 * RFC 8894 4.2: a certificate or a certs-only message in DER (or BER), and what servers of the
 * field send instead: white space before it, anything after it, one certificate after the other,
 * PEM with any text around (CERTIFICATE, PKCS7, CMS), base64 alone. out gets the certificates, one
 * after the other, each as it came; whether they can be read is asked where they are used.
 * SG_E_MALFORMED ("client.certs": nothing of that kind; what is wrong with a single certificate),
 * SG_E_LIMIT ("client.certs", "cms.certs.count"), SG_E_NOMEM. On failure *ret is untouched.
 */
SG_RC
sg_enroll_certs_read(
    struct sg_slice body, struct sg_buf *out, struct sg_enroll_certs *ret, struct sg_err *err);
