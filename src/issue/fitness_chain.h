/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue/fitness_chain.h - whether the certificates of `ca.chain` lead up from the issuing one, in
 * a way that verifiers accept
 *
 * As issue/fitness.h, which has what is fatal and what a warning.
 */

#include "issue/fitness.h"

/*
 * Warnings of sg_fitness_ca about each, "fitness.chain" (it does not lead up) and "fitness.key"
 * (too short). Fatal, where one of them signed the issuing certificate or one that leads to it:
 * "fitness.not-ca", "fitness.path-len", "fitness.ca-name" (excluded by its name constraints).
 * SG_E_NOMEM, SG_E_CONF ("fitness.chain": too many).
 */
SG_RC
sg_fitness_chain(const struct sg_fitness *f, struct sg_err *err);
