/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keys.c - two tables of signer keys: who was served, and who waits
 *
 * scep.c asks them when an address is over its budget, and writes down what became of a message.
 */

#include "roles/front/keys.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "crypto/random.h"

#define WAYS 8u
#define SETS (FRONT_KEYS / WAYS)

struct key {
	uint64_t key; /* 0: a free place */
	int64_t at_ms;
};

struct keys {
	pthread_mutex_t lock;
	uint64_t seed;
	int64_t keep_ms;
	struct key key[SETS][WAYS];
};

enum sg_code
front_keys_new(int64_t keep_ms, struct keys **ret, struct sg_err *err)
{
	struct keys *k = sg_alloc(sizeof *k);
	if (k == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	k->keep_ms = keep_ms;
	enum sg_code rc = sg_random(&k->seed, sizeof k->seed, err);
	if (rc != SG_OK) {
		sg_free(k);
		return rc;
	}
	pthread_mutex_init(&k->lock, NULL);
	*ret = k;
	return SG_OK;
}

void
front_keys_free(struct keys **keysp)
{
	if (*keysp == NULL)
		return;
	pthread_mutex_destroy(&(*keysp)->lock);
	sg_free(*keysp);
	*keysp = NULL;
}

static struct key *
set_of(struct keys *k, uint64_t key)
{
	/* Keys are chosen, and their hashes can be: the seed cannot be known. */
	uint64_t h = key ^ k->seed;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
	h = (h ^ (h >> 33)) * (k->seed | 1);
	return k->key[(h ^ (h >> 32)) % SETS];
}

static int64_t
age_of(const struct key *e, int64_t now_ms)
{
	return now_ms > e->at_ms ? now_ms - e->at_ms : 0;
}

/* Its time is over: as if it were not there. */
static bool
is_past(const struct keys *k, const struct key *e, int64_t now_ms)
{
	return e->key == 0 || (k->keep_ms > 0 && age_of(e, now_ms) > k->keep_ms);
}

/* With the lock held; NULL: none. */
static struct key *
find(struct keys *k, uint64_t key, int64_t now_ms)
{
	struct key *set = set_of(k, key);

	for (size_t n = 0; n < WAYS; n++)
		if (set[n].key == key && !is_past(k, &set[n], now_ms))
			return &set[n];
	return NULL;
}

void
front_keys_note(struct keys *k, uint64_t key, int64_t now_ms)
{
	pthread_mutex_lock(&k->lock);
	struct key *set = set_of(k, key), *e = find(k, key, now_ms);
	if (e != NULL && k->keep_ms == 0)
		e->at_ms = now_ms;
	if (e == NULL) {
		e = set;
		for (size_t n = 1; n < WAYS && !is_past(k, e, now_ms); n++)
			if (is_past(k, &set[n], now_ms) || set[n].at_ms < e->at_ms)
				e = &set[n];
		if (is_past(k, e, now_ms) || k->keep_ms == 0)
			*e = (struct key){key, now_ms};
	}
	pthread_mutex_unlock(&k->lock);
}

void
front_keys_forget(struct keys *k, uint64_t key)
{
	struct key *set = set_of(k, key);

	pthread_mutex_lock(&k->lock);
	for (size_t n = 0; n < WAYS; n++)
		if (set[n].key == key)
			set[n].key = 0;
	pthread_mutex_unlock(&k->lock);
}

int64_t
front_keys_age(struct keys *k, uint64_t key, int64_t now_ms)
{
	pthread_mutex_lock(&k->lock);
	const struct key *e = find(k, key, now_ms);
	int64_t age = e == NULL ? -1 : age_of(e, now_ms);
	pthread_mutex_unlock(&k->lock);
	return age;
}
