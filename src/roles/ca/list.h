/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/list.h - the revocation lists of ca: one for each of its keys (private to roles/ca)
 *
 * Threads: under ca->crl_lock, but for what start made.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "issue/issuer.h"

struct ca;

struct ca_published {
	uint64_t number;
	uint64_t entries;
};

struct ca_list {
	const struct sg_issuer *issuer;
	int no;			 /* sg_cadb_issuer_no */
	bool no_key;		 /* of an earlier issuer: nothing of it can be revoked any more */
	char *path;		 /* where it is published */
	int64_t mono_ms;	 /* when this process published it; 0: not yet */
	struct ca_published out; /* what it published */
	struct sg_err problem;	 /* why the last one is not published; without a text: it is */
};

/* The list that has what an issuer signed. SG_E_CONFLICT "revoke.issuer": its key is not here. */
SG_RC
ca_list_of(struct ca *ca, int issuer_no, struct ca_list **ret, struct sg_err *err);

/*
 * Make a list of what is revoked now, record it and publish it by rename. clock_was_ahead: it may
 * be dated before the last one.
 * SG_E_CONFLICT "crl.ahead": the list that is out knows of revocations that the database does not.
 */
SG_RC
ca_list_publish(struct ca *ca, struct ca_list *list, const char *who, bool clock_was_ahead,
    struct ca_published *ret, struct sg_err *err);
/* The list that has an act which is recorded: the one that is out, where a command that came at the
 * same time has published it, or a new one. */
SG_RC
ca_list_publish_act(struct ca *ca, struct ca_list *list, const char *who, struct ca_published *ret,
    struct sg_err *err);
/* Publish now and then before each list runs out, in a thread of its own. */
SG_RC
ca_start_publishing(struct ca *ca, struct sg_err *err);
