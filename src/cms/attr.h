/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/attr.h - attributes that are signed (RFC 5652 5.3, 11)
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* One Attribute with one value. */
void
sg_cms_attr_put(struct sg_buf *b, struct sg_slice oid, unsigned tag, struct sg_slice val);
/* The attributes that every message has: contentType data, messageDigest, and signingTime
 * unless 0. */
void
sg_cms_attr_put_common(struct sg_buf *b, struct sg_slice digest, int64_t signing_time);
