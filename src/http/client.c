/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/client.c - one exchange with a server by libcurl, for commands that enrol and for those that
 * ask a role at its control socket
 *
 * Beside the server and apart from it: only url.c is common to both.
 */

#include "http/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "base/limits.h"
#include "http/url.h"

#define TIMEOUT_MS 30000
#define CONNECT_MS 10000 /* a host that drops our packets should be told from one that thinks */

struct sg_http_client {
	CURL *curl;
};

/* One exchange while it runs. */
struct exchange {
	CURL *curl;
	const struct sg_http_call *call;
	struct sg_http_reply reply;
	size_t max;
	bool too_large;
	bool silent;		 /* for longer than it may be */
	int64_t heard_ms;	 /* when something last came */
	struct sg_err piece_err; /* of whom the pieces were for */
	char text[CURL_ERROR_SIZE];
	char host[256];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_rc;

static void
global_init(void)
{
	global_rc = curl_global_init(CURL_GLOBAL_DEFAULT);
}

SG_RC
sg_http_client_new(struct sg_http_client **ret, struct sg_err *err)
{
	if (pthread_once(&once, global_init) != 0 || global_rc != CURLE_OK)
		return sg_fail(err, SG_E_INTERNAL, "http.client.init", "libcurl does not start");
	sg_scoped(http_client) client = sg_alloc(sizeof *client);
	if (client != NULL)
		client->curl = curl_easy_init();
	if (client == NULL || client->curl == NULL)
		return sg_fail(
		    err, SG_E_NOMEM, "http.client.memory", "no memory for an HTTP client");
	*ret = sg_steal(client);
	return SG_OK;
}

void
sg_http_client_free(struct sg_http_client **clientp)
{
	if (*clientp == NULL)
		return;
	curl_easy_cleanup((*clientp)->curl);
	sg_free(*clientp);
	*clientp = NULL;
}

void
sg_http_reply_clear(struct sg_http_reply *reply)
{
	sg_buf_clear(&reply->body);
	*reply = (struct sg_http_reply){0};
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * n;
	x->heard_ms = sg_clock_mono_ms();
	if (x->call->piece != NULL && x->reply.status == 200) {
		enum sg_code rc = x->call->piece(
		    x->call->piece_arg, &x->reply, sg_slice(data, len), &x->piece_err);
		return rc == SG_OK ? len : 0;
	}
	if (len > x->max - x->reply.body.len) {
		x->too_large = true;
		return 0;
	}
	sg_buf_put(&x->reply.body, data, len);
	return sg_buf_check(&x->reply.body, NULL) == SG_OK ? len : 0;
}

/* The value of a field line when it has this name; empty otherwise. */
static struct sg_slice
value_of(struct sg_slice line, const char *name)
{
	size_t n = strlen(name);
	if (line.len <= n || line.p[n] != ':' || !sg_ascii_starts(line, name))
		return sg_slice(NULL, 0);
	struct sg_slice v = sg_slice(line.p + n + 1, line.len - n - 1);
	while (v.len > 0 && strchr(" \t", v.p[0]) != NULL)
		v = sg_slice(v.p + 1, v.len - 1);
	while (v.len > 0 && strchr(" \t\r\n", v.p[v.len - 1]) != NULL)
		v.len--;
	return v;
}

static void
keep_text(char *ret, size_t size, struct sg_slice v, char end, bool lower)
{
	if (v.len == 0 || v.len >= size)
		return;
	size_t n = 0;
	for (; n < v.len && v.p[n] != (uint8_t)end && v.p[n] != 0; n++) {
		ret[n] = (char)(lower ? sg_ascii_lower(v.p[n]) : v.p[n]);
	}
	while (n > 0 && ret[n - 1] == ' ')
		n--;
	ret[n] = 0;
}

void
sg_http_reply_line(struct sg_http_reply *reply, struct sg_slice line)
{
	/* A new status line (after 100 Continue) begins a new head. */
	if (line.len > 5 && memcmp(line.p, "HTTP/", 5) == 0) {
		reply->content_type[0] = reply->retry_after[0] = 0;
		reply->length = -1;
	}
	keep_text(reply->content_type, sizeof reply->content_type, value_of(line, "content-type"),
	    ';', true);
	keep_text(
	    reply->retry_after, sizeof reply->retry_after, value_of(line, "retry-after"), 0, false);
	uint64_t length = 0;
	struct sg_slice text = value_of(line, "content-length");
	if (text.len > 0 && sg_decimal_parse(text, INT64_MAX, &length, NULL) == SG_OK)
		reply->length = (int64_t)length;
}

static size_t
on_field(char *line, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	long status = 0;

	sg_http_reply_line(&x->reply, sg_slice(line, size * n));
	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	x->reply.status = (int)status;
	x->heard_ms = sg_clock_mono_ms();
	return size * n;
}

/* Called about once a second, also where nothing comes. */
static int
on_progress(void *arg, curl_off_t down, curl_off_t downloaded, curl_off_t up, curl_off_t uploaded)
{
	struct exchange *x = arg;

	sg_ignore(down + downloaded + up + uploaded == 0);
	x->silent = sg_clock_mono_ms() - x->heard_ms > x->call->idle_ms;
	return x->silent;
}

int64_t
sg_http_retry_after(const char *text, int64_t now)
{
	uint64_t s = 0;
	struct tm tm = {0};
	if (text[0] == 0)
		return -1;
	if (sg_decimal_parse(sg_slice_str(text), INT32_MAX, &s, NULL) == SG_OK)
		return (int64_t)s;
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (end == NULL || *end != 0)
		return -1;
	int64_t wait = (int64_t)timegm(&tm) - now;
	return wait < 0 ? 0 : wait;
}

/* Host and port for messages. */
static SG_RC
host_of(const char *url, char *ret, size_t size, struct sg_err *err)
{
	char *host = NULL, *port = NULL, *scheme = NULL;
	/* libcurl is more generous: it takes http:///host. */
	enum sg_code rc = sg_http_url_check(sg_slice_str(url), NULL);
	CURLU *u = rc == SG_OK ? curl_url() : NULL;
	bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	if (ok)
		snprintf(ret, size, "%s:%s", host, port);
	curl_free(host);
	curl_free(port);
	curl_free(scheme);
	curl_url_cleanup(u);
	if (!ok)
		return sg_fail(err, SG_E_USAGE, "http.url",
		    "'%.100s' is not an http:// or https:// URL: give one like http://host/path",
		    url);
	return SG_OK;
}

static enum sg_code
result(const struct exchange *x, CURLcode rc, long os_error, struct sg_err *err)
{
	const char *host = x->host, *why = x->text[0] != 0 ? x->text : curl_easy_strerror(rc);
	/* More codes than could be listed, and the library may add some. */
	if (x->piece_err.code != SG_OK) {
		if (err != NULL)
			*err = x->piece_err;
		return x->piece_err.code;
	}
	if (x->too_large || rc == CURLE_FILESIZE_EXCEEDED)
		return sg_fail(err, SG_E_LIMIT, "http.client.size",
		    "%s: the answer is larger than %zu bytes", host, x->max);
	if (rc == CURLE_OUT_OF_MEMORY || rc == CURLE_WRITE_ERROR)
		return sg_fail(err, SG_E_NOMEM, "http.client.memory", "%s: no memory", host);
	if (rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_RESOLVE_PROXY)
		return sg_fail(err, SG_E_IO, "http.client.resolve",
		    "%s: the name cannot be resolved: check the URL%s and the name server", host,
		    rc == CURLE_COULDNT_RESOLVE_PROXY ? ", the proxy" : "");
	/* A Unix socket whose queue is full refuses at once. libcurl waits for it, and finds that
	 * there is neither a connection nor an error; some versions when they send. */
	if (x->call->unix_path != NULL &&
	    ((rc == CURLE_COULDNT_CONNECT && (os_error == 0 || os_error == EAGAIN)) ||
		(rc == CURLE_SEND_ERROR && os_error == ENOTCONN)))
		return sg_fail(err, SG_E_TIMEOUT, "http.client.timeout",
		    "%s: too many wait there already: try again, or check its process",
		    x->call->unix_path);
	if (x->call->unix_path != NULL && rc == CURLE_COULDNT_CONNECT)
		return sg_fail(err, os_error == EACCES ? SG_E_DENIED : SG_E_IO,
		    "http.client.connect",
		    "%s: cannot connect (%s): check whose it is, and that its process runs",
		    x->call->unix_path, strerror((int)os_error));
	if (rc == CURLE_COULDNT_CONNECT)
		return sg_fail(err, SG_E_IO, "http.client.connect",
		    "%s: cannot connect (%s): check that the server runs and the port is right",
		    host, os_error != 0 ? strerror((int)os_error) : why);
	if (rc == CURLE_OPERATION_TIMEDOUT || x->silent)
		return sg_fail(err, SG_E_TIMEOUT, "http.client.timeout",
		    "%s: no complete answer in time: try again, or check the server", host);
	if (rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_CERTPROBLEM)
		return sg_fail(err, SG_E_USAGE, "http.client.option",
		    "%s: the CA or client certificate file cannot be used: %s", host, why);
	if (rc == CURLE_SSL_CONNECT_ERROR)
		return sg_fail(err, SG_E_IO, "http.client.tls",
		    "%s: TLS failed: %s: check that this port has TLS (if not, the URL begins with "
		    "http:), and which versions",
		    host, why);
	if (rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CIPHER ||
	    rc == CURLE_SSL_ISSUER_ERROR)
		return sg_fail(err, SG_E_IO, "http.client.tls",
		    "%s: TLS failed: %s: check its certificate and the CA file", host, why);
	return sg_fail(err, SG_E_IO, "http.client.broken",
	    "%s: the exchange failed: %s: check that an HTTP server is on this port", host, why);
}

/* Options that could fail only for lack of memory or in another libcurl. */
static bool
set_options(CURL *curl, struct exchange *x, struct curl_slist *fields)
{
	const struct sg_http_call *call = x->call;
	long timeout = call->timeout_ms > 0 ? (long)call->timeout_ms : TIMEOUT_MS;
	/* What is handed on has no size that would be too large. */
	curl_off_t size = call->piece != NULL ? 0 : (curl_off_t)x->max;
	CURLcode rc[] = {
	    curl_easy_setopt(curl, CURLOPT_URL, call->url),
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"),
	    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L),
	    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1),
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L),
	    /* Else the end waits for a name server that does not answer. */
	    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L),
	    curl_easy_setopt(curl, CURLOPT_PROXY, call->proxy != NULL ? call->proxy : ""),
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, call->idle_ms > 0 ? 0L : timeout),
	    curl_easy_setopt(
		curl, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : CONNECT_MS),
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, x->text),
	    curl_easy_setopt(
		curl, CURLOPT_USERAGENT, call->user_agent != NULL ? call->user_agent : "signet"),
	    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields),
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body),
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x),
	    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_field),
	    curl_easy_setopt(curl, CURLOPT_HEADERDATA, x),
	    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, size),
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L),
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L),
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2),
	};
	for (size_t i = 0; i < sizeof rc / sizeof *rc; i++)
		if (rc[i] != CURLE_OK)
			return false;
	return true;
}

static bool
set_parts(CURL *curl, struct exchange *x)
{
	const struct sg_http_call *call = x->call;
	CURLcode rc = CURLE_OK;
	if (call->unix_path != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->unix_path);
	if (rc == CURLE_OK && call->idle_ms > 0) {
		CURLcode set[] = {
		    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L),
		    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress),
		    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x),
		};
		for (size_t i = 0; rc == CURLE_OK && i < sizeof set / sizeof *set; i++)
			rc = set[i];
	}
	if (rc == CURLE_OK && call->ca_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_CAINFO, call->ca_file);
	if (rc == CURLE_OK && call->ca_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	if (rc == CURLE_OK && call->cert_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_SSLCERT, call->cert_file);
	if (rc == CURLE_OK && call->key_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_SSLKEY, call->key_file);
	if (rc == CURLE_OK && call->post) {
		const void *body = call->body.len > 0 ? (const void *)call->body.p : "";
		rc = curl_easy_setopt(
		    curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
		if (rc == CURLE_OK)
			rc = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	return rc == CURLE_OK;
}

/* NULL when there is no memory. */
static struct curl_slist *
make_fields(const struct sg_http_call *call)
{
	char type[192];
	/* Without this, libcurl waits a second for 100 before a body of more than 1 MiB. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"), *more = list;
	if (call->post) {
		snprintf(type, sizeof type, "Content-Type: %s",
		    call->content_type != NULL ? call->content_type : "");
		type[call->content_type != NULL ? sizeof type - 1 : strlen("Content-Type:")] = 0;
		more = list != NULL ? curl_slist_append(list, type) : NULL;
	}
	for (size_t i = 0; more != NULL && call->fields != NULL && call->fields[i] != NULL; i++)
		more = curl_slist_append(list, call->fields[i]);
	if (more == NULL) {
		curl_slist_free_all(list);
		return NULL;
	}
	return list;
}

static enum sg_code
perform(CURL *curl, struct exchange *x, struct sg_err *err)
{
	long os_error = 0;
	struct curl_slist *fields = make_fields(x->call);
	if (fields == NULL || !set_options(curl, x, fields) || !set_parts(curl, x)) {
		curl_slist_free_all(fields);
		return sg_fail(err, SG_E_NOMEM, "http.client.memory", "no memory for a request");
	}
	x->heard_ms = sg_clock_mono_ms();
	CURLcode rc = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
	/* Connections stay open for the next call, everything else is forgotten. */
	curl_easy_reset(curl);
	curl_slist_free_all(fields);
	return rc == CURLE_OK ? SG_OK : result(x, rc, os_error, err);
}

SG_RC
sg_http_client_call(struct sg_http_client *client, const struct sg_http_call *call,
    struct sg_http_reply *ret, struct sg_err *err)
{
	struct exchange x = {
	    .curl = client->curl,
	    .call = call,
	    .max = call->answer_max > 0 ? call->answer_max : SG_HTTP_ANSWER_MAX,
	};
	enum sg_code rc = host_of(call->url, x.host, sizeof x.host, err);
	if (rc != SG_OK)
		return rc;
	if (call->unix_path != NULL &&
	    strlen(call->unix_path) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
		return sg_fail(err, SG_E_USAGE, "http.client.path",
		    "the socket's path is longer than %zu bytes: %s",
		    sizeof((struct sockaddr_un *)NULL)->sun_path - 1, call->unix_path);
	x.reply.body.max = x.max;
	rc = perform(client->curl, &x, err);
	if (rc != SG_OK) {
		sg_http_reply_clear(&x.reply);
		return rc;
	}
	sg_http_reply_clear(ret);
	*ret = x.reply;
	return SG_OK;
}
