/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/tx.h - transactions of the registrar
 *
 * A transaction is one row from reservation to outcome, found by its idempotency key; a
 * failed one is reused by the next attempt. Texts are UTF-8 or opaque bytes of the caller's;
 * the store compares nothing but the hashes and the endpoint. Times are UTC seconds
 * unless the name says _us. Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "policy/transaction.h"
#include "policy/decide.h"
#include "policy/policy.h"
#include "store/verbs.h"

struct sg_regdb_tx {
	int64_t id;
	uint32_t attempt; /* from 1 */
	uint8_t request_id[SG_STORE_REQUEST_ID_LEN];
	enum sg_transaction_state state;
	enum sg_transaction_kind kind;
	enum sg_policy_kind policy;
	uint8_t key[SG_STORE_HASH_LEN]; /* idempotency key, hashed */
	uint8_t csr_hash[SG_STORE_HASH_LEN];
	uint8_t auth_hash[SG_STORE_HASH_LEN];	/* challenge, or signer certificate for renewals */
	uint8_t signer_hash[SG_STORE_HASH_LEN]; /* the message signer's key */
	uint8_t trace[SG_STORE_TRACE_LEN];	/* of the latest attempt */
	int64_t started_at;			/* of the latest attempt */
	int64_t finished_at;			/* 0 while running */
	struct sg_slice endpoint, txid, subject, peer;
	/* SG_TRANSACTION_ISSUED */
	struct sg_slice serial;
	uint8_t cert_hash[SG_STORE_HASH_LEN];
	int64_t not_after;
	/* Of the certificate of ours that signed what a challenge authorized; empty: none did. */
	struct sg_slice signer_serial;
	/* SG_TRANSACTION_FAILED, SG_TRANSACTION_DENIED */
	enum sg_code code;
	struct sg_slice rule, text;
	struct sg_slice steps; /* what the role wants to remember of the way, its own text */
	void *mem;
};

void
sg_regdb_tx_clear(struct sg_regdb_tx *tx);

struct sg_regdb_reserve {
	uint8_t key[SG_STORE_HASH_LEN];
	/* NULL, or whose transaction answers where that of key does not. */
	const uint8_t *other_key;
	uint8_t csr_hash[SG_STORE_HASH_LEN];
	uint8_t auth_hash[SG_STORE_HASH_LEN];
	uint8_t signer_hash[SG_STORE_HASH_LEN];
	uint8_t trace[SG_STORE_TRACE_LEN];
	enum sg_transaction_kind kind;
	enum sg_policy_kind policy;
	struct sg_slice endpoint, txid, peer;
	struct sg_slice subject; /* stored unless the decision has another spelling */
	int64_t now;
	bool
	    no_attempt; /* only the answer of a transaction that there is: SG_E_BUSY "tx.changed" */
	/*
	 * What is decided when no transaction answers, before anything is reserved; NULL: it was
	 * decided before, but for whether the challenge may be presented. A refusal that lies in
	 * the request counts against a challenge that is known (policy/challenge.h), and none where
	 * decision->declined. decision is whole when the verb returns SG_OK and *ret_started.
	 */
	const struct sg_decide_case *ask;
	struct sg_decision *decision; /* when ask */
};

/*
 * The look-up by its keys, then the decision and the reservation of the authorisation, in one
 * commit; what is refused without being counted writes nothing and costs no fsync.
 *
 * *ret_started true: this call began an attempt; ret has id, attempt, request_id, state
 * SG_TRANSACTION_RUNNING and nothing else (no memory). False: ret is the transaction as it stands:
 * running, pending, denied or issued (an issued one of SG_POLICY_STATIC counts for a while, then a
 * new transaction begins).
 *
 * SG_E_BUSY "tx.changed", and what sg_decide and, where challenges are rows,
 * sg_challenge_present refuse with.
 */
SG_RC
sg_regdb_tx_reserve(struct sg_db *store, const struct sg_regdb_reserve *what, bool *ret_started,
    struct sg_regdb_tx *ret, struct sg_err *err);

/* The latest transaction with this key, whatever its age. SG_E_NOTFOUND "tx.unknown". */
SG_RC
sg_regdb_tx_by_key(struct sg_db *store, const uint8_t key[SG_STORE_HASH_LEN],
    struct sg_regdb_tx *ret, struct sg_err *err);

struct sg_regdb_tx_issued {
	int64_t tx;
	uint32_t attempt;
	struct sg_slice serial; /* 1..SG_SERIAL_MAX bytes */
	uint8_t cert_hash[SG_STORE_HASH_LEN];
	int64_t not_after;
	int64_t finished_at;
	struct sg_slice steps;
	struct sg_slice signer_serial; /* as in struct sg_regdb_tx */
};

/* Records the certificate and consumes the challenge in one commit. Repeating it is
 * harmless. SG_E_NOTFOUND "tx.unknown"; SG_E_CONFLICT "tx.state": not this attempt, or
 * finished otherwise. */
SG_RC
sg_regdb_tx_finish_issued(
    struct sg_db *store, const struct sg_regdb_tx_issued *done, struct sg_err *err);

/*
 * The same without waiting for the commit (db/db.h). done and its slices are copied.
 * SG_OK: then is called once with the outcome, by the writer's thread: it calls no verb.
 * Otherwise it is not called: as above, or SG_E_NOMEM "store.memory".
 */
SG_RC
sg_regdb_tx_finish_issued_later(struct sg_db *store, const struct sg_regdb_tx_issued *done,
    void (*then)(void *arg, enum sg_code rc, const struct sg_err *err), void *arg,
    struct sg_err *err);

enum sg_regdb_tx_blame {
	SG_REGDB_TX_BLAME_REQUEST = 1, /* counts against the challenge */
	SG_REGDB_TX_BLAME_US = 2,      /* counts nothing */
};

struct sg_regdb_tx_failed {
	int64_t tx;
	uint32_t attempt;
	enum sg_code code;
	struct sg_slice rule, text, steps;
	enum sg_regdb_tx_blame blame;
	int64_t finished_at;
	uint64_t keep; /* failed transactions that stay, the newest; 0: all */
};

/* Records the failure, releases (or, at the fifth, burns) the challenge and drops older failures
 * beyond keep, in one commit. Errors as sg_regdb_tx_finish_issued. */
SG_RC
sg_regdb_tx_finish_failed(
    struct sg_db *store, const struct sg_regdb_tx_failed *done, struct sg_err *err);

/* What was running when the process died, oldest first: each is to be asked of ca
 * again with its request id. each returns false to stop. */
SG_RC
sg_regdb_tx_running(struct sg_db *store, bool (*each)(void *arg, const struct sg_regdb_tx *tx),
    void *arg, struct sg_err *err);

struct sg_regdb_tx_filter {
	struct sg_slice trace_prefix; /* 0..16 bytes */
	struct sg_slice txid;	      /* exact; empty: any */
	struct sg_slice serial;	      /* exact; empty: any */
	struct sg_slice subject;      /* part of it, ASCII case ignored; empty: any */
	int64_t before_id;	      /* cursor: only ids below; 0: from the newest */
	unsigned limit;		      /* 0: 100 */
};

/* Newest first; sees also what a verb left to be committed later. */
SG_RC
sg_regdb_tx_list(struct sg_db *store, const struct sg_regdb_tx_filter *filter,
    bool (*each)(void *arg, const struct sg_regdb_tx *tx), void *arg, struct sg_err *err);
