/* SPDX-License-Identifier: Apache-2.0 */

/*
 * spki.c - the one reader of SubjectPublicKeyInfo: crypto/ makes keys of what it gives, policy/
 * judges it, issue/ takes key ids from it
 */

#include "asn1/spki.h"

#include <string.h>

#include "asn1/oid.h"

struct sg_spki
sg_spki_read(struct sg_der *d)
{
	const char *what = "subjectPublicKeyInfo", *what_alg = "subjectPublicKeyInfo algorithm";
	struct sg_der seq = sg_der_inside(d, sg_der_whole(d, SG_DER_SEQUENCE, what).val);
	struct sg_der alg = sg_der_enter(&seq, SG_DER_SEQUENCE, what_alg);
	struct sg_spki spki = {.alg = sg_der_oid(&alg, what_alg), .params = alg.rest};
	spki.bits = sg_der_bits(&seq, "subjectPublicKey");
	sg_der_end(&seq, what);
	return sg_der_ok(d) ? spki : (struct sg_spki){0};
}

struct sg_spki_rsa
sg_spki_rsa_read(struct sg_der *d)
{
	struct sg_der seq = sg_der_inside(d, sg_der_whole(d, SG_DER_SEQUENCE, "RSAPublicKey").val);
	struct sg_spki_rsa rsa = {.n = sg_der_magnitude(&seq, SIZE_MAX, "RSA modulus")};
	rsa.e = sg_der_magnitude(&seq, SIZE_MAX, "RSA exponent");
	sg_der_end(&seq, "RSAPublicKey");
	return sg_der_ok(d) ? rsa : (struct sg_spki_rsa){0};
}

unsigned
sg_spki_bits(struct sg_slice magnitude)
{
	if (magnitude.len == 0)
		return 0;
	unsigned bits = (unsigned)(magnitude.len - 1) * 8;
	for (unsigned top = magnitude.p[0]; top != 0; top >>= 1)
		bits++;
	return bits;
}

static const struct sg_spki_curve curves[] = {
    {SG_KEY_P256, 256, {"P-256", "prime256v1"}, &SG_OID(p256)},
    {SG_KEY_P384, 384, {"P-384", "secp384r1"}, &SG_OID(p384)},
    {SG_KEY_P521, 521, {"P-521", "secp521r1"}, &SG_OID(p521)},
};
#define CURVES (sizeof curves / sizeof curves[0])

const struct sg_spki_curve *
sg_spki_curve_find(struct sg_slice oid)
{
	for (size_t i = 0; i < CURVES; i++)
		if (sg_slice_eq(oid, *curves[i].oid))
			return &curves[i];
	return NULL;
}

const struct sg_spki_curve *
sg_spki_curve_named(const char *name)
{
	for (size_t i = 0; i < CURVES; i++)
		for (size_t j = 0; j < 2; j++)
			if (strcmp(name, curves[i].names[j]) == 0)
				return &curves[i];
	return NULL;
}

size_t
sg_spki_point_len(const struct sg_spki_curve *curve)
{
	return 1 + 2 * (size_t)((curve->bits + 7) / 8);
}
