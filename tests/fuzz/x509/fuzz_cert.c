/* SPDX-License-Identifier: Apache-2.0 */

/* sg_cert_parse, and the names and name constraints of what passed. */

#include "fuzz/fuzz.h"

#include "x509/cert.h"
#include "x509/constraints.h"
#include "x509/name.h"
#include "x509/name_text.h"

/* Its own names against its own constraints: what was read once is read again for each. */
static void
compare(const struct sg_cert *cert, struct sg_buf *text)
{
	struct sg_constraints c;
	struct sg_slice critical;

	if (sg_constraints_read(cert, &c, &critical, NULL) != SG_OK) {
		if (c.permitted.len > 0 || c.excluded.len > 0 || critical.len > 0)
			abort();
		return;
	}
	for (size_t n = 0; n < cert->exts.sans.n; n++)
		sg_ignore(sg_constraints_allow(&c, &cert->exts.sans.item[n]));
	const struct sg_san subject = {SG_SAN_DIRNAME, cert->subject};
	sg_ignore(sg_constraints_allow(&c, &subject));
	sg_constraints_put_text(text, &c);
}

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
	compare(&cert, &text);
	return 0;
}
