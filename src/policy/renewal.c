/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/renewal.h"

#include "base/date.h"
#include "base/hex.h"
#include "policy/show.h"
#include "x509/cert.h"
#include "x509/name.h"

/* Valid now, or ended no longer ago than the grace. */
static enum sg_code
check_time(const struct sg_cert *old, const struct sg_renewal *r, struct sg_err *err)
{
	sg_buf_scoped at = {0};

	if (r->now < old->not_before) {
		sg_date_put(&at, old->not_before);
		return sg_fail(err, SG_E_DENIED, "renewal.not-yet",
		    "the old certificate is valid from %s only", sg_buf_text(&at));
	}
	int64_t grace = r->grace_s > 0 ? r->grace_s : 0;
	if (r->now > old->not_after && r->now - old->not_after > grace) {
		sg_date_put(&at, old->not_after);
		return sg_fail(err, SG_E_DENIED, "renewal.expired",
		    "the old certificate ended at %s; the endpoint renews up to %lld s after that",
		    sg_buf_text(&at), (long long)grace);
	}
	return SG_OK;
}

static enum sg_code
check_names(const struct sg_cert *old, const struct sg_csr *csr, struct sg_err *err)
{
	sg_buf_scoped want = {0}, have = {0};

	if (!sg_name_equal(old->subject, csr->subject))
		return sg_fail(err, SG_E_DENIED, "renewal.subject",
		    "the old certificate says \"%.200s\", the request asks for \"%.200s\"",
		    sg_policy_show_name(&want, old->subject),
		    sg_policy_show_name(&have, csr->subject));
	if (!sg_sans_equal(&old->exts.sans, &csr->exts.sans))
		return sg_fail(err, SG_E_DENIED, "renewal.san",
		    "the old certificate has %.200s, the request asks for %.200s",
		    sg_policy_show_sans(&want, &old->exts.sans),
		    sg_policy_show_sans(&have, &csr->exts.sans));
	return SG_OK;
}

SG_RC
sg_renewal_check(const struct sg_renewal *r, const struct sg_csr *csr, struct sg_err *err)
{
	if (r->record.len == 0)
		return sg_fail(err, SG_E_DENIED, "renewal.foreign",
		    "the message is signed with a certificate that this CA did not issue");
	if (!sg_slice_eq(r->signer, r->record))
		return sg_fail(err, SG_E_DENIED, "renewal.altered",
		    "the signing certificate is not byte for byte the one that was issued "
		    "under its serial number");
	if (!sg_slice_eq(r->record_endpoint, r->endpoint))
		return sg_fail(err, SG_E_DENIED, "renewal.endpoint",
		    "the old certificate was issued at endpoint '%.*s', the renewal came to '%.*s'",
		    (int)r->record_endpoint.len, (const char *)r->record_endpoint.p,
		    (int)r->endpoint.len, (const char *)r->endpoint.p);
	if (r->revoked)
		return sg_fail(
		    err, SG_E_DENIED, "renewal.revoked", "the old certificate is revoked");

	struct sg_cert old;
	enum sg_code rc = sg_cert_parse(r->record, &old, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK)
		return sg_fail(err, SG_E_INTERNAL, "renewal.record",
		    "our own record of the old certificate cannot be read");
	rc = check_time(&old, r, err);
	if (rc != SG_OK)
		return rc;
	return check_names(&old, csr, err);
}

static enum sg_code
check_window(
    const struct sg_renewal_limits *l, const struct sg_renewal_use *use, struct sg_err *err)
{
	sg_buf_scoped from = {0}, to = {0};

	if (l->window_s <= 0 || use->now >= use->not_after - l->window_s)
		return SG_OK;
	sg_date_put(&from, use->not_after - l->window_s);
	sg_date_put(&to, use->not_after);
	return sg_fail(err, SG_E_DENIED, "renewal.window",
	    "endpoints.%.*s.renewal-window: the certificate ends at %s and renews from %s on",
	    (int)l->endpoint.len, (const char *)l->endpoint.p, sg_buf_text(&to),
	    sg_buf_text(&from));
}

SG_RC
sg_renewal_limit(
    const struct sg_renewal_limits *l, const struct sg_renewal_use *use, struct sg_err *err)
{
	sg_buf_scoped at = {0}, serial = {0};

	enum sg_code rc = check_window(l, use, err);
	if (rc != SG_OK)
		return rc;
	sg_hex_put(&serial, use->serial);
	if (l->successors > 0 && use->live >= l->successors) {
		sg_date_put(&at, use->live_ends);
		return sg_fail(err, SG_E_DENIED, "renewal.successors",
		    "endpoints.%.*s.renewal-successors is %llu: the lineage of this certificate "
		    "has %llu live ones, of which the first ends at %s; revoke what no device "
		    "uses (signet ca list --lineage %s), or wait",
		    (int)l->endpoint.len, (const char *)l->endpoint.p,
		    (unsigned long long)l->successors, (unsigned long long)use->live,
		    sg_buf_text(&at), sg_buf_text(&serial));
	}
	if (l->per_day > 0 && use->renewals >= l->per_day) {
		sg_date_put(&at, use->renewals_next);
		return sg_fail(err, SG_E_DENIED, "renewal.rate",
		    "endpoints.%.*s.renewals-per-day is %llu: the lineage of this certificate was "
		    "renewed %llu times in 24 hours, the next time is not before %s (signet ca "
		    "list --lineage %s)",
		    (int)l->endpoint.len, (const char *)l->endpoint.p,
		    (unsigned long long)l->per_day, (unsigned long long)use->renewals,
		    sg_buf_text(&at), sg_buf_text(&serial));
	}
	return SG_OK;
}
