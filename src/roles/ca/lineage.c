/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/lineage.c - revokes a whole lineage, and says which lists are to have it
 */

#include "roles/ca/lineage.h"

#include "base/clock.h"
#include "roles/ca/state.h"
#include "store/ca/lineage.h"

struct revoking {
	const struct ca *ca;
	struct ca_lineage_revoked *out;
};

static void
note_member(void *arg, const struct sg_cadb_lineage_member *member)
{
	struct revoking *r = arg;
	struct ca_lineage_revoked *out = r->out;

	if (member->changed && out->n < SG_API_REVOKED_SHOWN) {
		out->serial[out->n] = ca_serial_text(&out->text[out->n], member->serial);
		out->n++;
	}
	for (size_t n = 0; n < r->ca->list_n; n++) {
		const struct ca_list *list = &r->ca->list[n];
		if (list->no == member->issuer && !list->no_key) {
			out->on_list[n] |= member->changed;
			return;
		}
	}
	out->unlisted += member->ended ? 0 : 1;
}

enum sg_code
ca_lineage_revoke(struct ca *ca, struct sg_slice serial, int reason, const char *who,
    struct ca_lineage_revoked *ret, struct sg_err *err)
{
	struct sg_cadb_lineage_revoked done = {0};
	struct revoking r = {ca, ret};

	*ret = (struct ca_lineage_revoked){0};
	enum sg_code rc = sg_cadb_lineage_revoke(ca->store, serial, reason, sg_slice_str(who),
	    sg_clock_now(), note_member, &r, &done, err);
	if (rc != SG_OK)
		return rc;
	/* Again, perhaps because a list could not be published the first time. */
	for (size_t n = 0; done.changed == 0 && n < ca->list_n; n++)
		ret->on_list[n] = !ca->list[n].no_key;
	ret->changed = done.changed > 0;
	ret->answer = (struct sg_api_lineage_revoked){
	    .size = (int64_t)done.size,
	    .ended = (int64_t)done.ended,
	    .revoked = (int64_t)done.changed,
	    .serials = {ret->serial, ret->n},
	};
	return SG_OK;
}
