/* SPDX-License-Identifier: Apache-2.0 */

/* What came with a SUCCESS, against what was asked for. */

#include "scep/reply.h"
#include "scep/values.h"
#include "unit/enroll/pki.h"

#include "asn1/oid.h"
#include "base/alloc.h"
#include "enroll/issued.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

static char heard[4096];

static void
hear(void *arg, const struct sg_enroll_event *event)
{
	(void)arg;
	snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s\n", event->text);
}

static int64_t
now(void)
{
	return PKI_NOW;
}

/* A session that trusts the CA. */
static struct sg_enroll *
session(enum sg_enroll_pin_mode mode)
{
	struct sg_enroll_options options = {
	    .url = "http://127.0.0.1/scep", .now = now, .listener = {.tell = hear}};
	struct sg_enroll *c = NULL;
	struct sg_err err = {0};

	heard[0] = '\0';
	assert_ok(sg_enroll_open(&options, &c, &err), err);
	c->pin.mode = mode;
	assert_ok(sg_sha256(sg_buf_slice(&pki.ca_der), c->pin.fingerprint, &err), err);
	assert_ok(
	    sg_enroll_trust_add(&c->trust, sg_buf_slice(&pki.ra_der), SG_ENROLL_FROM_SERVER, &err),
	    err);
	assert_ok(
	    sg_enroll_trust_add(&c->trust, sg_buf_slice(&pki.ca_der), SG_ENROLL_FROM_SERVER, &err),
	    err);
	assert_ok(sg_enroll_trust_settle(&c->trust, &c->pin, PKI_NOW, &err), err);
	return c;
}

static enum sg_code
issued(struct sg_enroll *c, const struct sg_scep_reply *reply, const struct sg_enroll_want *want,
    struct sg_cert *ret, struct sg_err *err)
{
	enum sg_code rc = sg_enroll_issued_find(reply, want, ret, err);

	return rc == SG_OK ? sg_enroll_issued_check(c, reply, want, ret, err) : rc;
}

static void
issued__one_certificate__taken_warned_or_refused(void **state)
{
	const struct {
		enum sg_enroll_pin_mode mode;
		struct pki_cert cert;
		bool is_old;
		enum sg_code code;
		const char *rule, *text; /* text: of the refusal or of the warning */
	} rows[] = {
	    {SG_ENROLL_PIN_FINGERPRINT, {0}, false, SG_OK, "", ""},
	    {SG_ENROLL_PIN_FINGERPRINT, {.key = pki.ra}, false, SG_E_MALFORMED, "client.issued.key",
		"sent 2 certificates and none of them is for our key: nothing was written"},
	    {SG_ENROLL_PIN_FINGERPRINT, {0}, true, SG_E_MALFORMED, "client.issued.old",
		"the old certificate (valid to 2026-11-20T12:00:00Z) and not with a new one"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.issuer = "CN=X"}, false, SG_E_SIGNATURE, "client.issuer",
		"no trusted CA issued the certificate (its issuer: 'CN=X')"},
	    {SG_ENROLL_PIN_INSECURE, {.issuer = "CN=X"}, false, SG_OK, "", "no trusted CA issued"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.signer = pki.other_ca}, false, SG_E_SIGNATURE,
		"client.issuer", "signature"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.not_after = PKI_NOW - 1}, false, SG_OK, "",
		"the certificate expired at 2025-11-20T11:59:59Z and here it is "
		"2025-11-20T12:00:00Z: is this clock right?"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.not_before = PKI_NOW + 9, .not_after = PKI_NOW - 9},
		false, SG_OK, "",
		"begins (2025-11-20T12:00:09Z) after it ends (2025-11-20T11:59:51Z)"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.not_before = PKI_NOW + 60}, false, SG_OK, "",
		"valid only from 2025-11-20T12:01:00Z and here it is 2025-11-20T12:00:00Z"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.subject = "CN=other"}, false, SG_OK, "",
		"changed the subject: asked for 'CN=device', certified 'CN=other'"},
	    {SG_ENROLL_PIN_FINGERPRINT, {.ca = true}, false, SG_OK, "", "is one of a CA"},
	};
	sg_buf_scoped spki = {0}, subject = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_key_put_spki(pki.device, &spki, &err), err);
	assert_ok(sg_name_from_text(sg_slice_str("CN=device"), &subject, &err), err);
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_enroll_scoped *c = session(rows[n].mode);
		sg_buf_scoped der = {0};
		struct sg_cert cert = {0};
		pki_make(&rows[n].cert, &der);
		struct sg_scep_reply reply = {.status = SG_SCEP_SUCCESS,
		    .certs = {
			.cert_n = 2, .cert = {sg_buf_slice(&pki.ca_der), sg_buf_slice(&der)}}};
		struct sg_enroll_want want = {
		    .spki = sg_buf_slice(&spki),
		    .subject = sg_buf_slice(&subject),
		};
		if (rows[n].is_old)
			want.old = sg_buf_slice(&der);
		enum sg_code rc = issued(c, &reply, &want, &cert, &err);
		if (rows[n].code != SG_OK) {
			assert_refused(rc, err, rows[n].code, rows[n].rule, rows[n].text);
			assert_string_equal(heard, "");
			continue;
		}
		assert_ok(rc, err);
		assert_true(sg_slice_eq(cert.raw, sg_buf_slice(&der)));
		assert_int_equal(heard[0] != '\0', rows[n].text[0] != '\0');
		assert_non_null(strstr(heard, rows[n].text));
	}
}

/* It may be all that the server ever gives. */
static void
issued__unreadable_but_for_our_key__found(void **state)
{
	static const uint8_t utc[] = {SG_DER_UTCTIME, 13};
	const struct pki_cert spec = {0};
	sg_buf_scoped spki = {0}, der = {0}, good = {0};
	struct sg_cert cert = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_key_put_spki(pki.device, &spki, &err), err);
	pki_make(&spec, &good);
	pki_make(&spec, &der);
	uint8_t *time = memmem(der.p, der.len, utc, sizeof utc);
	assert_non_null(time);
	time[14] = 'z';
	const struct sg_enroll_want want = {.spki = sg_buf_slice(&spki)};
	struct sg_scep_reply reply = {.status = SG_SCEP_SUCCESS,
	    .certs = {.cert_n = 2, .cert = {sg_buf_slice(&der), sg_buf_slice(&pki.ca_der)}}};
	assert_refused(sg_enroll_issued_find(&reply, &want, &cert, &err), err, SG_E_MALFORMED,
	    "client.issued.unread", "not as RFC 5280 wants it: RFC 5280 4.1.2.5: ");
	assert_true(sg_slice_eq(cert.raw, sg_buf_slice(&der)));
	reply.certs.cert[1] = sg_buf_slice(&good); /* which is better */
	assert_ok(sg_enroll_issued_find(&reply, &want, &cert, &err), err);
	assert_true(sg_slice_eq(cert.raw, sg_buf_slice(&good)));
}

static void
issued__names_changed__warned(void **state)
{
	sg_enroll_scoped *c = session(SG_ENROLL_PIN_FINGERPRINT);
	struct sg_sans sans = {.n = 1};
	sg_buf_scoped spki = {0}, subject = {0}, der = {0};
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_cert cert = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_key_put_spki(pki.device, &spki, &err), err);
	assert_ok(sg_name_from_text(sg_slice_str("CN=device"), &subject, &err), err);
	assert_ok(sg_san_from_text(sg_slice_str("dns:a.example"), &sans.item[0], store, &err), err);
	pki_make(&(struct pki_cert){0}, &der);
	struct sg_scep_reply reply = {
	    .status = SG_SCEP_SUCCESS, .certs = {.cert_n = 1, .cert = {sg_buf_slice(&der)}}};
	struct sg_enroll_want want = {
	    .spki = sg_buf_slice(&spki), .subject = sg_buf_slice(&subject), .sans = &sans};
	assert_ok(issued(c, &reply, &want, &cert, &err), err);
	assert_string_equal(heard,
	    "the server changed the alternative names: asked for dns:a.example, certified none\n");
}

static void
issued__purposes__compared_where_they_were_asked_for(void **state)
{
	enum { SIGN = SG_KU_DIGITAL_SIGNATURE, BOTH = SIGN | SG_KU_KEY_ENCIPHERMENT };
	const struct sg_slice agent = SG_OID(eku_request_agent), client = SG_OID(eku_client_auth);
	const struct {
		uint32_t asked_usage, usage;
		const struct sg_slice *asked_eku;
		bool agent;
		const char *heard;
	} rows[] = {
	    {0, BOTH, NULL, true, ""},
	    {BOTH, BOTH, &agent, true, ""},
	    {BOTH, SIGN, NULL, false,
		"the server changed the key usage: asked for digitalSignature, keyEncipherment, "
		"certified digitalSignature\n"},
	    {SIGN, BOTH, NULL, false,
		"the server changed the key usage: asked for digitalSignature, certified "
		"digitalSignature, keyEncipherment\n"},
	    {SIGN, 0, NULL, false,
		"the server changed the key usage: asked for digitalSignature, certified none\n"},
	    {0, 0, &client, true,
		"the server changed the extended key usage: asked for clientAuth, certified "
		"certificateRequestAgent\n"},
	    {0, 0, &client, false,
		"the server changed the extended key usage: asked for clientAuth, certified "
		"none\n"},
	};
	sg_buf_scoped spki = {0}, subject = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_key_put_spki(pki.device, &spki, &err), err);
	assert_ok(sg_name_from_text(sg_slice_str("CN=device"), &subject, &err), err);
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		sg_enroll_scoped *c = session(SG_ENROLL_PIN_FINGERPRINT);
		sg_buf_scoped der = {0};
		struct sg_cert cert = {0};
		pki_make(&(struct pki_cert){.key_usage = rows[n].usage, .ra = rows[n].agent}, &der);
		struct sg_scep_reply reply = {.status = SG_SCEP_SUCCESS,
		    .certs = {.cert_n = 1, .cert = {sg_buf_slice(&der)}}};
		struct sg_enroll_want want = {
		    .spki = sg_buf_slice(&spki),
		    .subject = sg_buf_slice(&subject),
		    .key_usage = rows[n].asked_usage,
		    .eku_n = rows[n].asked_eku != NULL,
		    .eku = rows[n].asked_eku,
		};
		assert_ok(issued(c, &reply, &want, &cert, &err), err);
		assert_string_equal(heard, rows[n].heard);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(issued__one_certificate__taken_warned_or_refused),
	    cmocka_unit_test(issued__unreadable_but_for_our_key__found),
	    cmocka_unit_test(issued__names_changed__warned),
	    cmocka_unit_test(issued__purposes__compared_where_they_were_asked_for),
	};

	return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
