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

struct sg_db_job {
	struct sg_db_job *next;
	/* May run twice: sets every output afresh. What it read is what it wrote over. */
	enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err);
	void *arg;
	struct sg_err *err;
	enum sg_code rc;
	struct sg_parker parker; /* unused when done is there */
	bool when_full;		 /* runs also when the disk is full */
	bool no_space;		 /* it found none */
	/* Of a job that nobody waits for: called once with the outcome in rc, frees the job. */
	void (*done)(struct sg_db_job *job);
};

struct sg_db {
	enum sg_db_kind kind;
	char *path;
	int lock_fd;
	const struct sg_sql_driver *drv;
	enum sg_code (*sha256)(
	    struct sg_slice data, uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err);
	uint8_t instance[16];

	struct sg_sql writer;
	pthread_t thread;
	int writer_nice;
	bool started;

	_Atomic uint32_t wakes; /* the writer waits until it changes */
	pthread_mutex_t lock;	/* everything below, up to dead */
	struct sg_db_job *head, **tail;
	unsigned queued;
	unsigned late; /* jobs that nobody waits for and that are not done */
	bool urgent;   /* somebody waits for one of the queue */
	bool sleeping; /* the writer, until it is woken */
	bool idle;     /* and without an end: late jobs wake it, too */
	bool closing;
	_Atomic bool dead;
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

/* Run a job on the writer and wait for its commit. */
SG_RC
sg_db_do(struct sg_db *store, enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err),
    void *arg, struct sg_err *err);

/* The same, and also when the disk is full, with the room that is kept for it: what revokes. */
SG_RC
sg_db_do_when_full(struct sg_db *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err);

/*
 * Queue a job that nobody waits for. It belongs to the store until its done is called by the
 * writer's thread: after the commit that it shares with the next job that comes, or
 * SG_DB_LATE_MS later at the most. Jobs run in the order in which they were queued.
 * SG_E_BUSY "store.closing", SG_E_IO "store.full", "store.dead": not queued, still the caller's.
 */
SG_RC
sg_db_do_late(struct sg_db *store, struct sg_db_job *job, struct sg_err *err);

/* Run something that only reads on a read connection. */
SG_RC
sg_db_read(struct sg_db *store,
    enum sg_code (*run)(struct sg_sql *db, void *arg, struct sg_err *err), void *arg,
    struct sg_err *err);

/* SG_E_IO "store.dead". */
SG_RC
sg_db_dead(const struct sg_db *store, struct sg_err *err);

SG_RC
sg_db_writer_start(struct sg_db *store, struct sg_err *err);
void
sg_db_writer_stop(struct sg_db *store);

/* From now on only jobs with when_full run, until there is room for the reserve again. */
void
sg_db_begin_full(struct sg_db *store, const char *why);

/* What a filter asks for: a LIKE pattern that finds part of a text (escape character '!'),
 * and the first and last trace with a prefix. */
void
sg_store_like_pattern(struct sg_slice part, struct sg_buf *out);
SG_RC
sg_store_trace_range(struct sg_slice prefix, uint8_t ret_first[SG_STORE_TRACE_LEN],
    uint8_t ret_last[SG_STORE_TRACE_LEN], struct sg_err *err);

/* What a caller of a verb got wrong: SG_E_INTERNAL "store.argument". */
SG_RC
sg_db_check(bool ok, const char *what, struct sg_err *err);

/* The exclusive right to a database: SG_E_BUSY "store.locked". */
SG_RC
sg_db_lock(const char *path, int *ret_fd, struct sg_err *err);

struct sg_db_migration {
	int version;
	const char *sql;
};

extern const struct sg_db_migration sg_regdb_migrations[];
extern const struct sg_db_migration sg_cadb_migrations[];

/* The newest version that this program knows. */
int
sg_db_schema_version(enum sg_db_kind kind);

/* instance 16, transaction 8, attempt 4. */
void
sg_regdb_make_request_id(
    const uint8_t instance[16], int64_t tx, uint32_t attempt, uint8_t ret[SG_STORE_REQUEST_ID_LEN]);

/* The row of a challenge in a verb's own transaction, lent until q ends. SG_OK and *ret_found
 * false: there is none. */
struct sg_regdb_challenge;
SG_RC
sg_regdb_challenge_find(struct sg_query *q, struct sg_sql *db,
    const uint8_t hash[SG_STORE_HASH_LEN], bool *ret_found, struct sg_regdb_challenge *ret,
    struct sg_err *err);
/* A row as policy sees it; the slices are the row's. */
struct sg_offer
sg_regdb_challenge_offer(const struct sg_regdb_challenge *row);

/* How much there is of what triggers count: rows, and bytes of texts. */
struct sg_regdb_size {
	uint64_t n, bytes;
};
SG_RC
sg_regdb_get_size(
    struct sg_sql *db, const char *what, struct sg_regdb_size *ret, struct sg_err *err);

/* The audit row of an act, in the transaction of the act. ret_seq: its number, or NULL. */
SG_RC
sg_cadb_audit_add(struct sg_sql *db, struct sg_slice who, const char *act, struct sg_slice object,
    struct sg_slice detail, int64_t at, int64_t *ret_seq, struct sg_err *err);

/* A revocation in a verb's own transaction: the certificate's new state, and its audit row. */
struct sg_cadb_revoking {
	struct sg_slice serial, who;
	int reason;
	int64_t revoked_at; /* what the list says */
	int64_t now;
};
SG_RC
sg_cadb_revoke_cert(struct sg_sql *db, int64_t id, int to_state,
    const struct sg_cadb_revoking *what, struct sg_err *err);

/* Revoke a certificate that was just recorded if an adopted list has it. */
struct sg_cadb_new_cert;
SG_RC
sg_cadb_crl_take_adopted(
    struct sg_sql *db, int64_t cert_id, const struct sg_cadb_new_cert *cert, struct sg_err *err);
/* Was it released from hold by an act later than that audit row? */
SG_RC
sg_cadb_crl_released(
    struct sg_sql *db, struct sg_slice serial, int64_t after, bool *ret, struct sg_err *err);

/* The state of the certificate with this serial number, or 0: there is none. */
SG_RC
sg_cadb_cert_get_state(
    struct sg_sql *db, struct sg_slice serial, int64_t *ret_state, struct sg_err *err);

/* After "state": a transaction that runs or waits, in the words of the index of those. */
#define SG_IS_OPEN " <= " SG_SQL_NO(ATTEMPT_PENDING)

/* Certificate c is in the lineage that is parameter n: the one that it begins with, by its id, or a
 * renewal, by the index, which has no others. */
#define SG_CADB_IN_LINEAGE(c, n)                                                                   \
	"(" c ".id = " n " OR (" c ".lineage = " n " AND " c ".renews IS NOT NULL))"

/* The lineage that a certificate joins as a renewal, judged in the transaction that records it;
 * 0: it begins one. SG_E_DENIED "renewal.foreign", "renewal.revoked", and what its
 * sg_renewal_limit says. */
struct sg_cadb_new_cert;
SG_RC
sg_cadb_lineage_join(
    struct sg_sql *db, const struct sg_cadb_new_cert *in, int64_t *ret_lineage, struct sg_err *err);

/* A CRLReason that a certificate may be revoked with. */
bool
sg_cadb_revoke_reason_ok(int reason);

/* The rows of the audit in order, from a sequence number on; limit -1: all of them. A row's texts
 * are lent until the next one is asked for. */
struct sg_cadb_audit_row;
void
sg_cadb_audit_begin(struct sg_query *q, struct sg_sql *db, int64_t from, int64_t limit);
SG_RC
sg_cadb_audit_next(
    struct sg_query *q, bool *ret_found, struct sg_cadb_audit_row *ret, struct sg_err *err);

/* A lease within a verb's own transaction. */
struct sg_cadb_lease;
SG_RC
sg_cadb_lease_check(const struct sg_cadb_lease *lease, struct sg_err *err);
SG_RC
sg_cadb_lease_write(
    struct sg_sql *db, struct sg_cadb_lease *lease, int64_t now, struct sg_err *err);

/* hash = SHA-256(previous hash, the row's fields each with its length). */
SG_RC
sg_cadb_audit_hash(enum sg_code (*sha256)(
		       struct sg_slice data, uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err),
    const uint8_t prev[SG_STORE_HASH_LEN], const struct sg_cadb_audit_row *row,
    uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err);
