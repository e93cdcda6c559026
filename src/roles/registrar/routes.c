/* SPDX-License-Identifier: Apache-2.0 */

/*
 * routes.c - the handlers of api/registrar.h by their routes, and the smallest of them
 */

#include "roles/registrar/routes.h"

#include "api/registrar.h"
#include "db/db.h"
#include "roles/registrar/events.h"
#include "roles/registrar/health.h"
#include "roles/registrar/history.h"
#include "roles/registrar/ordering.h"
#include "roles/registrar/state.h"
#include "service/backup.h"
#include "service/service.h"

static enum sg_code
answer_status(struct sg_api_call *call, struct sg_err *err)
{
	struct registrar *r = call->role;
	struct sg_slice endpoint[SG_CONF_SECTIONS_MAX], env[SG_SERVICE_PASS_ENV_MAX];
	struct sg_db_stats stats;
	struct sg_db_room room;

	sg_ignore(err == NULL); /* there is nothing to fail */
	sg_db_get_stats(r->store, &stats);
	sg_db_get_room(r->store, &room);
	for (size_t n = 0; n < r->endpoint_n; n++)
		endpoint[n] = sg_slice_str(r->endpoint[n].conf->name);
	struct sg_api_registrar_status status = {
	    .endpoints = {endpoint, r->endpoint_n},
	    .works = registrar_health_now(r),
	    .commits = (int64_t)stats.commits,
	    .jobs = (int64_t)stats.jobs,
	    .disk = sg_disk_status(&r->disk, room.reserve, room.reserve_left),
	    .pass_env = {env, sg_service_passed_env(env)},
	};
	sg_api_put(call, &status);
	return SG_OK;
}

static enum sg_code
answer_backup(struct sg_api_call *call, struct sg_err *err)
{
	struct registrar *r = call->role;

	registrar_events_flush(r); /* what was refused until now is in it */
	return sg_backup_answer(call, r->store, "registrar.db", NULL, err);
}

static sg_api_handler *const handlers[SG_API_registrar_n] = {
    [SG_API_registrar_challenge_new] = registrar_challenge_new,
    [SG_API_registrar_transactions] = registrar_transactions,
    [SG_API_registrar_events] = registrar_events,
    [SG_API_registrar_trace] = registrar_trace,
    [SG_API_registrar_backup] = answer_backup,
    [SG_API_registrar_status] = answer_status,
};

const struct sg_api registrar_api = {&sg_api_registrar_routes, handlers};
