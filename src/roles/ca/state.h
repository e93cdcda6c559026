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
