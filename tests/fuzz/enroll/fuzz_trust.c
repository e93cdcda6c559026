/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a hostile server answers to GetCACert, or puts beside an issued certificate: the client
 * decides which of it to believe. The first byte chooses how it is pinned. Without a pin that
 * fits nothing is trusted.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "enroll/certs.h"
#include "enroll/trust.h"

#define NOW 1763640000

static void
fill(struct sg_enroll_trust *t, struct sg_slice body, enum sg_enroll_source source)
{
	static struct sg_buf out; /* what trust borrows from lives as long as it does */
	struct sg_enroll_certs certs = {0};
	struct sg_err err = {.rule = NULL};

	enum sg_code rc = sg_enroll_certs_read(body, &out, &certs, &err);
	require(rc == SG_OK || (err.rule != NULL && err.text[0] != '\0'));
	if (rc != SG_OK)
		return;
	require(certs.n <= SG_CMS_CERTS_MAX && out.len <= body.len);
	for (size_t n = 0; n < certs.n; n++) {
		require(certs.cert[n].p >= out.p &&
			certs.cert[n].p + certs.cert[n].len <= out.p + out.len);
		sg_ignore(sg_enroll_trust_add(t, certs.cert[n], source, &err) != SG_OK);
	}
}

static struct sg_enroll_pin
pin_of(uint8_t choice, const struct sg_enroll_trust *t)
{
	struct sg_enroll_pin pin = {.sha1 = (choice & 0x10) != 0, .has_ra = (choice & 0x20) != 0};

	switch (choice & 3) {
	case 0:
		pin.mode = SG_ENROLL_PIN_FINGERPRINT; /* of nothing */
		break;
	case 1:
		pin.mode = SG_ENROLL_PIN_FINGERPRINT;
		if (t->n > 0)
			sg_ignore(sg_sha256(t->item[t->n - 1].cert.raw, pin.fingerprint, NULL));
		break;
	case 2:
		pin.mode = SG_ENROLL_PIN_INSECURE;
		break;
	default:
		pin.mode = t->n > 0 ? SG_ENROLL_PIN_ISSUER : SG_ENROLL_PIN_FILE;
		pin.issued = t->n > 0 ? &t->item[0].cert : NULL;
		break;
	}
	return pin;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sg_enroll_trust t;
	struct sg_slice signers[SG_ENROLL_CERTS_MAX];
	const struct sg_enroll_cert *issuer = NULL;
	struct sg_err err = {.rule = NULL};

	if (len == 0)
		return 0;
	memset(&t, 0, sizeof t);
	fill(&t, sg_slice(data + 1, len - 1), SG_ENROLL_FROM_SERVER);
	struct sg_enroll_pin pin = pin_of(data[0], &t);
	enum sg_code rc = sg_enroll_trust_settle(&t, &pin, NOW, &err);
	require(rc == SG_OK || (err.rule != NULL && err.text[0] != '\0'));
	require(rc != SG_OK || (t.ra < t.n && t.item[t.ra].trusted));
	require(rc != SG_OK || (data[0] & 3) != 0); /* the fingerprint of nothing fits nothing */
	size_t n = sg_enroll_trust_signers(&t, &pin, signers);
	require(n <= t.n);
	if (t.n > 0 && sg_enroll_trust_issuer(&t, &t.item[0].cert, &pin, &issuer, &err) == SG_OK)
		require(issuer->trusted);
	return 0;
}
