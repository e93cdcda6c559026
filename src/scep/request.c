/* SPDX-License-Identifier: Apache-2.0 */

/*
 * request.c - the client writes a request: content encrypted for the CA or RA, attributes,
 * signature
 */

#include "scep/request.h"

#include "base/alloc.h"
#include "asn1/der.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "asn1/derw.h"
#include "cms/attr.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "cms/assemble.h"
#include "cms/envelope.h"
#include "asn1/oid.h"
#include "scep/txid.h"
#include "x509/csr.h"

static enum sg_code
check_facts(const struct sg_scep_request_facts *f, struct sg_err *err)
{
	if (sg_scep_type_text(f->type)[0] == '\0' || f->type == SG_SCEP_CERTREP)
		return sg_fail(err, SG_E_INTERNAL, "request.facts", "a request with messageType %d",
		    (int)f->type);
	if (!sg_ascii_is_printable(f->txid) || !sg_scep_txid_ok(SG_DER_PRINTABLE, f->txid))
		return sg_fail(err, SG_E_INTERNAL, "request.facts",
		    "the transactionID is not a PrintableString of 1 to %u bytes", SG_TXID_MAX);
	if (f->sender_nonce.len == 0 || f->sender_nonce.len > SG_NONCE_MAX)
		return sg_fail(err, SG_E_INTERNAL, "request.facts",
		    "a senderNonce of %zu bytes, want 1 to %u", f->sender_nonce.len, SG_NONCE_MAX);
	if (f->extra_n >= SG_CMS_CERTS_MAX)
		return sg_fail(err, SG_E_LIMIT, "cms.certs.count",
		    "a request carries at most %u certificates", SG_CMS_CERTS_MAX);
	return SG_OK;
}

static enum sg_code
put_envelope(struct sg_buf *b, const struct sg_scep_request_facts *f, struct sg_err *err)
{
	sg_scoped(key) key = NULL;

	enum sg_code rc = sg_key_from_spki(f->recipient->spki, &key, err);
	if (rc != SG_OK)
		return rc;
	struct sg_envelope_facts env = {
	    .recipient = sg_cms_id_of_cert(f->recipient),
	    .key = key,
	    .trans = f->trans,
	    .cipher = f->cipher,
	    .plain = f->plain,
	};
	return sg_envelope_seal(b, &env, err);
}

static enum sg_code
put_attrs(struct sg_buf *b, const struct sg_scep_request_facts *f, struct sg_slice content,
    struct sg_err *err)
{
	uint8_t md[SG_HASH_LEN_MAX];

	enum sg_code rc = sg_digest(f->hash, content, md, err);
	if (rc != SG_OK)
		return rc;
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_cms_attr_put_common(b, sg_slice(md, sg_hash_len(f->hash)), f->signing_time);
	sg_cms_attr_put(
	    b, SG_OID(message_type), SG_DER_PRINTABLE, sg_slice_str(sg_scep_type_text(f->type)));
	sg_cms_attr_put(b, SG_OID(transaction_id), SG_DER_PRINTABLE, f->txid);
	sg_cms_attr_put(b, SG_OID(sender_nonce), SG_DER_OCTET_STRING, f->sender_nonce);
	sg_derw_sort(b, set);
	sg_derw_end(b, set);
	return sg_buf_check(b, err);
}

static struct sg_sigalg
choose_sigalg(const struct sg_scep_request_facts *f)
{
	if (f->pss && sg_key_type(f->signer_key) == SG_KEY_RSA)
		return (struct sg_sigalg){
		    SG_SIG_RSA_PSS, f->hash, (int)sg_hash_len(f->hash), SG_HASH_NONE};
	return sg_key_sigalg(f->signer_key, f->hash);
}

enum sg_code
sg_scep_request_put(struct sg_buf *b, const struct sg_scep_request_facts *facts, struct sg_err *err)
{
	sg_buf_scoped content = {0};
	sg_buf_scoped attrs = {0};
	sg_buf_scoped sig = {0};
	struct sg_cert_light signer = {0};
	struct sg_slice certs[SG_CMS_CERTS_MAX] = {facts->signer_cert};

	enum sg_code rc = check_facts(facts, err);
	if (rc == SG_OK)
		rc = sg_cert_light_parse(facts->signer_cert, &signer, err);
	if (rc == SG_OK)
		rc = put_envelope(&content, facts, err);
	if (rc == SG_OK)
		rc = put_attrs(&attrs, facts, sg_buf_slice(&content), err);
	struct sg_sigalg alg = choose_sigalg(facts);
	if (rc == SG_OK)
		rc = sg_sign_tbs(facts->signer_key, alg, sg_buf_slice(&attrs), &sig, err);
	if (rc != SG_OK)
		return rc;
	for (size_t i = 0; i < facts->extra_n; i++)
		certs[i + 1] = facts->extra[i];
	struct sg_cms_parts parts = {
	    .attrs = sg_buf_slice(&attrs),
	    .hash = facts->hash,
	    .sigalg = alg,
	    .sig = sg_buf_slice(&sig),
	    .signer = sg_cms_id_of_light(&signer),
	    .cert_n = 1 + facts->extra_n,
	    .certs = certs,
	    .content = sg_buf_slice(&content),
	};
	return sg_cms_assemble(b, &parts, err);
}
