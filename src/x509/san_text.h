/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/san_text.h - subject alternative names as people write them: "dns:host"
 */

#include "x509/san.h"

/* Letter case of what is before the ':' and spaces around both parts do not count, '=' may stand
 * for it, and the words that openssl and Windows print ("IP Address:") are known.
 * "dns:host", "email:a@b", "uri:...", "ip:192.0.2.1" or IPv6, "upn:a@b", "dirname:C=FI, CN=x",
 * "rid:1.2.3", "other:1.2.3:text" or "other:1.2.3:#0c0161" (x509/san_other.h).
 * At most SG_SAN_LEN_MAX bytes are written to store, and ret->val points there: store must
 * outlive ret. SG_E_MALFORMED ("san.text" and those of sg_sans_parse), SG_E_LIMIT. */
SG_RC
sg_san_from_text(
    struct sg_slice text, struct sg_san *ret, uint8_t store[SG_SAN_LEN_MAX], struct sg_err *err);
/* "dns:host", escaped; "unknown:" and hexadecimal for what has no text form. */
void
sg_san_put_text(struct sg_buf *b, const struct sg_san *san);
