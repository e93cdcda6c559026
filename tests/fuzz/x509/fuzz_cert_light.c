/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_cert_light.c - the light reader: what it gives lies inside what it was given, and what the
 * strict reader takes it takes, too, with the same result
 */

#include "fuzz/fuzz.h"

#include "base/limits.h"
#include "x509/cert.h"
#include "x509/cert_light.h"
#include "x509/name.h"
#include "x509/name_text.h"

static void
require_inside(struct sg_slice whole, struct sg_slice part)
{
	require(part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_buf_scoped text = {0};
	struct sg_cert_light light;
	struct sg_cert cert;
	struct sg_err err;
	struct sg_slice der = sg_slice(data, len);

	enum sg_code rc = sg_cert_light_parse(der, &light, &err);
	if (sg_cert_parse(der, &cert, NULL) == SG_OK) {
		require(rc == SG_OK);
		require(sg_slice_eq(cert.issuer, light.issuer));
		require(sg_slice_eq(cert.serial, light.serial));
		require(sg_slice_eq(cert.spki, light.spki));
		require(cert.exts.ski.len == 0 ||
			sg_slice_eq(cert.exts.ski, sg_cert_light_ski(&light)));
	}
	if (rc != SG_OK) {
		require(err.rule != NULL && err.text[0] != '\0');
		return 0;
	}
	require(light.raw.len == len && light.serial.len > 0 && light.issuer.len <= SG_CERT_MAX);
	require_inside(der, light.issuer);
	require_inside(der, light.spki);
	require_inside(der, light.subject);
	sg_name_put_text(&text, light.subject);
	sg_ignore(sg_name_equal(light.subject, light.issuer));
	struct sg_slice ski = sg_cert_light_ski(&light);
	if (ski.len > 0)
		require_inside(der, ski);
	return 0;
}
