/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ra.c - which certificate of a GetCACert answer to encrypt to: RFC 8894 has no rule, the
 * field goes by key usage
 */

#include "scep/ra.h"

#include "asn1/oid.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/key.h"
#include "x509/name.h"
#include "x509/name_text.h"

/* What the choice depends on, of one certificate. */
struct seen {
	bool may, ca, rsa;
	bool enciphers, cannot; /* key usage: with keyEncipherment; there, and without it */
	int end_entity;		/* rank of an RSA end entity, 0: none */
	struct sg_slice subject, issuer;
};

bool
sg_scep_is_ca(const struct sg_cert *cert)
{
	if (cert->exts.has_basic)
		return cert->exts.ca;
	return cert->version == 1 && sg_slice_eq(cert->issuer, cert->subject);
}

bool
sg_scep_ra_has_purpose(const struct sg_cert *cert)
{
	const struct sg_exts *e = &cert->exts;

	return sg_slice_among(e->eku, e->eku_n, SG_OID(eku_request_agent)) ||
	       sg_slice_among(e->eku, e->eku_n, SG_OID(eku_cmc_ra));
}

/* Of each rank there are two: without and with the purpose of an RA. */
#define RANK_READS 3 /* from here on the key usage allows what a recipient does */
static int
rank_end_entity(const struct sg_cert *cert)
{
	int purpose = sg_scep_ra_has_purpose(cert);
	uint32_t usage = cert->exts.key_usage;

	if (!cert->exts.has_key_usage)
		return RANK_READS + purpose;
	if (usage & SG_KU_KEY_ENCIPHERMENT)
		return 7 + purpose;
	return (usage & SG_KU_DATA_ENCIPHERMENT ? 5 : 1) + purpose;
}

/* One that we cannot read is not the one to encrypt to. */
static enum sg_code
look_at(struct sg_slice der, bool may, struct seen *ret, struct sg_err *err)
{
	sg_scoped(key) key = NULL;
	struct sg_cert cert = {0};

	enum sg_code rc = sg_cert_parse(der, &cert, err);
	if (rc != SG_OK)
		return rc == SG_E_NOMEM ? rc : SG_OK;
	rc = sg_key_from_spki(cert.spki, &key, err);
	if (rc == SG_E_NOMEM)
		return rc;
	ret->may = may;
	ret->rsa = rc == SG_OK && sg_key_type(key) == SG_KEY_RSA;
	ret->ca = sg_scep_is_ca(&cert);
	ret->enciphers = cert.exts.has_key_usage &&
			 (cert.exts.key_usage & SG_KU_KEY_ENCIPHERMENT) != 0;
	ret->cannot = cert.exts.has_key_usage && !ret->enciphers;
	ret->end_entity = ret->rsa && !ret->ca ? rank_end_entity(&cert) : 0;
	ret->subject = cert.subject;
	ret->issuer = cert.issuer;
	return SG_OK;
}

/* Did this CA issue another CA of the answer, one that may be chosen or any? Then it is not what
 * devices' certificates come from. */
static bool
is_above(const struct seen *ca, const struct seen *all, size_t n, bool only_may)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].ca && (all[i].may || !only_may) &&
		    !sg_name_equal(all[i].subject, ca->subject) &&
		    sg_name_equal(all[i].issuer, ca->subject))
			return true;
	return false;
}

/* The CA to encrypt to, or n. A CA without an RSA key is the lowest as well as another: the one
 * above it does not issue to devices and does not read their requests. */
static size_t
choose_ca(struct seen *all, size_t n)
{
	size_t best = n;
	int best_rank = -1;
	bool enciphers = false;

	for (size_t i = 0; i < n; i++)
		enciphers |= all[i].may && all[i].ca && all[i].rsa && all[i].enciphers;
	for (size_t i = 0; i < n; i++)
		if (enciphers && all[i].ca && all[i].rsa && all[i].cannot)
			all[i].may = false;
	for (size_t i = 0; i < n; i++) {
		if (!all[i].may || !all[i].ca)
			continue;
		int rank = all[i].rsa;
		if (!is_above(&all[i], all, n, true))
			rank += is_above(&all[i], all, n, false) ? 2 : 4;
		if (rank <= best_rank)
			continue;
		best_rank = rank;
		best = i;
	}
	return best;
}

static enum sg_code
choose(struct seen *all, size_t n, size_t *ret_index, struct sg_err *err)
{
	sg_buf_scoped name = {0};
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (all[i].may && all[i].end_entity > (best == n ? 0 : all[best].end_entity))
			best = i;
	if (best == n || all[best].end_entity < RANK_READS) {
		size_t ca = choose_ca(all, n);
		if (best == n || (ca < n && all[ca].rsa && all[ca].enciphers))
			best = ca;
	}
	if (best == n)
		return sg_fail(err, SG_E_NOTFOUND, "reply.ra",
		    "none of the %zu certificates of the server has an RSA key to encrypt to", n);
	*ret_index = best;
	if (all[best].rsa)
		return SG_OK;
	sg_name_put_text(&name, all[best].subject);
	return sg_fail(err, SG_E_NOTFOUND, "reply.ra.key",
	    "the CA '%.200s' that issues has no RSA key, so that nothing can be encrypted to it, "
	    "and the server sends no RA certificate with one",
	    sg_buf_text(&name));
}

enum sg_code
sg_scep_ra_select(
    const struct sg_slice *certs, size_t n, const bool *may, size_t *ret_index, struct sg_err *err)
{
	struct seen *all = sg_calloc(n + 1, sizeof *all);
	size_t index = 0;
	enum sg_code rc = SG_OK;

	if (all == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory to choose a certificate");
	for (size_t i = 0; rc == SG_OK && i < n; i++)
		rc = look_at(certs[i], may == NULL || may[i], &all[i], err);
	if (rc == SG_OK)
		rc = choose(all, n, &index, err);
	if (rc == SG_OK)
		*ret_index = index;
	sg_free(all);
	return rc;
}
