/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/ca.c - the start and end of ca: its files, its database, its threads
 */

#include "roles/ca/ca.h"

#include "base/alloc.h"
#include "crypto/init.h"
#include "service/log.h"
#include "roles/ca/end.h"
#include "roles/ca/issuers.h"
#include "roles/ca/issue.h"
#include "roles/ca/state.h"
#include "ipc/edges/registrar_ca.h"
#include "db/db.h"
#include "store/schema.h"

#define QUEUE_MAX 256u /* more than all of registrar can ask at once */

static void
round_end(void *ca)
{
	ca_end_if_dead(ca);
}

static void
answer_health(struct ca *ca, struct sg_peer_request *req)
{
	struct sg_frame_ca_health_answer answer = {.ready = atomic_load(&ca->disk.since) == 0};

	sg_peer_reply_ca_health(req, &answer);
}

static void
work(void *item, void *arg)
{
	struct sg_peer_request *req = item;
	struct ca *ca = arg;

	switch (req->frame->type) {
	case SG_FRAME_ISSUE:
		ca_issue(ca, req);
		break;
	case SG_FRAME_CANCEL:
		ca_cancel(ca, req);
		break;
	case SG_FRAME_SIGNER:
		ca_signer(ca, req);
		break;
	case SG_FRAME_CA_HEALTH:
		answer_health(ca, req);
		break;
	default:
		sg_peer_drop(req);
	}
}

void
ca_handle(struct sg_peer_request *req, void *arg)
{
	struct sg_service_ctx *ctx = arg;
	struct ca *ca = ctx->state;

	/* Not answered: the caller runs into its deadline and says busy. */
	if (!sg_pool_push(ca->pool, req))
		sg_peer_drop(req);
}

static enum sg_code
open_store(struct ca *ca, struct sg_err *err)
{
	sg_buf_scoped path = {0};

	sg_conf_put_path(&path, ca->ctx->conf_path, ca->ctx->conf->data);
	sg_buf_puts(&path, "/db/ca/ca.db");
	ca->disk.goes_on = "only revocations are recorded, and lists of them";
	struct sg_db_conf conf = {
	    .schema = &sg_store_schema_ca,
	    .path = sg_buf_text(&path),
	    .lock_ms = SG_STORE_LOCK_MS,
	    .reserve = SG_STORE_RESERVE,
	    .on_full = sg_disk_changed,
	    .on_full_arg = &ca->disk,
	};
	enum sg_code rc = sg_db_open(&conf, &ca->store, err);
	if (rc == SG_OK)
		rc = ca_issuers_record(ca, err);
	if (rc == SG_OK)
		rc = ca_serials_new(ca->store, &ca->serials, err);
	return rc;
}

enum sg_code
ca_start(struct sg_service_ctx *ctx, struct sg_err *err)
{
	struct ca *ca = sg_xalloc(sizeof *ca);

	ctx->state = ca;
	ca->ctx = ctx;
	pthread_mutex_init(&ca->crl_lock, NULL);
	pthread_mutex_init(&ca->clock.lock, NULL);
	enum sg_code rc = sg_crypto_init(err);
	if (rc == SG_OK)
		rc = sg_templates_new(ctx->conf, &ca->templates, err);
	if (rc == SG_OK)
		rc = ca_issuers_load(ca, err);
	if (rc == SG_OK)
		rc = open_store(ca, err);
	if (rc == SG_OK) /* after the edges' ends: what a round answered has left by then */
		rc = sg_loop_at_round_end(ctx->loop, round_end, ca, err);
	if (rc == SG_OK)
		rc = sg_pool_new(ctx->loop, SG_WORKERS, QUEUE_MAX, work, ca, &ca->pool, err);
	if (rc == SG_OK)
		rc = ca_start_publishing(ca, err);
	return rc;
}
