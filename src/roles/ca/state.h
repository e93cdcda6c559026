/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/state.h - what the parts of ca share (private to roles/ca)
 */

#include <pthread.h>
#include <sys/types.h>

#include "crypto/key.h"
#include "issue/issuer.h"
#include "service/disk.h"
#include "fiber/pool.h"
#include "service/json.h"
#include "service/service.h"
#include "service/template.h"
#include "roles/ca/list.h"
#include "roles/ca/serials.h"
#include "store/ca/cert.h"

struct ca {
	struct sg_service_ctx *ctx;
	struct sg_templates *templates;
	struct sg_key *key;
	struct sg_issuer *issuer;
	struct sg_db *store;
	struct ca_serials *serials;
	struct sg_pool *pool;
	struct sg_disk disk;
	int issuer_no;
	size_t list_n;
	struct ca_list list[1 + SG_CONF_EARLIER_MAX]; /* the first is that of issuer */
	pthread_mutex_t crl_lock;		      /* one list at a time */
	struct {
		pthread_mutex_t lock;
		int64_t wall, mono_ms; /* of the last look */
		int64_t kept;	       /* what is in the database; 0: nothing of this process */
		int64_t latest;	       /* that is known */
		bool said;
	} clock;
};

/* issuers.c: read key and certificate of this CA and of those before. */
SG_RC
ca_issuers_load(struct ca *ca, struct sg_err *err);
/* And find them in the database. SG_E_CONF "issuer.new-key". */
SG_RC
ca_issuers_record(struct ca *ca, struct sg_err *err);

/* clock.c: the time, after a look whether the clock went back; now and then it is kept. */
int64_t
ca_clock_look(struct ca *ca);
/* Seconds by which the clock is before the latest time that is known; 0: it is not. */
int64_t
ca_clock_behind(struct ca *ca);
/* An administrator says so: the latest known time is now. */
SG_RC
ca_clock_was_ahead(struct ca *ca, const char *who, struct sg_err *err);

/* SG_FRAME_ISSUE: everything from the facts to the answer. */
void
ca_issue(struct ca *ca, struct sg_peer_request *req);
void
ca_cancel(struct ca *ca, struct sg_peer_request *req);
/* SG_FRAME_SIGNER: may this certificate renew? */
void
ca_signer(struct ca *ca, struct sg_peer_request *req);

/* Ends the process when its store takes no more: another one begins with what is on the disk. At
 * the end of each round, and in threads that write. */
void
ca_end_if_dead(const struct ca *ca);
/* sg_file_write for a file that must be written also when the disk is full: a revocation list. */
SG_RC
ca_write_file(struct ca *ca, const char *path, struct sg_slice content, struct sg_err *err);
/* Ends the process where signing says that its RSA key is broken. */
void
ca_end_if_broken(const struct ca *ca, enum sg_code rc, const struct sg_err *err);

/* A state in the answers of verbs. */
const char *
ca_state_name(enum sg_cadb_cert_state state);
/* A serial number there, from the key that it is stored under. */
void
ca_set_serial(json_t *o, const char *name, struct sg_slice key);

/* The hash by which a key is known in the database: of its canonical form, so that one key in
 * two spellings has one; of its bytes where it is a key that we would not certify. */
SG_RC
ca_key_hash(struct sg_slice spki, uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err);

/* control.c: what the command line may ask. */
extern const struct sg_verb ca_verbs[]; /* ends with NULL */
