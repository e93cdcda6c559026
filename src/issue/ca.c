/* SPDX-License-Identifier: Apache-2.0 */

/*
 * issue/ca.c - the certificates of signet up: a CA that signs itself, and its RA
 */

#include "issue/ca.h"

#include "x509/ext.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "issue/issue.h"
#include "issue/keyid_private.h"
#include "issue/serial.h"
#include "issue/signing_private.h"
#include "x509/bounds.h"
#include "x509/name.h"
#include "asn1/oid.h"

static enum sg_code
check_subject(struct sg_slice subject, struct sg_err *err)
{
	if (sg_name_is_empty(subject))
		return sg_fail(
		    err, SG_E_USAGE, "issue.no-subject", "a CA or RA certificate needs a subject");
	return sg_name_check_bounds(subject, SG_NAME_LENGTHS_X520, err);
}

/* Lint the finished bytes against themselves, then sign. */
static enum sg_code
finish_ca(const struct sg_issue_ca *req, const struct sg_key *pub, struct sg_sigalg alg,
    struct sg_slice tbs, struct sg_buf *out, struct sg_err *err)
{
	struct sg_cert self;
	sg_buf_scoped whole = {0};

	sg_issue_placeholder(&whole, tbs, alg, sg_key_bits(pub));
	enum sg_code rc = sg_buf_check(&whole, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_cert_parse(sg_buf_slice(&whole), &self, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_issue_lint_cert(sg_buf_slice(&whole), &self, SG_ISSUE_LINT_CA, NULL, err);
	if (rc != SG_OK)
		return rc;
	return sg_issue_sign_with(req->key, pub, alg, tbs, out, err);
}

SG_RC
sg_issue_ca_make(const struct sg_issue_ca *req, struct sg_buf *out, struct sg_err *err)
{
	uint8_t serial[SG_ISSUE_SERIAL_LEN], ski[SG_ISSUE_KEYID_LEN];
	sg_buf_scoped spki = {0}, subject = {0}, tbs = {0};
	enum sg_code rc = check_subject(req->subject, err);

	if (rc != SG_OK)
		return rc;
	if (req->validity_s <= 0 || req->hash == SG_HASH_NONE || req->hash == SG_HASH_SHA1)
		return sg_fail(err, SG_E_USAGE, "issue.validity",
		    "a CA needs a validity and SHA-256 or better");
	rc = sg_key_put_spki(req->key, &spki, err);
	if (rc != SG_OK)
		return rc;
	sg_scoped(key) pub = NULL;
	rc = sg_key_from_spki(sg_buf_slice(&spki), &pub, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_issue_keyid(sg_buf_slice(&spki), ski, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_issue_serial_make(req->now, serial, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_name_reencode(req->subject, req->subject, &subject, err);
	if (rc != SG_OK)
		return rc;
	const struct sg_cert_facts f = {
	    .serial = sg_slice(serial, sizeof serial),
	    .sigalg = sg_key_sigalg(req->key, req->hash),
	    .issuer = sg_buf_slice(&subject),
	    .subject = sg_buf_slice(&subject),
	    .spki = sg_buf_slice(&spki),
	    .not_before = req->now - SG_BACKDATE_S,
	    .not_after = req->now + req->validity_s,
	    .ca = true,
	    .path_len = req->path_len,
	    .key_usage = SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN | SG_KU_DIGITAL_SIGNATURE,
	    .ski = sg_slice(ski, sizeof ski),
	    .aki = sg_slice(ski, sizeof ski),
	};
	sg_cert_put_tbs(&tbs, &f);
	rc = sg_buf_check(&tbs, err);
	if (rc != SG_OK)
		return rc;
	return finish_ca(req, pub, f.sigalg, sg_buf_slice(&tbs), out, err);
}

SG_RC
sg_issue_ra_make(const struct sg_issuer *issuer, const struct sg_issue_ra *req, struct sg_buf *out,
    struct sg_err *err)
{
	struct sg_template tmpl = {
	    .name = "ra",
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT,
	    .eku_n = 1,
	    .validity_s = req->validity_s,
	    .backdate_s = SG_BACKDATE_S,
	};
	uint8_t serial[SG_ISSUE_SERIAL_LEN];
	sg_buf_scoped tbs = {0};
	enum sg_code rc = check_subject(req->subject, err);

	if (rc != SG_OK)
		return rc;
	uint32_t capable = 0;
	rc = sg_issue_capable(req->spki, &capable, err);
	if (rc != SG_OK)
		return rc;
	if ((capable & SG_KU_KEY_ENCIPHERMENT) == 0)
		return sg_fail(err, SG_E_USAGE, "issue.ra-key",
		    "the RA needs an RSA key: clients encrypt their requests to it");
	tmpl.eku[0] = SG_OID(eku_request_agent);
	rc = sg_issue_serial_make(req->now, serial, err);
	if (rc != SG_OK)
		return rc;
	const struct sg_issue iss = {
	    .issuer = issuer,
	    .tmpl = &tmpl,
	    .serial = sg_slice(serial, sizeof serial),
	    .subject = req->subject,
	    .spki = req->spki,
	    .now = req->now,
	};
	rc = sg_issue_tbs(&iss, &tbs, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_issue_lint(issuer, SG_ISSUE_LINT_RA, &tmpl, sg_buf_slice(&tbs), err);
	if (rc != SG_OK)
		return rc;
	return sg_issue_sign(issuer, sg_buf_slice(&tbs), out, err);
}
