/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/end.h - when ca ends by itself: what it has in memory is not to be relied on (private to
 * roles/ca)
 */

#include "base/err.h"

struct ca;

/* Ends the process when its store takes no more: another one begins with what is on the disk. At
 * the end of each round, and in threads that write. */
void
ca_end_if_dead(const struct ca *ca);
/* Ends the process where signing says that its RSA key is broken. */
void
ca_end_if_broken(const struct ca *ca, enum sg_code rc, const struct sg_err *err);
