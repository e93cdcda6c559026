/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/issuer.c - a CA from its certificate and key: whether it may and can sign
 */

#include "issue/issuer.h"

#include <string.h>

#include "asn1/der.h"
#include "asn1/spki.h"
#include "base/alloc.h"
#include "crypto/digest.h"
#include "x509/ext.h"
#include "x509/name.h"

void
sg_issuer_free(struct sg_issuer **issuerp)
{
	struct sg_issuer *iss = *issuerp;

	if (iss == NULL)
		return;
	sg_buf_clear(&iss->der);
	sg_buf_clear(&iss->urls);
	sg_key_free(&iss->pub);
	sg_free(iss);
	*issuerp = NULL;
}

/* Without these nothing that it signs verifies anywhere. A key usage that is not there limits
 * nothing (RFC 5280 4.2.1.3); what one without cRLSign costs says issue/fitness. */
static enum sg_code
check_cert(const struct sg_cert *c, struct sg_err *err)
{
	if (!c->exts.has_basic || !c->exts.ca)
		return sg_fail(err, SG_E_CONF, "issuer.ca",
		    "the issuer's certificate is not a CA certificate: %s; no relying party "
		    "accepts what it signs. Have it issued again with basicConstraints = "
		    "critical,CA:TRUE",
		    !c->exts.has_basic ? "it has no basicConstraints"
				       : "its basicConstraints say CA:FALSE");
	if (c->exts.has_key_usage && (c->exts.key_usage & SG_KU_KEY_CERT_SIGN) == 0)
		return sg_fail(err, SG_E_CONF, "issuer.key-usage",
		    "the issuer's certificate has a key usage without keyCertSign; no relying "
		    "party accepts what it signs. Have it issued again with keyUsage = "
		    "critical,keyCertSign,cRLSign, or without keyUsage");
	if (sg_name_is_empty(c->subject))
		return sg_fail(err, SG_E_CONF, "issuer.subject",
		    "the issuer's certificate has no subject: have it issued again with one");
	return SG_OK;
}

/* A certificate that says none: the key identifier of RFC 5280 4.2.1.2 (1), which Windows and
 * OpenSSL give. So what is issued now goes with a CA certificate of the same key that is made later
 * and has one. */
static enum sg_code
make_ski(struct sg_issuer *iss, struct sg_err *err)
{
	uint8_t hash[SG_HASH_LEN_MAX];
	struct sg_der d = sg_der_init(iss->cert.spki, err);
	struct sg_spki key = sg_spki_read(&d);

	if (iss->cert.exts.ski.len > 0)
		return SG_OK;
	if (!sg_der_ok(&d))
		return sg_der_status(&d);
	enum sg_code rc = sg_digest(SG_HASH_SHA1, key.bits, hash, err);
	if (rc != SG_OK)
		return rc;
	memcpy(iss->ski, hash, sizeof iss->ski);
	iss->cert.exts.ski = sg_slice(iss->ski, sizeof iss->ski);
	return SG_OK;
}

static struct sg_slice
cut(struct sg_slice *from, size_t len)
{
	struct sg_slice s = sg_slice(from->p, len);

	*from = sg_slice(len > 0 ? from->p + len : from->p, from->len - len);
	return s;
}

static enum sg_code
copy_urls(struct sg_issuer *iss, const struct sg_issuer_urls *urls, struct sg_err *err)
{
	if (urls == NULL)
		return SG_OK;
	sg_buf_put_slice(&iss->urls, urls->cdp);
	sg_buf_put_slice(&iss->urls, urls->ca_issuers);
	sg_buf_put_slice(&iss->urls, urls->ocsp);
	enum sg_code rc = sg_buf_check(&iss->urls, err);
	if (rc != SG_OK)
		return rc;
	struct sg_slice rest = sg_buf_slice(&iss->urls);
	iss->cdp_url = cut(&rest, urls->cdp.len);
	iss->ca_issuers_url = cut(&rest, urls->ca_issuers.len);
	iss->ocsp_url = cut(&rest, urls->ocsp.len);
	return SG_OK;
}

SG_RC
sg_issuer_new(struct sg_slice cert_der, const struct sg_key *key, enum sg_hash hash,
    const struct sg_issuer_urls *urls, struct sg_issuer **ret, struct sg_err *err)
{
	sg_scoped(issuer) iss = sg_alloc(sizeof *iss);

	if (iss == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for an issuer");
	if (hash == SG_HASH_NONE || hash == SG_HASH_SHA1)
		return sg_fail(err, SG_E_CONF, "issuer.hash",
		    "the issuer cannot sign with %s: want SHA-256, SHA-384 or SHA-512",
		    sg_hash_name(hash));
	sg_buf_put_slice(&iss->der, cert_der);
	enum sg_code rc = sg_buf_check(&iss->der, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_cert_parse(sg_buf_slice(&iss->der), &iss->cert, err);
	if (rc != SG_OK)
		return rc;
	rc = check_cert(&iss->cert, err);
	if (rc != SG_OK)
		return rc;
	rc = make_ski(iss, err);
	if (rc != SG_OK)
		return rc;
	struct sg_err why = {0};
	rc = sg_key_from_spki(iss->cert.spki, &iss->pub, &why);
	if (rc != SG_OK)
		return sg_fail(err, rc == SG_E_NOMEM ? rc : SG_E_CONF, "issuer.key-kind",
		    "the issuer's key is none that signs here: %.300s; " SG_ISSUER_KEY_REMEDY,
		    why.text);
	rc = key == NULL ? SG_OK : sg_key_same_public(iss->pub, key, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK)
		return sg_fail(err, SG_E_CONF, "issuer.key",
		    "the private key (ca.key) does not belong to the issuer's certificate: name "
		    "two files that were made together");
	rc = copy_urls(iss, urls, err);
	if (rc != SG_OK)
		return rc;
	sg_key_expect_many(iss->pub);
	iss->key = key;
	if (key != NULL)
		iss->sigalg = sg_key_sigalg(key, hash);
	*ret = sg_steal(iss);
	return SG_OK;
}
