/* SPDX-License-Identifier: Apache-2.0 */

/*
 * exchange.c - the three operations over HTTP, and when to try them again: below it is http/client,
 * above it send.c and the commands that only ask
 *
 * Again: nobody answered, or the server asked for it (429, 502, 503, 504), after a random
 * time that doubles, or the server's Retry-After. Everything else is the server's word.
 */

#include "enroll/exchange.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "asn1/tag.h"
#include "base/base64.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "enroll/certs.h"
#include "enroll/text.h"
#include "http/url.h"
#include "scep/caps.h"

static const struct {
	int status;
	enum sg_code code;
	const char *means;
} statuses[] = {
    {301, SG_E_DENIED, "it lives elsewhere now: redirects are not followed, give the new URL"},
    {302, SG_E_DENIED, "it redirects, which is not followed: give the final URL"},
    {307, SG_E_DENIED, "it redirects, which is not followed: give the final URL"},
    {308, SG_E_DENIED, "it lives elsewhere now: redirects are not followed, give the new URL"},
    {400, SG_E_DENIED, "the server could not read the request: is this the URL of a SCEP service?"},
    {401, SG_E_DENIED, "the URL wants a login, which SCEP has not: check the path"},
    {403, SG_E_DENIED, "access is forbidden: check the path and the server's access rules"},
    {404, SG_E_NOTFOUND, "there is no SCEP service at this path: check the URL"},
    {405, SG_E_DENIED, "the method is not allowed: try --get or --post"},
    {408, SG_E_TIMEOUT, "the request took too long to arrive: try again"},
    {413, SG_E_DENIED, "the request is too large for the server"},
    {414, SG_E_DENIED, "the URL is too long for the server: try --post"},
    {429, SG_E_BUSY, "too many requests: try again later"},
    {431, SG_E_DENIED, "the request is too large for the server: try --post"},
    {500, SG_E_DENIED,
	"the server failed: see its log (NDES: expired RA certificates, password cache)"},
    {502, SG_E_BUSY, "a proxy does not reach the server: try again later"},
    {503, SG_E_BUSY, "the server is overloaded or stopped: try again later"},
    {504, SG_E_BUSY, "a proxy got no answer from the server: try again later"},
};

/* ": it says '...'" of an answer that is no SCEP; "" where there is no text. */
static const char *
said(const struct sg_http_reply *reply, struct sg_buf *b)
{
	sg_buf_scoped line = {0};
	bool html = strcmp(reply->content_type, "text/html") == 0;

	if (!html && strncmp(reply->content_type, "text/", 5) != 0 &&
	    strstr(reply->content_type, "json") == NULL && reply->content_type[0] != '\0')
		return "";
	const char *first = sg_enroll_first_line(&line, sg_buf_slice(&reply->body), html);
	if (first[0] == '\0')
		return "";
	sg_buf_printf(b, "; it says '%s'", first);
	return sg_buf_text(b);
}

static enum sg_code
fail_status(const struct sg_enroll *c, const char *what, const struct sg_http_reply *reply,
    struct sg_err *err)
{
	enum sg_code code = reply->status >= 500 ? SG_E_BUSY : SG_E_DENIED;
	const char *means = "want 200";
	char tries[32] = "", later[96] = "";
	sg_buf_scoped shown = {0}, line = {0};

	for (size_t n = 0; n < sizeof statuses / sizeof statuses[0]; n++) {
		if (statuses[n].status != reply->status)
			continue;
		code = statuses[n].code;
		means = statuses[n].means;
	}
	if (c->tries > 1)
		snprintf(tries, sizeof tries, " after %u tries", c->tries);
	if (reply->retry_after[0] != '\0')
		snprintf(later, sizeof later, " (Retry-After: %.60s)",
		    sg_enroll_shown(&shown, reply->retry_after));
	return sg_fail(err, code, "client.http.status", "%s: HTTP status %d%s%s: %s%s", what,
	    reply->status, tries, later, means, said(reply, &line));
}

/* A random time, at most 1, 2, 4 ... 60 seconds. */
static int64_t
backoff_ms(unsigned attempt)
{
	uint32_t r = 0;
	int64_t top = attempt < 6 ? (int64_t)1000 << attempt : 60000;

	sg_ignore(sg_random(&r, sizeof r, NULL)); /* without, all wait the shortest time */
	return 200 + (int64_t)(r % (uint32_t)(top - 200));
}

static void
wait_ms(const struct sg_enroll *c, int64_t ms, const char *why)
{
	struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};

	sg_enroll_tell_wait(&c->options.listener, ms, why);
	while (nanosleep(&ts, &ts) != 0)
		continue;
}

static bool
may_repeat(enum sg_code rc, const struct sg_err *err, int status)
{
	if (rc == SG_OK)
		return status == 429 || status == 502 || status == 503 || status == 504;
	return (rc == SG_E_IO || rc == SG_E_TIMEOUT) && strcmp(err->rule, "http.client.tls") != 0;
}

/* True after having waited, when the exchange is worth repeating. */
static bool
wait_again(const struct sg_enroll *c, unsigned attempt, enum sg_code rc,
    const struct sg_http_reply *reply, const struct sg_err *err)
{
	char why[64];

	if (attempt >= c->options.retries || !may_repeat(rc, err, reply->status))
		return false;
	int64_t asked = rc == SG_OK ? sg_http_retry_after(reply->retry_after, c->options.now())
				    : -1;
	if (asked > SG_ENROLL_WAIT_MAX_S)
		return false;
	snprintf(why, sizeof why, "HTTP status %d", reply->status);
	/* Devices that are told the same time must not all come back in the same second. */
	wait_ms(
	    c, (asked > 0 ? asked * 1000 : 0) + backoff_ms(attempt), rc == SG_OK ? why : err->text);
	return true;
}

static enum sg_code
call_once(struct sg_enroll *c, const char *url, const struct sg_slice *body,
    struct sg_http_reply *ret, struct sg_err *err)
{
	struct sg_http_call call = {
	    .url = url,
	    .post = body != NULL,
	    .content_type = "application/x-pki-message",
	    .body = body != NULL ? *body : sg_slice(NULL, 0),
	    .timeout_ms = c->options.timeout_ms,
	    .ca_file = c->options.tls_ca,
	    .proxy = c->options.proxy,
	    .user_agent = c->options.user_agent,
	};
	return sg_http_client_call(c->http, &call, ret, err);
}

static void
say_tries(const struct sg_enroll *c, struct sg_err *err)
{
	if (c->tries > 1)
		sg_err_prefix(err, "after %u tries", c->tries);
}

/* GET ?operation=..., repeated where it may be; any status is SG_OK. */
static enum sg_code
get(struct sg_enroll *c, const char *operation, struct sg_http_reply *ret, struct sg_err *err)
{
	struct sg_http_param param = {"operation", sg_slice_str(operation)};
	sg_buf_scoped url = {0};
	struct sg_err own;

	enum sg_code rc = sg_http_url_add(sg_slice_str(c->options.url), &param, 1, &url, err);
	for (unsigned attempt = 0; rc == SG_OK; attempt++) {
		c->tries = attempt + 1;
		rc = call_once(c, sg_buf_text(&url), NULL, ret, &own);
		if (!wait_again(c, attempt, rc, ret, &own)) {
			if (rc != SG_OK)
				say_tries(c, &own);
			*err = rc != SG_OK ? own : *err;
			return rc;
		}
		rc = SG_OK;
	}
	return rc;
}

enum sg_code
sg_enroll_get_caps(struct sg_enroll *c, struct sg_err *err)
{
	sg_http_reply_scoped reply = {0};

	enum sg_code rc = get(c, "GetCACaps", &reply, err);
	if (rc == SG_E_IO && strcmp(err->rule, "http.client.broken") == 0) {
		/* Old NDES closes the connection. */
		snprintf(c->caps_note, sizeof c->caps_note, "the connection was closed");
		return SG_OK;
	}
	if (rc != SG_OK)
		return rc;
	if (reply.status != 200) {
		snprintf(c->caps_note, sizeof c->caps_note, "HTTP status %d", reply.status);
		return SG_OK;
	}
	sg_buf_put_slice(&c->caps_text, sg_buf_slice(&reply.body));
	rc = sg_buf_check(&c->caps_text, err);
	if (rc != SG_OK)
		return rc;
	/* A web page may contain such words by chance; text/html alone is what a script sends that
	 * says nothing else. */
	if (strcmp(reply.content_type, "text/html") == 0 && reply.body.len > 0 &&
	    memchr(reply.body.p, '<', reply.body.len) != NULL)
		snprintf(c->caps_note, sizeof c->caps_note, "a web page");
	else
		c->caps = sg_scep_caps_parse(sg_buf_slice(&c->caps_text));
	if (c->caps == 0 && c->caps_note[0] == '\0')
		snprintf(c->caps_note, sizeof c->caps_note, "no known word");
	return SG_OK;
}

/* The content counts, the media type only informs. */
static void
expect_type(const struct sg_enroll *c, const char *what, const char *type, const char *want)
{
	sg_buf_scoped shown = {0};

	if (strcmp(type, want) != 0)
		sg_enroll_warn(&c->options.listener,
		    "%s: the server sends it as '%.100s', and RFC 8894 4 wants %s", what,
		    sg_enroll_shown(&shown, type), want);
}

static enum sg_code
read_certs(struct sg_enroll *c, const struct sg_http_reply *reply, struct sg_err *err)
{
	sg_buf_scoped shown = {0}, line = {0};
	struct sg_enroll_certs certs = {0};
	struct sg_err bad = {.text = ""};

	enum sg_code rc = sg_enroll_certs_read(
	    sg_buf_slice(&reply->body), &c->certs_der, &certs, err);
	if (rc == SG_E_MALFORMED && strcmp(err->rule, "client.certs") == 0)
		return sg_fail(err, rc, "client.certs",
		    "GetCACert: want a certificate or a certs-only message, have %zu bytes of "
		    "'%.100s'%s: is this the URL of a SCEP service?",
		    reply->body.len, sg_enroll_shown(&shown, reply->content_type),
		    said(reply, &line));
	if (rc != SG_OK) {
		sg_err_prefix(err, "GetCACert");
		return rc;
	}
	for (size_t n = 0; n < certs.n; n++)
		/* One that we cannot read is one that we do not trust. */
		sg_ignore(sg_enroll_trust_add(
			      &c->trust, certs.cert[n], SG_ENROLL_FROM_SERVER, &bad) != SG_OK);
	if (c->trust.n == 0)
		return sg_fail(err, SG_E_MALFORMED, "client.certs",
		    "GetCACert: none of %zu certificates can be read%s%.200s", certs.n,
		    bad.text[0] != '\0' ? ": " : "", bad.text);
	if (certs.odd != NULL)
		sg_enroll_warn(&c->options.listener, "GetCACert: the server sends %s", certs.odd);
	expect_type(c, "GetCACert", reply->content_type,
	    certs.bare && certs.n == 1 ? "application/x-x509-ca-cert"
				       : "application/x-x509-ca-ra-cert");
	return SG_OK;
}

enum sg_code
sg_enroll_get_certs(struct sg_enroll *c, struct sg_err *err)
{
	sg_http_reply_scoped reply = {0};

	enum sg_code rc = get(c, "GetCACert", &reply, err);
	if (rc != SG_OK)
		return rc;
	if (reply.status != 200)
		return fail_status(c, "GetCACert", &reply, err);
	return read_certs(c, &reply, err);
}

static enum sg_code
operation_url(const struct sg_enroll *c, struct sg_slice message, bool post, struct sg_buf *url,
    struct sg_err *err)
{
	sg_buf_scoped text = {0};

	if (!post)
		sg_base64_put(&text, message);
	struct sg_http_param params[] = {
	    {"operation", sg_slice_str("PKIOperation")}, {"message", sg_buf_slice(&text)}};
	enum sg_code rc = sg_buf_check(&text, err);
	if (rc == SG_OK)
		rc = sg_http_url_add(sg_slice_str(c->options.url), params, post ? 1 : 2, url, err);
	return rc;
}

enum sg_code
sg_enroll_operate(struct sg_enroll *c, struct sg_slice message, bool post, unsigned attempt,
    bool *ret_again, struct sg_buf *ret, struct sg_err *err)
{
	sg_http_reply_scoped reply = {0};
	sg_buf_scoped url = {0}, shown = {0}, line = {0}, der = {0};
	const char *odd = NULL;

	c->tries = attempt + 1;
	*ret_again = false;
	enum sg_code rc = operation_url(c, message, post, &url, err);
	if (rc != SG_OK)
		return rc;
	rc = call_once(c, sg_buf_text(&url), post ? &message : NULL, &reply, err);
	*ret_again = wait_again(c, attempt, rc, &reply, err);
	if (rc != SG_OK) {
		say_tries(c, err);
		return rc;
	}
	if (reply.status != 200)
		return fail_status(c, "PKIOperation", &reply, err);
	struct sg_slice answer = sg_enroll_certs_trim(sg_buf_slice(&reply.body), &odd);
	if (answer.len == 0 || answer.p[0] != SG_DER_SEQUENCE) {
		rc = sg_enroll_certs_untext(sg_buf_slice(&reply.body), &der, err);
		if (rc != SG_OK)
			return rc;
		answer = sg_buf_slice(&der);
		odd = "text (PEM or base64) instead of DER";
	}
	if (answer.len == 0 || answer.p[0] != SG_DER_SEQUENCE)
		return sg_fail(err, SG_E_MALFORMED, "client.answer",
		    "PKIOperation: want a message as application/x-pki-message, have %s ('%.100s', "
		    "%zu bytes)%s: is this the URL of a SCEP service?",
		    reply.body.len == 0				   ? "nothing"
		    : strcmp(reply.content_type, "text/html") == 0 ? "a web page"
								   : "something else",
		    sg_enroll_shown(&shown, reply.content_type), reply.body.len,
		    said(&reply, &line));
	if (odd != NULL)
		sg_enroll_warn(&c->options.listener, "PKIOperation: the server sends %s", odd);
	expect_type(c, "PKIOperation", reply.content_type, "application/x-pki-message");
	sg_buf_put_slice(ret, answer);
	return sg_buf_check(ret, err);
}
