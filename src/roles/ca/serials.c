/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/serials.c - hands out serial numbers of leases that are committed, and gets the next one
 * in time
 */

#include "roles/ca/serials.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "service/log.h"
#include "store/ca/lease.h"

/* As many as ca has workers: so many may be given out while the next lease is on its way. */
#define LOW SG_WORKERS

_Static_assert(
    SG_ISSUE_SERIAL_LEN == SG_CADB_SERIAL_MAX, "a lease has serial numbers of one length");

struct ca_lease {
	struct ca_lease *next;
	unsigned n, taken, busy;
	uint8_t serial[SG_LEASE_MAX][SG_ISSUE_SERIAL_LEN];
	struct sg_cadb_lease row;
};

struct ca_serials {
	struct sg_db *store;
	pthread_mutex_t lock;
	struct ca_lease *open;	/* with numbers to give out, or given out and not done with */
	struct ca_lease *ended; /* the next lease's commit ends them in the database, too */
	unsigned left;		/* numbers to give out */
	unsigned coming;	/* in leases that are being committed */
	int64_t before;		/* the last lease of the process before; 0: they have been ended */
};

static enum sg_code
new_lease(unsigned n, struct ca_lease **ret, struct sg_err *err)
{
	uint8_t random[SG_LEASE_MAX * SG_ISSUE_SERIAL_RANDOM_LEN];
	enum sg_code rc = sg_random(random, n * SG_ISSUE_SERIAL_RANDOM_LEN, err);

	if (rc != SG_OK)
		return rc;
	struct ca_lease *l = sg_alloc(sizeof *l);
	if (l == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for serial numbers");
	int64_t now = sg_clock_now();
	for (unsigned i = 0; i < n; i++)
		sg_issue_serial_from(
		    now, random + (size_t)i * SG_ISSUE_SERIAL_RANDOM_LEN, l->serial[i]);
	l->n = n;
	l->row.serials = sg_slice(l->serial, (size_t)n * SG_ISSUE_SERIAL_LEN);
	*ret = l;
	return SG_OK;
}

static void
free_list(struct ca_lease *list)
{
	for (struct ca_lease *next; list != NULL; list = next) {
		next = list->next;
		sg_free(list);
	}
}

/* The next number of a lease that has one. Holds the lock. */
static void
give(struct ca_serials *s, struct ca_lease *l, struct ca_serial *ret)
{
	memcpy(ret->bytes, l->serial[l->taken++], SG_ISSUE_SERIAL_LEN);
	l->busy++;
	s->left--;
	ret->from = l;
}

/* Oldest first, so that few are open at a time. Holds the lock. */
static void
add(struct ca_serials *s, struct ca_lease *l)
{
	struct ca_lease **tail = &s->open;

	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = l;
	s->left += l->n;
	s->coming -= l->n;
}

/* What the commit of a new lease ends, too. Holds the lock. */
static void
plan_end(const struct ca_serials *s, struct ca_lease *l)
{
	l->row.ended_upto = s->before;
	for (const struct ca_lease *e = s->ended; e != NULL; e = e->next) {
		if (l->row.n_ended == SG_LEASE_ENDED_MAX)
			return;
		l->row.ended[l->row.n_ended++] = e->row.id;
	}
}

/* A lease is on disk, and the leases that its commit has ended are gone. Holds the lock. */
static void
committed(struct ca_serials *s, struct ca_lease *l)
{
	add(s, l);
	if (l->row.ended_upto > 0)
		s->before = 0;
	for (unsigned i = 0; i < l->row.n_ended; i++) {
		struct ca_lease **p = &s->ended;
		while (*p != NULL && (*p)->row.id != l->row.ended[i])
			p = &(*p)->next;
		if (*p == NULL)
			continue; /* another lease ended it as well: that does no harm */
		struct ca_lease *gone = *p;
		*p = gone->next;
		sg_free(gone);
	}
}

/* Commit a lease by itself; ret, if there is one, gets its first number. */
static enum sg_code
lease_now(struct ca_serials *s, struct ca_serial *ret, struct sg_err *err)
{
	struct ca_lease *l = NULL;

	pthread_mutex_lock(&s->lock);
	/* When more are on their way already, one for this request is enough. */
	unsigned n = s->coming > 0 ? 1 : SG_LEASE_MAX;
	s->coming += n;
	pthread_mutex_unlock(&s->lock);
	enum sg_code rc = new_lease(n, &l, err);
	if (rc == SG_OK) {
		pthread_mutex_lock(&s->lock);
		plan_end(s, l);
		pthread_mutex_unlock(&s->lock);
		rc = sg_cadb_lease_add(s->store, &l->row, sg_clock_now(), err);
	}
	pthread_mutex_lock(&s->lock);
	if (rc != SG_OK)
		s->coming -= n;
	else
		committed(s, l);
	if (rc == SG_OK && ret != NULL)
		give(s, l, ret);
	pthread_mutex_unlock(&s->lock);
	if (rc != SG_OK)
		sg_free(l);
	return rc;
}

/* Let the certificate bring the next lease. It need not: later ones try again. */
static void
plan_next(struct ca_serials *s, struct ca_serial *one)
{
	struct ca_lease *l = NULL;
	enum sg_code rc = new_lease(SG_LEASE_MAX, &l, NULL);

	pthread_mutex_lock(&s->lock);
	if (rc != SG_OK)
		s->coming -= SG_LEASE_MAX;
	else
		plan_end(s, l);
	pthread_mutex_unlock(&s->lock);
	one->next = l;
	one->lease = l != NULL ? &l->row : NULL;
}

SG_RC
ca_serial_take(struct ca_serials *s, struct ca_serial *ret, struct sg_err *err)
{
	struct ca_serial one = {0};
	bool low = false;

	pthread_mutex_lock(&s->lock);
	struct ca_lease *l = s->open;
	while (l != NULL && l->taken == l->n)
		l = l->next;
	if (l != NULL) {
		give(s, l, &one);
		low = s->left + s->coming < LOW;
		s->coming += low ? SG_LEASE_MAX : 0;
	}
	pthread_mutex_unlock(&s->lock);
	if (l == NULL) {
		enum sg_code rc = lease_now(s, &one, err);
		if (rc != SG_OK)
			return rc;
	} else if (low) {
		plan_next(s, &one);
	}
	*ret = one;
	return SG_OK;
}

void
ca_serial_done(struct ca_serials *s, struct ca_serial *serial, bool stored)
{
	struct ca_lease *from = serial->from, *next = serial->next;

	pthread_mutex_lock(&s->lock);
	if (next != NULL && stored)
		committed(s, next);
	else if (next != NULL)
		s->coming -= next->n;
	if (--from->busy == 0 && from->taken == from->n) {
		struct ca_lease **p = &s->open;
		while (*p != from)
			p = &(*p)->next;
		*p = from->next;
		from->next = s->ended;
		s->ended = from;
	}
	pthread_mutex_unlock(&s->lock);
	if (!stored)
		sg_free(next);
	*serial = (struct ca_serial){0};
}

SG_RC
ca_serials_new(struct sg_db *store, struct ca_serials **ret, struct sg_err *err)
{
	struct sg_err why;
	struct ca_serials *s = sg_alloc(sizeof *s);

	if (s == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for serial numbers");
	s->store = store;
	pthread_mutex_init(&s->lock, NULL);
	enum sg_code rc = sg_cadb_lease_last(store, &s->before, err);
	if (rc != SG_OK) {
		ca_serials_free(&s);
		return rc;
	}
	/* Where the disk is full there is still what ca need not write for. */
	if (lease_now(s, NULL, &why) != SG_OK)
		sg_log(SG_LOG_WARNING, why.rule, "no serial numbers yet: %s", why.text);
	*ret = s;
	return SG_OK;
}

void
ca_serials_free(struct ca_serials **sp)
{
	struct ca_serials *s = *sp;

	if (s == NULL)
		return;
	*sp = NULL;
	free_list(s->open);
	free_list(s->ended);
	pthread_mutex_destroy(&s->lock);
	sg_free(s);
}
