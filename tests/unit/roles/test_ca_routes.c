/* SPDX-License-Identifier: Apache-2.0 */

/* What ca answers of its database: which rows, on which pages, by which names; and that what cannot
 * be listed is refused before anything changes. Lists and keys have tests of the whole system. */

#include "unit/store/store_test.h"

#include "api/ask.h"
#include "api/ca.h"
#include "api/problem.h"
#include "base/clock.h"
#include "lib/alloc_fail.h"
#include "roles/ca/routes.h"
#include "roles/ca/state.h"
#include "store/ca/revoke.h"

#define DAY 86400

/* A ca that has nothing but its database, and the answer that it gave. */
struct asked {
	struct ca ca;
	struct sg_service_ctx ctx;
	struct sg_conf conf;
	int status;
	struct sg_buf body;
	struct sg_json_doc doc;
};

static enum sg_code
keep_begin(void *arg, int status, const char *content_type, const char *fields, bool has_length,
    uint64_t length, struct sg_err *err)
{
	struct asked *a = arg;

	(void)content_type, (void)fields, (void)has_length, (void)length, (void)err;
	a->status = status;
	return SG_OK;
}

static enum sg_code
keep_put(void *arg, struct sg_slice piece, struct sg_err *err)
{
	struct asked *a = arg;

	sg_buf_put_slice(&a->body, piece);
	return sg_buf_check(&a->body, err);
}

static enum sg_code
keep_end(void *arg, struct sg_err *err)
{
	(void)arg, (void)err;
	return SG_OK;
}

static void
asked_clear(struct asked *a)
{
	sg_buf_clear(&a->body);
	sg_json_doc_clear(&a->doc);
}

/* "/v1/ca/status?x=y"; body NULL: it is a GET. */
static enum sg_code
ask(struct asked *a, struct bed *t, const char *target, const char *body)
{
	static const struct sg_api_principal root = {
	    "uid 0", SG_API_PROOF_PEERCRED, SG_API_RIGHTS_ALL};
	const struct sg_api_sink sink = {
	    .arg = a, .begin = keep_begin, .put = keep_put, .end = keep_end};
	const char *query = strchr(target, '?');
	size_t path_len = query == NULL ? strlen(target) : (size_t)(query - target);
	struct sg_api_ask question = {.method = body == NULL ? SG_HTTP_GET : SG_HTTP_POST,
	    .path = sg_slice(target, path_len),
	    .has_query = query != NULL,
	    .query = text(query == NULL ? "" : query + 1),
	    .content_type = text("application/json"),
	    .body = text(body == NULL ? "" : body)};

	asked_clear(a);
	a->status = 0;
	a->ctx.conf = &a->conf;
	a->ca.ctx = &a->ctx;
	a->ca.store = t->store;
	return sg_api_serve(&ca_api, &question, &root, &a->ca, &sink, &t->err);
}

static void
expect_problem(struct asked *a, int status, const char *rule, const char *member)
{
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_problem p;

	assert_int_equal(sg_json_read(sg_buf_slice(&a->body), &limits, SG_JSON_STRICT,
			     &sg_api_problem_schema, &a->doc, &p, NULL, NULL),
	    SG_OK);
	if (a->status != status || !sg_slice_is(p.rule, rule))
		fail_msg("%d %s, want %d %s", a->status, sg_buf_text(&a->body), status, rule);
	if (member != NULL)
		assert_true(sg_slice_is(p.member, member));
}

static const struct sg_api_certificate *
got_page(struct asked *a, size_t n, struct sg_api_got *ret)
{
	struct sg_err err = {0};

	assert_int_equal(a->status, 200);
	if (sg_api_read_page(&sg_api_ca_routes.route[SG_API_ca_certificates],
		sg_buf_slice(&a->body), &a->doc, ret, &err) != SG_OK)
		fail_msg("%s: %s", err.text, sg_buf_text(&a->body));
	assert_int_equal(ret->items.n, n);
	return ret->items.item;
}

static struct sg_api_certificate
got_certificate(struct asked *a)
{
	struct sg_json_limits limits = sg_json_limits_default();
	struct sg_api_certificate c = {0};
	struct sg_err err = {0};

	if (a->status != 200 || sg_json_read(sg_buf_slice(&a->body), &limits, SG_JSON_STRICT,
				    &sg_api_certificate_schema, &a->doc, &c, NULL, &err) != SG_OK)
		fail_msg("%d %s", a->status, sg_buf_text(&a->body));
	return c;
}

static const char *
serial_text(unsigned n)
{
	static char hex[64];
	struct sg_slice s = serial_of(n);

	for (size_t i = 0; i < s.len; i++)
		snprintf(hex + 2 * i, 3, "%02x", s.p[i]);
	return hex;
}

static void
add(struct bed *t, const struct sg_cadb_new_cert *c)
{
	struct sg_cadb_cert row = {0};
	bool is_new = false;

	assert_ok(sg_cadb_cert_add(t->store, c, &is_new, &row, &t->err));
	assert_true(is_new);
	sg_cadb_cert_clear(&row);
}

/* 1 good, 2 on hold, 3 revoked, 4 withdrawn, 5 good, of other names and a later end, which renews
 * 1; 6 a request that failed. */
static void
fill(struct bed *t)
{
	struct sg_cadb_cert row = {0};

	for (unsigned n = 1; n <= 4; n++)
		issue_one(t, n);
	struct sg_cadb_new_cert other = a_renewal(5, 1);
	other.subject = text("CN=\xc3\xa9,O=Other");
	other.not_after = NOW + 2 * DAY;
	add(t, &other);
	assert_ok(sg_cadb_revoke(
	    t->store, serial_of(2), SG_CADB_REASON_HOLD, false, text("a"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(3), 1, false, text("a"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(t->store, serial_of(4), 5, true, text("a"), NOW, NULL, &t->err));
	assert_ok(
	    sg_cadb_cert_cancel(t->store, text("sixth"), text("no room"), NOW, &row, &t->err));
	sg_cadb_cert_clear(&row);
}

static void
list__each_filter__its_rows(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	static const struct {
		const char *query;
		int64_t ids[6];
	} rows[] = {
	    {"", {5, 4, 3, 2, 1}},
	    {"?state=good", {5, 1}},
	    {"?state=revoked", {4, 3, 2}},
	    {"?state=hold", {2}},
	    {"?state=failed", {6}},
	    {"?state=intent", {0}},
	    {"?subject=other", {5}},
	    {"?subject=%C3%A9", {5}},
	    {"?subject=", {5, 4, 3, 2, 1}},
	    {"?subject=%25", {0}},
	    {"?trace=00000003", {3}},
	    {"?trace=00", {5, 4, 3, 2, 1}},
	    {"?state=good&subject=Dev1", {1}},
	    /* The end is at NOW + DAY: before it is not at it. */
	    {"?expires_before=2023-11-15T22:13:20Z", {0}},
	    {"?expires_before=2023-11-15T22:13:20.000001Z", {4, 3, 2, 1}},
	    {"?expires_before=2023-11-15T22:13:21Z", {4, 3, 2, 1}},
	    {"?expires_before=9999-12-31T23:59:59Z", {5, 4, 3, 2, 1}},
	    {"?expires_before=1970-01-01T00:00:00Z", {0}},
	    {"?expires_before=1969-12-31T23:59:59.5Z", {0}},
	    {"?after=4", {3, 2, 1}},
	    {"?after=1", {0}},
	    /* Of the first certificate. */
	    {"?lineage=5a5a5a5a5a5a5a5a5a5a5a5a5a5a0001", {5, 1}},
	};

	fill(t);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_api_got got;
		char target[192];
		size_t n = 0;
		while (n < 6 && rows[i].ids[n] != 0)
			n++;
		snprintf(target, sizeof target, "/v1/ca/certificates%s", rows[i].query);
		assert_ok(ask(&a, t, target, NULL));
		const struct sg_api_certificate *c = got_page(&a, n, &got);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(c[k].id, rows[i].ids[k]);
		assert_false(got.has_next);
	}
	asked_clear(&a);
}

static void
list__items__what_is_known_and_no_more(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	struct sg_api_got got;

	fill(t);
	assert_ok(ask(&a, t, "/v1/ca/certificates", NULL));
	const struct sg_api_certificate *c = got_page(&a, 5, &got);
	assert_int_equal(c[0].state, SG_CADB_CERT_GOOD);
	assert_int_equal(c[1].state, SG_CADB_CERT_WITHDRAWN);
	assert_int_equal(c[3].state, SG_CADB_CERT_HOLD);
	assert_true(c[0].has_serial && sg_slice_is(c[0].serial, serial_text(5)));
	assert_true(c[0].has_renews && sg_slice_is(c[0].renews, serial_text(1)));
	assert_true(sg_slice_is(c[0].subject, "CN=\xc3\xa9,O=Other"));
	assert_true(c[0].has_not_after && c[0].not_after == (NOW + 2 * DAY) * SG_CLOCK_SECOND);
	assert_true(!c[0].has_revoked_at && !c[0].has_reason && !c[0].has_signer);
	assert_true(c[2].has_revoked_at && c[2].revoked_at == NOW * SG_CLOCK_SECOND);
	assert_true(c[2].has_reason && c[2].reason == 1);
	assert_true(c[4].has_lineage_id && c[4].lineage_id == 1 && c[0].lineage_id == 1);
	assert_true(!c[0].has_lineage && !c[0].has_der && !c[0].has_failure);

	assert_ok(ask(&a, t, "/v1/ca/certificates?state=failed", NULL));
	c = got_page(&a, 1, &got);
	assert_true(!c->has_serial && !c->has_not_before && !c->has_not_after);
	assert_true(c->has_failure && sg_slice_is(c->failure, "no room"));
	asked_clear(&a);
}

static void
list__pages__each_once(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	struct sg_api_got got = {.has_next = true, .next = 99};
	int64_t want = 25;

	for (unsigned n = 1; n <= 25; n++)
		issue_one(t, n);
	while (got.has_next) {
		char target[96];
		snprintf(target, sizeof target, "/v1/ca/certificates?limit=10&after=%lld",
		    (long long)got.next);
		assert_ok(ask(&a, t, target, NULL));
		const struct sg_api_certificate *c = got_page(&a, want < 10 ? 5 : 10, &got);
		for (size_t n = 0; n < got.items.n; n++)
			assert_int_equal(c[n].id, want--);
		assert_true(!got.has_next || got.next == want + 1);
	}
	assert_int_equal(want, 0);
	assert_ok(ask(&a, t, "/v1/ca/certificates?limit=25", NULL));
	got_page(&a, 25, &got);
	assert_false(got.has_next);
	asked_clear(&a);
}

static void
show__long_lineage__newest_and_how_many_more(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	char target[128];

	issue_one(t, 1);
	for (unsigned n = 2; n <= 25; n++) {
		struct sg_cadb_new_cert c = a_renewal(n, n - 1);
		add(t, &c);
	}
	snprintf(target, sizeof target, "/v1/ca/certificates/%s", serial_text(7));
	assert_ok(ask(&a, t, target, NULL));
	struct sg_api_certificate c = got_certificate(&a);
	assert_true(c.has_der && sg_slice_eq(c.der, a_cert(7)));
	assert_true(c.has_lineage && c.lineage.size == 25 && c.lineage.live == 0);
	assert_true(c.lineage.more == 5 && c.lineage.members.n == 20);
	assert_true(sg_slice_is(c.lineage.first, serial_text(1)));
	const struct sg_api_lineage_member *m = c.lineage.members.item;
	assert_true(sg_slice_is(m[0].serial, serial_text(25)) && m[0].has_renews);
	assert_true(sg_slice_is(m[19].renews, serial_text(5)));
	asked_clear(&a);
}

/* An imported one may have a number that is negative, or has octets too many. */
static void
show__serial_numbers__as_openssl_prints_them(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	static const struct {
		const char *key;
		size_t len;
		const char *shown, *asked;
	} rows[] = {
	    {"\x0a\x1b", 2, "0a1b", "0A1B"},
	    {"\0\xff\x01", 3, "-ff", "-FF"},
	    {"\0\0\0\x01", 4, "01", "01"},
	    {"\x0c\x1d", 2, "0c1d", "0c:1d"},
	};

	for (unsigned n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_cadb_new_cert c = a_new_cert(n + 1);
		char target[96];
		c.serial = sg_slice(rows[n].key, rows[n].len);
		add(t, &c);
		snprintf(target, sizeof target, "/v1/ca/certificates/%s", rows[n].asked);
		assert_ok(ask(&a, t, target, NULL));
		struct sg_api_certificate shown = got_certificate(&a);
		if (!sg_slice_is(shown.serial, rows[n].shown))
			fail_msg("%s: %s", rows[n].shown, sg_buf_text(&a.body));
		assert_int_equal(shown.id, n + 1);
	}
	asked_clear(&a);
}

static void
serial__none_or_unknown__refused(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	static const char *const bad[] = {"zz", "-", "00", "1", "1g", "+1", "01%20", "%0a",
	    "010101010101010101010101010101010101010101010101"};

	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		char target[128];
		bool zero = strcmp(bad[n], "00") == 0; /* a number, and nobody's */
		snprintf(target, sizeof target, "/v1/ca/certificates/%s", bad[n]);
		assert_ok(ask(&a, t, target, NULL));
		expect_problem(
		    &a, zero ? 404 : 400, zero ? "serial.unknown" : "control.serial", "serial");
		snprintf(target, sizeof target, "/v1/ca/certificates?lineage=%s", bad[n]);
		assert_ok(ask(&a, t, target, NULL));
		expect_problem(
		    &a, zero ? 404 : 400, zero ? "serial.unknown" : "control.serial", "lineage");
		snprintf(target, sizeof target, "/v1/ca/certificates/%s/revoke", bad[n]);
		assert_ok(ask(&a, t, target, "{}"));
		expect_problem(
		    &a, zero ? 404 : 400, zero ? "serial.unknown" : "control.serial", "serial");
	}
	asked_clear(&a);
}

static void
revoke__no_list_can_have_it__one_is_left_and_a_lineage_is_said(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};
	char target[128];

	for (unsigned n = 1; n <= 2; n++) {
		struct sg_cadb_new_cert c = a_new_cert(n);
		c.not_after = INT64_C(
		    4000000000); /* by the clock of the machine it has not ended */
		add(t, &c);
	}
	snprintf(target, sizeof target, "/v1/ca/certificates/%s/revoke", serial_text(1));
	assert_ok(ask(&a, t, target, "{\"reason\":\"keyCompromise\"}"));
	expect_problem(&a, 409, "revoke.issuer", NULL);
	assert_int_equal(state_of(t, 1), SG_CADB_CERT_GOOD);
	assert_ok(ask(&a, t, target, "{\"lineage\":true}"));
	expect_problem(&a, 409, "revoke.unlisted", NULL);
	assert_int_equal(state_of(t, 1), SG_CADB_CERT_REVOKED);
	assert_int_equal(state_of(t, 2), SG_CADB_CERT_GOOD);
	snprintf(target, sizeof target, "/v1/ca/certificates/%s/release", serial_text(2));
	assert_ok(ask(&a, t, target, "{}"));
	expect_problem(&a, 409, "revoke.issuer", NULL);
	asked_clear(&a);
}

static void
import__no_endpoint_or_no_certificate__refused(void **state)
{
	struct bed *t = *state;
	struct asked a = {0};

	assert_ok(ask(&a, t, "/v1/ca/certificates", "{\"der\":\"3000\"}"));
	expect_problem(&a, 400, "control.endpoint", "endpoint");
	assert_ok(ask(&a, t, "/v1/ca/certificates", "{\"der\":\"3000\",\"endpoint\":\"x\"}"));
	expect_problem(&a, 400, "control.endpoint", "endpoint");
	assert_ok(ask(&a, t, "/v1/ca/certificates", "{\"endpoint\":\"x\"}"));
	expect_problem(&a, 400, "json.absent", "der");
	struct sg_conf_endpoint endpoint = {.name = (char *)(uintptr_t) "default"};
	a.conf.endpoints.item = &endpoint;
	a.conf.endpoints.n = 1;
	assert_ok(ask(&a, t, "/v1/ca/certificates", "{\"der\":\"3000\"}"));
	expect_problem(&a, 400, "import.der", "der");
	asked_clear(&a);
}

/* Until one goes through: an answer or a problem, whole, or none at all. */
static void
expect_nomem(struct bed *t, const char *target)
{
	struct asked a = {0};

	for (unsigned long n = 1; a.status != 200; n++) {
		assert_true(n < 10000);
		alloc_fail_at(n);
		enum sg_code rc = ask(&a, t, target, NULL);
		alloc_fail_at(0);
		if (rc != SG_OK)
			assert_int_equal(rc, SG_E_NOMEM);
		else if (a.status != 200)
			assert_int_equal(a.status, 503);
	}
	asked_clear(&a);
}

static void
list_and_show__no_memory__said(void **state)
{
	struct bed *t = *state;
	char target[128];

	fill(t);
	snprintf(target, sizeof target, "/v1/ca/certificates?lineage=%s", serial_text(1));
	expect_nomem(t, target);
	snprintf(target, sizeof target, "/v1/ca/certificates/%s", serial_text(1));
	expect_nomem(t, target);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_ca(list__each_filter__its_rows),
	    case_ca(list__items__what_is_known_and_no_more),
	    case_ca(list__pages__each_once),
	    case_ca(show__long_lineage__newest_and_how_many_more),
	    case_ca(show__serial_numbers__as_openssl_prints_them),
	    case_ca(serial__none_or_unknown__refused),
	    case_ca(revoke__no_list_can_have_it__one_is_left_and_a_lineage_is_said),
	    case_ca(import__no_endpoint_or_no_certificate__refused),
	    case_ca(list_and_show__no_memory__said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
