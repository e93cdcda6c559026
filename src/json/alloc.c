/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alloc.c - jansson set up once in every process: memory of base/alloc.h, and a seed
 */

#include "json/alloc.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/random.h>

#include "base/alloc.h"

static atomic_ulong failures;

static void *
count_alloc(size_t size)
{
	void *p = sg_alloc(size);

	if (p == NULL)
		atomic_fetch_add(&failures, 1);
	return p;
}

static void
set_up(void)
{
	size_t seed = 0;

	json_set_alloc_funcs(count_alloc, sg_free_wiped);
	/* By itself jansson opens a device, which no sandbox lets it do, and then asks the clock.
	 */
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
		json_object_seed(seed);
}

unsigned long
sg_json_alloc_failures(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_up);
	return atomic_load(&failures);
}
