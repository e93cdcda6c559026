/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/keyid_private.h - what we read from a SubjectPublicKeyInfo, private to src/issue
 */

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

#define SG_ISSUE_KEYID_LEN 20u

/* RFC 7093 method 1: the leftmost 160 bits of the SHA-256 of the key's bits. */
SG_RC
sg_issue_keyid(struct sg_slice spki, uint8_t ret[SG_ISSUE_KEYID_LEN], struct sg_err *err);
/* The key usages that a key of this type can serve; SG_E_MALFORMED "issue.spki". */
SG_RC
sg_issue_capable(struct sg_slice spki, uint32_t *ret_key_usage, struct sg_err *err);
