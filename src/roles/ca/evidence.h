/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/evidence.h - what a list that our own key signed proves (private to roles/ca)
 */

#include "roles/ca/list.h"
#include "store/crl.h"

/*
 * Look at the list that is out before another takes its place.
 * *ret_number: the next one's number must be larger.
 * SG_E_CONFLICT "crl.ahead": it has entries that the database does not know: a backup came back.
 * A file that is no list of ours is moved aside.
 */
SG_RC
ca_evidence_check(struct ca *ca, struct ca_list *list, uint64_t *ret_number, struct sg_err *err);

/* Take over what the list at the path of `ca.crl` and SG_CONF_ADOPT_SUFFIX says, and remove that
 * file. *ret_list: whose list it is. SG_E_NOTFOUND "file.open"; SG_E_DENIED "adopt.foreign": no key
 * here signed it. */
SG_RC
ca_evidence_adopt(struct ca *ca, const char *who, struct ca_list **ret_list,
    struct sg_crl_adopted *ret, struct sg_err *err);
