/* SPDX-License-Identifier: Apache-2.0 */

/* GetCACaps, GetCACert and the repetition of an exchange, against a server that is told what to
 * say. */

#include "unit/enroll/pki.h"

#include "base/alloc.h"
#include "enroll/exchange.h"
#include "scep/caps.h"
#include "unit/enroll/server.h"

struct heard {
	unsigned waits, warnings;
	int64_t wait_ms;
	char text[512];
};

static void
hear(void *arg, const struct sg_enroll_event *event)
{
	struct heard *h = arg;

	h->waits += event->kind == SG_ENROLL_WAIT;
	h->warnings += event->kind == SG_ENROLL_WARNING;
	h->wait_ms = event->wait_ms;
	snprintf(h->text, sizeof h->text, "%s", event->text);
}

static int64_t
now(void)
{
	return PKI_NOW;
}

static struct sg_enroll *
session(const struct server *s, unsigned retries, struct heard *heard)
{
	struct sg_enroll_options options = {
	    .url = s->url,
	    .user_agent = "test/1",
	    .timeout_ms = 30000,
	    .retries = retries,
	    .now = now,
	    .listener = {.tell = hear, .arg = heard},
	};
	struct sg_enroll *c = NULL;
	struct sg_err err = {0};

	assert_ok(sg_enroll_open(&options, &c, &err), err);
	return c;
}

static void
caps__answers__words_or_why_none(void **state)
{
	static const struct {
		struct server server;
		uint32_t caps;
		const char *note;
	} rows[] = {
	    {{.caps = "AES\nSHA-256\n"}, SG_CAP_AES | SG_CAP_SHA256, ""},
	    {{.caps = "x y z"}, 0, "no known word"},
	    {{.caps = NULL}, 0, "HTTP status 404"},
	    {{.web_page = "<html>AES SHA-256</html>"}, 0, "a web page"},
	    {{.web_page = "AES\nSHA-256\n"}, SG_CAP_AES | SG_CAP_SHA256, ""},
	    {{.web_page = ""}, 0, "no known word"},
	    {{.answer = "nonsense"}, 0, "the connection was closed"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct server s = rows[n].server;
		struct heard heard = {0};
		struct sg_err err = {0};
		server_start(&s);
		sg_enroll_scoped *c = session(&s, 0, &heard);
		enum sg_code rc = sg_enroll_get_caps(c, &err);
		server_end(&s);
		assert_ok(rc, err);
		assert_int_equal(c->caps, rows[n].caps);
		assert_string_equal(c->caps_note, rows[n].note);
		assert_int_equal(s.requests, 1);
	}
}

static void
certs__one_or_several__added_untrusted(void **state)
{
	struct server s = {.certs = {&pki.ra_der, &pki.ca_der}};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	server_start(&s);
	sg_enroll_scoped *c = session(&s, 0, &heard);
	enum sg_code rc = sg_enroll_get_certs(c, &err);
	server_end(&s);
	assert_ok(rc, err);
	assert_int_equal(c->trust.n, 2);
	assert_false(c->trust.item[0].trusted || c->trust.item[1].trusted);
}

static void
certs__bad_answers__refused(void **state)
{
	static const struct {
		struct server server;
		enum sg_code code;
		const char *rule, *text;
	} rows[] = {
	    {{.web_page = "<html>"}, SG_E_MALFORMED, "client.certs",
		"have 6 bytes of 'text/html': is this the URL of a SCEP service?"},
	    {{.answer = "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"},
		SG_E_DENIED, "client.http.status", "302: it redirects, which is not followed"},
	    {{.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}, SG_E_NOTFOUND,
		"client.http.status", "no SCEP service at this path"},
	    {{.answer = "HTTP/1.1 503 No\r\nRetry-After: 301\r\nContent-Length: 0\r\n\r\n"},
		SG_E_BUSY, "client.http.status", "(Retry-After: 301): the server is overloaded"},
	    {{.answer = "HTTP/1.1 500 No\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\n"
			"\r\nno \x1b[31mroom\nleft"},
		SG_E_DENIED, "client.http.status", "password cache); it says 'no \\x1b[31mroom'"},
	    {{.answer = "HTTP/1.1 403 No\r\nContent-Type: text/html\r\nContent-Length: 34\r\n\r\n"
			"<html><title>Forbidden</title><p>x"},
		SG_E_DENIED, "client.http.status", "; it says 'Forbidden'"},
	    {{.answer = "HTTP/1.1 599 No\r\nContent-Length: 0\r\n\r\n"}, SG_E_BUSY,
		"client.http.status", "GetCACert: HTTP status 599: want 200"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct server s = rows[n].server;
		struct heard heard = {0};
		struct sg_err err = {0};
		server_start(&s);
		/* One retry: only the longest Retry-After would use it, and is told instead. */
		sg_enroll_scoped *c = session(&s, 1, &heard);
		enum sg_code rc = sg_enroll_get_certs(c, &err);
		server_end(&s);
		assert_refused(rc, err, rows[n].code, rows[n].rule, rows[n].text);
		assert_int_equal(heard.waits, 0);
		assert_int_equal(s.requests, 1);
	}
}

static void
repeat__busy_once__waits_and_tells(void **state)
{
	struct server s = {.certs = {&pki.ca_der}, .busy = 1};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	server_start(&s);
	sg_enroll_scoped *c = session(&s, 1, &heard);
	enum sg_code rc = sg_enroll_get_certs(c, &err);
	server_end(&s);
	assert_ok(rc, err);
	assert_int_equal(s.requests, 2);
	assert_int_equal(heard.waits, 1);
	assert_in_range(heard.wait_ms, 200, 1000);
	assert_string_equal(heard.text, "HTTP status 503");
}

static void
repeat__busy_for_ever__says_how_often(void **state)
{
	struct server s = {.busy = 9};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	server_start(&s);
	sg_enroll_scoped *c = session(&s, 1, &heard);
	enum sg_code rc = sg_enroll_get_certs(c, &err);
	server_end(&s);
	assert_refused(rc, err, SG_E_BUSY, "client.http.status", "HTTP status 503 after 2 tries");
	assert_int_equal(s.requests, 2);
}

static void
operate__post_and_get__by_the_method(void **state)
{
	(void)state;
	for (int post = 0; post < 2; post++) {
		struct server s = {.web_page = "x"};
		struct heard heard = {0};
		struct sg_err err = {0};
		sg_buf_scoped out = {0};
		bool again = true;
		server_start(&s);
		sg_enroll_scoped *c = session(&s, 3, &heard);
		enum sg_code rc = sg_enroll_operate(
		    c, sg_slice("abc", 3), post, 0, &again, &out, &err);
		server_end(&s);
		assert_refused(rc, err, SG_E_MALFORMED, "client.answer", "have a web page");
		assert_false(again);
		assert_string_equal(s.method, post ? "POST" : "GET");
		assert_int_equal(s.operations, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(caps__answers__words_or_why_none),
	    cmocka_unit_test(certs__one_or_several__added_untrusted),
	    cmocka_unit_test(certs__bad_answers__refused),
	    cmocka_unit_test(repeat__busy_once__waits_and_tells),
	    cmocka_unit_test(repeat__busy_for_ever__says_how_often),
	    cmocka_unit_test(operate__post_and_get__by_the_method),
	};

	return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
