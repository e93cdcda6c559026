/* SPDX-License-Identifier: Apache-2.0 */

/*
 * txid.c - the transactionID: what is one, and the one that a client makes
 */

#include "scep/txid.h"

#include <string.h>

#include "asn1/der.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "crypto/digest.h"

bool
sg_scep_txid_ok(unsigned tag, struct sg_slice txid)
{
	if ((tag != SG_DER_PRINTABLE && tag != SG_DER_UTF8) || txid.len == 0 ||
	    txid.len > SG_TXID_MAX)
		return false;
	for (size_t i = 0; i < txid.len; i++)
		if (txid.p[i] == 0 || (tag == SG_DER_PRINTABLE && txid.p[i] > 0x7f))
			return false;
	return tag == SG_DER_PRINTABLE || sg_utf8_is_valid(txid);
}

enum sg_code
sg_scep_txid_from_key(const struct sg_key *key, char ret[65], struct sg_err *err)
{
	sg_buf_scoped spki = {0};
	sg_buf_scoped hex = {0};
	uint8_t md[SG_SHA256_LEN];

	enum sg_code rc = sg_key_put_spki(key, &spki, err);
	if (rc == SG_OK)
		rc = sg_sha256(sg_buf_slice(&spki), md, err);
	if (rc != SG_OK)
		return rc;
	sg_hex_put(&hex, sg_slice(md, sizeof(md)));
	rc = sg_buf_check(&hex, err);
	if (rc != SG_OK)
		return rc;
	memcpy(ret, hex.p, 64);
	ret[64] = '\0';
	return SG_OK;
}
