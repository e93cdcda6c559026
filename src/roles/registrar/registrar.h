/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/registrar.h - the process that decides: policy module and registration
 * point
 *
 * SECURITY: hears front, which is as trustworthy as the network, and its control socket;
 * asks keyd and ca. It reads challenges in clear and holds its database and the key of
 * the challenges' keyed hashes; no private key. Whoever owns it can ask ca for
 * certificates that ca's own floor of rules allows.
 */

extern const struct sg_service sg_service_registrar;
