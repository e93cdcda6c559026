/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/list.c - revocation lists: made from one state of the database, signed, counted,
 * recorded, published by rename
 */

#include "roles/ca/list.h"

#include <time.h>

#include "base/clock.h"
#include "issue/crl.h"
#include "base/file.h"
#include "service/log.h"
#include "roles/ca/evidence.h"
#include "roles/ca/end.h"
#include "roles/ca/write.h"
#include "roles/ca/clock.h"
#include "roles/ca/state.h"
#include "store/ca/crl.h"

#define LOOK_S 60     /* how often the clock and the files are looked at */
#define SAY_AGAIN 60u /* looks until a problem that stays is said again */

enum sg_code
ca_list_of(struct ca *ca, int issuer_no, struct ca_list **ret, struct sg_err *err)
{
	for (size_t n = 0; n < ca->list_n; n++) {
		if (ca->list[n].no == issuer_no && !ca->list[n].no_key) {
			*ret = &ca->list[n];
			return SG_OK;
		}
	}
	return sg_fail(err, SG_E_CONFLICT, "revoke.issuer",
	    "the certificate was signed with an earlier CA key that is not here, so that no list "
	    "can have it; nothing was changed. Name that key and its certificate in 'ca.earlier' "
	    "and start again");
}

/* A list on its way. */
struct making {
	const struct ca_list *list;
	int64_t now, validity_s;
	bool clock_was_ahead;
	uint64_t above; /* its number is larger */
	struct sg_cadb_crl_state state;
	struct sg_issue_crl_times times;
	struct sg_issue_crl crl;
};

static enum sg_code
begin(void *arg, const struct sg_cadb_crl_state *state, struct sg_err *err)
{
	struct making *m = arg;

	m->state = *state;
	if (m->state.number <= m->above)
		m->state.number = m->above + 1;
	m->times = sg_issue_crl_times_of(
	    m->now, m->clock_was_ahead ? 0 : state->last_this_update, m->validity_s);
	return sg_issue_crl_begin(&m->crl, m->list->issuer, m->state.number, m->times.this_update,
	    m->times.next_update, err);
}

static enum sg_code
add_entry(void *arg, const struct sg_cadb_crl_item *item, struct sg_err *err)
{
	struct making *m = arg;

	return sg_issue_crl_entry(
	    &m->crl, item->serial, item->revoked_at, (enum sg_crl_reason)item->reason, err);
}

static enum sg_code
make(struct ca *ca, struct making *m, struct sg_buf *der, struct sg_err *err)
{
	struct sg_cadb_crl_reader reader = {begin, add_entry, m};

	enum sg_code rc = sg_cadb_crl_read(ca->store, m->list->no, 0, &reader, err);
	if (rc == SG_OK)
		rc = sg_issue_crl_finish(&m->crl, m->state.entries, der, err);
	ca_end_if_broken(ca, rc, err);
	sg_issue_crl_clear(&m->crl);
	return rc;
}

static enum sg_code
publish(struct ca *ca, struct ca_list *list, const char *who, struct making *m, struct sg_err *err)
{
	sg_buf_scoped der = {.max = SG_CRL_MAX};
	uint64_t revived = 0;

	enum sg_code rc = ca_evidence_check(ca, list, &m->above, err);
	if (rc == SG_OK)
		rc = sg_cadb_crl_revive(
		    ca->store, list->no, 0, sg_slice_str(who), m->now, &revived, err);
	if (rc == SG_OK)
		rc = make(ca, m, &der, err);
	if (rc != SG_OK)
		return rc;
	struct sg_cadb_crl row = {.issuer = list->no,
	    .number = m->state.number,
	    .audit_seq = m->state.audit_seq,
	    .this_update = m->times.this_update,
	    .next_update = m->times.next_update,
	    .entries = m->state.entries,
	    .der = sg_buf_slice(&der)};
	rc = sg_cadb_crl_publish(ca->store, &row, sg_slice_str(who), m->now, err);
	if (rc == SG_OK)
		rc = ca_write_file(ca, list->path, sg_buf_slice(&der), err);
	return rc;
}

/* Under the lock. */
static enum sg_code
publish_now(struct ca *ca, struct ca_list *list, const char *who, bool clock_was_ahead,
    struct ca_published *ret, struct sg_err *err)
{
	struct sg_err why = {0};
	struct making m = {.list = list,
	    .validity_s = ca->ctx->conf->ca.crl_validity_s,
	    .clock_was_ahead = clock_was_ahead};

	m.now = ca_clock_look(ca);
	enum sg_code rc = publish(ca, list, who, &m, &why);
	/* Why, until it works again: for `signet status`. */
	list->problem = rc == SG_OK ? (struct sg_err){0} : why;
	if (rc == SG_OK) {
		list->mono_ms = sg_clock_mono_ms();
		list->out = (struct ca_published){m.state.number, m.state.entries};
		*ret = list->out;
	} else if (err != NULL) {
		*err = why;
	}
	return rc;
}

enum sg_code
ca_list_publish(struct ca *ca, struct ca_list *list, const char *who, bool clock_was_ahead,
    struct ca_published *ret, struct sg_err *err)
{
	pthread_mutex_lock(&ca->crl_lock);
	enum sg_code rc = publish_now(ca, list, who, clock_was_ahead, ret, err);
	pthread_mutex_unlock(&ca->crl_lock);
	return rc;
}

enum sg_code
ca_list_publish_act(struct ca *ca, struct ca_list *list, const char *who, struct ca_published *ret,
    struct sg_err *err)
{
	bool owed = true;
	enum sg_code rc = SG_OK;

	pthread_mutex_lock(&ca->crl_lock);
	/* A list of before this process may be recorded and not out. */
	if (list->mono_ms != 0 && list->problem.text[0] == '\0' &&
	    sg_cadb_crl_owed(ca->store, list->no, 0, &owed, NULL) == SG_OK && !owed)
		*ret = list->out;
	else
		rc = publish_now(ca, list, who, false, ret, err);
	pthread_mutex_unlock(&ca->crl_lock);
	return rc;
}

/* A process of before that died between an act and its list leaves no other trace. While this one
 * lives, an act whose list could not be published leaves its problem. And a clock that was ahead
 * and is right again owes what left the list by it. */
static bool
is_owed(struct ca *ca, const struct ca_list *list, bool first_look)
{
	bool owed = false;
	uint64_t revived = 0;

	pthread_mutex_lock(&ca->crl_lock);
	bool failed = list->problem.text[0] != '\0';
	pthread_mutex_unlock(&ca->crl_lock);
	if (failed)
		return true;
	if (sg_cadb_crl_revive(ca->store, list->no, 0, sg_slice_str("ca"), sg_clock_now(), &revived,
		NULL) != SG_OK ||
	    revived > 0)
		return true;
	return first_look &&
	       (sg_cadb_crl_owed(ca->store, list->no, 0, &owed, NULL) != SG_OK || owed);
}

/* When the list that is out has passed half of its time, by the clock or by what has passed here
 * since, or is not out at all. */
static bool
is_due(struct ca *ca, const struct ca_list *list, int64_t published_ms, bool first_look)
{
	struct sg_cadb_crl row = {0};
	sg_buf_scoped file = {.max = SG_CRL_MAX};
	bool is_file = false;

	if (is_owed(ca, list, first_look))
		return true;
	if (sg_cadb_crl_latest(ca->store, list->no, 0, &row, NULL) != SG_OK)
		return true;
	int64_t half = (row.next_update - row.this_update) / 2;
	bool due = sg_clock_now() - row.this_update > half ||
		   (published_ms != 0 && (sg_clock_mono_ms() - published_ms) / 1000 > half);
	if (!due)
		due = ca_evidence_read(list->path, &file, &is_file, NULL) != SG_OK || !is_file ||
		      !sg_slice_eq(sg_buf_slice(&file), row.der);
	sg_cadb_crl_clear(&row);
	return due;
}

static void *
publisher_main(void *arg)
{
	struct ca *ca = arg;
	struct ca_published done;
	struct sg_err err = {0};

	for (unsigned look = 0;; look++) {
		sg_ignore(ca_clock_look(ca) == 0);
		for (size_t n = 0; n < ca->list_n; n++) {
			struct ca_list *list = &ca->list[n];
			pthread_mutex_lock(&ca->crl_lock);
			bool was = list->problem.text[0] != '\0';
			int64_t published_ms = list->mono_ms;
			pthread_mutex_unlock(&ca->crl_lock);
			if (list->no_key || !is_due(ca, list, published_ms, look == 0) ||
			    ca_list_publish(ca, list, "ca", false, &done, &err) == SG_OK)
				continue;
			if (!was || look % SAY_AGAIN == 0)
				sg_log(
				    SG_LOG_ERROR, err.rule, "cannot publish the CRL: %s", err.text);
		}
		ca_end_if_dead(ca); /* this may have killed it, or an act of an administrator */
		struct timespec pause = {LOOK_S, 0};
		nanosleep(&pause, NULL);
	}
	return NULL;
}

enum sg_code
ca_start_publishing(struct ca *ca, struct sg_err *err)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, publisher_main, ca);
	if (rc != 0)
		return sg_fail(err, SG_E_NOMEM, "thread", "cannot start a thread: error %d", rc);
	pthread_detach(thread);
	return SG_OK;
}
