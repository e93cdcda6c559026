/* SPDX-License-Identifier: Apache-2.0 */

/* sg_cert_parse, and the names of what passed. */

#include "fuzz/fuzz.h"

#include "x509/cert.h"
#include "x509/name.h"
#include "x509/name_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_buf_scoped text = {0};
	struct sg_cert cert;
	struct sg_err err;
	if (sg_cert_parse(sg_slice(data, len), &cert, &err) != SG_OK) {
		if (err.rule == NULL || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (cert.raw.len != len || cert.serial.len == 0 || cert.version < 1 || cert.version > 3)
		abort();
	sg_name_put_text(&text, cert.subject);
	sg_name_put_text(&text, cert.issuer);
	sg_ignore(sg_name_equal(cert.subject, cert.issuer));
	sg_ext_put_usage_text(&text, cert.exts.key_usage);
	return 0;
}
