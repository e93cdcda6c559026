/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ra.c - which certificate of a GetCACert answer to encrypt to: RFC 8894 has no rule, the
 * field goes by key usage
 */

#include "base/alloc.h"
#include "crypto/key.h"
#include "scep/reply.h"
#include "x509/cert.h"

/* 0: cannot be encrypted to; the highest is taken. */
static int
rank(const struct sg_cert *cert)
{
	sg_scoped(key) key = NULL;

	if (sg_key_from_spki(cert->spki, &key, NULL) != SG_OK || sg_key_type(key) != SG_KEY_RSA)
		return 0;
	if (cert->exts.has_basic && cert->exts.ca)
		return 1;
	if (!cert->exts.has_key_usage)
		return 3;
	if (cert->exts.key_usage & SG_KU_KEY_ENCIPHERMENT)
		return 5;
	return cert->exts.key_usage & SG_KU_DATA_ENCIPHERMENT ? 4 : 2;
}

enum sg_code
sg_ra_select(const struct sg_slice *certs, size_t n, size_t *ret_index, struct sg_err *err)
{
	int best = 0;
	size_t index = 0;

	for (size_t i = 0; i < n; i++) {
		struct sg_cert cert = {0};
		enum sg_code rc = sg_cert_parse(certs[i], &cert, err);
		if (rc == SG_E_NOMEM)
			return rc;
		/* One that we cannot read is not the one to encrypt to. */
		int r = rc == SG_OK ? rank(&cert) : 0;
		if (r <= best)
			continue;
		best = r;
		index = i;
	}
	if (best == 0)
		return sg_fail(err, SG_E_NOTFOUND, "reply.ra",
		    "none of the %zu certificates of the server has an RSA key to encrypt to", n);
	*ret_index = index;
	return SG_OK;
}
