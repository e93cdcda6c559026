/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/revocation.c - revokes and releases what it is asked to, and answers when lists that
 * have it are published
 */

#include "roles/ca/revocation.h"

#include "api/ca.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "roles/ca/clock.h"
#include "roles/ca/evidence.h"
#include "roles/ca/lineage.h"
#include "roles/ca/show.h"
#include "roles/ca/state.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "store/ca/lineage.h"
#include "store/ca/revoke.h"
#include "x509/crl.h"

/* The lists of an answer. */
struct published {
	size_t n;
	struct sg_api_published list[1 + SG_CONF_EARLIER_MAX];
};

static struct sg_json_list
lists_of(const struct published *p)
{
	return (struct sg_json_list){p->list, p->n};
}

static void
note(struct published *p, const struct ca_list *list, const struct ca_published *done)
{
	p->list[p->n++] = (struct sg_api_published){
	    .path = sg_slice_str(list->path),
	    .number = (int64_t)done->number,
	    .entries = (int64_t)done->entries,
	};
}

/* An act that is recorded and on no list is no success. */
static enum sg_code
publish_act(struct sg_api_call *call, struct ca_list *list, struct published *p, struct sg_err *err)
{
	struct ca_published done;
	enum sg_code rc = ca_list_publish_act(call->role, list, call->who->who, &done, err);

	if (rc == SG_OK)
		note(p, list, &done);
	else
		sg_err_prefix(err, "it is recorded, but no list that is published has it yet");
	return rc;
}

/* All that can be done is: what is stolen must not renew, even where no list can have it. */
static enum sg_code
revoke_lineage(struct sg_api_call *call, struct sg_slice serial, int reason, struct sg_err *err)
{
	struct ca *ca = call->role;
	struct published p = {0};
	struct ca_lineage_revoked *done = sg_alloc(sizeof *done);

	if (done == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory");
	enum sg_code rc = ca_lineage_revoke(ca, serial, reason, call->who->who, done, err);
	bool recorded = rc == SG_OK;
	for (size_t n = 0; recorded && n < ca->list_n; n++) {
		struct sg_err why;
		enum sg_code one = done->on_list[n] ? publish_act(call, &ca->list[n], &p, &why)
						    : SG_OK;
		if (one != SG_OK && rc == SG_OK) {
			*err = why;
			rc = one;
		}
	}
	if (rc == SG_OK && done->unlisted > 0)
		rc = sg_fail(err, SG_E_CONFLICT, "revoke.unlisted",
		    "all of the lineage is revoked and renews no more, but %llu of its "
		    "certificates were signed with an earlier CA key that is not here, so that no "
		    "list has them. Name that key and its certificate in 'ca.earlier' and start "
		    "again: its list has them then",
		    (unsigned long long)done->unlisted);
	if (rc == SG_OK)
		sg_api_put(call, &(struct sg_api_revoked){.changed = done->changed,
				     .lists = lists_of(&p),
				     .has_lineage = true,
				     .lineage = done->answer});
	sg_free(done);
	return rc;
}

static enum sg_code
revoke_one(struct sg_api_call *call, const struct sg_cadb_cert *row, int reason, struct sg_err *err)
{
	struct ca *ca = call->role;
	struct ca_list *list = NULL;
	struct published p = {0};
	struct sg_cadb_lineage all = {0};
	bool changed = false;

	/* The list that it would be on: refused before anything changes. */
	enum sg_code rc = ca_list_of(ca, row->issuer, &list, err);
	if (rc == SG_OK)
		rc = sg_cadb_revoke(ca->store, row->serial, reason, false,
		    sg_slice_str(call->who->who), sg_clock_now(), &changed, err);
	if (rc == SG_OK)
		rc = publish_act(call, list, &p, err);
	if (rc == SG_OK)
		rc = sg_cadb_lineage_get(ca->store, row->lineage, sg_clock_now(), &all, err);
	if (rc == SG_OK)
		sg_api_put(call, &(struct sg_api_revoked){.changed = changed,
				     .lists = lists_of(&p),
				     .has_lineage_good = true,
				     .lineage_good = (int64_t)all.good});
	return rc;
}

enum sg_code
ca_revoke(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_serial *which = call->params;
	const struct sg_api_revoke *how = call->body;
	int reason = how->has_reason ? how->reason : SG_REASON_UNSPECIFIED;
	struct sg_cadb_cert row = {0};

	enum sg_code rc = ca_find_certificate(call, "serial", which->serial, &row, err);
	if (rc == SG_OK)
		rc = how->has_lineage && how->lineage
			 ? revoke_lineage(call, row.serial, reason, err)
			 : revoke_one(call, &row, reason, err);
	sg_cadb_cert_clear(&row);
	return rc;
}

enum sg_code
ca_release(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_serial *which = call->params;
	struct ca *ca = call->role;
	struct sg_cadb_cert row = {0};
	struct ca_list *list = NULL;
	struct published p = {0};

	enum sg_code rc = ca_find_certificate(call, "serial", which->serial, &row, err);
	if (rc == SG_OK)
		rc = ca_list_of(ca, row.issuer, &list, err);
	if (rc == SG_OK)
		rc = sg_cadb_release(
		    ca->store, row.serial, sg_slice_str(call->who->who), sg_clock_now(), err);
	sg_cadb_cert_clear(&row);
	if (rc == SG_OK)
		rc = publish_act(call, list, &p, err);
	if (rc == SG_OK)
		sg_api_put(call, &(struct sg_api_lists){.lists = lists_of(&p)});
	return rc;
}

/* Each list that can be published is; the first that cannot is the answer. */
enum sg_code
ca_publish(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_publish *ask = call->body;
	struct ca *ca = call->role;
	struct published p = {0};
	bool ahead = ask->has_clock_was_ahead && ask->clock_was_ahead;

	enum sg_code rc = ahead ? ca_clock_was_ahead(ca, call->who->who, err) : SG_OK;
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < ca->list_n; n++) {
		struct ca_list *list = &ca->list[n];
		struct ca_published done;
		struct sg_err why;
		if (list->no_key)
			continue;
		enum sg_code one = ca_list_publish(ca, list, call->who->who, ahead, &done, &why);
		if (one == SG_OK) {
			note(&p, list, &done);
		} else if (rc == SG_OK) {
			*err = why;
			rc = one;
		}
	}
	if (rc == SG_OK)
		sg_api_put(call, &(struct sg_api_lists){.lists = lists_of(&p)});
	return rc;
}

enum sg_code
ca_adopt(struct sg_api_call *call, struct sg_err *err)
{
	struct sg_cadb_crl_adopted done = {0};
	struct ca_list *list = NULL;
	struct published p = {0};

	enum sg_code rc = ca_evidence_adopt(call->role, call->who->who, &list, &done, err);
	if (rc == SG_OK && !list->no_key)
		rc = publish_act(call, list, &p, err);
	if (rc == SG_OK)
		sg_api_put(call, &(struct sg_api_adopted){.revoked = (int64_t)done.revoked,
				     .foreign = (int64_t)done.foreign,
				     .known = (int64_t)done.known,
				     .lists = lists_of(&p)});
	return rc;
}
