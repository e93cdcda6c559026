/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/front.h - the process that strangers reach: HTTP and the outer layer of SCEP
 *
 * SECURITY: parses HTTP and SignedData, checks the signature, and hands the message to
 * registrar. It holds no key, no challenge and no database; owning it equals owning the
 * network in front of it.
 */

extern const struct sg_service sg_service_front;
