/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/crl.c - a revocation list: begun, an entry for each row, counted, signed, read back
 */

#include "issue/crl.h"

#include "base/limits.h"
#include "issue/serial.h"
#include "issue/signing_private.h"

struct sg_issue_crl_times
sg_issue_crl_times_of(int64_t now, int64_t last_this_update, int64_t validity_s)
{
	int64_t this_update = now - SG_CRL_BACKDATE_S;

	if (this_update < last_this_update)
		this_update = last_this_update;
	return (struct sg_issue_crl_times){
	    this_update, (now > this_update ? now : this_update) + validity_s};
}

SG_RC
sg_issue_crl_begin(struct sg_issue_crl *c, const struct sg_issuer *issuer, uint64_t number,
    int64_t at, int64_t next_at, struct sg_err *err)
{
	if (next_at <= at)
		return sg_fail(
		    err, SG_E_CONF, "crl.next", "the next CRL would be due before this one");
	*c = (struct sg_issue_crl){
	    .issuer = issuer,
	    .facts =
		{
		    .sigalg = issuer->sigalg,
		    .issuer = issuer->cert.subject,
		    .this_update = at,
		    .next_update = next_at,
		    .number = number,
		    .aki = issuer->cert.exts.ski,
		},
	    .tbs = {.max = SG_CRL_MAX},
	};
	sg_crl_begin(&c->w, &c->tbs, &c->facts);
	return sg_buf_check(&c->tbs, err);
}

SG_RC
sg_issue_crl_entry(struct sg_issue_crl *c, struct sg_slice serial, int64_t revoked_at,
    enum sg_crl_reason reason, struct sg_err *err)
{
	if (serial.len == 0 || serial.len > SG_SERIAL_MAX + 1)
		return sg_fail(err, SG_E_INTERNAL, "crl.serial",
		    "revoked serial of %zu bytes: want 1 to %u", serial.len, SG_SERIAL_MAX + 1);
	if (revoked_at > c->facts.this_update)
		revoked_at = c->facts.this_update;
	sg_crl_entry(&c->w, &c->tbs, serial, revoked_at, reason);
	c->n++;
	return sg_buf_check(&c->tbs, err);
}

/* What was written must be what was meant. */
static enum sg_code
read_back(const struct sg_issue_crl *c, struct sg_slice der, struct sg_err *err)
{
	struct sg_crl crl;
	uint64_t n = 0;
	enum sg_code rc = sg_crl_parse(der, &crl, err);

	if (rc == SG_OK)
		rc = sg_crl_count(&crl, &n, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK || crl.number != c->facts.number ||
	    !sg_slice_eq(crl.issuer, c->facts.issuer) || crl.this_update != c->facts.this_update ||
	    crl.next_update != c->facts.next_update || n != c->n)
		return sg_fail(err, SG_E_INTERNAL, "crl.readback",
		    "the CRL that was about to be signed cannot be read back");
	return SG_OK;
}

SG_RC
sg_issue_crl_finish(
    struct sg_issue_crl *c, uint64_t entries, struct sg_buf *out, struct sg_err *err)
{
	if (c->n != entries)
		return sg_fail(err, SG_E_INTERNAL, "crl.count",
		    "%llu certificates are revoked, and %llu are on the list",
		    (unsigned long long)entries, (unsigned long long)c->n);
	sg_crl_end(&c->w, &c->tbs, &c->facts);
	enum sg_code rc = sg_buf_check(&c->tbs, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_scoped whole = {.max = SG_CRL_MAX};
	rc = sg_issue_sign_with(
	    c->issuer->key, c->issuer->pub, c->issuer->sigalg, sg_buf_slice(&c->tbs), &whole, err);
	if (rc != SG_OK)
		return rc;
	rc = read_back(c, sg_buf_slice(&whole), err);
	if (rc != SG_OK)
		return rc;
	sg_buf_put_slice(out, sg_buf_slice(&whole));
	return sg_buf_check(out, err);
}

void
sg_issue_crl_clear(struct sg_issue_crl *c)
{
	sg_buf_clear(&c->tbs);
}
