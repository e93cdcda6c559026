/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/registrar/state.h - the structs that the parts of registrar share: the role, an endpoint,
 * one message on its way (private to roles/registrar; what each part does is in the header of its
 * name)
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
#include "x509/csr.h"
#include "store/registrar/tx.h"

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

#define WAYS_MAX 2u

struct run;
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
	struct sg_cert_light ra_light;	 /* ra_cert, as recipients are compared with it */
	struct sg_key *ra_key;		 /* public */
	size_t chain_n;
	struct sg_buf chain[SG_CHAIN_MAX];
	struct sg_buf cacert;	 /* the answer to GetCACert */
	const char *cacert_type; /* and its media type */

	struct events *events;
	pthread_mutex_t run_lock;
	struct run *runs;
};

/* A way in which a request may be authorized: what its transaction is found by. */
struct way {
	enum sg_transaction_kind kind;
	enum sg_policy_kind policy;
	uint8_t key[SG_STORE_HASH_LEN];
	uint8_t auth_hash[SG_STORE_HASH_LEN]; /* of the challenge, or of the signer's certificate */
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
	struct sg_csr csr;   /* of a renewal with the names of the old certificate, once compared */
	struct sg_key *signer_key; /* public; the answer is encrypted to it */
	struct sg_buf subject; /* as text, for the store: as it is certified when that is known */

	bool names_us; /* its signer's certificate says that this CA issued it: ca knows */
	size_t way_n;  /* 1, or 2 */
	struct way way[WAYS_MAX]; /* in the order in which they are tried */
	struct way now;		  /* the one in hand, or that of the transaction that answers */
	uint8_t csr_hash[SG_STORE_HASH_LEN], signer_hash[SG_STORE_HASH_LEN];
	struct sg_err unused; /* why a renewal's challenge did not count; no rule: it had none */

	bool knows_secret;	     /* its challenge is the endpoint's */
	bool waited;		     /* for another's attempt: it gets that one's outcome or none */
	struct sg_decision decision; /* by the challenge */
	struct sg_regdb_tx tx;
	struct sg_buf cert;	     /* what ca issued */
	struct sg_buf signer_serial; /* of ours that signed what a challenge authorized */
	struct sg_buf answer;	     /* the CertRep */
	bool on_tick;		     /* one of the failures that must look alike */
	bool refused;		     /* for a reason that lies in the request */
};
