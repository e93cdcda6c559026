/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/run.h - the idempotency keys of a request, while somebody works on them (private
 * to roles/registrar)
 *
 * In memory only. Threads: any.
 */

#include "roles/registrar/state.h"

/* Idempotency keys that this process is working on, until the outcome is committed: of every way
 * in which a request may be authorized. */
struct run {
	struct run *next;
	struct registrar *r;
	size_t n;
	uint8_t key[WAYS_MAX][SG_STORE_HASH_LEN];
};

/* One without keys. SG_E_NOMEM. */
SG_RC
registrar_run_new(struct registrar *r, struct run **ret, struct sg_err *err);
/* Before it begins; at most WAYS_MAX. */
void
registrar_run_add(struct run *run, const uint8_t key[SG_STORE_HASH_LEN]);
/* False: another one has one of its keys. */
bool
registrar_run_begin(struct run *run);
/* Begun or not, it is gone; NULL: it was given away. */
void
registrar_run_end(struct run *run);
