/* SPDX-License-Identifier: Apache-2.0 */

/*
 * recovery.c - what a crash left running: a thread of registrar asks ca to give it up, or what came
 * of it
 */

#include "roles/registrar/recovery.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "fiber/loop.h"
#include "ipc/edges/registrar_ca.h"
#include "roles/registrar/attempt.h"
#include "roles/registrar/run.h"
#include "service/log.h"
#include "store/registrar/tx.h"

#define RECOVERY_PAUSE_S 2
#define RECOVERY_CALL_MS 5000
#define RECOVERY_MAX 256u /* per round */

struct found {
	size_t n;
	struct sg_regdb_tx tx[RECOVERY_MAX];
};

static bool
remember(void *arg, const struct sg_regdb_tx *tx)
{
	struct found *f = arg;
	f->tx[f->n] = *tx;
	f->tx[f->n].mem = NULL; /* the row's own memory ends with the call */
	return ++f->n < RECOVERY_MAX;
}

/* Is the certificate of a request id that of this attempt? After a backup was restored it may be
 * another request's, from before. */
static bool
is_of(const struct sg_regdb_tx *tx, struct sg_slice csr_hash)
{
	sg_buf_scoped own = {0};

	sg_hex_put(&own, sg_slice(tx->csr_hash, sizeof tx->csr_hash));
	return own.failed == SG_OK && sg_slice_eq(sg_buf_slice(&own), csr_hash);
}

/* Ask ca to give the attempt up; what it answers is the outcome. */
static enum sg_code
settle(struct registrar *r, const struct sg_regdb_tx *tx, struct sg_err *err)
{
	struct sg_frame_cancel ask = {.id = sg_slice(tx->request_id, sizeof tx->request_id)};
	sg_frame_scoped(issued) answer = {0};
	struct sg_err why;

	enum sg_code rc = sg_peer_ask_cancel(
	    r->ctx->peer[PEER_CA], &ask, sg_clock_mono_ms() + RECOVERY_CALL_MS, &answer, err);
	if (rc != SG_OK)
		return rc;
	rc = (enum sg_code)answer.code;
	if (rc == SG_OK && !is_of(tx, answer.text)) {
		sg_ignore(sg_fail(&why, SG_E_CONFLICT, "request.mismatch",
		    "ca knows the number of this attempt from another request: was the "
		    "registrar's database set back? The challenge is free again"));
		return registrar_record_failed(r, tx, &why, sg_slice(NULL, 0), err);
	}
	if (rc == SG_OK) {
		struct sg_regdb_tx_issued done;
		rc = registrar_describe(tx, answer.cert, sg_slice(NULL, 0), &done, err);
		done.signer_serial = answer.signer;
		return rc == SG_OK ? sg_regdb_tx_finish_issued(r->store, &done, err) : rc;
	}
	if (rc != SG_E_NOTFOUND)
		return sg_fail(err, rc, "recovery.ca", "ca cannot say what became of an attempt");
	sg_ignore(sg_fail(&why, SG_E_BUSY, "tx.interrupted",
	    "a process ended while this attempt ran; the challenge is free again"));
	return registrar_record_failed(r, tx, &why, sg_slice(NULL, 0), err);
}

static void
recover_one(struct registrar *r, const struct sg_regdb_tx *tx)
{
	struct sg_regdb_tx now = {0};
	struct sg_err err;
	struct run *run = NULL;

	enum sg_code rc = registrar_run_new(r, &run, &err);
	if (rc != SG_OK)
		return; /* the next round does it */
	registrar_run_add(run, tx->key);
	if (!registrar_run_begin(run)) { /* who has it ends it */
		registrar_run_end(run);
		return;
	}
	rc = sg_regdb_tx_by_key(r->store, tx->key, &now, &err);
	if (rc == SG_OK && now.id == tx->id && now.state == SG_TRANSACTION_RUNNING)
		rc = settle(r, &now, &err);
	if (rc != SG_OK)
		sg_log(SG_LOG_WARNING, err.rule, "transaction %lld stays open: %s",
		    (long long)tx->id, err.text);
	sg_regdb_tx_clear(&now);
	registrar_run_end(run);
}

static void *
recovery_main(void *arg)
{
	struct registrar *r = arg;
	struct found *found = sg_xalloc(sizeof *found);

	for (;;) {
		found->n = 0;
		/* A failure here is one of the next round, too, which says so. */
		sg_ignore(sg_regdb_tx_running(r->store, remember, found, NULL));
		for (size_t n = 0; n < found->n; n++)
			recover_one(r, &found->tx[n]);
		sg_pause_ms(RECOVERY_PAUSE_S * 1000);
	}
	return NULL;
}

enum sg_code
registrar_recovery_start(struct registrar *r, struct sg_err *err)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, recovery_main, r);
	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}
