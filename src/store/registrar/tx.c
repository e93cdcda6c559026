/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/registrar/tx.c - transactions from reservation to outcome: what policy decides is written
 * here, where it is still true
 */

#include "store/registrar/tx.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "db/db.h"
#include "db/db_private.h"
#include "db/driver.h"
#include "db/writer.h"
#include "store/filter_private.h"
#include "store/registrar/challenge.h"
#include "store/registrar/challenge_private.h"
#include "store/registrar/request_id_private.h"
#include "store/registrar/size_private.h"
#include "store/registrar/tx_private.h"

#define RUNNING SG_SQL_NO(TRANSACTION_RUNNING)
#define ISSUED SG_SQL_NO(TRANSACTION_ISSUED)
#define FAILED SG_SQL_NO(TRANSACTION_FAILED)

#define LIST_DEFAULT 100u
#define TX_COLS                                                                                    \
	"id, attempt, state, kind, policy, code, started_at, finished_at, not_after, key, "        \
	"csr_hash, auth_hash, signer_hash, trace, cert_hash, endpoint, txid, subject, peer, "      \
	"serial, rule, text, steps, signer_serial"

void
sg_regdb_tx_clear(struct sg_regdb_tx *tx)
{
	sg_free(tx->mem);
	*tx = (struct sg_regdb_tx){0};
}

/* The row that a query over TX_COLS stands on, its slices lent. */
static enum sg_code
fill(struct sg_query *q, struct sg_regdb_tx *ret, struct sg_err *err)
{
	ret->id = sg_query_col_int(q, 0);
	ret->attempt = (uint32_t)sg_query_col_int(q, 1);
	ret->state = (enum sg_transaction_state)sg_query_col_int(q, 2);
	ret->kind = (enum sg_transaction_kind)sg_query_col_int(q, 3);
	ret->policy = (enum sg_policy_kind)sg_query_col_int(q, 4);
	ret->code = (enum sg_code)sg_query_col_int(q, 5);
	ret->started_at = sg_query_col_int(q, 6);
	ret->finished_at = sg_query_col_int(q, 7);
	ret->not_after = sg_query_col_int(q, 8);
	sg_query_col_fixed(q, 9, ret->key, sizeof(ret->key));
	sg_query_col_fixed(q, 10, ret->csr_hash, sizeof(ret->csr_hash));
	sg_query_col_fixed(q, 11, ret->auth_hash, sizeof(ret->auth_hash));
	sg_query_col_fixed(q, 12, ret->signer_hash, sizeof(ret->signer_hash));
	sg_query_col_fixed(q, 13, ret->trace, sizeof(ret->trace));
	sg_query_col_fixed(q, 14, ret->cert_hash, sizeof(ret->cert_hash));
	ret->endpoint = sg_query_col(q, 15);
	ret->txid = sg_query_col(q, 16);
	ret->subject = sg_query_col(q, 17);
	ret->peer = sg_query_col(q, 18);
	ret->serial = sg_query_col(q, 19);
	ret->rule = sg_query_col(q, 20);
	ret->text = sg_query_col(q, 21);
	ret->steps = sg_query_col(q, 22);
	ret->signer_serial = sg_query_col(q, 23);
	enum sg_code rc = sg_query_check(q, err);
	return rc == SG_OK ? sg_regdb_request_id(q->db, ret->id, ret->attempt, ret->request_id, err)
			   : rc;
}

/* As fill, with memory of its own. */
static enum sg_code
fill_owned(struct sg_query *q, struct sg_regdb_tx *ret, struct sg_err *err)
{
	struct sg_regdb_tx row = {0};
	enum sg_code rc = fill(q, &row, err);
	if (rc != SG_OK)
		return rc;
	struct sg_slice *const own[] = {&row.endpoint, &row.txid, &row.subject, &row.peer,
	    &row.serial, &row.rule, &row.text, &row.steps, &row.signer_serial};
	rc = sg_sql_own_slices(own, sizeof(own) / sizeof(own[0]), &row.mem, err);
	if (rc == SG_OK)
		*ret = row;
	return rc;
}

/* Are the challenges of this policy rows here? */
static bool
has_challenges(enum sg_policy_kind kind)
{
	const struct sg_policy *policy = sg_policy_of(kind);
	return policy != NULL && policy->challenges;
}

/* ---- reserve ---- */

struct reserve {
	const struct sg_regdb_reserve *what;
	bool started;
	enum sg_code refused; /* by a decision that was counted; what for is in the caller's err */
	struct sg_regdb_tx tx;
};

/* What is known under the key before anything is decided. */
struct known {
	int64_t id; /* 0: nothing */
	int64_t gen;
	uint32_t attempt;
	bool answers; /* this request */
	struct sg_transaction_known is;
};

static enum sg_code
look_up(struct sg_sql *db, const uint8_t *key, int64_t now, struct known *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT id, gen, attempt, state, started_at, finished_at, policy FROM tx "
	    "WHERE key = ?1 ORDER BY gen DESC LIMIT 1");
	sg_query_blob(&q, key, SG_STORE_HASH_LEN);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK || !found)
		return rc;
	ret->id = sg_query_col_int(&q, 0);
	ret->gen = sg_query_col_int(&q, 1);
	ret->attempt = (uint32_t)sg_query_col_int(&q, 2);
	ret->is.state = (enum sg_transaction_state)sg_query_col_int(&q, 3);
	ret->is.started_at = sg_query_col_int(&q, 4);
	ret->is.finished_at = sg_query_col_int(&q, 5);
	ret->is.policy = (enum sg_policy_kind)sg_query_col_int(&q, 6);
	ret->answers = sg_transaction_answers(&ret->is, now);
	return SG_OK;
}

static enum sg_code
load(struct sg_sql *db, int64_t id, struct sg_regdb_tx *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT " TX_COLS " FROM tx WHERE id = ?1");
	sg_query_int(&q, id);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(
		    err, SG_E_NOTFOUND, "tx.unknown", "no transaction %lld", (long long)id);
	return rc == SG_OK ? fill_owned(&q, ret, err) : rc;
}

/* Write what policy/challenge.h says of a challenge, where it still is what was read. */
static enum sg_code
move_challenge(struct sg_sql *db, const uint8_t *hash, const struct sg_offer *from,
    const struct sg_offer *to, int64_t tx, int64_t to_tx, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE challenge SET state = ?2, failures = failures + ?3, tx = ?4 "
	    "WHERE hash = ?1 AND state = ?5 AND tx = ?6");
	sg_query_blob(&q, hash, SG_STORE_HASH_LEN);
	sg_query_int(&q, (int64_t)to->state);
	sg_query_int(&q, (int64_t)to->failures - (int64_t)from->failures);
	sg_query_int(&q, to_tx);
	sg_query_int(&q, (int64_t)from->state);
	sg_query_int(&q, tx);
	return sg_query_run(&q, err);
}

/* A challenge that a request presents. */
struct presented {
	bool wanted, found;
	int64_t tx;
	struct sg_offer offer; /* without its texts once it was asked about */
};

/*
 * The decision, about the challenge as it stands in this transaction; then once more whether the
 * challenge may be presented, whatever its policy said. *ret_counts: a refusal that changes it.
 */
static enum sg_code
ask_policy(struct sg_sql *db, const struct sg_regdb_reserve *what, struct presented *c,
    bool *ret_counts, struct sg_err *err)
{
	struct sg_regdb_challenge row = {0};
	enum sg_code rc = SG_OK;
	sg_query_scoped q = {0};

	if (c->wanted)
		rc = sg_regdb_challenge_find(&q, db, what->auth_hash, &c->found, &row, err);
	if (rc != SG_OK)
		return rc;
	c->tx = row.tx;
	c->offer = sg_regdb_challenge_offer(&row);
	const struct sg_offer *offer = c->found ? &c->offer : NULL;
	if (what->ask != NULL)
		rc = sg_decide(what->ask, offer, what->decision, err);
	bool declined = what->ask != NULL && what->decision->declined;
	*ret_counts = c->found && !declined && sg_challenge_refusal_counts(rc);
	if (rc == SG_OK && c->wanted)
		rc = sg_challenge_present(offer, what->endpoint, what->now, err);
	c->offer.endpoint = c->offer.binding = sg_slice(NULL, 0); /* lent by the query */
	return rc;
}

/* May this request have an attempt now? A refusal that counts is a change: it is kept in
 * refused, so that the job succeeds. */
static enum sg_code
decide(struct sg_sql *db, struct reserve *r, struct presented *c, struct sg_err *err)
{
	bool counts = false;
	enum sg_code rc = ask_policy(db, r->what, c, &counts, err);
	struct sg_offer next = c->offer;

	if (!counts || !sg_challenge_step(&next, SG_CHALLENGE_REFUSE))
		return rc;
	r->refused = rc;
	return move_challenge(db, r->what->auth_hash, &c->offer, &next, c->tx, c->tx, err);
}

static enum sg_code
reserve_challenge(struct sg_sql *db, const uint8_t *hash, const struct presented *c, int64_t tx,
    struct sg_err *err)
{
	struct sg_offer next = c->offer;

	sg_ignore(
	    sg_challenge_step(&next, SG_CHALLENGE_RESERVE)); /* it may be presented: it is free */
	return move_challenge(db, hash, &c->offer, &next, c->tx, tx, err);
}

/* In the spelling of who authorized it, where it was authorized. */
static struct sg_slice
subject_of(const struct sg_regdb_reserve *what)
{
	return what->ask != NULL && what->decision->subject.len > 0
		   ? sg_buf_slice(&what->decision->subject)
		   : what->subject;
}

static enum sg_code
insert_tx(struct sg_sql *db, const struct sg_regdb_reserve *what, int64_t gen, int64_t *ret_id,
    struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "INSERT INTO tx (key, gen, state, attempt, kind, policy, code, started_at, "
	    "finished_at, not_after, trace, csr_hash, auth_hash, signer_hash, endpoint, txid, "
	    "subject, peer) VALUES (?1, ?2, " RUNNING
	    ", 1, ?3, ?4, 0, ?5, 0, 0, ?6, ?7, ?8, ?9, ?10, ?11, "
	    "?12, ?13)");
	sg_query_blob(&q, what->key, sizeof(what->key));
	sg_query_int(&q, gen);
	sg_query_int(&q, (int64_t)what->kind);
	sg_query_int(&q, (int64_t)what->policy);
	sg_query_int(&q, what->now);
	sg_query_blob(&q, what->trace, sizeof(what->trace));
	sg_query_blob(&q, what->csr_hash, sizeof(what->csr_hash));
	sg_query_blob(&q, what->auth_hash, sizeof(what->auth_hash));
	sg_query_blob(&q, what->signer_hash, sizeof(what->signer_hash));
	sg_query_text(&q, what->endpoint);
	sg_query_blob(&q, what->txid.p, what->txid.len);
	sg_query_text(&q, subject_of(what));
	sg_query_text(&q, what->peer);
	enum sg_code rc = sg_query_run(&q, err);
	if (rc == SG_OK)
		*ret_id = db->drv->last_id(db->conn);
	return rc;
}

/* A failed transaction runs again; what belongs to a request is of the new one, the authorization
 * among it: a key of its own need not be in the idempotency key. */
static enum sg_code
run_again(struct sg_sql *db, const struct sg_regdb_reserve *what, const struct known *known,
    struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE tx SET state = " RUNNING
	    ", attempt = ?2, started_at = ?3, finished_at = 0, code = 0, "
	    "policy = ?4, trace = ?5, signer_hash = ?6, txid = ?7, subject = ?8, peer = ?9, "
	    "auth_hash = ?10, rule = NULL, text = NULL, steps = NULL WHERE id = ?1");
	sg_query_int(&q, known->id);
	sg_query_int(&q, (int64_t)known->attempt + 1);
	sg_query_int(&q, what->now);
	sg_query_int(&q, (int64_t)what->policy);
	sg_query_blob(&q, what->trace, sizeof(what->trace));
	sg_query_blob(&q, what->signer_hash, sizeof(what->signer_hash));
	sg_query_blob(&q, what->txid.p, what->txid.len);
	sg_query_text(&q, subject_of(what));
	sg_query_text(&q, what->peer);
	sg_query_blob(&q, what->auth_hash, sizeof(what->auth_hash));
	return sg_query_run(&q, err);
}

/* *ret_id: of the transaction that answers this request; 0: none does. */
static enum sg_code
find_answer(struct sg_sql *db, const struct sg_regdb_reserve *what, struct known *known,
    int64_t *ret_id, struct sg_err *err)
{
	struct known other = {0};

	enum sg_code rc = look_up(db, what->key, what->now, known, err);
	if (rc == SG_OK && !known->answers && what->other_key != NULL)
		rc = look_up(db, what->other_key, what->now, &other, err);
	*ret_id = known->answers ? known->id : other.answers ? other.id : 0;
	return rc;
}

static enum sg_code
job_reserve(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct reserve *r = arg;
	const struct sg_regdb_reserve *what = r->what;
	struct known known = {0};
	sg_regdb_tx_clear(&r->tx);
	r->refused = SG_OK;
	if (what->decision != NULL)
		what->decision->declined = false; /* by a run of this job before */
	int64_t answer = 0;
	enum sg_code rc = find_answer(db, what, &known, &answer, err);
	if (rc != SG_OK)
		return rc;
	r->started = answer == 0;
	if (!r->started)
		return load(db, answer, &r->tx, err);
	if (what->no_attempt)
		return sg_fail(
		    err, SG_E_BUSY, "tx.changed", "the attempt ended meanwhile: try again");
	bool again = known.id != 0 && known.is.state == SG_TRANSACTION_FAILED;
	struct presented challenge = {.wanted = has_challenges(what->policy)};
	rc = decide(db, r, &challenge, err);
	if (rc != SG_OK || r->refused != SG_OK)
		return rc;
	int64_t id = known.id;
	if (again)
		rc = run_again(db, what, &known, err);
	else
		rc = insert_tx(db, what, known.id == 0 ? 0 : known.gen + 1, &id, err);
	if (rc == SG_OK && challenge.wanted)
		rc = reserve_challenge(db, what->auth_hash, &challenge, id, err);
	if (rc != SG_OK)
		return rc;
	r->tx.id = id;
	r->tx.attempt = again ? known.attempt + 1 : 1;
	r->tx.state = SG_TRANSACTION_RUNNING;
	return sg_regdb_request_id(db, id, r->tx.attempt, r->tx.request_id, err);
}

SG_RC
sg_regdb_tx_reserve(struct sg_db *store, const struct sg_regdb_reserve *what, bool *ret_started,
    struct sg_regdb_tx *ret, struct sg_err *err)
{
	struct reserve r = {.what = what};
	enum sg_code rc = sg_db_check(what->txid.len <= SG_TXID_MAX && what->endpoint.len > 0 &&
					  what->kind != 0 && what->policy != 0,
	    "an incomplete reservation", err);
	if (rc == SG_OK)
		rc = sg_db_do(store, job_reserve, &r, err);
	if (rc == SG_OK)
		rc = r.refused;
	if (rc != SG_OK) {
		sg_regdb_tx_clear(&r.tx);
		return rc;
	}
	*ret_started = r.started;
	*ret = r.tx;
	return SG_OK;
}

/* ---- finish ---- */

struct current {
	enum sg_transaction_state state;
	uint32_t attempt;
	enum sg_policy_kind policy;
	uint8_t auth_hash[SG_STORE_HASH_LEN];
	uint8_t cert_hash[SG_STORE_HASH_LEN];
};

static enum sg_code
load_current(struct sg_sql *db, int64_t id, struct current *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT state, attempt, policy, auth_hash, cert_hash FROM tx WHERE id = ?1");
	sg_query_int(&q, id);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK)
		return rc;
	if (!found)
		return sg_fail(
		    err, SG_E_NOTFOUND, "tx.unknown", "no transaction %lld", (long long)id);
	ret->state = (enum sg_transaction_state)sg_query_col_int(&q, 0);
	ret->attempt = (uint32_t)sg_query_col_int(&q, 1);
	ret->policy = (enum sg_policy_kind)sg_query_col_int(&q, 2);
	sg_query_col_fixed(&q, 3, ret->auth_hash, sizeof(ret->auth_hash));
	sg_query_col_fixed(&q, 4, ret->cert_hash, sizeof(ret->cert_hash));
	return sg_query_check(&q, err);
}

static enum sg_code
check_open(const struct current *now, int64_t id, uint32_t attempt, struct sg_err *err)
{
	if (now->attempt == attempt && sg_transaction_is_open(now->state))
		return SG_OK;
	return sg_fail(err, SG_E_CONFLICT, "tx.state",
	    "transaction %lld is in state %d, attempt %u: attempt %u cannot finish it",
	    (long long)id, (int)now->state, now->attempt, attempt);
}

static enum sg_code
job_issued(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct sg_regdb_tx_issued *done = arg;
	struct current now = {0};
	enum sg_code rc = load_current(db, done->tx, &now, err);
	if (rc != SG_OK)
		return rc;
	if (now.state == SG_TRANSACTION_ISSUED && now.attempt == done->attempt &&
	    memcmp(now.cert_hash, done->cert_hash, sizeof(now.cert_hash)) == 0)
		return SG_OK;
	rc = check_open(&now, done->tx, done->attempt, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE tx SET state = " ISSUED ", finished_at = ?2, not_after = ?3, serial = ?4, "
	    "cert_hash = ?5, steps = ?6, signer_serial = ?7 WHERE id = ?1");
	sg_query_int(&q, done->tx);
	sg_query_int(&q, done->finished_at);
	sg_query_int(&q, done->not_after);
	sg_query_blob(&q, done->serial.p, done->serial.len);
	sg_query_blob(&q, done->cert_hash, sizeof(done->cert_hash));
	sg_query_text(&q, done->steps);
	sg_query_blob_or_null(&q, done->signer_serial);
	rc = sg_query_run(&q, err);
	if (rc != SG_OK || !has_challenges(now.policy))
		return rc;
	struct sg_offer reserved = {.state = SG_CHALLENGE_RESERVED}, next = reserved;
	sg_ignore(sg_challenge_step(&next, SG_CHALLENGE_ISSUE));
	return move_challenge(db, now.auth_hash, &reserved, &next, done->tx, done->tx, err);
}

static enum sg_code
check_issued(const struct sg_regdb_tx_issued *done, struct sg_err *err)
{
	return sg_db_check(done->serial.len > 0 && done->serial.len <= SG_SERIAL_MAX,
	    "a serial of no or too many bytes", err);
}

SG_RC
sg_regdb_tx_finish_issued(
    struct sg_db *store, const struct sg_regdb_tx_issued *done, struct sg_err *err)
{
	struct sg_regdb_tx_issued copy = *done;
	enum sg_code rc = check_issued(done, err);
	return rc == SG_OK ? sg_db_do(store, job_issued, &copy, err) : rc;
}

/* An outcome on its own way into the database. */
struct later {
	struct sg_db_job job; /* first: what the writer gives back */
	struct sg_regdb_tx_issued done;
	struct sg_err err;
	void (*then)(void *arg, enum sg_code rc, const struct sg_err *err);
	void *arg;
	void *mem; /* of done's slices */
};

static void
later_free(struct later *l)
{
	sg_free(l->mem);
	sg_free(l);
}

static void
later_done(struct sg_db_job *job)
{
	struct later *l = (struct later *)job;

	l->then(l->arg, job->rc, &l->err);
	later_free(l);
}

SG_RC
sg_regdb_tx_finish_issued_later(struct sg_db *store, const struct sg_regdb_tx_issued *done,
    void (*then)(void *arg, enum sg_code rc, const struct sg_err *err), void *arg,
    struct sg_err *err)
{
	enum sg_code rc = check_issued(done, err);
	if (rc != SG_OK)
		return rc;
	struct later *l = sg_alloc(sizeof *l);
	if (l == NULL)
		return sg_fail(err, SG_E_NOMEM, "store.memory", "out of memory for an outcome");
	l->done = *done;
	l->then = then;
	l->arg = arg;
	l->job = (struct sg_db_job){
	    .run = job_issued, .arg = &l->done, .err = &l->err, .done = later_done};
	struct sg_slice *const own[] = {&l->done.serial, &l->done.steps, &l->done.signer_serial};
	rc = sg_sql_own_slices(own, sizeof(own) / sizeof(own[0]), &l->mem, err);
	if (rc == SG_OK)
		rc = sg_db_do_late(store, &l->job, err);
	if (rc != SG_OK)
		later_free(l);
	return rc;
}

/* The challenge of an attempt that failed, if it is still that attempt's. */
static enum sg_code
release_challenge(struct sg_sql *db, const uint8_t *hash, int64_t tx, enum sg_regdb_tx_blame blame,
    struct sg_err *err)
{
	struct sg_regdb_challenge row = {0};
	bool found = false;
	sg_query_scoped q = {0};
	enum sg_code rc = sg_regdb_challenge_find(&q, db, hash, &found, &row, err);
	if (rc != SG_OK || !found)
		return rc;
	struct sg_offer was = sg_regdb_challenge_offer(&row), next = was;
	if (!sg_challenge_step(&next,
		blame == SG_REGDB_TX_BLAME_REQUEST ? SG_CHALLENGE_FAIL : SG_CHALLENGE_RELEASE))
		return SG_OK;
	return move_challenge(db, hash, &was, &next, tx, 0, err);
}

/* Two that failed go for each that fails beyond keep. Nothing refers to them: no certificate can
 * come of a failed attempt, and its key begins a new transaction. The newest of all stays, because
 * ids, of which request ids are made, only grow. */
static enum sg_code
drop_failed(struct sg_sql *db, uint64_t keep, struct sg_err *err)
{
	struct sg_regdb_size size;
	enum sg_code rc = sg_regdb_get_size(db, "tx-failed", &size, err);
	if (rc != SG_OK || size.n <= keep)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "DELETE FROM tx WHERE id IN "
	    "(SELECT id FROM tx WHERE state = " FAILED " ORDER BY id LIMIT ?1) "
	    "AND id < (SELECT max(id) FROM tx)");
	sg_query_int(&q, size.n - keep > 1 ? 2 : 1);
	return sg_query_run(&q, err);
}

static enum sg_code
job_failed(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct sg_regdb_tx_failed *done = arg;
	struct current now = {0};
	enum sg_code rc = load_current(db, done->tx, &now, err);
	if (rc != SG_OK)
		return rc;
	if (now.state == SG_TRANSACTION_FAILED && now.attempt == done->attempt)
		return SG_OK;
	rc = check_open(&now, done->tx, done->attempt, err);
	if (rc != SG_OK)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "UPDATE tx SET state = " FAILED ", finished_at = ?2, code = ?3, rule = ?4, text = ?5, "
	    "steps = ?6 WHERE id = ?1");
	sg_query_int(&q, done->tx);
	sg_query_int(&q, done->finished_at);
	sg_query_int(&q, (int64_t)done->code);
	sg_query_text(&q, done->rule);
	sg_query_text(&q, done->text);
	sg_query_text(&q, done->steps);
	rc = sg_query_run(&q, err);
	if (rc == SG_OK && has_challenges(now.policy))
		rc = release_challenge(db, now.auth_hash, done->tx, done->blame, err);
	return rc == SG_OK && done->keep > 0 ? drop_failed(db, done->keep, err) : rc;
}

SG_RC
sg_regdb_tx_finish_failed(
    struct sg_db *store, const struct sg_regdb_tx_failed *done, struct sg_err *err)
{
	struct sg_regdb_tx_failed copy = *done;
	enum sg_code rc = sg_db_check(
	    done->blame == SG_REGDB_TX_BLAME_REQUEST || done->blame == SG_REGDB_TX_BLAME_US,
	    "no blame", err);
	return rc == SG_OK ? sg_db_do(store, job_failed, &copy, err) : rc;
}

/* ---- reading ---- */

struct by_key {
	const uint8_t *key;
	struct sg_regdb_tx *ret;
};

static enum sg_code
read_by_key(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct by_key *b = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(
	    &q, db, "SELECT " TX_COLS " FROM tx WHERE key = ?1 ORDER BY gen DESC LIMIT 1");
	sg_query_blob(&q, b->key, SG_STORE_HASH_LEN);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && !found)
		rc = sg_fail(err, SG_E_NOTFOUND, "tx.unknown", "no transaction with this key");
	return rc == SG_OK ? fill_owned(&q, b->ret, err) : rc;
}

SG_RC
sg_regdb_tx_by_key(struct sg_db *store, const uint8_t key[SG_STORE_HASH_LEN],
    struct sg_regdb_tx *ret, struct sg_err *err)
{
	struct by_key b = {.key = key, .ret = ret};
	return sg_db_read(store, read_by_key, &b, err);
}

struct list {
	const struct sg_regdb_tx_filter *filter;
	bool (*each)(void *arg, const struct sg_regdb_tx *tx);
	void *arg;
};

static enum sg_code
give_all(struct sg_query *q, const struct list *list, struct sg_err *err)
{
	for (;;) {
		struct sg_regdb_tx row = {0};
		bool found = false;
		enum sg_code rc = sg_query_next(q, &found, err);
		if (rc == SG_OK && found)
			rc = fill(q, &row, err);
		if (rc != SG_OK || !found || !list->each(list->arg, &row))
			return rc;
	}
}

static enum sg_code
read_running(struct sg_sql *db, void *arg, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT " TX_COLS " FROM tx WHERE state" SG_REGDB_IS_OPEN " AND state = " RUNNING
	    " ORDER BY id");
	return give_all(&q, arg, err);
}

SG_RC
sg_regdb_tx_running(struct sg_db *store, bool (*each)(void *arg, const struct sg_regdb_tx *tx),
    void *arg, struct sg_err *err)
{
	struct list list = {.each = each, .arg = arg};
	return sg_db_read(store, read_running, &list, err);
}

#define LIST_WHERE                                                                                 \
	"(?2 = x'' OR txid = ?2) AND (?3 = x'' OR serial = ?3) AND subject LIKE ?4 ESCAPE '!' "

static enum sg_code
read_list(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct list *list = arg;
	const struct sg_regdb_tx_filter *f = list->filter;
	uint8_t first[SG_STORE_TRACE_LEN], last[SG_STORE_TRACE_LEN];
	sg_buf_scoped like = {0};
	sg_store_like_pattern(f->subject, &like);
	enum sg_code rc = sg_buf_check(&like, err);
	if (rc == SG_OK)
		rc = sg_store_trace_range(f->trace_prefix, first, last, err);
	if (rc != SG_OK)
		return rc;
	bool by_trace = f->trace_prefix.len > 0;
	sg_query_scoped q;
	/* With a trace the index leads; without, the newest rows come first and limit ends it. */
	if (by_trace)
		sg_query_begin(&q, db,
		    "SELECT " TX_COLS " FROM tx WHERE +id < ?1 AND " LIST_WHERE
		    "AND trace BETWEEN ?6 AND ?7 ORDER BY +id DESC LIMIT ?5");
	else
		sg_query_begin(&q, db,
		    "SELECT " TX_COLS " FROM tx WHERE id < ?1 AND " LIST_WHERE
		    "ORDER BY id DESC LIMIT ?5");
	sg_query_int(&q, f->before_id > 0 ? f->before_id : INT64_MAX);
	sg_query_blob(&q, f->txid.p, f->txid.len);
	sg_query_blob(&q, f->serial.p, f->serial.len);
	sg_query_text(&q, sg_buf_slice(&like));
	sg_query_int(&q, f->limit > 0 ? f->limit : LIST_DEFAULT);
	if (by_trace) {
		sg_query_blob(&q, first, sizeof(first));
		sg_query_blob(&q, last, sizeof(last));
	}
	return give_all(&q, list, err);
}

SG_RC
sg_regdb_tx_list(struct sg_db *store, const struct sg_regdb_tx_filter *filter,
    bool (*each)(void *arg, const struct sg_regdb_tx *tx), void *arg, struct sg_err *err)
{
	struct list list = {.filter = filter, .each = each, .arg = arg};
	sg_db_settle(store);
	return sg_db_read(store, read_list, &list, err);
}
