/* SPDX-License-Identifier: Apache-2.0 */

/*
 * run.c - which idempotency keys are in hand: attempt.c and recovery.c begin a run before they
 * touch the row of one
 */

#include "roles/registrar/run.h"

#include <string.h>

#include "base/alloc.h"

enum sg_code
registrar_run_new(struct registrar *r, struct run **ret, struct sg_err *err)
{
	struct run *run = sg_alloc(sizeof *run);

	if (run == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for an attempt");
	run->r = r;
	*ret = run;
	return SG_OK;
}

void
registrar_run_add(struct run *run, const uint8_t key[SG_STORE_HASH_LEN])
{
	memcpy(run->key[run->n++], key, sizeof run->key[0]);
}

static bool
share_a_key(const struct run *a, const struct run *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (memcmp(a->key[i], b->key[k], sizeof a->key[i]) == 0)
				return true;
	return false;
}

bool
registrar_run_begin(struct run *run)
{
	struct registrar *r = run->r;

	pthread_mutex_lock(&r->run_lock);
	struct run *other = r->runs;
	while (other != NULL && !share_a_key(other, run))
		other = other->next;
	if (other == NULL) {
		run->next = r->runs;
		r->runs = run;
	}
	pthread_mutex_unlock(&r->run_lock);
	return other == NULL;
}

void
registrar_run_end(struct run *run)
{
	if (run == NULL)
		return;
	struct registrar *r = run->r;
	pthread_mutex_lock(&r->run_lock);
	for (struct run **p = &r->runs; *p != NULL; p = &(*p)->next) {
		if (*p == run) {
			*p = run->next;
			break;
		}
	}
	pthread_mutex_unlock(&r->run_lock);
	sg_free(run);
}
