/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/signed.h - what requests, certificates and CRLs have around them: a signature
 */

#include "base/alg.h"
#include "base/buf.h"
#include "base/slice.h"

/* SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }: requests, certificates, CRLs. Appended;
 * a buffer for a large CRL needs a max of its own. */
void
sg_signed_put(struct sg_buf *b, struct sg_slice tbs, struct sg_sigalg alg, struct sg_slice sig);
