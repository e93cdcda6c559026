/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/control.c - what ca holds, as the old frames of the control socket answer it
 */

#include "roles/ca/control.h"

#include "api/ca.h"
#include "db/db.h"
#include "roles/ca/clock.h"
#include "roles/ca/state.h"
#include "service/json.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "x509/name_text.h"

static struct ca *
ca_of(const struct sg_verb_call *c)
{
	return c->role;
}

static json_t *
list_json(struct ca *ca, const struct ca_list *list)
{
	json_t *o = json_object();
	sg_buf_scoped subject = {0};
	struct sg_cadb_crl row = {0};

	sg_name_put_text(&subject, list->issuer->cert.subject);
	sg_json_set_text(o, "issuer", sg_buf_slice(&subject));
	sg_json_set_text(o, "path", sg_slice_str(list->path));
	if (sg_cadb_crl_latest(ca->store, list->no, 0, &row, NULL) == SG_OK) {
		sg_json_set_int(o, "number", (int64_t)row.number);
		sg_json_set_int(o, "entries", (int64_t)row.entries);
		sg_json_set_int(o, "this_update", row.this_update);
		sg_json_set_int(o, "next_update", row.next_update);
	}
	sg_cadb_crl_clear(&row);
	pthread_mutex_lock(&ca->crl_lock);
	sg_json_set_text(o, "problem",
	    sg_slice_str(list->no_key ? "its key is gone: what it "
					"signed cannot be revoked"
				      : list->problem.text));
	pthread_mutex_unlock(&ca->crl_lock);
	return o;
}

static enum sg_code
verb_status(struct sg_verb_call *c, struct sg_err *err)
{
	struct sg_cadb_cert_counts counts = {0};
	struct sg_cadb_head head = {0};
	struct sg_db_room room;
	sg_buf_scoped subject = {0};

	enum sg_code rc = sg_cadb_cert_count(ca_of(c)->store, &counts, err);
	if (rc == SG_OK)
		rc = sg_cadb_get_head(ca_of(c)->store, &head, err);
	if (rc != SG_OK)
		return rc;
	for (enum sg_cadb_cert_state s = SG_CADB_CERT_INTENT; s <= SG_CADB_CERT_FAILED; s++)
		sg_json_set_int(c->answer, sg_json_word_of(sg_api_certificate_state_words, (int)s),
		    (int64_t)counts.by_state[s]);
	sg_name_put_text(&subject, ca_of(c)->issuer->cert.subject);
	sg_json_set_text(c->answer, "issuer", sg_buf_slice(&subject));
	sg_json_set_int(c->answer, "issuer_not_after", ca_of(c)->issuer->cert.not_after);
	sg_json_set_int(c->answer, "crl_number", (int64_t)head.crl_number);
	sg_json_set_int(c->answer, "audit_rows", head.audit_seq);
	json_t *lists = json_array();
	json_object_set_new(c->answer, "lists", lists);
	for (size_t n = 0; n < ca_of(c)->list_n; n++)
		json_array_append_new(lists, list_json(ca_of(c), &ca_of(c)->list[n]));
	sg_json_set_int(c->answer, "clock_behind", ca_clock_behind(ca_of(c)));
	sg_db_get_room(ca_of(c)->store, &room);
	json_object_set_new(
	    c->answer, "disk", sg_disk_json(&ca_of(c)->disk, room.reserve, room.reserve_left));
	sg_service_put_env(c->answer);
	return SG_OK;
}

const struct sg_verb ca_verbs[] = {
    {"status", verb_status},
    {NULL, NULL},
};
