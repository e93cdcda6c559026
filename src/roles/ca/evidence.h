/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/evidence.h - what a list that our own key signed proves (private to roles/ca)
 */

#include "roles/ca/list.h"
#include "store/ca/crl.h"

/* Read what is out, if it is of a kind and size that a list can have. *ret false: it is something
 * else; why is in err. SG_E_NOTFOUND "file.open"; SG_E_IO "crl.unreadable". */
SG_RC
ca_evidence_read(const char *path, struct sg_buf *file, bool *ret, struct sg_err *err);

/*
 * Look at the list that is out before another takes its place.
 * *ret_number: the next one's number must be larger.
 * SG_E_CONFLICT "crl.ahead": it has entries that the database does not know: a backup came back.
 * What is no list of ours is moved aside. The last list of an earlier key that is gone, which
 * nobody can sign again, goes to a file of its own.
 */
SG_RC
ca_evidence_check(struct ca *ca, struct ca_list *list, uint64_t *ret_number, struct sg_err *err);

/* Take over what the list at the path of `ca.crl` and SG_CONF_ADOPT_SUFFIX says, and remove that
 * file. *ret_list: whose list it is. SG_E_NOTFOUND "file.open"; SG_E_DENIED "adopt.foreign": no key
 * here signed it. */
SG_RC
ca_evidence_adopt(struct ca *ca, const char *who, struct ca_list **ret_list,
    struct sg_cadb_crl_adopted *ret, struct sg_err *err);
