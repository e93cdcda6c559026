/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/control_lineage.c - the lineage of a certificate as the command line shows and revokes
 * it
 */

#include "roles/ca/control_lineage.h"

#include "base/clock.h"
#include "roles/ca/show.h"
#include "roles/ca/state.h"
#include "x509/serial_key.h"
#include "store/ca/cert.h"
#include "store/ca/lineage.h"

#define SHOWN_MAX 20u	  /* members of one page of "ca show"; "ca list --lineage" has all */
#define REVOKED_MAX 1000u /* serial numbers of one answer */

SG_RC
ca_lineage_find(struct ca *ca, struct sg_slice serial, int64_t *ret_lineage, struct sg_err *err)
{
	struct sg_cadb_cert row = {0};

	enum sg_code rc = sg_cadb_cert_by_serial(ca->store, serial, &row, err);
	if (rc == SG_OK)
		*ret_lineage = row.lineage;
	sg_cadb_cert_clear(&row);
	return rc;
}

static bool
add_member(void *arg, const struct sg_cadb_cert *row)
{
	json_t *o = json_object();

	ca_set_serial(o, "serial", row->serial);
	json_object_set_new(o, "state", json_string(ca_state_name(row->state)));
	sg_json_set_int(o, "not_before", row->not_before);
	sg_json_set_int(o, "not_after", row->not_after);
	if (row->renews.len > 0)
		ca_set_serial(o, "renews", row->renews);
	json_array_append_new(arg, o);
	return true;
}

SG_RC
ca_lineage_show(struct ca *ca, const struct sg_cadb_cert *row, json_t **ret, struct sg_err *err)
{
	struct sg_cadb_lineage all = {0};
	struct sg_cadb_cert_filter filter = {.lineage = row->lineage, .limit = SHOWN_MAX};
	json_t *o = json_object(), *members = json_array();

	json_object_set_new(o, "members", members);
	enum sg_code rc = sg_cadb_lineage_get(ca->store, row->lineage, sg_clock_now(), &all, err);
	if (rc == SG_OK)
		rc = sg_cadb_cert_list(ca->store, &filter, add_member, members, err);
	if (rc != SG_OK) {
		json_decref(o);
		return rc;
	}
	ca_set_serial(o, "first", sg_slice(all.first, all.first_len));
	sg_json_set_int(o, "size", (int64_t)all.size);
	sg_json_set_int(o, "live", (int64_t)all.live);
	uint64_t shown = json_array_size(members);
	sg_json_set_int(o, "more", all.size > shown ? (int64_t)(all.size - shown) : 0);
	*ret = o;
	return SG_OK;
}

struct revoking {
	const struct ca *ca;
	json_t *serials;
	struct ca_lineage_lists *lists;
};

static void
note_member(void *arg, const struct sg_cadb_lineage_member *member)
{
	struct revoking *r = arg;
	sg_buf_scoped text = {0};

	sg_serial_key_put_text(&text, member->serial);
	if (member->changed && json_array_size(r->serials) < REVOKED_MAX)
		json_array_append_new(r->serials, json_string(sg_buf_text(&text)));
	for (size_t n = 0; n < r->ca->list_n; n++) {
		const struct ca_list *list = &r->ca->list[n];
		if (list->no == member->issuer && !list->no_key) {
			r->lists->has[n] |= member->changed;
			return;
		}
	}
	r->lists->unlisted += member->ended ? 0 : 1;
}

SG_RC
ca_lineage_revoke(struct ca *ca, struct sg_slice serial, int reason, const struct sg_verb_call *c,
    struct ca_lineage_lists *ret, struct sg_err *err)
{
	struct sg_cadb_lineage_revoked done = {0};
	struct revoking r = {ca, json_array(), ret};

	*ret = (struct ca_lineage_lists){0};
	json_object_set_new(c->answer, "revoked", r.serials);
	enum sg_code rc = sg_cadb_lineage_revoke(ca->store, serial, reason, sg_slice_str(c->who),
	    sg_clock_now(), note_member, &r, &done, err);
	if (rc != SG_OK)
		return rc;
	/* Again, perhaps because a list could not be published the first time. */
	for (size_t n = 0; done.changed == 0 && n < ca->list_n; n++)
		ret->has[n] = !ca->list[n].no_key;
	json_object_set_new(c->answer, "changed", json_boolean(done.changed > 0));
	sg_json_set_int(c->answer, "revoked_count", (int64_t)done.changed);
	sg_json_set_int(c->answer, "ended", (int64_t)done.ended);
	sg_json_set_int(c->answer, "size", (int64_t)done.size);
	return SG_OK;
}

SG_RC
ca_lineage_rest(struct ca *ca, struct sg_slice serial, json_t *answer, struct sg_err *err)
{
	struct sg_cadb_lineage all = {0};
	int64_t lineage = 0;

	enum sg_code rc = ca_lineage_find(ca, serial, &lineage, err);
	if (rc == SG_OK)
		rc = sg_cadb_lineage_get(ca->store, lineage, sg_clock_now(), &all, err);
	if (rc == SG_OK)
		sg_json_set_int(answer, "lineage_good", (int64_t)all.good);
	return rc;
}
