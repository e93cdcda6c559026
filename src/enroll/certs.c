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

struct sg_slice
sg_enroll_certs_trim(struct sg_slice body, bool *ret_tail)
{
	struct sg_der d = sg_der_init(body, NULL);
	struct sg_tlv first = sg_der_any(&d, "answer");
	struct sg_slice whole = body, tail = d.rest;

	*ret_tail = false;
	if (sg_der_ok(&d)) {
		while (tail.len > 0 && (is_space(tail.p[0]) || tail.p[0] == '\0'))
			tail = sg_slice(tail.p + 1, tail.len - 1);
		if (tail.len > 0)
			return whole;
		*ret_tail = first.raw.len < body.len;
		return first.raw;
	}
	/* BER may end in NUL. */
	while (body.len > 0 && is_space(body.p[body.len - 1]))
		body.len--;
	*ret_tail = body.len < whole.len;
	return body;
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
	while (text.len > 0 && (is_space(text.p[0]) || text.p[0] == '\0'))
		text = sg_slice(text.p + 1, text.len - 1);
	while (text.len > 0 && (is_space(text.p[text.len - 1]) || text.p[text.len - 1] == '\0'))
		text.len--;
	if (text.len == 0 || sg_base64_parse(text, true, &der, NULL) != SG_OK)
		return SG_OK;
	rc = read_der(r, sg_buf_slice(&der), err);
	return rc == SG_E_MALFORMED ? SG_OK : rc;
}

enum sg_code
sg_enroll_certs_read(
    struct sg_slice body, struct sg_buf *out, struct sg_enroll_certs *ret, struct sg_err *err)
{
	struct reading r = {.out = out};
	struct sg_enroll_certs certs = {0};
	bool tail = false;

	sg_buf_reset(out);
	enum sg_code rc = read_der(&r, sg_enroll_certs_trim(body, &tail), err);
	if (rc == SG_OK && tail)
		certs.odd = "white space or NUL after its end";
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
