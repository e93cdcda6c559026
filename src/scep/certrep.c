/* SPDX-License-Identifier: Apache-2.0 */

/*
 * certrep.c - the signed attributes of an answer, which keyd makes from facts and signs
 */

#include "scep/certrep.h"

#include "asn1/derw.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cms/attr.h"
#include "crypto/digest.h"
#include "asn1/oid.h"
#include "scep/txid.h"
#include "x509/algid.h"

static bool
status_fits(const struct sg_scep_certrep_facts *f)
{
	switch (f->status) {
	case SG_SCEP_SUCCESS:
		return f->fail == SG_SCEP_FAIL_NONE && f->fail_text.len == 0 &&
		       f->hresult.len == 0 && f->digest.len > 0;
	case SG_SCEP_FAILURE:
		return f->fail >= SG_SCEP_BAD_ALG && f->fail <= SG_SCEP_BAD_CERT_ID &&
		       f->digest.len == 0;
	case SG_SCEP_PENDING:
		return f->fail == SG_SCEP_FAIL_NONE && f->fail_text.len == 0 &&
		       f->hresult.len == 0 && f->digest.len == 0;
	case SG_SCEP_STATUS_NONE:
	default:
		return false;
	}
}

/* A decimal number of 32 bits, as NDES writes its HRESULT. */
static bool
hresult_fits(struct sg_slice s)
{
	if (s.len > 11)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!sg_ascii_is_digit(s.p[i]) && !(i == 0 && s.p[i] == '-' && s.len > 1))
			return false;
	return true;
}

static enum sg_code
check_facts(const struct sg_scep_certrep_facts *f, struct sg_err *err)
{
	const char *what = NULL;

	if (!status_fits(f))
		what = "status, failInfo and content";
	else if (f->fail_text.len > SG_FAIL_TEXT_MAX || !sg_utf8_is_valid(f->fail_text))
		what = "failInfoText";
	else if (!hresult_fits(f->hresult))
		what = "HRESULT";
	else if (!sg_scep_txid_ok(f->txid_tag, f->txid))
		what = "transactionID";
	else if (f->recipient_nonce.len > SG_NONCE_MAX)
		what = "recipientNonce";
	else if (f->sender_nonce.len == 0 || f->sender_nonce.len > SG_NONCE_MAX)
		what = "senderNonce";
	else if (sg_hash_len(f->hash) == 0)
		what = "hash";
	else if (f->digest.len != 0 && f->digest.len != sg_hash_len(f->hash))
		what = "digest";
	if (what == NULL)
		return SG_OK;
	return sg_fail(err, SG_E_INTERNAL, "certrep.facts",
	    "the facts of a CertRep are not possible: %s", what);
}

static void
put_text(struct sg_buf *b, struct sg_slice oid, const char *text)
{
	sg_cms_attr_put(b, oid, SG_DER_PRINTABLE, sg_slice_str(text));
}

static void
put_failure(struct sg_buf *b, const struct sg_scep_certrep_facts *f)
{
	put_text(b, SG_OID(fail_info), sg_scep_fail_text(f->fail));
	if (f->fail_text.len > 0)
		sg_cms_attr_put(b, SG_OID(fail_info_text), SG_DER_UTF8, f->fail_text);
	if (f->hresult.len > 0)
		sg_cms_attr_put(b, SG_OID(ms_hresult), SG_DER_PRINTABLE, f->hresult);
}

enum sg_code
sg_scep_certrep_put_attrs(
    struct sg_buf *b, const struct sg_scep_certrep_facts *facts, struct sg_err *err)
{
	uint8_t md[SG_HASH_LEN_MAX];
	struct sg_slice digest = facts->digest;

	enum sg_code rc = check_facts(facts, err);
	if (rc == SG_OK && digest.len == 0) {
		/* RFC 5652 5.4: without content the digest covers no octets. */
		rc = sg_digest(facts->hash, (struct sg_slice){0}, md, err);
		digest = sg_slice(md, sg_hash_len(facts->hash));
	}
	if (rc != SG_OK)
		return rc;
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_cms_attr_put_common(b, digest, facts->signing_time);
	put_text(b, SG_OID(message_type), sg_scep_type_text(SG_SCEP_CERTREP));
	put_text(b, SG_OID(pki_status), sg_scep_status_text(facts->status));
	if (facts->status == SG_SCEP_FAILURE)
		put_failure(b, facts);
	sg_cms_attr_put(b, SG_OID(transaction_id), facts->txid_tag, facts->txid);
	if (facts->recipient_nonce.len > 0)
		sg_cms_attr_put(
		    b, SG_OID(recipient_nonce), SG_DER_OCTET_STRING, facts->recipient_nonce);
	sg_cms_attr_put(b, SG_OID(sender_nonce), SG_DER_OCTET_STRING, facts->sender_nonce);
	sg_derw_sort(b, set);
	sg_derw_end(b, set);
	return sg_buf_check(b, err);
}
