/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ra.c - which certificate of a GetCACert answer to encrypt to: RFC 8894 has no rule, the
 * field goes by key usage
 */

#include "scep/ra.h"

#include "base/alloc.h"
#include "crypto/key.h"
#include "x509/cert.h"
#include "x509/name.h"
#include "asn1/oid.h"

/* Did this CA issue another one of the answer? Then it is not what devices' certificates come from.
 */
static bool
is_above_another(const struct sg_cert *ca, const struct sg_slice *certs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sg_cert other = {0};
		if (sg_cert_parse(certs[i], &other, NULL) == SG_OK && other.exts.has_basic &&
		    other.exts.ca && !sg_name_equal(other.subject, ca->subject) &&
		    sg_name_equal(other.issuer, ca->subject))
			return true;
	}
	return false;
}

/* Of those of an RA there are two each: without and with its purpose. */
enum {
	NONE,
	CA_ABOVE,
	CA_LOWEST,
	CA_ENCIPHERS_ABOVE,
	CA_ENCIPHERS,
	RA,
	RA_ANY_USAGE = RA + 2,
	RA_DATA = RA + 4,
	RA_ENCIPHERS = RA + 6
};

static int
has_purpose(const struct sg_cert *cert)
{
	for (size_t i = 0; i < cert->exts.eku_n; i++)
		if (sg_slice_eq(cert->exts.eku[i], SG_OID(eku_request_agent)))
			return 1;
	return 0;
}

/* NONE: cannot be encrypted to; the highest is taken. */
static int
rank(const struct sg_cert *cert, const struct sg_slice *certs, size_t n)
{
	sg_scoped(key) key = NULL;
	uint32_t usage = cert->exts.key_usage;

	if (sg_key_from_spki(cert->spki, &key, NULL) != SG_OK || sg_key_type(key) != SG_KEY_RSA)
		return NONE;
	if (cert->exts.has_basic && cert->exts.ca) {
		bool lowest = !is_above_another(cert, certs, n);
		if (cert->exts.has_key_usage && (usage & SG_KU_KEY_ENCIPHERMENT))
			return lowest ? CA_ENCIPHERS : CA_ENCIPHERS_ABOVE;
		return lowest ? CA_LOWEST : CA_ABOVE;
	}
	int purpose = has_purpose(cert);
	if (!cert->exts.has_key_usage)
		return RA_ANY_USAGE + purpose;
	if (usage & SG_KU_KEY_ENCIPHERMENT)
		return RA_ENCIPHERS + purpose;
	return (usage & SG_KU_DATA_ENCIPHERMENT ? RA_DATA : RA) + purpose;
}

enum sg_code
sg_scep_ra_select(const struct sg_slice *certs, size_t n, size_t *ret_index, struct sg_err *err)
{
	int best = NONE;
	size_t index = 0;

	for (size_t i = 0; i < n; i++) {
		struct sg_cert cert = {0};
		enum sg_code rc = sg_cert_parse(certs[i], &cert, err);
		if (rc == SG_E_NOMEM)
			return rc;
		/* One that we cannot read is not the one to encrypt to. */
		int r = rc == SG_OK ? rank(&cert, certs, n) : NONE;
		if (r <= best)
			continue;
		best = r;
		index = i;
	}
	if (best == NONE)
		return sg_fail(err, SG_E_NOTFOUND, "reply.ra",
		    "none of the %zu certificates of the server has an RSA key to encrypt to", n);
	*ret_index = index;
	return SG_OK;
}
