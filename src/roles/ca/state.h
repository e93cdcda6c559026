/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/state.h - what the parts of ca share (private to roles/ca)
 */

#include <pthread.h>
#include <sys/types.h>

#include "crypto/key.h"
#include "issue/issuer.h"
#include "role/pool.h"
#include "role/role.h"
#include "role/template.h"
#include "roles/ca/serials.h"
#include "store/ca.h"

struct ca {
	struct sg_role_ctx *ctx;
	struct sg_templates *templates;
	struct sg_key *key;
	struct sg_issuer *issuer;
	struct sg_store *store;
	struct ca_serials *serials;
	struct sg_pool *pool;
	int issuer_no;
	char *crl_path;
	pthread_mutex_t crl_lock; /* one list at a time */
};

/* SG_RC_ISSUE: everything from the facts to the answer. */
void
ca_issue(struct ca *ca, struct sg_request *req);
void
ca_cancel(struct ca *ca, struct sg_request *req);
/* SG_RC_SIGNER: may this certificate renew? */
void
ca_signer(struct ca *ca, struct sg_request *req);

/* Ends the process when its store takes no more: another one begins with what is on the disk. At
 * the end of each round, and in threads that write. */
void
ca_end_if_dead(const struct ca *ca);
/* Ends the process where signing says that its RSA key is broken. */
void
ca_end_if_broken(const struct ca *ca, enum sg_code rc, const struct sg_err *err);

/* Make a CRL of what is revoked now and publish it by rename. */
SG_RC
ca_publish_crl(struct ca *ca, const char *who, uint64_t *ret_number, struct sg_err *err);
/* Publish now and then before each list runs out, in a thread of its own. */
SG_RC
ca_start_publishing(struct ca *ca, struct sg_err *err);

enum sg_code
ca_control(struct sg_slice question, uid_t who, struct sg_buf *json, void *arg);
