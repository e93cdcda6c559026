/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/state.h - what the parts of registrar share (private to
 * roles/registrar)
 */

#include <pthread.h>

#include "crypto/key.h"
#include "explain/steps.h"
#include "policy/decide.h"
#include "scep/check.h"
#include "service/disk.h"
#include "fiber/pool.h"
#include "service/service.h"
#include "service/template.h"
#include "ipc/edges/front_registrar.h"
#include "cms/envelope.h"
#include "scep/message.h"
#include "store/registrar/tx.h"
#include "x509/csr.h"

/* The edges in the order of the role's table. */
enum { PEER_FRONT, PEER_KEYD, PEER_CA };

struct endpoint {
	const struct sg_conf_endpoint *conf;
	const struct sg_policy *policy;
	const struct sg_template *tmpl;
	struct sg_scep_rules rules;
	struct sg_patterns *patterns;		/* where the policy needs them */
	uint8_t secret_hash[SG_STORE_HASH_LEN]; /* keyed; where the policy needs a secret */
};

/* An idempotency key that this process is working on, until the outcome is committed. */
struct run {
	struct run *next;
	struct registrar *r;
	uint8_t key[SG_STORE_HASH_LEN];
};

struct events;

struct registrar {
	struct sg_service_ctx *ctx;
	struct sg_templates *templates;
	size_t endpoint_n;
	struct endpoint *endpoint;
	struct sg_db *store;
	struct sg_disk disk;
	struct sg_pool *pool;
	struct sg_buf challenge_key;

	struct sg_buf ca_der, ra_der;
	struct sg_cert ca_cert, ra_cert; /* borrow from the two above */
	struct sg_key *ra_key;		 /* public */
	size_t chain_n;
	struct sg_buf chain[SG_CMS_CERTS_MAX];
	struct sg_buf cacert;	 /* the answer to GetCACert */
	const char *cacert_type; /* and its media type */

	struct events *events;
	pthread_mutex_t run_lock;
	struct run *runs;
};

/* One pkiMessage on its way through. */
struct work {
	struct registrar *r;
	const struct sg_frame_scep *ask;
	const struct endpoint *endpoint;
	int64_t deadline_ms;
	struct sg_steps steps;
	uint8_t trace[SG_FRAME_TRACE_LEN];

	struct sg_scep_msg msg;
	struct sg_envelope env;
	uint8_t cek[32];
	size_t cek_len;
	struct sg_buf plain; /* the PKCS#10, with its challenge: a secret */
	struct sg_csr csr;
	struct sg_key *signer_key; /* public; the answer is encrypted to it */
	struct sg_buf subject; /* as text, for the store: as it is certified when that is known */

	enum sg_attempt_kind kind;
	enum sg_policy_kind policy;
	uint8_t key[SG_STORE_HASH_LEN], csr_hash[SG_STORE_HASH_LEN], auth_hash[SG_STORE_HASH_LEN],
	    signer_hash[SG_STORE_HASH_LEN];

	bool knows_secret;	     /* its challenge is the endpoint's */
	bool may_start;		     /* an attempt of its own, if the decision allows it, too */
	struct sg_decision decision; /* about an enrolment that wants an attempt */
	struct sg_regdb_tx tx;
	struct sg_buf cert;   /* what ca issued */
	struct sg_buf answer; /* the CertRep */
	bool on_tick;	      /* one of the failures that must look alike */
	bool refused;	      /* for a reason that lies in the request */
};

/* enroll.c: a whole enrolment or renewal; the answer is in w->answer when SG_OK. */
SG_RC
registrar_enroll(struct work *w, struct sg_err *err);
void
registrar_mark(struct work *w, enum sg_step_role role, enum sg_step_id id);

/* authorize.c: which kind it is, its idempotency key, and whether it may. */
SG_RC
registrar_identify(struct work *w, struct sg_err *err);
/* A renewal; ca is asked. */
SG_RC
registrar_authorize_renewal(struct work *w, struct sg_err *err);
/* Everything else is decided in the transaction that reserves: what about. */
void
registrar_ask(const struct work *w, struct sg_decide_case *ret);
/* The subject as text: as somebody with authority over it spells it. */
SG_RC
registrar_spell_subject(struct work *w, struct sg_slice name, struct sg_err *err);

/* attempt.c: reserve, ask ca, record; or wait for whoever does. */
SG_RC
registrar_attempt(struct work *w, struct sg_err *err);
/* Bring to an end what a crash left running; runs in a thread of its own. */
SG_RC
registrar_recovery_start(struct registrar *r, struct sg_err *err);

/* reply.c: CertReps. */
SG_RC
registrar_seal_success(struct work *w, struct sg_err *err);
SG_RC
registrar_seal_failure(struct work *w, enum sg_scep_fail fail, struct sg_err *err);
/* keyd's key is the RA certificate's, and both operations work. */
SG_RC
registrar_check_keyd(struct registrar *r, struct sg_err *err);

/* events.c: refusals on their way into the database, some hundred milliseconds late. */
SG_RC
registrar_events_start(struct registrar *r, struct sg_err *err);
/* A refusal, or with SG_OK something worth a line. */
void
registrar_events_refusal(struct work *w, const struct sg_err *err);
void
registrar_events_from_front(struct registrar *r, unsigned version, struct sg_slice records);
/* Everything that was said before is in the database when this returns. */
void
registrar_events_flush(struct registrar *r);

/* registrar.c: end the process when its store takes no more. At the end of
 * each round, and in threads that write. */
void
registrar_end_if_dead(const struct registrar *r);

/* control.c: what the command line may ask. */
extern const struct sg_verb registrar_verbs[]; /* ends with NULL */
