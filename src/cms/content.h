/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/content.h - ContentInfo (RFC 5652 3) and the versions of what is in it
 */

#include <stdbool.h>
#include <stddef.h>

#include "asn1/der.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Open a ContentInfo of at most max bytes, which are all that message has, and enter the SEQUENCE
 * in its content. want is the contentType that it must have. BER is made DER into own first.
 * SG_E_LIMIT ("scep.message.size"), SG_E_MALFORMED ("der", "ber...", "cms.type"),
 * SG_E_ALG ("cms.authenveloped", "cms.compressed").
 */
struct sg_der
sg_cms_content_open(struct sg_der *message, size_t max, struct sg_slice want, const char *want_name,
    struct sg_buf *own);

/* Read an INTEGER version of any value: nothing that is read after it depends on it. True when it
 * is a or b, which the standard wants. */
bool
sg_cms_version(struct sg_der *d, unsigned a, unsigned b, const char *what);
