/* SPDX-License-Identifier: Apache-2.0 */

/* An answer to GetCACert, in all the ways in which servers pack it. */

#include "unit/enroll/pki.h"

#include "base/base64.h"
#include "base/pem.h"
#include "cms/degenerate.h"
#include "enroll/certs.h"
#include "lib/alloc_fail.h"

/* One certificate as DER, both as a certs-only message, and both as PEM. */
static struct sg_buf list, text;

static int
setup(void **state)
{
	struct sg_slice certs[2];

	if (pki_setup(state) != 0)
		return -1;
	certs[0] = sg_buf_slice(&pki.ra_der);
	certs[1] = sg_buf_slice(&pki.ca_der);
	sg_degenerate_put(&list, certs, 2, NULL, 0);
	sg_pem_put(&text, "CERTIFICATE", certs[0]);
	sg_pem_put(&text, "CERTIFICATE", certs[1]);
	return 0;
}

static int
teardown(void **state)
{
	sg_buf_clear(&list);
	sg_buf_clear(&text);
	return pki_teardown(state);
}

static void
put(struct sg_buf *b, struct sg_slice before, struct sg_slice body, struct sg_slice after)
{
	sg_buf_reset(b);
	sg_buf_put_slice(b, before);
	sg_buf_put_slice(b, body);
	sg_buf_put_slice(b, after);
}

#define NONE sg_slice(NULL, 0)

/* n: how many certificates, the RA's first; 0: refused. */
static void
assert_read(const struct sg_buf *body, size_t n, const char *odd)
{
	struct sg_enroll_certs certs = {0};
	sg_buf_scoped out = {0};
	struct sg_err err = {0};

	enum sg_code rc = sg_enroll_certs_read(sg_buf_slice(body), &out, &certs, &err);
	if (n == 0) {
		assert_refused(rc, err, SG_E_MALFORMED, "client.certs",
		    "GetCACert: want a certificate or a certs-only message");
		return;
	}
	assert_ok(rc, err);
	assert_int_equal(certs.n, n);
	assert_true(sg_slice_eq(certs.cert[0], sg_buf_slice(&pki.ra_der)));
	if (n > 1)
		assert_true(sg_slice_eq(certs.cert[1], sg_buf_slice(&pki.ca_der)));
	if (odd == NULL)
		assert_null(certs.odd);
	else
		assert_string_equal(certs.odd, odd);
}

static void
read__der__with_what_follows(void **state)
{
	static const char *const tails[] = {"\n", "\r\n", " \t\r\n\n", "\0\0", "\n\0"};
	sg_buf_scoped body = {0};

	(void)state;
	assert_read(&pki.ra_der, 1, NULL);
	assert_read(&list, 2, NULL);
	for (size_t n = 0; n < sizeof tails / sizeof tails[0]; n++) {
		size_t len = n < 3 ? strlen(tails[n]) : 2;
		put(&body, NONE, sg_buf_slice(&pki.ra_der), sg_slice(tails[n], len));
		assert_read(&body, 1, "white space or NUL after its end");
		put(&body, NONE, sg_buf_slice(&list), sg_slice(tails[n], len));
		assert_read(&body, 2, "white space or NUL after its end");
	}
	put(&body, NONE, sg_buf_slice(&list), sg_slice_str("\nx"));
	assert_read(&body, 2, "something after its end");
	put(&body, NONE, sg_buf_slice(&pki.ra_der), sg_slice("0\x82\xff\xff", 4));
	assert_read(&body, 1, "something after its end");
	put(&body, NONE, sg_buf_slice(&pki.ra_der), sg_buf_slice(&pki.ca_der));
	assert_read(&body, 2, "certificates without a certs-only message around them");
	put(&body, sg_slice_str("\xef\xbb\xbf\r\n"), sg_buf_slice(&pki.ra_der), NONE);
	assert_read(&body, 1, "white space or a byte order mark before it");
}

/* An indefinite length around the same elements, with a line end after it. */
static void
read__ber__its_certificates(void **state)
{
	sg_buf_scoped body = {0};
	struct sg_slice inside = sg_slice(list.p + 4, list.len - 4);

	(void)state;
	put(&body, sg_slice("\x30\x80", 2), inside, sg_slice("\0\0", 2));
	assert_read(&body, 2, NULL);
	sg_buf_puts(&body, "\r\n");
	assert_read(&body, 2, "white space or NUL after its end");
}

static void
read__pem__whatever_is_around(void **state)
{
	sg_buf_scoped body = {0}, message = {0}, odd = {0}, crlf = {0};

	(void)state;
	assert_read(&text, 2, "PEM instead of DER");
	put(&body, sg_slice_str("subject=CN=RA\r\n"), sg_buf_slice(&text),
	    sg_slice_str("\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"));
	assert_read(&body, 2, "PEM instead of DER");
	for (size_t n = 0; n < text.len; n++) {
		if (text.p[n] == '\n')
			sg_buf_puts(&crlf, "\r");
		sg_buf_put(&crlf, text.p + n, 1);
	}
	assert_read(&crlf, 2, "PEM instead of DER");
	sg_pem_put(&message, "PKCS7", sg_buf_slice(&list));
	assert_read(&message, 2, "PEM instead of DER");
	sg_buf_reset(&message);
	sg_pem_put(&message, "CMS", sg_buf_slice(&list));
	assert_read(&message, 2, "PEM instead of DER");
	sg_pem_put(&odd, "X509 CERTIFICATE", sg_buf_slice(&pki.ra_der));
	assert_read(&odd, 1, "PEM instead of DER");
	/* Blocks that are none do not hide those that are. */
	sg_buf_reset(&odd);
	sg_pem_put(&odd, "CERTIFICATE", sg_slice_str("no certificate"));
	sg_buf_puts(&odd, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
	put(&body, sg_buf_slice(&odd), sg_buf_slice(&text),
	    sg_slice_str("-----BEGIN CERTIFICATE-----\nMII"));
	assert_read(&body, 2, "PEM instead of DER");
	assert_read(&odd, 0, NULL);
}

static void
read__base64__its_certificates(void **state)
{
	sg_buf_scoped body = {0};

	(void)state;
	sg_base64_put(&body, sg_buf_slice(&pki.ra_der));
	assert_read(&body, 1, "base64 instead of DER");
	sg_buf_puts(&body, "\r\n");
	assert_read(&body, 1, "base64 instead of DER");
	sg_buf_reset(&body);
	sg_base64_put(&body, sg_buf_slice(&list));
	assert_read(&body, 2, "base64 instead of DER");
	sg_buf_reset(&body);
	sg_base64_put(&body, sg_slice_str("no certificate"));
	assert_read(&body, 0, NULL);
}

static void
read__nothing_of_it__refused(void **state)
{
	static const char *const texts[] = {
	    "", "\n", "<html>", "0\x82\xff\xff", "-----BEGIN ", "-----BEGIN CERTIFICATE-----"};
	struct sg_enroll_certs certs = {0};
	sg_buf_scoped body = {0}, out = {0};
	struct sg_err err = {0};

	(void)state;
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++) {
		sg_buf_reset(&body);
		sg_buf_puts(&body, texts[n]);
		assert_read(&body, 0, NULL);
	}
	for (size_t n = 0; n < pki.ra_der.len; n++) {
		struct sg_slice cut = sg_slice(pki.ra_der.p, n);
		assert_int_equal(sg_enroll_certs_read(cut, &out, &certs, &err), SG_E_MALFORMED);
	}
}

static void
read__too_many__limit(void **state)
{
	struct sg_enroll_certs certs = {0};
	sg_buf_scoped body = {0}, out = {0};
	struct sg_err err = {0};

	(void)state;
	for (unsigned n = 0; n < SG_CMS_CERTS_MAX + 1; n++)
		sg_pem_put(&body, "CERTIFICATE", sg_buf_slice(&pki.ra_der));
	assert_refused(sg_enroll_certs_read(sg_buf_slice(&body), &out, &certs, &err), err,
	    SG_E_LIMIT, "client.certs", "more than 64 certificates");
	out.max = 100;
	assert_refused(sg_enroll_certs_read(sg_buf_slice(&list), &out, &certs, &err), err,
	    SG_E_LIMIT, "limit.buffer", "more than 100 bytes");
}

static void
read__no_memory__says_so(void **state)
{
	sg_buf_scoped message = {0};
	enum sg_code rc = SG_E_NOMEM;

	(void)state;
	sg_pem_put(&message, "PKCS7", sg_buf_slice(&list));
	for (unsigned long n = 1; rc != SG_OK; n++) {
		struct sg_enroll_certs certs = {0};
		sg_buf_scoped out = {0};
		struct sg_err err = {0};
		alloc_fail_at(n);
		rc = sg_enroll_certs_read(sg_buf_slice(&message), &out, &certs, &err);
		alloc_fail_at(0);
		assert_true(rc == SG_OK ? certs.n == 2 : rc == SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read__der__with_what_follows),
	    cmocka_unit_test(read__ber__its_certificates),
	    cmocka_unit_test(read__pem__whatever_is_around),
	    cmocka_unit_test(read__base64__its_certificates),
	    cmocka_unit_test(read__nothing_of_it__refused),
	    cmocka_unit_test(read__too_many__limit),
	    cmocka_unit_test(read__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
