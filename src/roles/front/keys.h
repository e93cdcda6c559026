/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/keys.h - signer keys that are remembered, and since when (private to roles/front)
 *
 * What tells devices of one address apart when that has had too many refusals (scep.c): keys whose
 * last message succeeded, and keys that were turned away and come back. A key is a number (the
 * beginning of its SHA-256), never 0.
 *
 * Limits:   FRONT_KEYS of them, in sets: when a set is full, the one that was noted first makes
 *           room, or with keep_ms nobody does before that has passed, so that a flood of keys that
 *           nobody sees again does not push out those that wait.
 * Security: which keys share a set cannot be known from outside. To push out all that succeeded
 *           takes as many successes as there are places; who is pushed out is a guest again.
 * Threads:  any.
 */

#include <stdint.h>

#include "base/err.h"

#define FRONT_KEYS 65536u /* 1 MiB; a fleet renews over days, its largest rush in one */

struct keys;

/* keep_ms: how long a key is remembered at the most, and at the least when there is room; 0: until
 * others need the place. */
SG_RC
front_keys_new(int64_t keep_ms, struct keys **ret, struct sg_err *err);
void
front_keys_free(struct keys **keysp);

/* From now on, unless keep_ms holds it since earlier. */
void
front_keys_note(struct keys *keys, uint64_t key, int64_t now_ms);
void
front_keys_forget(struct keys *keys, uint64_t key);
/* How long ago it was noted, in milliseconds; -1: it is not remembered. */
int64_t
front_keys_age(struct keys *keys, uint64_t key, int64_t now_ms);
