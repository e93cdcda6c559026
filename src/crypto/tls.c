/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crypto/tls.c - one TLS connection of a server, and what its client did in plain words
 *
 * Between the socket that http's transport has and OpenSSL, which reads and writes it through a BIO
 * of ours: an end of the socket is nothing final to it, so that an answer can still be written.
 */

#include "crypto/tls.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/net.h"
#include "crypto/init_private.h"
#include "crypto/tls_private.h"
#include "crypto/tls_server_private.h"

#define THEIRS_MAX 100u /* bytes of what a client wanted, in an error */

/*
 * Before any content of a message of the handshake is here, OpenSSL takes the memory that its
 * header promises, 128 KiB for a ClientHello. So headers are read here, too, as long as they are in
 * clear.
 */
struct hello {
	uint8_t record[5], message[4];
	unsigned record_n, message_n; /* bytes of these that are here */
	size_t record_left, message_left;
};

struct sg_tls {
	SSL *ssl;
	struct sg_tls_server *server;
	int fd;
	bool began;	/* something came */
	bool done;	/* with the handshake */
	bool failed;	/* OpenSSL wants no more calls */
	bool ended;	/* the socket has no more */
	bool broken;	/* the socket: errno was said */
	bool clear;	/* the handshake, so far */
	bool large;	/* a message of the handshake is too long */
	size_t turn;	/* bytes that this call may still read */
	unsigned later; /* messages of the handshake that came after it */
	struct hello hello;
	bool refused;	    /* by us, and err says why */
	struct sg_err *err; /* of the call that goes on */
};

static pthread_once_t bio_once = PTHREAD_ONCE_INIT;
static BIO_METHOD *bio_method;

/* False: it promises more than it may. */
static bool
watch_message(struct hello *h, const uint8_t *p, size_t len)
{
	while (len > 0) {
		if (h->message_left > 0) {
			size_t n = len < h->message_left ? len : h->message_left;
			h->message_left -= n;
			p += n;
			len -= n;
			continue;
		}
		h->message[h->message_n++] = *p++;
		len--;
		if (h->message_n < sizeof h->message)
			continue;
		h->message_n = 0;
		h->message_left = (size_t)h->message[1] << 16 | (size_t)h->message[2] << 8 |
				  h->message[3];
		if (h->message_left > SG_TLS_HELLO_MAX)
			return false;
	}
	return true;
}

static bool
watch(struct sg_tls *tls, const uint8_t *p, size_t len)
{
	struct hello *h = &tls->hello;

	while (len > 0) {
		if (h->record_left == 0) {
			h->record[h->record_n++] = *p++;
			len--;
			if (h->record_n < sizeof h->record)
				continue;
			h->record_n = 0;
			h->record_left = (size_t)h->record[3] << 8 | h->record[4];
			continue;
		}
		size_t n = len < h->record_left ? len : h->record_left;
		/* After it TLS 1.2 goes on encrypted, in messages of some 40 bytes. */
		if (h->record[0] == SSL3_RT_CHANGE_CIPHER_SPEC &&
		    SSL_version(tls->ssl) == TLS1_2_VERSION) {
			tls->clear = false;
			return true;
		}
		if (h->record[0] == SSL3_RT_HANDSHAKE && !watch_message(h, p, n))
			return false;
		h->record_left -= n;
		p += n;
		len -= n;
	}
	return true;
}

static int
bio_read(BIO *bio, char *out, size_t len, size_t *ret_n)
{
	struct sg_tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (tls->turn == 0 || tls->ended) {
		BIO_set_retry_read(bio);
		return 0;
	}
	ssize_t n = read(tls->fd, out, len < tls->turn ? len : tls->turn);
	if (n > 0) {
		tls->turn -= (size_t)n;
		tls->began = true;
		if (!tls->done && tls->clear && !watch(tls, (uint8_t *)out, (size_t)n)) {
			tls->large = true;
			return 0;
		}
		*ret_n = (size_t)n;
		return 1;
	}
	tls->ended = n == 0;
	tls->broken = n < 0 && errno != EAGAIN && errno != EINTR;
	if (!tls->broken)
		BIO_set_retry_read(bio);
	return 0;
}

static int
bio_write(BIO *bio, const char *p, size_t len, size_t *ret_n)
{
	struct sg_tls *tls = BIO_get_data(bio);
	ssize_t n = write(tls->fd, p, len);

	BIO_clear_retry_flags(bio);
	if (n >= 0) {
		*ret_n = (size_t)n;
		return 1;
	}
	tls->broken = errno != EAGAIN && errno != EINTR;
	if (!tls->broken)
		BIO_set_retry_write(bio);
	return 0;
}

static long
bio_ctrl(BIO *bio, int cmd, long num, void *p)
{
	(void)bio;
	(void)num;
	(void)p;
	return cmd == BIO_CTRL_FLUSH;
}

static void
bio_begin(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "signet socket");

	if (m != NULL && BIO_meth_set_read_ex(m, bio_read) == 1 &&
	    BIO_meth_set_write_ex(m, bio_write) == 1 && BIO_meth_set_ctrl(m, bio_ctrl) == 1)
		bio_method = m;
	else
		BIO_meth_free(m);
}

/* New keys, and handshakes that are refused: nobody needs many, and each costs what an exchange of
 * HTTP does. */
static void
count_later(int sent, int version, int type, const void *message, size_t len, SSL *ssl, void *arg)
{
	struct sg_tls *tls = arg;

	(void)version;
	(void)message;
	(void)len;
	/* After an end OpenSSL reads no more, not even what it has. */
	if (sent == 0 && type == SSL3_RT_HANDSHAKE && tls->done && ++tls->later > SG_TLS_LATER_MAX)
		SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

enum sg_code
sg_tls_new(struct sg_tls_server *server, int fd, struct sg_tls **ret, struct sg_err *err)
{
	if (pthread_once(&bio_once, bio_begin) != 0 || bio_method == NULL)
		return sg_ossl_fail(err, SG_E_NOMEM, "memory", "no memory for TLS");
	sg_scoped(tls) tls = sg_alloc(sizeof *tls);
	if (tls == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS connection");
	BIO *bio = BIO_new(bio_method);
	tls->ssl = sg_tls_server_ssl(server);
	tls->server = sg_tls_server_ref(server);
	tls->fd = fd;
	tls->clear = true;
	if (bio != NULL && tls->ssl != NULL) {
		BIO_set_data(bio, tls);
		BIO_set_init(bio, 1);
		SSL_set_bio(tls->ssl, bio, bio);
		if (SSL_set_app_data(tls->ssl, tls) == 1) {
			SSL_set_accept_state(tls->ssl);
			SSL_set_msg_callback(tls->ssl, count_later);
			SSL_set_msg_callback_arg(tls->ssl, tls);
			*ret = sg_steal(tls);
			return SG_OK;
		}
	} else
		BIO_free(bio);
	return sg_ossl_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS connection");
}

void
sg_tls_free(struct sg_tls **tlsp)
{
	struct sg_tls *tls = sg_steal(*tlsp);

	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	sg_tls_server_free(&tls->server);
	sg_free(tls);
}

/* What a client wanted, so that it can stand in a log. */
static void
refuse(struct sg_tls *tls, const char *rule, const char *what, struct sg_slice theirs)
{
	sg_buf_scoped text = {0};

	sg_escape_put(&text, theirs, THEIRS_MAX);
	tls->refused = true;
	sg_ignore(
	    sg_fail(tls->err, SG_E_DENIED, rule, "%s \"%s\"", what, sg_buf_text(&text)) != SG_OK);
}

int
sg_tls_choose_name(SSL *ssl, int *alert, void *arg)
{
	struct sg_tls *tls = SSL_get_app_data(ssl);
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)arg;
	struct sg_ip ip;
	if (name == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_CTX *ctx = sg_tls_server_find(tls->server, sg_slice_str(name));
	/* No name of a server (RFC 6066 section 3), but clients say what their URL has. */
	if (ctx == NULL && sg_ip_parse(sg_slice_str(name), &ip))
		return SSL_TLSEXT_ERR_NOACK;
	if (ctx != NULL && SSL_set_SSL_CTX(ssl, ctx) != NULL)
		return SSL_TLSEXT_ERR_OK;
	if (ctx == NULL)
		refuse(tls, "tls.name", "no certificate is for the name", sg_slice_str(name));
	*alert = ctx == NULL ? SSL_AD_UNRECOGNIZED_NAME : SSL_AD_INTERNAL_ERROR;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int
sg_tls_choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	struct sg_slice first = sg_slice(NULL, 0);

	(void)arg;
	for (unsigned at = 0; at < in_len && in[at] < in_len - at; at += 1u + in[at]) {
		struct sg_slice one = sg_slice(in + at + 1, in[at]);
		if (sg_slice_is(one, "http/1.1")) {
			*out = one.p;
			*out_len = (unsigned char)one.len;
			return SSL_TLSEXT_ERR_OK;
		}
		first = at == 0 ? one : first;
	}
	refuse(SSL_get_app_data(ssl), "tls.alpn", "only http/1.1 is spoken here, the client wants",
	    first);
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* What OpenSSL refuses with, and what the client did. */
static const struct reason {
	int reason;
	enum sg_code code;
	const char *rule, *text;
} reasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, SG_E_ALG, "tls.version", "the client offers no TLS 1.2 or 1.3"},
    {SSL_R_VERSION_TOO_LOW, SG_E_ALG, "tls.version", "the client offers no TLS 1.2 or 1.3"},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, SG_E_ALG, "tls.version", "the client offers no TLS 1.2 or 1.3"},
    {SSL_R_INAPPROPRIATE_FALLBACK, SG_E_ALG, "tls.version",
	"the client comes again with an older version than it can"},
    {SSL_R_NO_SHARED_CIPHER, SG_E_ALG, "tls.cipher",
	"no cipher suite in common for the keys of this server: want ECDHE with AES-GCM or "
	"ChaCha20"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, SG_E_ALG, "tls.cipher",
	"no group in common: want X25519, P-256 or P-384"},
    {SSL_R_NO_SHARED_GROUPS, SG_E_ALG, "tls.cipher",
	"no group in common: want X25519, P-256 or P-384"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SG_E_ALG, "tls.cipher",
	"no signature algorithm in common for the keys of this server"},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SG_E_ALG, "tls.cipher",
	"no signature algorithm in common"},
    {SSL_R_WRONG_VERSION_NUMBER, SG_E_MALFORMED, "tls.bytes", "what the client sends is not TLS"},
    {SSL_R_UNKNOWN_PROTOCOL, SG_E_MALFORMED, "tls.bytes", "what the client sends is not TLS"},
    {SSL_R_BAD_RECORD_TYPE, SG_E_MALFORMED, "tls.bytes", "what the client sends is not TLS"},
    {SSL_R_RECORD_TOO_SMALL, SG_E_MALFORMED, "tls.bytes", "what the client sends is not TLS"},
};

static bool
is_plain_http(int reason)
{
	return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST;
}

/* An alert that a client sent, and what it mostly means. */
static enum sg_code
fail_alert(int alert, struct sg_err *err)
{
	const char *hint = "";

	switch (alert) {
	case SSL_AD_UNKNOWN_CA:
		hint = ": it does not trust the issuer of our certificate";
		break;
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
		hint = ": it does not like our certificate";
		break;
	default:
		break;
	}
	return sg_fail(err, SG_E_DENIED, "tls.alert", "the client refuses: %s%s",
	    SSL_alert_desc_string_long(alert), hint);
}

static enum sg_code
fail_reason(const struct sg_tls *tls, unsigned long e, struct sg_err *err)
{
	int reason = ERR_GET_REASON(e);
	const char *text = ERR_reason_error_string(e);

	if (tls->refused)
		return SG_E_DENIED;
	if (tls->large)
		return sg_fail(err, SG_E_LIMIT, "tls.handshake",
		    "the client announces a message of more than %u bytes", SG_TLS_HELLO_MAX);
	if (tls->later > SG_TLS_LATER_MAX)
		return sg_fail(err, SG_E_LIMIT, "tls.keys",
		    "the client wants new keys or handshakes more than %u times", SG_TLS_LATER_MAX);
	if (tls->broken)
		return sg_fail(err, SG_E_IO, "tls.socket", "the client reset the connection");
	if (reason == ERR_R_MALLOC_FAILURE)
		return sg_fail(err, SG_E_NOMEM, "memory", "no memory for a TLS connection");
	if (ERR_GET_LIB(e) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET &&
	    reason <= SSL_AD_REASON_OFFSET + UINT8_MAX)
		return fail_alert(reason - SSL_AD_REASON_OFFSET, err);
	if (tls->done)
		return sg_fail(err, SG_E_MALFORMED, "tls.record",
		    "what the client sends is damaged or no TLS: %s", text != NULL ? text : "");
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (ERR_GET_LIB(e) == ERR_LIB_SSL && reasons[i].reason == reason)
			return sg_fail(
			    err, reasons[i].code, reasons[i].rule, "%s", reasons[i].text);
	return sg_fail(err, SG_E_MALFORMED, "tls.handshake", "the handshake fails: %s",
	    text != NULL ? text : "no reason given");
}

/* Why a call of OpenSSL did not do what was asked. */
static enum sg_tls_got
why(struct sg_tls *tls, int rc, struct sg_err *err)
{
	int error = SSL_get_error(tls->ssl, rc);

	/* It would be an end that the client said. */
	if (tls->later > SG_TLS_LATER_MAX)
		error = SSL_ERROR_SSL;
	if (error == SSL_ERROR_WANT_READ)
		return tls->ended ? SG_TLS_CUT : SG_TLS_WANT_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return SG_TLS_WANT_WRITE;
	if (error == SSL_ERROR_ZERO_RETURN)
		return SG_TLS_END;
	/* The first one is the cause, what comes after it only passes it on. */
	unsigned long e = ERR_peek_error();
	enum sg_tls_got got = SG_TLS_FAIL;
	tls->failed = true;
	if (!tls->done && ERR_GET_LIB(e) == ERR_LIB_SSL && is_plain_http(ERR_GET_REASON(e)))
		got = SG_TLS_PLAIN;
	else
		sg_ignore(fail_reason(tls, e, err) != SG_OK);
	ERR_clear_error();
	return got;
}

static void
begin(struct sg_tls *tls, struct sg_err *err)
{
	ERR_clear_error();
	tls->err = err;
	tls->turn = SG_TLS_TURN_MAX;
}

enum sg_tls_got
sg_tls_handshake(struct sg_tls *tls, struct sg_err *err)
{
	begin(tls, err);
	int rc = SSL_do_handshake(tls->ssl);
	if (rc != 1)
		return why(tls, rc, err);
	tls->done = true;
	return SG_TLS_OK;
}

bool
sg_tls_began(const struct sg_tls *tls)
{
	return tls->began;
}

enum sg_tls_got
sg_tls_read(struct sg_tls *tls, void *p, size_t len, size_t *ret_n, struct sg_err *err)
{
	begin(tls, err);
	int rc = SSL_read_ex(tls->ssl, p, len, ret_n);
	return rc == 1 ? SG_TLS_OK : why(tls, rc, err);
}

bool
sg_tls_pending(const struct sg_tls *tls)
{
	return SSL_has_pending(tls->ssl) == 1;
}

enum sg_tls_got
sg_tls_write(struct sg_tls *tls, const void *p, size_t len, size_t *ret_n, struct sg_err *err)
{
	begin(tls, err);
	int rc = SSL_write_ex(tls->ssl, p, len, ret_n);
	return rc == 1 ? SG_TLS_OK : why(tls, rc, err);
}

enum sg_tls_got
sg_tls_close(struct sg_tls *tls, struct sg_err *err)
{
	if (tls->failed)
		return SG_TLS_FAIL;
	begin(tls, err);
	int rc = SSL_shutdown(tls->ssl);
	return rc >= 0 ? SG_TLS_OK : why(tls, rc, err);
}
