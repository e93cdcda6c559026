/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/certificates.c - answers which certificates there are, and all that is known of one
 */

#include "roles/ca/certificates.h"

#include "api/ca.h"
#include "base/clock.h"
#include "roles/ca/show.h"
#include "roles/ca/state.h"
#include "store/ca/cert.h"
#include "store/ca/lineage.h"

static bool
put_item(void *arg, const struct sg_cadb_cert *row)
{
	struct ca_shown store;
	struct sg_api_certificate shown;

	ca_show(row, &store, &shown);
	return sg_api_put_item(arg, row->id, &shown);
}

enum sg_code
ca_certificates(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_certificate_filter *ask = call->params;
	const struct ca *ca = call->role;
	struct sg_cadb_cert_filter filter = {
	    .states = ask->has_state ? (unsigned)ask->state : 0,
	    .subject = ask->subject,
	    .trace_prefix = ask->trace,
	    .before_id = call->page.has_after ? call->page.after : 0,
	    .limit = call->page.limit,
	};

	/* What ends with a second ends before any part of the next; 0 would be any. */
	if (ask->has_expires_before)
		filter.expires_before = ask->expires_before <= 0
					    ? -1
					    : (ask->expires_before + SG_CLOCK_SECOND - 1) /
						  SG_CLOCK_SECOND;
	if (ask->has_lineage) {
		struct sg_cadb_cert row = {0};
		enum sg_code rc = ca_find_certificate(call, "lineage", ask->lineage, &row, err);
		filter.lineage = row.lineage;
		sg_cadb_cert_clear(&row);
		if (rc != SG_OK)
			return rc;
	}
	return sg_cadb_cert_list(ca->store, &filter, put_item, call, err);
}

/* The newest members of a lineage, as an answer has them. */
struct members {
	size_t n;
	struct sg_api_lineage_member row[SG_API_LINEAGE_SHOWN];
	struct ca_serial_text serial[SG_API_LINEAGE_SHOWN], renews[SG_API_LINEAGE_SHOWN];
};

static bool
add_member(void *arg, const struct sg_cadb_cert *row)
{
	struct members *m = arg;
	size_t n = m->n++;

	m->row[n] = (struct sg_api_lineage_member){
	    .serial = ca_serial_text(&m->serial[n], row->serial),
	    .state = (int)row->state,
	    .not_before = row->not_before * SG_CLOCK_SECOND,
	    .not_after = row->not_after * SG_CLOCK_SECOND,
	    .has_renews = row->renews.len > 0,
	    .renews = ca_serial_text(&m->renews[n], row->renews),
	};
	return m->n < SG_API_LINEAGE_SHOWN;
}

static enum sg_code
put_certificate(struct sg_api_call *call, const struct sg_cadb_cert *row, struct sg_err *err)
{
	const struct ca *ca = call->role;
	struct sg_cadb_lineage all = {0};
	struct sg_cadb_cert_filter filter = {
	    .lineage = row->lineage, .limit = SG_API_LINEAGE_SHOWN};
	struct sg_api_certificate shown;
	struct ca_shown store;
	struct ca_serial_text first;
	struct members members = {0};

	enum sg_code rc = sg_cadb_lineage_get(ca->store, row->lineage, sg_clock_now(), &all, err);
	if (rc == SG_OK)
		rc = sg_cadb_cert_list(ca->store, &filter, add_member, &members, err);
	if (rc != SG_OK)
		return rc;
	ca_show(row, &store, &shown);
	shown.has_lineage = true;
	shown.lineage = (struct sg_api_lineage){
	    .first = ca_serial_text(&first, sg_slice(all.first, all.first_len)),
	    .size = (int64_t)all.size,
	    .live = (int64_t)all.live,
	    .members = {members.row, members.n},
	    .more = all.size > members.n ? (int64_t)(all.size - members.n) : 0,
	};
	sg_api_put(call, &shown);
	return SG_OK;
}

enum sg_code
ca_certificate(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_serial *ask = call->params;
	struct sg_cadb_cert row = {0};

	enum sg_code rc = ca_find_certificate(call, "serial", ask->serial, &row, err);
	if (rc == SG_OK)
		rc = put_certificate(call, &row, err);
	sg_cadb_cert_clear(&row);
	return rc;
}
