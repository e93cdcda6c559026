/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/renewal.h"
#include "x509/cert.h"

#define FROM INT64_C(1800000000)
#define TO (FROM + 86400)

static void
put_cert(struct sg_buf *out, const char *subject, const char *sans, int64_t from, int64_t to)
{
	static const uint8_t serial[] = {0x41, 1, 2, 3}, sig[] = {0x30, 0x00};
	struct sg_sans names = {.n = 0};
	sg_buf_scoped name = {0}, spki = {0}, store = {0}, tbs = {0};

	put_name(&name, subject);
	put_key(&spki, "p256");
	set_sans(&names, &store, sans);
	const struct sg_cert_facts f = {
	    .serial = sg_slice(serial, sizeof serial),
	    .sigalg = {SG_SIG_ECDSA, SG_HASH_SHA256, 0},
	    .issuer = sg_buf_slice(&name),
	    .subject = sg_buf_slice(&name),
	    .spki = sg_buf_slice(&spki),
	    .not_before = from,
	    .not_after = to,
	    .path_len = -1,
	    .sans = names.n > 0 ? &names : NULL,
	};
	sg_cert_put_tbs(&tbs, &f);
	assert_ok(sg_buf_check(&tbs, NULL));
	sg_signed_put(out, sg_buf_slice(&tbs), f.sigalg, sg_slice(sig, sizeof sig));
	assert_ok(sg_buf_check(out, NULL));
}

struct bench {
	struct sg_buf cert;
	struct request req;
	struct sg_renewal r;
};

static void
setup(struct bench *b)
{
	memset(b, 0, sizeof *b);
	put_cert(&b->cert, "CN=dev1, O=Test", "dns:a.example;upn:x@y.example", FROM, TO);
	request_init(&b->req, "CN=dev1, O=Test", "rsa2048", "upn:x@y.example;dns:a.example");
	b->r = (struct sg_renewal){
	    .signer = sg_buf_slice(&b->cert),
	    .record = sg_buf_slice(&b->cert),
	    .record_endpoint = sg_slice_str("default"),
	    .endpoint = sg_slice_str("default"),
	    .now = FROM + 1000,
	};
}

static void
teardown(struct bench *b)
{
	sg_buf_clear(&b->cert);
	request_clear(&b->req);
}

static void
renewal_check__same_names_in_validity__ok(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	assert_ok(sg_renewal_check(&b.r, &b.req.csr, NULL));
	teardown(&b);
}

static void
renewal_check__certificate_not_ours__refused(void **state)
{
	struct bench b;
	sg_buf_scoped altered = {0};

	(void)state;
	setup(&b);
	b.r.record = sg_slice(NULL, 0);
	assert_rule(sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, "renewal.foreign");
	sg_buf_put_slice(&altered, sg_buf_slice(&b.cert));
	b.r.record = sg_buf_slice(&b.cert);
	b.r.signer = sg_buf_slice(&altered);
	/* Every single byte counts. */
	for (size_t i = 0; i < altered.len; i++) {
		altered.p[i] ^= 1;
		assert_rule(
		    sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, "renewal.altered");
		altered.p[i] ^= 1;
	}
	b.r.signer.len--;
	assert_rule(sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, "renewal.altered");
	teardown(&b);
}

static void
renewal_check__endpoint_and_revocation__refused(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	b.r.endpoint = sg_slice_str("other");
	assert_rule(sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, "renewal.endpoint");
	b.r.endpoint = sg_slice_str("default");
	b.r.revoked = true;
	assert_rule(sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, "renewal.revoked");
	teardown(&b);
}

static void
renewal_check__times__edges_are_exact(void **state)
{
	static const struct {
		int64_t now, grace;
		const char *rule;
	} rows[] = {
	    {FROM - 1, 0, "renewal.not-yet"},
	    {FROM, 0, NULL},
	    {TO, 0, NULL},
	    {TO + 1, 0, "renewal.expired"},
	    {TO + 1, 1, NULL},
	    {TO + 2, 1, "renewal.expired"},
	    {TO + 30 * 86400, 30 * 86400, NULL},
	    {TO + 30 * 86400 + 1, 30 * 86400, "renewal.expired"},
	    {TO + 1, -5, "renewal.expired"},
	    {TO, -5, NULL},
	    {0, 0, "renewal.not-yet"},
	    {INT64_C(253402300799), INT64_MAX, NULL},
	};
	struct bench b;

	(void)state;
	setup(&b);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		b.r.now = rows[i].now;
		b.r.grace_s = rows[i].grace;
		if (rows[i].rule == NULL)
			assert_ok(sg_renewal_check(&b.r, &b.req.csr, NULL));
		else
			assert_rule(
			    sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, rows[i].rule);
	}
	teardown(&b);
}

static void
renewal_check__across_2050__edges_are_exact(void **state)
{
	/* 2049-12-31T23:59:59Z is the last UTCTime, a second later GeneralizedTime begins. */
	static const int64_t last_utc = INT64_C(2524607999);
	struct bench b;

	(void)state;
	for (int64_t end = last_utc; end <= last_utc + 1; end++) {
		setup(&b);
		sg_buf_reset(&b.cert);
		put_cert(
		    &b.cert, "CN=dev1, O=Test", "dns:a.example;upn:x@y.example", end - 10, end);
		b.r.signer = b.r.record = sg_buf_slice(&b.cert);
		b.r.now = end;
		assert_ok(sg_renewal_check(&b.r, &b.req.csr, NULL));
		b.r.now = end + 1;
		assert_rule(
		    sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, "renewal.expired");
		teardown(&b);
	}
}

static void
renewal_check__other_names__refused(void **state)
{
	static const struct {
		const char *subject, *sans, *rule;
	} rows[] = {
	    {"CN=dev2, O=Test", "dns:a.example;upn:x@y.example", "renewal.subject"},
	    {"CN=dev1", "dns:a.example;upn:x@y.example", "renewal.subject"},
	    {"O=Test, CN=dev1", "dns:a.example;upn:x@y.example", "renewal.subject"},
	    {"", "dns:a.example;upn:x@y.example", "renewal.subject"},
	    {"CN=dev1, O=Test", "", "renewal.san"},
	    {"CN=dev1, O=Test", "dns:a.example", "renewal.san"},
	    {"CN=dev1, O=Test", "dns:b.example;upn:x@y.example", "renewal.san"},
	    {"CN=dev1, O=Test", "dns:a.example;upn:x@y.example;dns:c.example", "renewal.san"},
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		setup(&b);
		request_clear(&b.req);
		request_init(&b.req, rows[i].subject, "rsa2048", rows[i].sans);
		assert_rule(sg_renewal_check(&b.r, &b.req.csr, err), SG_E_DENIED, rows[i].rule);
		teardown(&b);
	}
}

static void
renewal_check__broken_record__our_fault(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	b.r.signer.len--;
	b.r.record.len--;
	assert_rule(sg_renewal_check(&b.r, &b.req.csr, err), SG_E_INTERNAL, "renewal.record");
	teardown(&b);
}

static const struct sg_renewal_limits no_limits = {.endpoint = {(const uint8_t *)"dev", 3}};
static const struct sg_renewal_use a_use = {.serial = {(const uint8_t *)"\x5a\x01", 2},
    .not_after = TO,
    .now = FROM,
    .live = 7,
    .live_ends = TO,
    .renewals = 9,
    .renewals_next = FROM + 500};

static void
renewal_limit__window__edges_are_exact(void **state)
{
	static const struct {
		int64_t window, now;
		bool ok;
	} rows[] = {
	    {0, FROM, true},
	    {0, 0, true},
	    {-1, FROM, true},
	    {3600, TO - 3601, false},
	    {3600, TO - 3600, true},
	    {3600, TO, true},
	    {3600, TO + 1, true},
	    {86400, FROM, true},
	    {86399, FROM, false},
	    {INT64_C(315360000), 0, false},
	};
	struct sg_renewal_limits l = no_limits;
	struct sg_renewal_use use = a_use;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		l.window_s = rows[i].window;
		use.now = rows[i].now;
		if (rows[i].ok)
			assert_ok(sg_renewal_limit(&l, &use, NULL));
		else
			assert_rule(sg_renewal_limit(&l, &use, err), SG_E_DENIED, "renewal.window");
	}
}

static void
renewal_limit__counts__up_to_the_limit_and_named(void **state)
{
	struct sg_renewal_limits l = no_limits;
	struct sg_renewal_use use = a_use;
	struct sg_err why = {0};

	(void)state;
	/* Without limits any number. */
	use.live = use.renewals = UINT64_MAX;
	assert_ok(sg_renewal_limit(&l, &use, NULL));
	use = a_use;
	l.successors = 8;
	l.per_day = 10;
	assert_ok(sg_renewal_limit(&l, &use, NULL));
	use.live = 8; /* the new one would be the ninth */
	assert_int_equal(sg_renewal_limit(&l, &use, &why), SG_E_DENIED);
	assert_string_equal(why.rule, "renewal.successors");
	assert_non_null(strstr(why.text, "endpoints.dev.renewal-successors is 8"));
	assert_non_null(strstr(why.text, "--lineage 5a01"));
	use.live = 7;
	use.renewals = 10;
	assert_int_equal(sg_renewal_limit(&l, &use, &why), SG_E_DENIED);
	assert_string_equal(why.rule, "renewal.rate");
	assert_non_null(strstr(why.text, "endpoints.dev.renewals-per-day is 10"));
	assert_non_null(strstr(why.text, "2027-01-15T08:08:20Z")); /* FROM + 500 */
	/* Each without the other; the limit may have been lowered since. */
	l.per_day = 0;
	assert_ok(sg_renewal_limit(&l, &use, NULL));
	use.live = 900;
	assert_rule(sg_renewal_limit(&l, &use, err), SG_E_DENIED, "renewal.successors");
	l = no_limits;
	l.per_day = 1;
	assert_rule(sg_renewal_limit(&l, &use, err), SG_E_DENIED, "renewal.rate");
	use.renewals = 0;
	assert_ok(sg_renewal_limit(&l, &use, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renewal_check__same_names_in_validity__ok),
	    cmocka_unit_test(renewal_check__certificate_not_ours__refused),
	    cmocka_unit_test(renewal_check__endpoint_and_revocation__refused),
	    cmocka_unit_test(renewal_check__times__edges_are_exact),
	    cmocka_unit_test(renewal_check__across_2050__edges_are_exact),
	    cmocka_unit_test(renewal_check__other_names__refused),
	    cmocka_unit_test(renewal_check__broken_record__our_fault),
	    cmocka_unit_test(renewal_limit__window__edges_are_exact),
	    cmocka_unit_test(renewal_limit__counts__up_to_the_limit_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
