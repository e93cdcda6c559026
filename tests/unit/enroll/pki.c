/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/enroll/pki.h"

#include "asn1/oid.h"
#include "crypto/keyfile.h"
#include "unit/scep/fixture_keys.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/signed.h"

struct pki pki;

static void
make(const struct pki_cert *spec, struct sg_slice subject, struct sg_buf *out)
{
	static uint8_t serial[4] = {0x11};
	const struct sg_key *signer = spec->signer != NULL ? spec->signer : pki.ca;
	const char *by = spec->issuer != NULL ? spec->issuer : "O=Test, CN=CA";
	bool rsa = sg_key_type(signer) == SG_KEY_RSA;
	sg_buf_scoped issuer = {0}, spki = {0}, tbs = {0}, sig = {0};
	struct sg_err err = {0};

	serial[3]++;
	assert_ok(sg_name_from_text(sg_slice_str(by), &issuer, &err), err);
	assert_ok(sg_key_put_spki(spec->key != NULL ? spec->key : pki.device, &spki, &err), err);
	struct sg_cert_facts facts = {
	    .serial = sg_slice(serial, sizeof serial),
	    .sigalg = {.scheme = rsa ? SG_SIG_RSA_PKCS1 : SG_SIG_ECDSA,
		.hash = spec->hash != SG_HASH_NONE ? spec->hash : SG_HASH_SHA256},
	    .issuer = sg_buf_slice(&issuer),
	    .subject = subject,
	    .spki = sg_buf_slice(&spki),
	    .not_before = spec->not_before != 0 ? spec->not_before : PKI_NOW - PKI_YEAR,
	    .not_after = spec->not_after != 0 ? spec->not_after : PKI_NOW + PKI_YEAR,
	    .ca = spec->ca,
	    .path_len = spec->path_len - 1,
	    .key_usage = spec->key_usage,
	    .sans = spec->sans,
	    .eku_n = spec->ra || spec->cmc_ra ? 1 : 0,
	    .eku = {spec->cmc_ra ? SG_OID(eku_cmc_ra) : SG_OID(eku_request_agent)},
	};
	sg_cert_put_tbs(&tbs, &facts);
	assert_ok(sg_sign_tbs(signer, facts.sigalg, sg_buf_slice(&tbs), &sig, &err), err);
	sg_buf_reset(out);
	sg_signed_put(out, sg_buf_slice(&tbs), facts.sigalg, sg_buf_slice(&sig));
	assert_ok(sg_buf_check(out, &err), err);
}

void
pki_make(const struct pki_cert *spec, struct sg_buf *out)
{
	const char *name = spec->subject != NULL ? spec->subject : "CN=device";
	sg_buf_scoped subject = {0};
	struct sg_err err = {0};

	assert_ok(sg_name_from_text(sg_slice_str(name), &subject, &err), err);
	make(spec, sg_buf_slice(&subject), out);
}

void
pki_make_raw(struct sg_slice subject, const struct sg_key *key, struct sg_buf *out)
{
	make(&(struct pki_cert){.key = key}, subject, out);
}

struct sg_cert
pki_parse(const struct sg_buf *der)
{
	struct sg_cert cert = {0};
	struct sg_err err = {0};

	assert_ok(sg_cert_parse(sg_buf_slice(der), &cert, &err), err);
	return cert;
}

int
pki_setup(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_key_generate(SG_KEY_P256, 0, &pki.ca, &err), err);
	assert_ok(sg_key_generate(SG_KEY_P256, 0, &pki.other_ca, &err), err);
	assert_ok(sg_key_from_pem(sg_slice_str(FX_KEY_RA), &pki.ra, &err), err);
	assert_ok(sg_key_from_pem(sg_slice_str(FX_KEY_DEV), &pki.device, &err), err);
	pki_make(
	    &(struct pki_cert){.subject = "O=Test, CN=CA", .key = pki.ca, .ca = true}, &pki.ca_der);
	pki_make(&(struct pki_cert){.subject = "O=Test, CN=RA",
		     .key = pki.ra,
		     .ra = true,
		     .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT},
	    &pki.ra_der);
	pki_make(&(struct pki_cert){.key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT},
	    &pki.device_der);
	return 0;
}

int
pki_teardown(void **state)
{
	(void)state;
	sg_key_free(&pki.ca);
	sg_key_free(&pki.other_ca);
	sg_key_free(&pki.ra);
	sg_key_free(&pki.device);
	sg_buf_clear(&pki.ca_der);
	sg_buf_clear(&pki.ra_der);
	sg_buf_clear(&pki.device_der);
	return 0;
}
