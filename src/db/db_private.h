/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/db_private.h - the store itself, private to src/db
 *
 * Threads: queue, late and what follows belong to lock; the writer connection to the
 * writer thread; a read connection to the thread that took it; dead and full are atomic, the
 * times of full belong to room_lock.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "fiber/loop.h"
#include "db/room.h"
#include "db/sql.h"
#include "db/db.h"

#define SG_DB_READERS_MAX 64u

struct sg_db {
	const struct sg_db_schema *schema;
	char *path;
	int lock_fd;
	const struct sg_sql_driver *drv;
	uint8_t instance[16];
	int64_t instance_until;

	struct sg_sql writer;
	pthread_t thread;
	int writer_nice;
	bool started;

	_Atomic uint32_t wakes; /* the writer waits until it changes */
	pthread_mutex_t lock;	/* everything below, up to dead */
	struct sg_db_job *head, **tail;
	unsigned queued;
	unsigned late; /* jobs that nobody waits for and that are not done */
	bool urgent;   /* a caller waits for one of the queue */
	bool sleeping; /* the writer, until it is woken */
	bool idle;     /* and without an end: late jobs wake it, too */
	bool closing;
	_Atomic bool dead;
	_Atomic bool backup; /* one is made */
	_Atomic uint64_t n_commits, n_jobs, n_batch_max, n_redone;
	struct sg_err unasked; /* the failure of a job whose caller does not want to know why */

	struct sg_room room;
	_Atomic bool full; /* only jobs with when_full run */
	pthread_mutex_t room_lock;
	int64_t full_ended_ms, look_ms, pause_ms; /* the last one; when, how often to look again */
	void (*on_full)(void *arg, const char *why);
	void *on_full_arg;

	pthread_mutex_t pool_lock;
	pthread_cond_t pool_wake;
	struct sg_sql *readers;
	struct sg_sql **free_readers;
	unsigned n_readers, n_free;
};
