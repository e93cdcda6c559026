/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/ra.h - which of the server's certificates a client encrypts to
 */

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Choose among the certificates of GetCACert the one to encrypt to: an RSA end entity with
 * keyEncipherment, else with dataEncipherment, else without key usage, else any RSA end
 * entity (NDES sets one flag only), else an RSA CA: with keyEncipherment, else the lowest, that
 * issued no other CA of the answer. Of two end entities that are equal by that the one with the
 * purpose of an RA (EKU certificateRequestAgent). SG_E_NOTFOUND ("reply.ra").
 */
SG_RC
sg_scep_ra_select(const struct sg_slice *certs, size_t n, size_t *ret_index, struct sg_err *err);
