/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/issue.h - what registrar asks: a certificate, or whether one may renew (private to
 * roles/ca)
 */

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/verbs.h"

struct ca;
struct sg_peer_request;

/* SG_FRAME_ISSUE: everything from the facts to the answer. */
void
ca_issue(struct ca *ca, struct sg_peer_request *req);
void
ca_cancel(struct ca *ca, struct sg_peer_request *req);
/* SG_FRAME_SIGNER: may this certificate renew? */
void
ca_signer(struct ca *ca, struct sg_peer_request *req);

/* The hash by which a key is known in the database: of its canonical form, so that one key in
 * two spellings has one; of its bytes where it is a key that we would not certify. */
SG_RC
ca_key_hash(struct sg_slice spki, uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err);
