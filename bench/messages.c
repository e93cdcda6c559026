/* SPDX-License-Identifier: Apache-2.0 */

/*
 * messages.c - everything about the enrolments that is not timed: made before the clock
 * starts, checked after it stopped
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "bench.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "http/client.h"
#include "scep/pop.h"
#include "scep/ra.h"
#include "scep/reply.h"
#include "scep/request.h"
#include "scep/throwaway.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define ASKERS 8u /* challenges are made side by side, so that commits are shared */
#define DAY_S 86400

void
bench_ca_fetch(const struct bench_server *server, struct bench_ca *ret)
{
	struct sg_err err;
	size_t ra = 0;

	bench_get(server, "GetCACert", &ret->body);
	struct sg_slice body = sg_buf_slice(&ret->body);
	struct sg_cert one;
	if (sg_cert_parse(body, &one, NULL) == SG_OK) {
		ret->cert[ret->n++] = body;
	} else {
		bench_ok(sg_degenerate_decode(body, &ret->certs, &err), &err, "GetCACert");
		while (ret->n < ret->certs.cert_n && ret->n < BENCH_CERTS_MAX) {
			ret->cert[ret->n] = ret->certs.cert[ret->n];
			ret->n++;
		}
	}
	bench_ok(sg_scep_ra_select(ret->cert, ret->n, NULL, &ra, &err), &err, "GetCACert");
	bench_ok(sg_cert_parse(ret->cert[ra], &ret->ra, &err), &err, "RA certificate");
	bench_ok(sg_key_from_spki(ret->ra.spki, &ret->ra_key, &err), &err, "RA key");
	/* The one after the RA certificate, or the only one. */
	size_t issuer = ret->n > 1 ? 1 - (ra & 1) : 0;
	bench_ok(sg_cert_parse(ret->cert[issuer], &ret->issuer, &err), &err, "CA certificate");
	bench_ok(sg_key_from_spki(ret->issuer.spki, &ret->issuer_key, &err), &err, "CA key");
}

struct bench_device *
bench_devices(struct sg_key **key, size_t n)
{
	struct bench_device *device = sg_xalloc(n * sizeof *device);
	sg_buf_scoped subject = {0};
	struct sg_err err;
	int64_t now = sg_clock_now();

	bench_ok(sg_name_from_text(sg_slice_str("CN=bench"), &subject, &err), &err, "a name");
	for (size_t i = 0; i < n; i++) {
		uint8_t serial[16];
		device[i].key = key[i];
		bench_ok(sg_random(serial, sizeof serial, &err), &err, "random");
		serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
		bench_ok(sg_key_put_spki(key[i], &device[i].spki, &err), &err, "SPKI");
		bench_ok(sg_scep_throwaway_put(&device[i].signer, key[i], SG_HASH_SHA256,
			     sg_buf_slice(&subject), sg_slice(serial, sizeof serial), now - DAY_S,
			     now + 30 * DAY_S, &err),
		    &err, "signer certificate");
	}
	return device;
}

/* ---- challenges ---- */

struct asker {
	pthread_t thread;
	const struct bench_plan *plan;
	size_t first, n;
	char **challenge;
};

static void
common_name(const struct bench_plan *plan, size_t i, char ret[64])
{
	snprintf(ret, 64, "%s-%zu.bench.example", plan->name, i);
}

static char *
ask_one(const struct bench_plan *plan, size_t i)
{
	char question[256], name[64];
	sg_scoped(http_client) client = NULL;
	sg_http_reply_scoped reply = {0};
	struct sg_err err;

	common_name(plan, i, name);
	snprintf(question, sizeof question,
	    "{\"endpoint\":\"%s\",\"subject\":\"O=Bench, CN=%s\",\"expires_s\":86400}",
	    plan->endpoint, name);
	const struct sg_http_call call = {.url = "http://signet/v1/registrar/challenges",
	    .unix_path = plan->control,
	    .post = true,
	    .content_type = "application/json",
	    .body = sg_slice_str(question)};
	bench_ok(sg_http_client_new(&client, &err), &err, plan->control);
	bench_ok(sg_http_client_call(client, &call, &reply, &err), &err, plan->control);
	json_t *o = json_loadb((const char *)reply.body.p, reply.body.len, 0, NULL);
	const char *challenge = json_string_value(json_object_get(o, "challenge"));
	if (reply.status != 200 || challenge == NULL)
		bench_die("no challenge: %s", sg_buf_text(&reply.body));
	char *copy = sg_memdup(challenge, strlen(challenge));
	json_decref(o);
	return copy;
}

static void *
asker_main(void *arg)
{
	struct asker *a = arg;
	for (size_t i = a->first; i < a->n; i += ASKERS)
		a->challenge[i] = ask_one(a->plan, i);
	return NULL;
}

static char **
ask_challenges(const struct bench_plan *plan, size_t n)
{
	char **challenge = sg_xalloc((n + 1) * sizeof *challenge);
	struct asker asker[ASKERS];

	for (size_t i = 0; i < ASKERS; i++) {
		asker[i] = (struct asker){.plan = plan, .first = i, .n = n, .challenge = challenge};
		if (pthread_create(&asker[i].thread, NULL, asker_main, &asker[i]) != 0)
			bench_die("cannot start a thread");
	}
	for (size_t i = 0; i < ASKERS; i++)
		pthread_join(asker[i].thread, NULL);
	return challenge;
}

/* ---- messages ---- */

static void
make_csr(struct bench_message *m, const char *challenge, struct sg_buf *out)
{
	sg_buf_scoped info = {0};
	struct sg_err err;
	struct sg_csr_facts facts = {.subject = sg_buf_slice(&m->subject),
	    .spki = sg_buf_slice(&m->device->spki),
	    .challenge = sg_slice_str(challenge)};

	sg_csr_put_info(&info, &facts);
	bench_ok(sg_scep_pop_sign(out, m->device->key, SG_HASH_SHA256, sg_buf_slice(&info), &err),
	    &err, "PKCS#10");
}

static void
make_message(
    const struct bench_plan *plan, size_t i, const char *challenge, struct bench_message *m)
{
	sg_buf_scoped text = {0}, csr = {0}, hex = {0};
	uint8_t random[16];
	char name[64];
	struct sg_err err;

	m->device = &plan->device[i % plan->device_n];
	common_name(plan, i, name);
	sg_buf_printf(&text, "O=Bench, CN=%s", name);
	bench_ok(sg_name_from_text(sg_buf_slice(&text), &m->subject, &err), &err, "a name");
	bench_ok(sg_random(random, sizeof random, &err), &err, "random");
	bench_ok(sg_random(m->nonce, sizeof m->nonce, &err), &err, "random");
	sg_hex_put(&hex, sg_slice(random, sizeof random));
	snprintf(m->txid, sizeof m->txid, "%s", sg_buf_text(&hex));
	make_csr(m, challenge, &csr);
	struct sg_scep_request_facts facts = {.type = SG_SCEP_PKCSREQ,
	    .txid = sg_slice_str(m->txid),
	    .sender_nonce = sg_slice(m->nonce, sizeof m->nonce),
	    .hash = SG_HASH_SHA256,
	    .signing_time = sg_clock_now(),
	    .signer_cert = sg_buf_slice(&m->device->signer),
	    .signer_key = m->device->key,
	    .recipient = &plan->ca->ra,
	    .cipher = SG_CIPHER_AES128_CBC,
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .plain = sg_buf_slice(&csr)};
	bench_ok(sg_scep_request_put(&m->der, &facts, &err), &err, "pkiMessage");
	bench_http_post(plan->server, sg_buf_slice(&m->der), &m->http);
}

struct bench_message *
bench_messages(const struct bench_plan *plan, size_t n)
{
	struct bench_message *message = sg_xalloc((n + 1) * sizeof *message);
	char **challenge = plan->challenge == NULL ? ask_challenges(plan, n) : NULL;

	for (size_t i = 0; i < n; i++) {
		make_message(
		    plan, i, challenge == NULL ? plan->challenge : challenge[i], &message[i]);
		if (challenge != NULL)
			sg_free(challenge[i]);
	}
	sg_free(challenge);
	return message;
}

/* ---- the answers ---- */

static void
check_one(const struct bench_ca *ca, const struct bench_message *m, const struct bench_req *req,
    bool legacy, struct sg_buf *ret_serial)
{
	sg_scep_reply_scoped reply = {0};
	struct sg_cert cert;
	struct sg_err err;
	struct sg_scep_reply_expect expect = {.txid = sg_slice_str(m->txid),
	    .sender_nonce = sg_slice(m->nonce, sizeof m->nonce),
	    .ca_n = ca->n,
	    .ca = ca->cert,
	    .key = m->device->key,
	    .signer_cert = sg_buf_slice(&m->device->signer),
	    .legacy_des = legacy,
	    .legacy_sha1 = legacy,
	    .legacy_nonce = legacy};

	if (req->status != 200)
		bench_die("HTTP status %d for %s", req->status, m->txid);
	bench_ok(
	    sg_scep_reply_open(sg_buf_slice(&req->body), &expect, &reply, &err), &err, "an answer");
	if (reply.status != SG_SCEP_SUCCESS || reply.certs.cert_n == 0)
		bench_die("%s, %zu certificates for %s: %.*s", sg_scep_status_name(reply.status),
		    reply.certs.cert_n, m->txid, (int)reply.fail_info_text.len,
		    (const char *)reply.fail_info_text.p);
	bench_ok(sg_cert_parse(reply.certs.cert[0], &cert, &err), &err, "a certificate");
	if (!sg_slice_eq(cert.spki, sg_buf_slice(&m->device->spki)))
		bench_die("a certificate for another key");
	if (!sg_name_equal(cert.subject, sg_buf_slice(&m->subject)))
		bench_die("a certificate for another subject");
	bench_ok(sg_sign_verify(ca->issuer_key, cert.sigalg, cert.tbs, cert.sig, &err), &err,
	    "a certificate's signature");
	sg_buf_put_slice(ret_serial, cert.serial);
}

static int
compare_serials(const void *a, const void *b)
{
	const struct sg_buf *x = a, *y = b;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->p, y->p, x->len);
}

size_t
bench_check(const struct bench_ca *ca, const struct bench_message *message,
    const struct bench_req *req, size_t n, bool legacy)
{
	struct sg_buf *serial = sg_xalloc((n + 1) * sizeof *serial);
	size_t twice = 0;

	for (size_t i = 0; i < n; i++)
		check_one(ca, &message[i], &req[i], legacy, &serial[i]);
	qsort(serial, n, sizeof *serial, compare_serials);
	for (size_t i = 1; i < n; i++)
		twice += compare_serials(&serial[i - 1], &serial[i]) == 0;
	for (size_t i = 0; i < n; i++)
		sg_buf_clear(&serial[i]);
	sg_free(serial);
	return twice;
}
