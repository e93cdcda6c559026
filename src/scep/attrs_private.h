/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/attrs_private.h - the signed attributes of a message that arrives; private to scep/
 */

#include "asn1/der.h"
#include "base/err.h"
#include "scep/message.h"

/*
 * Read the contents of signedAttrs into msg. What makes a message unanswerable fails; what is
 * wrong with the attributes that count is deferred into msg->refused, and with those that only
 * inform into msg->fault.
 * SG_E_MALFORMED ("der", "scep.txid", "scep.txid.missing", "cms.attr.duplicate"),
 * SG_E_LIMIT ("cms.attrs.count").
 * Deferred: "cms.attr.duplicate", "cms.attr.values", "scep.attr.type", "scep.nonce", ...
 */
void
sg_scep_attrs_read(struct sg_der *list, struct sg_scep_msg *msg);

/* Remember the first refusal, or fault, in a message that can be answered; nothing when err has
 * none. */
void
sg_scep_defer(struct sg_err *first, const struct sg_err *err);
