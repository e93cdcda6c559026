/* SPDX-License-Identifier: Apache-2.0 */

/*
 * evidence.c - a published list against the database: a backup that came back knows less
 *
 * The list that is out is what relying parties believe. Where it has more than the database, no
 * other one takes its place: that would be an un-revocation that nobody decided.
 */

#include "roles/ca/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/sign.h"
#include "role/file.h"
#include "role/log.h"
#include "roles/ca/state.h"
#include "x509/crl.h"
#include "x509/name.h"
#include "x509/serial_key.h"

static enum sg_code
read_entries(void *arg, sg_crl_visit *visit, void *visit_arg, struct sg_err *err)
{
	const struct sg_crl *crl = arg;
	struct sg_der d = sg_der_init(crl->entries);
	enum sg_code rc = SG_OK;

	while (rc == SG_OK && sg_der_more(&d)) {
		uint8_t store[SG_SERIAL_MAX + 1];
		struct sg_crl_item item;
		rc = sg_crl_next(&d, &item, err);
		if (rc != SG_OK)
			break;
		struct sg_ca_crl_item one = {.serial = sg_serial_key(item.serial, store),
		    .revoked_at = item.revoked_at,
		    .reason = (int)item.reason};
		rc = visit(visit_arg, &one, err);
	}
	return rc;
}

/* Is this a whole list of this issuer, with a number, signed by its key? SG_OK with *ret false: it
 * is not; why is in err. */
static enum sg_code
is_signed_by(const struct sg_issuer *issuer, struct sg_slice der, struct sg_crl *ret_crl, bool *ret,
    struct sg_err *err)
{
	enum sg_code rc = sg_crl_parse(der, ret_crl, err);

	*ret = false;
	if (rc == SG_OK && (!sg_name_equal(ret_crl->issuer, issuer->cert.subject) ||
			       ret_crl->unknown_critical || ret_crl->number >= INT64_MAX))
		return sg_fail(err, SG_OK, "crl.issuer", "it is a list of another issuer");
	if (rc == SG_OK)
		rc = sg_verify(issuer->pub, ret_crl->sigalg, ret_crl->tbs, ret_crl->sig, err);
	if (rc == SG_E_NOMEM)
		return rc;
	*ret = rc == SG_OK;
	return SG_OK;
}

/* A list of this issuer, wherever it was found, against the database. */
static enum sg_code
compare(struct ca *ca, const struct ca_list *list, struct sg_crl *crl, const char *path,
    struct sg_err *err)
{
	sg_buf_scoped serials = {0};
	struct sg_crl_missing missing = {.serials = &serials};
	struct sg_crl_source source = {read_entries, crl};

	enum sg_code rc = sg_ca_crl_missing(ca->store, list->no, source, &missing, err);
	if (rc != SG_OK || missing.n == 0)
		return rc;
	return sg_fail(err, SG_E_CONFLICT, "crl.ahead",
	    "%s is list number %llu of ours and has %llu revoked certificates of which the "
	    "database does not know: %s%s; a backup came back. Nothing is published until "
	    "they are taken over: signet ca crl --adopt %s",
	    path, (unsigned long long)crl->number, (unsigned long long)missing.n,
	    sg_buf_text(&serials), missing.n > 5 ? ", ..." : "", path);
}

/* What is no list of ours is kept, because it may say something to somebody. */
static enum sg_code
move_aside(const char *path, const struct sg_err *why, struct sg_err *err)
{
	sg_buf_scoped to = {0};

	sg_buf_printf(&to, "%s.aside-%lld", path, (long long)sg_now());
	enum sg_code rc = sg_buf_check(&to, err);
	if (rc != SG_OK)
		return rc;
	if (rename(path, sg_buf_text(&to)) != 0)
		return sg_fail(err, SG_E_IO, "crl.aside", "%s: cannot move it aside: %s", path,
		    strerror(errno));
	sg_log(SG_LOG_WARNING, "crl.aside",
	    "%s is no list that a key of this CA signed (%s): moved to %s, and not used", path,
	    why->text, sg_buf_text(&to));
	return SG_OK;
}

/* Whose list is it, of all our keys? NULL: of none. */
static enum sg_code
owner_of(struct ca *ca, struct sg_slice der, struct sg_crl *ret_crl, struct ca_list **ret,
    struct sg_err *err)
{
	*ret = NULL;
	for (size_t n = 0; n < ca->list_n; n++) {
		bool ours = false;
		enum sg_code rc = is_signed_by(ca->list[n].issuer, der, ret_crl, &ours, err);
		if (rc != SG_OK)
			return rc;
		if (ours) {
			*ret = &ca->list[n];
			return SG_OK;
		}
	}
	return SG_OK;
}

enum sg_code
ca_evidence_check(struct ca *ca, struct ca_list *list, uint64_t *ret_number, struct sg_err *err)
{
	sg_buf_scoped file = {.max = SG_CRL_MAX};
	struct sg_crl_row row = {0};
	struct ca_list *owner = NULL;
	struct sg_crl crl;

	*ret_number = 0;
	enum sg_code rc = sg_file_read(list->path, &file, err);
	if (rc != SG_OK)
		return rc == SG_E_NOTFOUND ? SG_OK : rc;
	rc = sg_ca_crl_latest(ca->store, list->no, 0, &row, err);
	bool recorded = rc == SG_OK && sg_slice_eq(row.der, sg_buf_slice(&file));
	sg_crl_row_clear(&row);
	if (recorded || (rc != SG_OK && rc != SG_E_NOTFOUND))
		return recorded ? SG_OK : rc;
	rc = owner_of(ca, sg_buf_slice(&file), &crl, &owner, err);
	if (rc != SG_OK)
		return rc;
	if (owner == NULL) {
		struct sg_err why = *err;
		return move_aside(list->path, &why, err);
	}
	rc = compare(ca, owner, &crl, list->path, err);
	if (rc == SG_OK && owner == list)
		*ret_number = crl.number;
	return rc;
}

enum sg_code
ca_evidence_adopt(struct ca *ca, const char *who, struct ca_list **ret_list,
    struct sg_crl_adopted *ret, struct sg_err *err)
{
	sg_buf_scoped path = {0}, file = {.max = SG_CRL_MAX};
	struct ca_list *owner = NULL;
	struct sg_crl crl;
	uint64_t n = 0;

	sg_buf_printf(&path, "%s" SG_CONF_ADOPT_SUFFIX, ca->list[0].path);
	enum sg_code rc = sg_file_read(sg_buf_text(&path), &file, err);
	if (rc != SG_OK)
		return rc;
	sg_ignore(unlink(sg_buf_text(&path))); /* it is in memory; a copy that stays is harmless */
	rc = owner_of(ca, sg_buf_slice(&file), &crl, &owner, err);
	if (rc != SG_OK)
		return rc;
	if (owner == NULL) {
		struct sg_err why = *err;
		return sg_fail(err, SG_E_DENIED, "adopt.foreign",
		    "this is no revocation list that a key of this CA signed: %s", why.text);
	}
	rc = sg_crl_count(&crl, &n, err);
	if (rc != SG_OK)
		return rc;
	struct sg_crl_row row = {.issuer = owner->no,
	    .number = crl.number,
	    .this_update = crl.this_update,
	    .next_update = crl.next_update,
	    .entries = n,
	    .der = sg_buf_slice(&file)};
	struct sg_crl_source source = {read_entries, &crl};
	rc = sg_ca_crl_adopt(ca->store, &row, source, sg_slice_str(who), sg_now(), ret, err);
	if (rc == SG_OK)
		*ret_list = owner;
	return rc;
}
