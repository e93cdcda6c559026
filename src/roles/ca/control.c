/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/control.c - what the command line may ask ca: one function per verb
 */

#include "roles/ca/control.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "service/json.h"
#include "roles/ca/evidence.h"
#include "roles/ca/control_lineage.h"
#include "roles/ca/show.h"
#include "roles/ca/clock.h"
#include "roles/ca/issue.h"
#include "roles/ca/state.h"
#include "x509/crl.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/serial_key.h"
#include "db/db.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "store/ca/revoke.h"

#define LIST_MAX 1000 /* rows of one answer; the command line asks again from the last */

static struct ca *
ca_of(const struct sg_verb_call *c)
{
	return c->role;
}

static json_t *
row_json(const struct sg_cadb_cert *row)
{
	json_t *o = json_object();

	sg_json_set_int(o, "id", row->id);
	ca_set_serial(o, "serial", row->serial);
	json_object_set_new(o, "state", json_string(ca_state_name(row->state)));
	sg_json_set_text(o, "subject", row->subject);
	sg_json_set_text(o, "endpoint", row->endpoint);
	sg_json_set_text(o, "template", row->template_name);
	sg_json_set_int(o, "not_before", row->not_before);
	sg_json_set_int(o, "not_after", row->not_after);
	sg_json_set_hex(o, "trace", sg_slice(row->trace, sizeof row->trace));
	if (row->renews.len > 0)
		ca_set_serial(o, "renews", row->renews);
	if (row->signer.len > 0)
		ca_set_serial(o, "signer", row->signer);
	if (row->lineage != 0)
		sg_json_set_int(o, "lineage_id", row->lineage);
	if (row->revoked_at != 0) {
		sg_json_set_int(o, "revoked_at", row->revoked_at);
		json_object_set_new(
		    o, "reason", json_string(sg_reason_name((enum sg_crl_reason)row->reason)));
	}
	if (row->failure.len > 0)
		sg_json_set_text(o, "failure", row->failure);
	if (row->der.len > 0)
		sg_json_set_hex(o, "der", row->der);
	return o;
}

static bool
add_row(void *arg, const struct sg_cadb_cert *row)
{
	json_array_append_new(arg, row_json(row));
	return true;
}

/* The certificate that the question names, by its serial number as openssl prints it: the key that
 * it is stored under, also when another CA wrote the number with octets too many. */
static enum sg_code
get_serial(struct sg_verb_call *c, const char *name, struct sg_buf *serial, struct sg_err *err)
{
	struct sg_slice text = sg_slice_str(sg_json_text(c->ask, name));
	sg_buf_scoped key = {0};
	enum sg_code rc;

	if (sg_serial_key_from_text(text, &key, err) != SG_OK || key.len > SG_CADB_SERIAL_KEY_MAX)
		return sg_fail(err, SG_E_USAGE, "control.serial",
		    "want a serial number of 1 to %u bytes in hexadecimal", SG_CADB_SERIAL_MAX);
	sg_buf_put_slice(serial, sg_buf_slice(&key));
	do {
		struct sg_cadb_cert row = {0};
		rc = sg_cadb_cert_by_serial(ca_of(c)->store, sg_buf_slice(&key), &row, err);
		sg_cadb_cert_clear(&row);
		if (rc == SG_OK) {
			sg_buf_reset(serial);
			sg_buf_put_slice(serial, sg_buf_slice(&key));
		}
		sg_serial_key_widen(&key);
	} while (rc == SG_E_NOTFOUND && key.len <= SG_CADB_SERIAL_KEY_MAX);
	return rc == SG_OK || rc == SG_E_NOTFOUND ? sg_buf_check(serial, err) : rc;
}

static unsigned
states_from(const char *word)
{
	static const struct {
		const char *word;
		unsigned states;
	} rows[] = {
	    {"good", 1u << SG_CADB_CERT_GOOD},
	    {"revoked", 1u << SG_CADB_CERT_REVOKED | 1u << SG_CADB_CERT_HOLD |
			    1u << SG_CADB_CERT_WITHDRAWN},
	    {"hold", 1u << SG_CADB_CERT_HOLD},
	    {"intent", 1u << SG_CADB_CERT_INTENT},
	    {"failed", 1u << SG_CADB_CERT_FAILED},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)
		if (strcmp(rows[n].word, word) == 0)
			return rows[n].states;
	return 0;
}

static enum sg_code
verb_list(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped trace = {0}, serial = {0};
	json_t *rows = json_array();
	const char *subject = sg_json_text(c->ask, "subject");
	int64_t limit = sg_json_int(c->ask, "limit", 100);

	json_object_set_new(c->answer, "certificates", rows);
	enum sg_code rc = sg_json_bytes(c->ask, "trace", &trace, err);
	if (rc != SG_OK)
		return rc;
	struct sg_cadb_cert_filter filter = {
	    .states = states_from(sg_json_text(c->ask, "state")),
	    .subject = sg_slice_str(subject),
	    .trace_prefix = sg_buf_slice(&trace),
	    .expires_before = sg_json_int(c->ask, "expires_before", 0),
	    .before_id = sg_json_int(c->ask, "before", 0),
	    .limit = limit < 1 || limit > LIST_MAX ? LIST_MAX : (unsigned)limit,
	};
	if (json_object_get(c->ask, "lineage") != NULL) {
		rc = get_serial(c, "lineage", &serial, err);
		if (rc == SG_OK)
			rc = ca_lineage_find(ca_of(c), sg_buf_slice(&serial), &filter.lineage, err);
	}
	return rc == SG_OK ? sg_cadb_cert_list(ca_of(c)->store, &filter, add_row, rows, err) : rc;
}

static enum sg_code
verb_show(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped serial = {0};
	struct sg_cadb_cert row = {0};
	json_t *o, *lineage = NULL;

	enum sg_code rc = get_serial(c, "serial", &serial, err);
	if (rc == SG_OK)
		rc = sg_cadb_cert_by_serial(ca_of(c)->store, sg_buf_slice(&serial), &row, err);
	if (rc == SG_OK)
		rc = ca_lineage_show(ca_of(c), &row, &lineage, err);
	if (rc == SG_OK) {
		o = row_json(&row);
		json_object_set_new(o, "lineage", lineage);
		json_object_set_new(c->answer, "certificate", o);
	}
	sg_cadb_cert_clear(&row);
	return rc;
}

static void
set_published(
    struct sg_verb_call *c, const struct ca_list *list, const struct ca_published *published)
{
	sg_json_set_int(c->answer, "crl_number", (int64_t)published->number);
	sg_json_set_int(c->answer, "crl_entries", (int64_t)published->entries);
	sg_json_set_text(c->answer, "path", sg_slice_str(list->path));
}

static enum sg_code
publish(struct sg_verb_call *c, struct ca_list *list, bool clock_was_ahead, struct sg_err *err)
{
	struct ca_published done;
	enum sg_code rc = ca_list_publish(ca_of(c), list, c->who, clock_was_ahead, &done, err);

	if (rc == SG_OK)
		set_published(c, list, &done);
	return rc;
}

/* An act that is recorded and on no list is no success. */
static enum sg_code
publish_act(struct sg_verb_call *c, struct ca_list *list, struct sg_err *err)
{
	struct ca_published done;
	enum sg_code rc = ca_list_publish_act(ca_of(c), list, c->who, &done, err);

	if (rc == SG_OK)
		set_published(c, list, &done);
	else
		sg_err_prefix(err, "it is recorded, but no list that is published has it yet");
	return rc;
}

/* The list that a revocation of this certificate would be on; refused before anything changes. */
static enum sg_code
get_list(struct sg_verb_call *c, struct sg_slice serial, struct ca_list **ret, struct sg_err *err)
{
	struct sg_cadb_cert row = {0};

	enum sg_code rc = sg_cadb_cert_by_serial(ca_of(c)->store, serial, &row, err);
	if (rc == SG_OK)
		rc = ca_list_of(ca_of(c), row.issuer, ret, err);
	sg_cadb_cert_clear(&row);
	return rc;
}

/* All that can be done is: what is stolen must not renew, even where no list can have it. */
static enum sg_code
revoke_lineage(struct sg_verb_call *c, struct sg_slice serial, int reason, struct sg_err *err)
{
	struct ca *ca = ca_of(c);
	struct ca_lineage_lists lists = {0};

	enum sg_code rc = ca_lineage_revoke(ca, serial, reason, c, &lists, err);
	if (rc != SG_OK)
		return rc;
	for (size_t n = ca->list_n; n-- > 0;) {
		struct sg_err why;
		enum sg_code done = lists.has[n] ? publish_act(c, &ca->list[n], &why) : SG_OK;
		if (done != SG_OK) {
			*err = why;
			rc = done;
		}
	}
	if (rc == SG_OK && lists.unlisted > 0)
		rc = sg_fail(err, SG_E_CONFLICT, "revoke.unlisted",
		    "all of the lineage is revoked and renews no more, but %llu of its "
		    "certificates were signed with an earlier CA key that is not here, so that no "
		    "list has them. Name that key and its certificate in 'ca.earlier' and start "
		    "again: its list has them then",
		    (unsigned long long)lists.unlisted);
	return rc;
}

static enum sg_code
verb_revoke(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped serial = {0};
	enum sg_crl_reason reason = SG_REASON_UNSPECIFIED;
	struct ca_list *list = NULL;
	bool changed = false;

	enum sg_code rc = get_serial(c, "serial", &serial, err);
	if (rc == SG_OK && sg_json_text(c->ask, "reason")[0] != '\0')
		rc = sg_reason_parse(sg_slice_str(sg_json_text(c->ask, "reason")), &reason, err);
	if (rc == SG_OK && json_is_true(json_object_get(c->ask, "lineage")))
		return revoke_lineage(c, sg_buf_slice(&serial), (int)reason, err);
	if (rc == SG_OK)
		rc = get_list(c, sg_buf_slice(&serial), &list, err);
	if (rc == SG_OK)
		rc = sg_cadb_revoke(ca_of(c)->store, sg_buf_slice(&serial), (int)reason, false,
		    sg_slice_str(c->who), sg_clock_now(), &changed, err);
	if (rc == SG_OK)
		rc = publish_act(c, list, err);
	if (rc == SG_OK)
		json_object_set_new(c->answer, "changed", json_boolean(changed));
	return rc == SG_OK ? ca_lineage_rest(ca_of(c), sg_buf_slice(&serial), c->answer, err) : rc;
}

static enum sg_code
verb_release(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped serial = {0};
	struct ca_list *list = NULL;

	enum sg_code rc = get_serial(c, "serial", &serial, err);
	if (rc == SG_OK)
		rc = get_list(c, sg_buf_slice(&serial), &list, err);
	if (rc == SG_OK)
		rc = sg_cadb_release(ca_of(c)->store, sg_buf_slice(&serial), sg_slice_str(c->who),
		    sg_clock_now(), err);
	return rc == SG_OK ? publish_act(c, list, err) : rc;
}

/* Each list that can be published is; the first that cannot is the answer, or else the CA's own. */
static enum sg_code
verb_crl(struct sg_verb_call *c, struct sg_err *err)
{
	struct ca *ca = ca_of(c);
	bool ahead = json_is_true(json_object_get(c->ask, "clock_was_ahead"));
	enum sg_code rc = ahead ? ca_clock_was_ahead(ca, c->who, err) : SG_OK;

	if (rc != SG_OK)
		return rc;
	for (size_t n = ca->list_n; n-- > 0;) {
		struct sg_err why;
		enum sg_code done = ca->list[n].no_key ? SG_OK
						       : publish(c, &ca->list[n], ahead, &why);
		if (done != SG_OK) {
			*err = why;
			rc = done;
		}
	}
	return rc;
}

static enum sg_code
verb_adopt(struct sg_verb_call *c, struct sg_err *err)
{
	struct sg_cadb_crl_adopted done = {0};
	struct ca_list *list = NULL;

	enum sg_code rc = ca_evidence_adopt(ca_of(c), c->who, &list, &done, err);
	if (rc != SG_OK)
		return rc;
	sg_json_set_int(c->answer, "revoked", (int64_t)done.revoked);
	sg_json_set_int(c->answer, "foreign", (int64_t)done.foreign);
	sg_json_set_int(c->answer, "known", (int64_t)done.known);
	return list->no_key ? SG_OK : publish_act(c, list, err);
}

/* What an imported certificate says, for its row. */
static enum sg_code
import_facts(struct sg_verb_call *c, const char *endpoint, const struct sg_cert *cert,
    struct sg_slice serial, int issuer_no, struct sg_buf *id, struct sg_buf *subject,
    struct sg_cadb_new_cert *ret, struct sg_err *err)
{
	if (serial.len > SG_CADB_SERIAL_KEY_MAX)
		return sg_fail(err, SG_E_DENIED, "import.serial",
		    "the serial number has %zu bytes, want at most %u: it cannot be put on a list "
		    "that others read",
		    cert->serial.len, SG_CADB_SERIAL_MAX);
	sg_buf_puts(id, SG_CADB_IMPORT);
	sg_buf_put_slice(id, serial);
	sg_name_put_text(subject, cert->subject);
	*ret = (struct sg_cadb_new_cert){.request_id = sg_buf_slice(id),
	    .issuer = issuer_no,
	    .serial = serial,
	    .endpoint = sg_slice_str(endpoint),
	    .template_name = sg_slice_str("import"),
	    .subject = sg_buf_slice(subject),
	    .not_before = cert->not_before,
	    .not_after = cert->not_after,
	    .der = cert->raw,
	    .who = sg_slice_str(c->who),
	    .now = sg_clock_now()};
	enum sg_code rc = ca_key_hash(cert->spki, ret->spki_hash, err);
	if (rc == SG_OK)
		rc = sg_sha256(cert->raw, ret->csr_hash, err);
	return rc;
}

/* Which of this CA's keys signed it? */
static enum sg_code
import_issuer(struct ca *ca, const struct sg_cert *cert, int *ret_no, struct sg_err *err)
{
	bool named = false;
	enum sg_code rc = SG_E_DENIED;

	for (size_t n = 0; n < ca->list_n && rc != SG_OK; n++) {
		const struct sg_issuer *issuer = ca->list[n].issuer;
		if (!sg_name_equal(cert->issuer, issuer->cert.subject))
			continue;
		named = true;
		rc = sg_sign_verify(issuer->pub, cert->sigalg, cert->tbs, cert->sig, err);
		if (rc == SG_E_NOMEM)
			return rc;
		*ret_no = ca->list[n].no;
	}
	if (!named)
		return sg_fail(
		    err, SG_E_DENIED, "import.issuer", "the certificate was not issued by this CA");
	return rc;
}

/* Enter a certificate that this CA's key signed elsewhere (migration): it must verify. */
static enum sg_code
verb_import(struct sg_verb_call *c, struct sg_err *err)
{
	sg_buf_scoped der = {0}, id = {0}, subject = {0};
	uint8_t serial[SG_SERIAL_MAX + 1];
	struct sg_cert cert;
	struct sg_cadb_new_cert entry;
	struct sg_cadb_cert row = {0};
	bool is_new = false;
	int issuer_no = 0;

	const struct sg_conf_endpoint *e = sg_conf_endpoint0(
	    ca_of(c)->ctx->conf, sg_slice_str(sg_json_text(c->ask, "endpoint")));
	if (e == NULL)
		return sg_fail(err, SG_E_USAGE, "control.endpoint", "no such endpoint: '%s'",
		    sg_json_text(c->ask, "endpoint"));
	enum sg_code rc = sg_json_bytes(c->ask, "der", &der, err);
	if (rc == SG_OK)
		rc = sg_cert_parse(sg_buf_slice(&der), &cert, err);
	if (rc == SG_OK)
		rc = import_issuer(ca_of(c), &cert, &issuer_no, err);
	if (rc == SG_OK)
		rc = import_facts(c, e->name, &cert, sg_serial_key(cert.serial, serial), issuer_no,
		    &id, &subject, &entry, err);
	if (rc == SG_OK)
		rc = sg_cadb_cert_add(ca_of(c)->store, &entry, &is_new, &row, err);
	if (rc == SG_OK)
		ca_set_serial(c->answer, "serial", entry.serial);
	sg_cadb_cert_clear(&row);
	return rc;
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
		sg_json_set_int(c->answer, ca_state_name(s), (int64_t)counts.by_state[s]);
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
    {"list", verb_list},
    {"show", verb_show},
    {"revoke", verb_revoke},
    {"release", verb_release},
    {"crl", verb_crl},
    {"adopt", verb_adopt},
    {"import", verb_import},
    {"status", verb_status},
    {NULL, NULL},
};
