/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/content.h - ContentInfo (RFC 5652 3) and the versions of what is in it
 */

#include <stddef.h>

#include "asn1/der.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Open a ContentInfo of at most max bytes with nothing behind it and enter the SEQUENCE in
 * its content. want is the contentType that it must have. BER is made DER into own first.
 * SG_E_LIMIT ("scep.message.size"), SG_E_MALFORMED ("der", "ber...", "cms.type"),
 * SG_E_ALG ("cms.authenveloped", "cms.compressed").
 */
SG_RC
sg_cms_content_open(struct sg_slice message, size_t max, struct sg_slice want,
    const char *want_name, struct sg_buf *own, struct sg_der *ret, struct sg_err *err);

/* INTEGER version that is a or b. */
SG_RC
sg_cms_version(struct sg_der *d, unsigned a, unsigned b, const char *what, struct sg_err *err);
