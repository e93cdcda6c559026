/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/ra.h - which of the server's certificates a client encrypts to
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"
#include "x509/cert.h"

/* True for a CA: basicConstraints, or version 1 and self-issued. */
bool
sg_scep_is_ca(const struct sg_cert *cert);
/* True when an extended key usage says RA: certificateRequestAgent (Microsoft) or cmcRA
 * (RFC 6402 2.10). */
bool
sg_scep_ra_has_purpose(const struct sg_cert *cert);

/*
 * Choose among the certificates of GetCACert the one to encrypt to. An RA goes before a CA: an RSA
 * end entity with keyEncipherment, else with dataEncipherment, else without key usage; of two that
 * are equal by that the one with the purpose of an RA. One whose key usage only signs (of NDES's
 * two RAs one does) comes after a CA that says keyEncipherment: such a server signs its answers by
 * an RA and decrypts with the CA's key. Without an RA it is the CA that issues to devices: where a
 * CA says keyEncipherment, not one whose key usage lacks it; of the others the lowest, that issued
 * no other CA of the answer.
 * may: which of them may be chosen, NULL: all; the others only tell which CA is the lowest.
 * SG_E_NOTFOUND ("reply.ra", "reply.ra.key": the lowest CA has no RSA key), SG_E_NOMEM.
 */
SG_RC
sg_scep_ra_select(
    const struct sg_slice *certs, size_t n, const bool *may, size_t *ret_index, struct sg_err *err);
