/* SPDX-License-Identifier: Apache-2.0 */

/*
 * certs.c - from the body of an answer to GetCACert to its certificates: between the exchange that
 * fetched it and the trust that judges them
 */

#include "enroll/certs.h"

#include <string.h>

#include "asn1/der.h"
#include "base/base64.h"
#include "base/pem.h"
#include "cms/degenerate.h"
#include "x509/cert.h"
#include "x509/cert_light.h"

/* What has been read so far: the buffer may move until it is complete. */
struct reading {
	struct sg_buf *out;
	size_t n, end[SG_CMS_CERTS_MAX];
	bool bare;
};

static bool
is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_padding(uint8_t c)
{
	return is_space(c) || c == '\0';
}

static struct sg_slice
skip_padding(struct sg_slice s)
{
	while (s.len > 0 && is_padding(s.p[0]))
		s = sg_slice(s.p + 1, s.len - 1);
	return s;
}

struct sg_slice
sg_enroll_certs_trim(struct sg_slice body, const char **ret_odd)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
	bool marked = body.len > sizeof mark && memcmp(body.p, mark, sizeof mark) == 0;
	struct sg_slice start = skip_padding(
	    marked ? sg_slice(body.p + sizeof mark, body.len - sizeof mark) : body);
	struct sg_der d = sg_der_init(start, NULL);
	struct sg_slice first = sg_der_any(&d, "answer").raw, tail = d.rest;

	*ret_odd = start.len < body.len ? "white space or a byte order mark before it" : NULL;
	if (!sg_der_ok(&d)) {
		/* BER may end in NUL. */
		first = start;
		while (first.len > 0 && is_space(first.p[first.len - 1]))
			first.len--;
		tail = sg_slice(start.p, start.len - first.len);
	}
	if (tail.len > 0)
		*ret_odd = !sg_der_ok(&d) || skip_padding(tail).len == 0
			       ? "white space or NUL after its end"
			       : "something after its end";
	return first;
}

static enum sg_code
put_cert(struct reading *r, struct sg_slice cert, struct sg_err *err)
{
	if (r->n == SG_CMS_CERTS_MAX)
		return sg_fail(err, SG_E_LIMIT, "client.certs",
		    "GetCACert: more than %u certificates", SG_CMS_CERTS_MAX);
	sg_buf_put_slice(r->out, cert);
	r->end[r->n++] = r->out->len;
	return sg_buf_check(r->out, err);
}

/* One certificate, or a certs-only message. */
static enum sg_code
read_der(struct reading *r, struct sg_slice der, struct sg_err *err)
{
	sg_degenerate_scoped list = {0};
	struct sg_cert_light light;
	struct sg_cert cert;

	if (sg_cert_light_parse(der, &light, NULL) == SG_OK) {
		enum sg_code rc = sg_cert_parse(der, &cert, err);
		r->bare = true;
		return rc == SG_OK ? put_cert(r, der, err) : rc;
	}
	enum sg_code rc = sg_degenerate_decode(der, &list, err);
	for (size_t n = 0; rc == SG_OK && n < list.cert_n; n++)
		rc = put_cert(r, list.cert[n], err);
	return rc;
}

/* One block, whose label begins at label; *pos moves to its end. */
static enum sg_code
read_block(struct reading *r, struct sg_slice text, size_t label, size_t *pos, struct sg_err *err)
{
	static const char *const labels[] = {"CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS"};
	sg_buf_scoped der = {0};

	*pos = label;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		size_t len = strlen(labels[i]), at = label - strlen("-----BEGIN ");
		if (text.len - label < len + 5 || memcmp(text.p + label, labels[i], len) != 0 ||
		    memcmp(text.p + label + len, "-----", 5) != 0)
			continue;
		enum sg_code rc = sg_pem_next(text, labels[i], &at, &der, err);
		if (rc == SG_OK) {
			*pos = at;
			rc = read_der(r, sg_buf_slice(&der), err);
		}
		/* One that we cannot read is one that we do not trust. */
		return rc == SG_E_MALFORMED ? SG_OK : rc;
	}
	return SG_OK;
}

/* Of the whole text; nothing when it is none. */
static enum sg_code
read_base64(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	text = skip_padding(text);
	while (text.len > 0 && is_padding(text.p[text.len - 1]))
		text.len--;
	enum sg_code rc = text.len == 0 ? SG_OK : sg_base64_parse(text, true, out, err);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc;
	sg_buf_reset(out);
	return SG_OK;
}

enum sg_code
sg_enroll_certs_untext(struct sg_slice text, struct sg_buf *out, struct sg_err *err)
{
	static const char *const labels[] = {"PKCS7", "CMS"};

	for (size_t n = 0; n < sizeof labels / sizeof labels[0]; n++) {
		size_t pos = 0;
		enum sg_code rc = sg_pem_next(text, labels[n], &pos, out, err);
		if (rc == SG_OK || rc == SG_E_NOMEM)
			return rc;
		sg_buf_reset(out);
	}
	return read_base64(text, out, err);
}

static enum sg_code
read_text(struct reading *r, struct sg_slice text, const char **ret_odd, struct sg_err *err)
{
	static const char begin[] = "-----BEGIN ";
	sg_buf_scoped der = {0};
	enum sg_code rc = SG_OK;
	size_t pos = 0;

	*ret_odd = "PEM instead of DER";
	while (rc == SG_OK && pos < text.len) {
		const uint8_t *at = memmem(text.p + pos, text.len - pos, begin, strlen(begin));
		if (at == NULL)
			break;
		rc = read_block(r, text, (size_t)(at - text.p) + strlen(begin), &pos, err);
	}
	if (rc != SG_OK || r->n > 0 || pos > 0)
		return rc;
	*ret_odd = "base64 instead of DER";
	rc = read_base64(text, &der, err);
	if (rc != SG_OK || der.len == 0)
		return rc;
	rc = read_der(r, sg_buf_slice(&der), err);
	return rc == SG_E_MALFORMED ? SG_OK : rc;
}

enum sg_code
sg_enroll_certs_read(
    struct sg_slice body, struct sg_buf *out, struct sg_enroll_certs *ret, struct sg_err *err)
{
	struct reading r = {.out = out};
	struct sg_enroll_certs certs = {0};

	sg_buf_reset(out);
	struct sg_slice one = sg_enroll_certs_trim(body, &certs.odd);
	enum sg_code rc = read_der(&r, one, err);
	/* Certificates one after the other. */
	while (rc == SG_OK && r.bare) {
		const char *odd;
		size_t end = (size_t)(one.p + one.len - body.p);
		one = sg_enroll_certs_trim(sg_slice(body.p + end, body.len - end), &odd);
		if (one.len == 0 || one.p[0] != SG_DER_SEQUENCE)
			break;
		rc = read_der(&r, one, err);
		if (rc == SG_E_MALFORMED) {
			rc = SG_OK;
			break;
		}
		certs.odd = "certificates without a certs-only message around them";
	}
	if (rc == SG_E_MALFORMED && !r.bare) {
		rc = read_text(&r, body, &certs.odd, err);
		if (rc == SG_OK && r.n == 0)
			return sg_fail(err, SG_E_MALFORMED, "client.certs",
			    "GetCACert: want a certificate or a certs-only message");
	}
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0, from = 0; n < r.n; from = r.end[n], n++)
		certs.cert[n] = sg_slice(out->p + from, r.end[n] - from);
	certs.n = r.n;
	certs.bare = r.bare;
	*ret = certs;
	return SG_OK;
}
