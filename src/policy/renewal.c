/* SPDX-License-Identifier: Apache-2.0 */

/*
 * renewal.c - the rules of a renewal, for ca: when registrar asks whether a certificate may renew,
 * before it signs, and, by the store, in the transaction that records what it signed
 */

#include "policy/renewal.h"
#include "base/ascii.h"
#include "base/date.h"
#include "base/hex.h"
#include "policy/show.h"
#include "x509/cert.h"
#include "x509/name.h"

SG_RC
sg_renewal_ours(bool ours, bool altered, struct sg_err *err)
{
	if (ours)
		return SG_OK;
	return sg_fail(err, SG_E_DENIED, altered ? "renewal.altered" : "renewal.foreign",
	    "the certificate that signed the request is not one that this CA issued");
}

SG_RC
sg_renewal_check(const struct sg_renewal *r, struct sg_err *err)
{
	int64_t grace = r->grace_s > 0 ? r->grace_s : 0;

	if (!r->allowed)
		return sg_fail(
		    err, SG_E_DENIED, "renewal.off", "this endpoint does not renew certificates");
	if (!sg_ascii_same(r->issued_at, r->endpoint))
		return sg_fail(err, SG_E_DENIED, "renewal.endpoint",
		    "the certificate was issued at endpoint '%.*s'", (int)r->issued_at.len,
		    (const char *)r->issued_at.p);
	if (!r->good)
		return sg_fail(
		    err, SG_E_DENIED, "renewal.revoked", "the certificate is revoked or on hold");
	if (r->now < r->not_before)
		return sg_fail(
		    err, SG_E_DENIED, "renewal.not-yet", "the certificate is not valid yet");
	if (r->now > r->not_after && r->now - r->not_after > grace)
		return sg_fail(err, SG_E_DENIED, "renewal.expired",
		    "the certificate ended %lld seconds ago, the grace is %lld",
		    (long long)(r->now - r->not_after), (long long)grace);
	return SG_OK;
}

SG_RC
sg_renewal_names(const struct sg_cert *old, const struct sg_csr *csr, enum sg_renewal_sans sans,
    struct sg_slice endpoint, struct sg_err *err)
{
	sg_buf_scoped names = {0};
	bool none = csr->exts.sans.n == 0;

	if (!sg_name_equal(old->subject, csr->subject))
		return sg_fail(err, SG_E_DENIED, "renewal.subject", "the old certificate says %s",
		    sg_policy_show_names(&names, old->subject, csr->subject));
	if (sg_sans_equal(&old->exts.sans, &csr->exts.sans))
		return SG_OK;
	if (!none)
		return sg_fail(err, SG_E_DENIED, "renewal.san", "the old certificate has %s",
		    sg_policy_show_sets(&names, &old->exts.sans, &csr->exts.sans));
	if (sans == SG_RENEWAL_SANS_KEEP)
		return SG_OK;
	return sg_fail(err, SG_E_DENIED, "renewal.san",
	    "the old certificate has %.200s, the request asks for no names; "
	    "'endpoints.%.*s.renewal-sans: keep' would certify the old ones",
	    sg_policy_show_sans(&names, &old->exts.sans), (int)endpoint.len,
	    (const char *)endpoint.p);
}

SG_RC
sg_renewal_still(bool ours, bool good, struct sg_err *err)
{
	enum sg_code rc = sg_renewal_ours(ours, false, err);

	if (rc == SG_OK && !good)
		rc = sg_fail(err, SG_E_DENIED, "renewal.revoked",
		    "the certificate was revoked or put on hold while it renewed");
	return rc;
}

bool
sg_renewal_counts(const struct sg_renewal_limits *l)
{
	return l->successors > 0 || l->per_day > 0;
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

/* A number that an option limits. */
struct limit {
	const char *rule, *option;
	uint64_t most, has;
	/* "the lineage of this certificate VERB N THINGS, WHEN", then where to look, then the end
	 */
	const char *verb, *things;
	int64_t when;
	const char *end;
};

static enum sg_code
check_limit(const struct limit *l, const struct sg_renewal_limits *of,
    const struct sg_renewal_use *use, struct sg_err *err)
{
	sg_buf_scoped at = {0}, serial = {0};

	if (l->most == 0 || l->has < l->most)
		return SG_OK;
	sg_date_put(&at, l->when);
	sg_hex_put(&serial, use->serial);
	return sg_fail(err, SG_E_DENIED, l->rule,
	    "endpoints.%.*s.%s is %llu: the lineage of this certificate %s %llu %s %s%s"
	    "(signet ca list --lineage %s)%s",
	    (int)of->endpoint.len, (const char *)of->endpoint.p, l->option,
	    (unsigned long long)l->most, l->verb, (unsigned long long)l->has, l->things,
	    sg_buf_text(&at), l->end[0] != '\0' ? "; revoke what no device uses " : " ",
	    sg_buf_text(&serial), l->end);
}

SG_RC
sg_renewal_limit(
    const struct sg_renewal_limits *l, const struct sg_renewal_use *use, struct sg_err *err)
{
	const struct limit limits[] = {
	    {.rule = "renewal.successors",
		.option = "renewal-successors",
		.most = l->successors,
		.has = use->live,
		.verb = "has",
		.things = "live ones, of which the first ends at",
		.when = use->live_ends,
		.end = ", or wait"},
	    {.rule = "renewal.rate",
		.option = "renewals-per-day",
		.most = l->per_day,
		.has = use->renewals,
		.verb = "was renewed",
		.things = "times in 24 hours, the next time is not before",
		.when = use->renewals_from + SG_RENEWAL_DAY_S,
		.end = ""},
	};
	enum sg_code rc = check_window(l, use, err);

	for (size_t n = 0; rc == SG_OK && n < sizeof limits / sizeof limits[0]; n++)
		rc = check_limit(&limits[n], l, use, err);
	return rc;
}
