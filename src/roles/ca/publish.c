/* SPDX-License-Identifier: Apache-2.0 */

/*
 * publish.c - revocation lists: made from one state of the database, recorded, published
 * by rename
 */

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "issue/crl.h"
#include "role/file.h"
#include "role/log.h"
#include "roles/ca/state.h"

#define CRL_MAX (128u << 20) /* two million entries */
#define RETRY_S 60	     /* after a failure, and how often the clock is looked at */

static bool
add_entry(void *arg, const struct sg_ca_crl_item *item)
{
	struct sg_issue_crl *c = arg;
	return sg_issue_crl_entry(c, item->serial, item->revoked_at,
		   (enum sg_crl_reason)item->reason, NULL) == SG_OK;
}

static enum sg_code
make(struct ca *ca, uint64_t number, int64_t now, int64_t next, struct sg_buf *der, uint64_t *ret_n,
    struct sg_err *err)
{
	struct sg_issue_crl c = {.tbs = {.max = CRL_MAX}};

	enum sg_code rc = sg_issue_crl_begin(&c, ca->issuer, number, now, next, err);
	if (rc == SG_OK)
		rc = sg_ca_crl_entries(ca->store, ca->issuer_no, 0, now, add_entry, &c, err);
	if (rc == SG_OK)
		rc = sg_issue_crl_finish(&c, der, err);
	ca_end_if_broken(ca, rc, err);
	*ret_n = c.n;
	sg_issue_crl_clear(&c);
	return rc;
}

static enum sg_code
publish(struct ca *ca, const char *who, uint64_t *ret_number, struct sg_err *err)
{
	sg_buf_scoped der = {.max = CRL_MAX};
	int64_t now = sg_now(), next = now + ca->ctx->conf->ca.crl_validity_s;
	uint64_t n = 0;

	enum sg_code rc = sg_ca_crl_number(ca->store, ca->issuer_no, 0, now, ret_number, err);
	if (rc == SG_OK)
		rc = make(ca, *ret_number, now, next, &der, &n, err);
	if (rc != SG_OK)
		return rc;
	struct sg_crl_row row = {.issuer = ca->issuer_no,
	    .number = *ret_number,
	    .this_update = now,
	    .next_update = next,
	    .entries = n,
	    .der = sg_buf_slice(&der)};
	rc = sg_ca_crl_publish(ca->store, &row, sg_slice_str(who), now, err);
	if (rc == SG_OK)
		rc = sg_file_write(ca->crl_path, sg_buf_slice(&der), 0644, err);
	return rc;
}

enum sg_code
ca_publish_crl(struct ca *ca, const char *who, uint64_t *ret_number, struct sg_err *err)
{
	pthread_mutex_lock(&ca->crl_lock);
	enum sg_code rc = publish(ca, who, ret_number, err);
	pthread_mutex_unlock(&ca->crl_lock);
	return rc;
}

/* When the list that is out has passed half of its time, or is not out at all. */
static bool
is_due(struct ca *ca)
{
	struct sg_crl_row row = {0};
	sg_buf_scoped file = {.max = CRL_MAX};
	int64_t now = sg_now();

	bool due = sg_ca_crl_latest(ca->store, ca->issuer_no, 0, &row, NULL) != SG_OK ||
		   now < row.this_update ||
		   now - row.this_update > (row.next_update - row.this_update) / 2;
	if (!due)
		due = sg_file_read(ca->crl_path, &file, NULL) != SG_OK ||
		      !sg_slice_eq(sg_buf_slice(&file), row.der);
	sg_crl_row_clear(&row);
	return due;
}

static void *
publisher_main(void *arg)
{
	struct ca *ca = arg;
	struct sg_err err = {0};
	uint64_t number = 0;

	for (;;) {
		if (is_due(ca) && ca_publish_crl(ca, "ca", &number, &err) != SG_OK)
			sg_log(SG_LOG_ERROR, err.rule, "cannot publish the CRL: %s", err.text);
		ca_end_if_dead(ca); /* this may have killed it, or a control socket's verb */
		struct timespec pause = {RETRY_S, 0};
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
