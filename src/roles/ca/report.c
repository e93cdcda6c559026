/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/report.c - says what ca holds and how it is, for `signet status`
 */

#include "roles/ca/report.h"

#include <stdio.h>

#include "api/ca.h"
#include "base/clock.h"
#include "db/db.h"
#include "roles/ca/clock.h"
#include "roles/ca/state.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "x509/name_text.h"

/* A list, and what its answer borrows from. */
struct shown_list {
	struct sg_buf issuer;
	char problem[sizeof((struct sg_err *)0)->text];
};

static struct sg_api_ca_list
show_list(struct ca *ca, const struct ca_list *list, struct shown_list *store)
{
	struct sg_api_ca_list shown = {.path = sg_slice_str(list->path)};
	struct sg_cadb_crl row = {0};

	sg_name_put_text(&store->issuer, list->issuer->cert.subject);
	shown.issuer = sg_buf_slice(&store->issuer);
	if (sg_cadb_crl_latest(ca->store, list->no, 0, &row, NULL) == SG_OK) {
		shown.has_number = shown.has_entries = true;
		shown.number = (int64_t)row.number;
		shown.entries = (int64_t)row.entries;
		shown.has_this_update = shown.has_next_update = true;
		shown.this_update = row.this_update * SG_CLOCK_SECOND;
		shown.next_update = row.next_update * SG_CLOCK_SECOND;
	}
	sg_cadb_crl_clear(&row);
	pthread_mutex_lock(&ca->crl_lock);
	snprintf(store->problem, sizeof store->problem, "%s",
	    list->no_key ? "its key is gone: what it signed cannot be revoked"
			 : list->problem.text);
	pthread_mutex_unlock(&ca->crl_lock);
	shown.has_problem = store->problem[0] != '\0';
	shown.problem = sg_slice_str(store->problem);
	return shown;
}

static void
put_status(struct sg_api_call *call, const struct sg_cadb_cert_counts *counts,
    const struct sg_cadb_head *head)
{
	struct ca *ca = call->role;
	const uint64_t *n = counts->by_state;
	struct shown_list store[1 + SG_CONF_EARLIER_MAX] = {0};
	struct sg_api_ca_list list[1 + SG_CONF_EARLIER_MAX];
	struct sg_slice env[SG_SERVICE_PASS_ENV_MAX];
	struct sg_db_room room;

	for (size_t i = 0; i < ca->list_n; i++)
		list[i] = show_list(ca, &ca->list[i], &store[i]);
	sg_db_get_room(ca->store, &room);
	struct sg_api_ca_status status = {
	    .intent = (int64_t)n[SG_CADB_CERT_INTENT],
	    .good = (int64_t)n[SG_CADB_CERT_GOOD],
	    .hold = (int64_t)n[SG_CADB_CERT_HOLD],
	    .revoked = (int64_t)n[SG_CADB_CERT_REVOKED],
	    .withdrawn = (int64_t)n[SG_CADB_CERT_WITHDRAWN],
	    .failed = (int64_t)n[SG_CADB_CERT_FAILED],
	    .issuer = list[0].issuer,
	    .issuer_not_after = ca->issuer->cert.not_after * SG_CLOCK_SECOND,
	    .crl_number = (int64_t)head->crl_number,
	    .audit_rows = head->audit_seq,
	    .lists = {list, ca->list_n},
	    .clock_behind = ca_clock_behind(ca),
	    .disk = sg_disk_status(&ca->disk, room.reserve, room.reserve_left),
	    .pass_env = {env, sg_service_passed_env(env)},
	};
	sg_api_put(call, &status);
	for (size_t i = 0; i < ca->list_n; i++)
		sg_buf_clear(&store[i].issuer);
}

enum sg_code
ca_status(struct sg_api_call *call, struct sg_err *err)
{
	const struct ca *ca = call->role;
	struct sg_cadb_cert_counts counts = {0};
	struct sg_cadb_head head = {0};

	enum sg_code rc = sg_cadb_cert_count(ca->store, &counts, err);
	if (rc == SG_OK)
		rc = sg_cadb_get_head(ca->store, &head, err);
	if (rc == SG_OK)
		put_status(call, &counts, &head);
	return rc;
}
