/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/attrs_private.h - the signed attributes of a message that arrives; private to scep/
 */

#include "asn1/der.h"
#include "base/err.h"
#include "scep/message.h"

/*
 * Read the contents of signedAttrs into msg. What makes a message unanswerable fails;
 * everything else is deferred into msg->refused.
 * SG_E_MALFORMED ("der", "scep.txid", "scep.txid.missing", "cms.attr.duplicate"),
 * SG_E_LIMIT ("cms.attrs.count").
 * Deferred: "cms.attr.duplicate", "cms.attr.values", "scep.attr.type", "scep.nonce", ...
 */
void
sg_scep_attrs_read(struct sg_der *list, struct sg_scep_msg *msg);

/* Remember the first refusal that can be answered; nothing when err has none. */
void
sg_scep_defer(struct sg_scep_msg *msg, const struct sg_err *err);
