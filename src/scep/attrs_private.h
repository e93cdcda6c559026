/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/attrs_private.h - the signed attributes of a message that arrives; private to scep/
 */

#include "base/err.h"
#include "base/slice.h"
#include "scep/message.h"

/*
 * Walk the contents of signedAttrs into msg. What makes a message unanswerable fails;
 * everything else is put off into msg->refused.
 * SG_E_MALFORMED ("der", "scep.txid", "scep.txid.missing", "cms.attr.duplicate"),
 * SG_E_LIMIT ("cms.attrs.count").
 * Put off: "cms.attr.duplicate", "cms.attr.values", "scep.attr.type", "scep.nonce", ...
 */
SG_RC
sg_scep_attrs_read(struct sg_slice contents, struct sg_scep_msg *msg, struct sg_err *err);

/* Remember the first refusal that can be answered. */
void
sg_scep_put_off(struct sg_scep_msg *msg, const struct sg_err *err);
