/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/evidence.c - a published list against the database: a backup that came back knows less
 *
 * The list that is out is what relying parties believe. Where it has more than the database, no
 * other one takes its place: that would be an un-revocation that nobody decided.
 */

#include "roles/ca/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/sign.h"
#include "base/file.h"
#include "service/log.h"
#include "roles/ca/write.h"
#include "roles/ca/state.h"
#include "x509/crl.h"
#include "x509/name.h"
#include "x509/serial_key.h"
#include "store/ca/crl.h"

#define ASIDE_MAX 100u

static enum sg_code
read_entries(void *arg, sg_cadb_crl_visit *visit, void *visit_arg, struct sg_err *err)
{
	const struct sg_crl *crl = arg;
	struct sg_der d = sg_der_init(crl->entries, err);

	while (sg_der_more(&d)) {
		uint8_t store[SG_SERIAL_MAX + 1];
		struct sg_crl_item item = sg_crl_next(&d);
		struct sg_cadb_crl_item one = {.serial = sg_serial_key(item.serial, store),
		    .revoked_at = item.revoked_at,
		    .reason = (int)item.reason};
		sg_der_try(&d, visit(visit_arg, &one, err));
	}
	return sg_der_status(&d);
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
		rc = sg_sign_verify(issuer->pub, ret_crl->sigalg, ret_crl->tbs, ret_crl->sig, err);
	if (rc == SG_E_NOMEM)
		return rc;
	*ret = rc == SG_OK;
	return SG_OK;
}

SG_RC
ca_evidence_read(const char *path, struct sg_buf *file, bool *ret, struct sg_err *err)
{
	struct stat st;

	*ret = false;
	/* Not waiting for a pipe's other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return sg_fail(err, SG_E_NOTFOUND, "file.open", "%s: is not there", path);
	enum sg_code rc = SG_OK;
	if (fd < 0 || fstat(fd, &st) != 0)
		rc = sg_fail(err, SG_E_IO, "crl.unreadable",
		    "%s: %s. It may have revocations that the database does not know, so that no "
		    "list takes its place: let the role ca read it, or move it away",
		    path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = sg_fail(err, SG_OK, "crl.kind", "it is not a regular file");
	else if (st.st_size > SG_CRL_MAX)
		rc = sg_fail(err, SG_OK, "crl.size", "it has %lld bytes, a list has at most %u",
		    (long long)st.st_size, SG_CRL_MAX);
	else
		rc = sg_file_read_fd(fd, path, file, err);
	*ret = rc == SG_OK && S_ISREG(st.st_mode) && st.st_size <= SG_CRL_MAX;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* A list of this issuer, wherever it was found, against the database. */
static enum sg_code
compare(struct ca *ca, const struct ca_list *list, struct sg_crl *crl, const char *path,
    struct sg_err *err)
{
	sg_buf_scoped serials = {0};
	struct sg_cadb_crl_missing missing = {.serials = &serials};
	struct sg_cadb_crl_source source = {read_entries, crl};
	struct sg_cadb_crl row = {.issuer = list->no,
	    .number = crl->number,
	    .this_update = crl->this_update,
	    .next_update = crl->next_update};

	enum sg_code rc = sg_cadb_crl_find_missing(ca->store, &row, source, &missing, err);
	if (rc != SG_OK || missing.n == 0)
		return rc;
	return sg_fail(err, SG_E_CONFLICT, "crl.ahead",
	    "%s is list number %llu of ours and has %llu revocations of which the "
	    "database does not know: %s%s; a backup came back. Nothing is published until "
	    "they are taken over: signet ca crl --adopt %s",
	    path, (unsigned long long)crl->number, (unsigned long long)missing.n,
	    sg_buf_text(&serials), missing.n > 5 ? ", ..." : "", path);
}

/* A name for what is moved aside that nothing has: two may come in one second. */
static enum sg_code
name_aside(const char *path, struct sg_buf *to, struct sg_err *err)
{
	long long now = (long long)sg_clock_now();
	struct stat st;

	for (unsigned n = 1; n <= ASIDE_MAX; n++) {
		sg_buf_reset(to);
		sg_buf_printf(to, "%s.aside-%lld", path, now);
		if (n > 1)
			sg_buf_printf(to, "-%u", n);
		enum sg_code rc = sg_buf_check(to, err);
		if (rc != SG_OK || lstat(sg_buf_text(to), &st) != 0)
			return rc;
	}
	return sg_fail(err, SG_E_IO, "crl.aside", "%s: was moved aside %u times in this second",
	    path, ASIDE_MAX);
}

/* What is no list of ours is kept, because it may say something to a reader. */
static enum sg_code
move_aside(const char *path, const struct sg_err *why, struct sg_err *err)
{
	sg_buf_scoped to = {0};

	enum sg_code rc = name_aside(path, &to, err);
	if (rc != SG_OK)
		return rc;
	if (rename(path, sg_buf_text(&to)) != 0)
		return sg_fail(err, SG_E_IO, "crl.aside",
		    "%s is no list that a key of this CA signed (%s), and it cannot be moved aside "
		    "(%s): move it away",
		    path, why->text, strerror(errno));
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

static enum sg_code
keep_last(struct ca *ca, const struct ca_list *owner, struct sg_slice der, struct sg_err *err)
{
	struct stat st;

	if (!owner->no_key || lstat(owner->path, &st) == 0)
		return SG_OK;
	return ca_write_file(ca, owner->path, der, err);
}

enum sg_code
ca_evidence_check(struct ca *ca, struct ca_list *list, uint64_t *ret_number, struct sg_err *err)
{
	sg_buf_scoped file = {.max = SG_CRL_MAX};
	struct sg_cadb_crl row = {0};
	struct ca_list *owner = NULL;
	struct sg_crl crl;
	bool is_file = false;

	*ret_number = 0;
	enum sg_code rc = ca_evidence_read(list->path, &file, &is_file, err);
	if (rc != SG_OK)
		return rc == SG_E_NOTFOUND ? SG_OK : rc;
	if (!is_file) {
		struct sg_err why = *err;
		return move_aside(list->path, &why, err);
	}
	rc = sg_cadb_crl_latest(ca->store, list->no, 0, &row, err);
	bool recorded = rc == SG_OK && sg_slice_eq(row.der, sg_buf_slice(&file));
	sg_cadb_crl_clear(&row);
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
	return rc == SG_OK ? keep_last(ca, owner, sg_buf_slice(&file), err) : rc;
}

enum sg_code
ca_evidence_adopt(struct ca *ca, const char *who, struct ca_list **ret_list,
    struct sg_cadb_crl_adopted *ret, struct sg_err *err)
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
	struct sg_cadb_crl row = {.issuer = owner->no,
	    .number = crl.number,
	    .this_update = crl.this_update,
	    .next_update = crl.next_update,
	    .entries = n,
	    .der = sg_buf_slice(&file)};
	struct sg_cadb_crl_source source = {read_entries, &crl};
	rc = sg_cadb_crl_adopt(
	    ca->store, &row, source, sg_slice_str(who), sg_clock_now(), ret, err);
	if (rc == SG_OK)
		*ret_list = owner;
	return rc;
}
