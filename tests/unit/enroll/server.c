/* SPDX-License-Identifier: Apache-2.0 */

#include "cms/assemble.h"
#include "scep/values.h"
#include "unit/enroll/server.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "asn1/der.h"
#include "base/alloc.h"
#include "cms/degenerate.h"
#include "cms/envelope.h"
#include "crypto/digest.h"
#include "scep/certrep.h"
#include "scep/getmsg.h"
#include "scep/message.h"
#include "unit/enroll/pki.h"

#define REQUEST_MAX 65536u

/* cmocka's asserts leave by longjmp, which ends at the thread. */
static void
must(enum sg_code rc, struct sg_err err)
{
	if (rc == SG_OK)
		return;
	fprintf(stderr, "server: %s: %s\n", err.rule, err.text);
	abort();
}

static void
put_answer(struct sg_buf *out, const char *status, const char *type, struct sg_slice body)
{
	sg_buf_printf(out,
	    "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
	    status, type, body.len);
	sg_buf_put_slice(out, body);
}

static void
put_certs(const struct server *s, struct sg_buf *out)
{
	struct sg_slice list[4];
	size_t n = 0;

	while (n < 4 && s->certs[n] != NULL) {
		list[n] = sg_buf_slice(s->certs[n]);
		n++;
	}
	sg_degenerate_put(out, list, n, NULL, 0);
}

/* The certificate in a certs-only message, encrypted to the signer of the request. */
static void
put_content(const struct server *s, const struct sg_scep_msg *msg, struct sg_buf *out)
{
	sg_buf_scoped cert = {0}, certs = {0};
	sg_scoped(key) key = NULL;
	struct sg_err err = {0};

	must(sg_key_from_spki(msg->signer.spki, &key, &err), err);
	if (s->old_certificate)
		sg_buf_put_slice(&cert, msg->signer.raw);
	else
		pki_make_raw(msg->signer.subject, key, &cert);
	struct sg_slice list[] = {sg_buf_slice(&cert), sg_buf_slice(&pki.ca_der)};
	sg_degenerate_put(&certs, list, 2, NULL, 0);
	struct sg_envelope_facts env = {
	    .recipient = sg_cms_id_of_light(&msg->signer),
	    .key = key,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .cipher = SG_CIPHER_AES128_CBC,
	    .plain = sg_buf_slice(&certs),
	};
	must(sg_envelope_seal(out, &env, &err), err);
}

static void
put_certrep(struct server *s, struct sg_slice message, struct sg_buf *out)
{
	sg_buf_scoped content = {0}, attrs = {0}, sig = {0};
	struct sg_scep_msg msg = {0};
	struct sg_cert ra = pki_parse(&pki.ra_der);
	uint8_t digest[SG_SHA256_LEN];
	struct sg_err err = {0};

	must(sg_scep_decode(message, &msg, &err), err);
	s->type = msg.type;
	if (s->status == SG_SCEP_SUCCESS)
		put_content(s, &msg, &content);
	must(sg_sha256(sg_buf_slice(&content), digest, &err), err);
	struct sg_scep_certrep_facts facts = {
	    .status = s->status,
	    .fail = s->status == SG_SCEP_FAILURE ? SG_SCEP_BAD_REQUEST : SG_SCEP_FAIL_NONE,
	    .txid = msg.txid,
	    .txid_tag = SG_DER_PRINTABLE,
	    .recipient_nonce = msg.sender_nonce,
	    .sender_nonce = sg_slice("sixteen bytes..!", 16),
	    .hash = SG_HASH_SHA256,
	};
	if (s->status == SG_SCEP_FAILURE)
		facts.fail_text = sg_slice_str("refused; trace 01a1b2c3d4e5f6");
	if (content.len > 0)
		facts.digest = sg_slice(digest, sizeof digest);
	must(sg_scep_certrep_put_attrs(&attrs, &facts, &err), err);
	struct sg_cms_parts parts = {
	    .attrs = sg_buf_slice(&attrs),
	    .hash = SG_HASH_SHA256,
	    .sigalg = {.scheme = SG_SIG_RSA_PKCS1, .hash = SG_HASH_SHA256},
	    .signer = sg_cms_id_of_cert(&ra),
	    .cert_n = 1,
	    .certs = &ra.raw,
	    .content = sg_buf_slice(&content),
	};
	must(sg_sign_tbs(pki.ra, parts.sigalg, sg_buf_slice(&attrs), &sig, &err), err);
	parts.sig = sg_buf_slice(&sig);
	must(sg_cms_assemble(out, &parts, &err), err);
	sg_scep_msg_free(&msg);
}

/* The message of a PKIOperation: the body, or the parameter of a GET. */
static void
put_message(const char *head, struct sg_slice body, struct sg_buf *out)
{
	const char *at = strstr(head, "message=");
	struct sg_err err = {0};

	if (at == NULL) {
		sg_buf_put_slice(out, body);
		return;
	}
	at += strlen("message=");
	must(sg_scep_getmsg_decode(sg_slice(at, strcspn(at, " &")), out, &err), err);
}

static void
answer(struct server *s, const char *head, struct sg_slice body, struct sg_buf *out)
{
	sg_buf_scoped made = {0}, message = {0};

	s->requests++;
	snprintf(s->method, sizeof s->method, "%.*s", (int)strcspn(head, " "), head);
	if (strstr(head, "operation=PKIOperation") != NULL)
		s->operations++;
	if (s->busy > 0) {
		s->busy--;
		put_answer(out, "503 Busy", "text/plain", sg_slice_str("later"));
	} else if (s->answer != NULL) {
		sg_buf_puts(out, s->answer);
	} else if (s->web_page != NULL) {
		put_answer(out, "200 OK", "text/html", sg_slice_str(s->web_page));
	} else if (strstr(head, "operation=GetCACaps") != NULL) {
		put_answer(out, s->caps != NULL ? "200 OK" : "404 Not Found", "text/plain",
		    sg_slice_str(s->caps != NULL ? s->caps : ""));
	} else if (strstr(head, "operation=GetCACert") != NULL) {
		put_certs(s, &made);
		put_answer(out, "200 OK", "application/x-x509-ca-ra-cert", sg_buf_slice(&made));
	} else {
		put_message(head, body, &message);
		put_certrep(s, sg_buf_slice(&message), &made);
		put_answer(out, "200 OK", "application/x-pki-message", sg_buf_slice(&made));
	}
}

/* One request of one connection. */
static void
serve(struct server *s, int fd)
{
	char request[REQUEST_MAX + 1];
	sg_buf_scoped out = {0};
	size_t len = 0;
	struct timeval limit = {10, 0};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	for (;;) {
		ssize_t n = recv(fd, request + len, REQUEST_MAX - len, 0);
		if (n <= 0)
			return;
		len += (size_t)n;
		request[len] = '\0';
		char *end = strstr(request, "\r\n\r\n");
		if (end == NULL)
			continue;
		const char *field = strstr(request, "Content-Length: ");
		size_t head = (size_t)(end + 4 - request);
		size_t want = field == NULL || field > end ? 0 : strtoul(field + 16, NULL, 10);
		if (len - head < want)
			continue;
		*end = '\0';
		answer(s, request, sg_slice(request + head, want), &out);
		break;
	}
	for (size_t at = 0; at < out.len;) {
		ssize_t n = send(fd, out.p + at, out.len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		at += (size_t)n;
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, request, REQUEST_MAX, 0) > 0)
		continue;
}

static void *
server_main(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		serve(s, fd);
		close(fd);
	}
	return NULL;
}

void
server_start(struct server *s)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof sa;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&sa, &len), 0);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u/scep", ntohs(sa.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
}

void
server_end(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}
