/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/renewal.h"
#include "x509/cert.h"
#include "x509/signed.h"

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
	    .sigalg = {SG_SIG_ECDSA, SG_HASH_SHA256, 0, SG_HASH_NONE},
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
	enum sg_renewal_sans sans;
};

static void
setup(struct bench *b)
{
	memset(b, 0, sizeof *b);
	put_cert(&b->cert, "CN=dev1, O=Test", "dns:a.example;upn:x@y.example", FROM, TO);
	request_init(&b->req, "CN=dev1, O=Test", "rsa2048", "upn:x@y.example;dns:a.example");
	b->r = (struct sg_renewal){
	    .allowed = true,
	    .issued_at = sg_slice_str("default"),
	    .endpoint = sg_slice_str("default"),
	    .good = true,
	    .not_before = FROM,
	    .not_after = TO,
	    .now = FROM + 1000,
	};
}

/* The certificate as ca has it on record. */
static enum sg_code
ask_names(struct bench *b, struct sg_err *err)
{
	struct sg_cert old;

	assert_ok(sg_cert_parse(sg_buf_slice(&b->cert), &old, NULL));
	return sg_renewal_names(&old, &b->req.csr, b->sans, b->r.endpoint, err);
}

static void
teardown(struct bench *b)
{
	sg_buf_clear(&b->cert);
	request_clear(&b->req);
}

static void
renewal_names__same__ok(void **state)
{
	struct bench b;

	(void)state;
	setup(&b);
	assert_ok(sg_renewal_check(&b.r, NULL));
	assert_ok(ask_names(&b, NULL));
	teardown(&b);
}

static void
renewal_ours__every_answer__own_rule(void **state)
{
	(void)state;
	assert_ok(sg_renewal_ours(true, false, NULL));
	assert_rule(sg_renewal_ours(false, false, err), SG_E_DENIED, "renewal.foreign");
	assert_rule(sg_renewal_ours(false, true, err), SG_E_DENIED, "renewal.altered");
	assert_ok(sg_renewal_still(true, true, NULL));
	assert_rule(sg_renewal_still(true, false, err), SG_E_DENIED, "renewal.revoked");
	assert_rule(sg_renewal_still(false, true, err), SG_E_DENIED, "renewal.foreign");
	assert_rule(sg_renewal_still(false, false, err), SG_E_DENIED, "renewal.foreign");
}

/* Every set of facts: the first that speaks against it says so. */
static void
renewal_check__all_facts__first_in_order(void **state)
{
	static const char *const order[] = {"renewal.off", "renewal.endpoint", "renewal.revoked",
	    "renewal.not-yet", "renewal.expired"};
	struct bench b;

	(void)state;
	setup(&b);
	for (unsigned against = 0; against < 1u << 5; against++) {
		struct sg_renewal r = b.r;
		unsigned first = 0;
		if ((against & 3u << 3) == 3u << 3)
			continue; /* not yet and no more */
		r.allowed = (against & 1u << 0) == 0;
		r.endpoint = sg_slice_str(against & 1u << 1 ? "other" : "Default");
		r.good = (against & 1u << 2) == 0;
		r.now = against & 1u << 3 ? FROM - 1 : against & 1u << 4 ? TO + 1 : FROM;
		while (first < 5 && (against & 1u << first) == 0)
			first++;
		if (first == 5)
			assert_ok(sg_renewal_check(&r, NULL));
		else
			assert_rule(sg_renewal_check(&r, err), SG_E_DENIED, order[first]);
	}
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
			assert_ok(sg_renewal_check(&b.r, NULL));
		else
			assert_rule(sg_renewal_check(&b.r, err), SG_E_DENIED, rows[i].rule);
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
		struct sg_cert old;
		assert_ok(sg_cert_parse(sg_buf_slice(&b.cert), &old, NULL));
		b.r.not_before = old.not_before;
		b.r.not_after = old.not_after;
		b.r.now = end;
		assert_ok(sg_renewal_check(&b.r, NULL));
		b.r.now = end + 1;
		assert_rule(sg_renewal_check(&b.r, err), SG_E_DENIED, "renewal.expired");
		teardown(&b);
	}
}

static void
renewal_names__other__refused(void **state)
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
		assert_rule(ask_names(&b, err), SG_E_DENIED, rows[i].rule);
		teardown(&b);
	}
}

/* A request without alternative names: by the option. Any other set is refused in both, and so is
 * one where the old certificate has none. */
static void
renewal_names__no_sans__by_the_option(void **state)
{
	struct sg_err why = {0};
	struct bench b;

	(void)state;
	for (int keep = SG_RENEWAL_SANS_SAME; keep <= SG_RENEWAL_SANS_KEEP; keep++) {
		setup(&b);
		b.sans = (enum sg_renewal_sans)keep;
		assert_ok(ask_names(&b, NULL));
		request_clear(&b.req);
		request_init(&b.req, "CN=dev1, O=Test", "rsa2048", "");
		if (keep) {
			assert_ok(ask_names(&b, NULL));
		} else {
			assert_int_equal(ask_names(&b, &why), SG_E_DENIED);
			assert_string_equal(why.rule, "renewal.san");
			assert_non_null(strstr(why.text, "has dns:a.example, upn:x@y.example, "));
			assert_non_null(strstr(why.text, "for no names; "));
			assert_non_null(strstr(why.text, "'endpoints.default.renewal-sans: keep'"));
		}
		request_clear(&b.req);
		request_init(&b.req, "CN=dev2, O=Test", "rsa2048", "");
		assert_rule(ask_names(&b, err), SG_E_DENIED, "renewal.subject");
		request_clear(&b.req);
		request_init(&b.req, "CN=dev1, O=Test", "rsa2048", "dns:a.example");
		assert_int_equal(ask_names(&b, &why), SG_E_DENIED);
		assert_string_equal(why.rule, "renewal.san");
		assert_null(strstr(why.text, "renewal-sans"));
		sg_buf_reset(&b.cert);
		put_cert(&b.cert, "CN=dev1, O=Test", "", FROM, TO);
		assert_rule(ask_names(&b, err), SG_E_DENIED, "renewal.san");
		request_clear(&b.req);
		request_init(&b.req, "CN=dev1, O=Test", "rsa2048", "");
		assert_ok(ask_names(&b, NULL));
		teardown(&b);
	}
}

static const struct sg_renewal_limits no_limits = {.endpoint = {(const uint8_t *)"dev", 3}};
static const struct sg_renewal_use a_use = {.serial = {(const uint8_t *)"\x5a\x01", 2},
    .not_after = TO,
    .now = FROM,
    .live = 7,
    .live_ends = TO,
    .renewals = 9,
    .renewals_from = FROM + 500 - SG_RENEWAL_DAY_S};

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
	    cmocka_unit_test(renewal_names__same__ok),
	    cmocka_unit_test(renewal_ours__every_answer__own_rule),
	    cmocka_unit_test(renewal_check__all_facts__first_in_order),
	    cmocka_unit_test(renewal_check__times__edges_are_exact),
	    cmocka_unit_test(renewal_check__across_2050__edges_are_exact),
	    cmocka_unit_test(renewal_names__other__refused),
	    cmocka_unit_test(renewal_names__no_sans__by_the_option),
	    cmocka_unit_test(renewal_limit__window__edges_are_exact),
	    cmocka_unit_test(renewal_limit__counts__up_to_the_limit_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
