/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/getmsg.h - the message= value of PKIOperation by GET (RFC 8894 4.1)
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Append the bytes that a raw, still percent-encoded value stands for. Tolerated, because
 * the field sends it: '+' as it is or turned into a space, line feeds, missing padding,
 * escaping twice (%252B), the url-safe alphabet, a space after the end. Everything else is
 * refused: foreign characters, data after the padding, a lone last character, bits that are not
 * zero.
 *
 * SG_E_MALFORMED ("getmsg.percent", "getmsg.base64", "getmsg.empty"), SG_E_LIMIT
 * ("getmsg.size": more than SG_HTTP_LINE_MAX characters). On failure out is as it was.
 */
SG_RC
sg_scep_getmsg_decode(struct sg_slice value, struct sg_buf *out, struct sg_err *err);

/* The client's side: base64 and percent-encoding. */
void
sg_scep_getmsg_put(struct sg_buf *b, struct sg_slice message);
