/* SPDX-License-Identifier: Apache-2.0 */

/*
 * oracle.c - does the time that an answer takes tell whether the padding of an encrypted
 * content key was right?
 *
 * Pairs of one ciphertext with right and one with wrong padding, in random order, timed one
 * after the other: keyd's unwrap alone, in this process, or whole messages through HTTP.
 * The differences of the pairs go through Wilcoxon's signed-rank test and the sign test.
 * Wrong is by turns a random number below the modulus and a well-formed padding around a
 * key of another length, which is wrong in one place only.
 */

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "bench.h"
#include "cms/attr.h"
#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "cms/assemble.h"
#include "cms/envelope.h"
#include "asn1/oid.h"
#include "crypto/init.h"
#include "crypto/unwrap.h"
#include "x509/name.h"

#define CEK_LEN 16u
#define OTHER_LEN 24u
#define RSA_LEN 256u
#define BATCH 2000u	    /* pairs made before they are sent */
#define SOURCES 0x7f010001u /* 127.1.0.1: the attacker has addresses enough */
#define SECRET "a secret for implicit rejection."

static const struct sg_keytrans pkcs1 = {.transport = SG_TRANSPORT_PKCS1};

static void
random_bytes(void *p, size_t len)
{
	struct sg_err err;
	bench_ok(sg_random(p, len, &err), &err, "random");
}

/* Random numbers are bought in bulk. */
static unsigned
coin(void)
{
	static uint8_t pool[4096];
	static size_t at = sizeof pool;

	if (at == sizeof pool) {
		random_bytes(pool, sizeof pool);
		at = 0;
	}
	return pool[at++] & 1u;
}

static void
wrap(const struct sg_key *key, size_t cek_len, struct sg_buf *out)
{
	uint8_t cek[OTHER_LEN];
	struct sg_err err;

	random_bytes(cek, sizeof cek);
	bench_ok(sg_wrap_key(key, pkcs1, sg_slice(cek, cek_len), out, &err), &err, "wrap");
}

/* An encrypted content key with right or wrong padding, turn by turn. */
static void
make_wrapped(const struct sg_key *key, bool right, size_t turn, struct sg_buf *out)
{
	if (right) {
		wrap(key, CEK_LEN, out);
	} else if (turn & 1u) {
		wrap(key, OTHER_LEN, out);
	} else {
		/* The modulus has its highest bit set. */
		uint8_t *p = sg_buf_extend(out, RSA_LEN);
		random_bytes(p, RSA_LEN);
		p[0] &= 0x7f;
	}
}

/* ---- statistics ---- */

struct pairs {
	size_t n;
	int64_t *right, *wrong;
};

struct verdict {
	double median_right, median_wrong, median_diff; /* ns */
	double wilcoxon_p, sign_p;
	size_t longer; /* pairs in which right took longer */
};

static int
compare_ns(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static int
compare_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	int64_t u = llabs(*x), v = llabs(*y);
	return u < v ? -1 : u > v;
}

static double
median(const int64_t *value, size_t n)
{
	int64_t *sorted = sg_xalloc(n * sizeof *sorted);
	memcpy(sorted, value, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, compare_ns);
	double m = n % 2 ? (double)sorted[n / 2] : (double)(sorted[n / 2 - 1] + sorted[n / 2]) / 2;
	sg_free(sorted);
	return m;
}

static double
two_sided(double z)
{
	return erfc(fabs(z) / sqrt(2.0));
}

/* Signed-rank test, normal approximation; equal sizes share their mean rank. */
static double
wilcoxon(const int64_t *diff, size_t n)
{
	int64_t *d = sg_xalloc((n + 1) * sizeof *d);
	double sum = 0, ties = 0;
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (diff[i] != 0)
			d[m++] = diff[i];
	qsort(d, m, sizeof *d, compare_size);
	for (size_t i = 0, j; i < m; i = j) {
		for (j = i; j < m && llabs(d[j]) == llabs(d[i]); j++)
			continue;
		double t = (double)(j - i), rank = (double)(i + j + 1) / 2;
		ties += t * t * t - t;
		for (size_t k = i; k < j; k++)
			sum += d[k] > 0 ? rank : 0;
	}
	sg_free(d);
	double k = (double)m, var = k * (k + 1) * (2 * k + 1) / 24 - ties / 48;
	return var > 0 ? two_sided((sum - k * (k + 1) / 4) / sqrt(var)) : 1.0;
}

static struct verdict
judge(const struct pairs *p)
{
	int64_t *diff = sg_xalloc((p->n + 1) * sizeof *diff);
	struct verdict v = {0};
	size_t unequal = 0;

	for (size_t i = 0; i < p->n; i++) {
		diff[i] = p->right[i] - p->wrong[i];
		v.longer += diff[i] > 0;
		unequal += diff[i] != 0;
	}
	v.median_right = median(p->right, p->n);
	v.median_wrong = median(p->wrong, p->n);
	v.median_diff = median(diff, p->n);
	v.wilcoxon_p = wilcoxon(diff, p->n);
	double half = (double)unequal / 2;
	v.sign_p = unequal == 0 ? 1.0 : two_sided(((double)v.longer - half) / sqrt(half / 2));
	sg_free(diff);
	return v;
}

static void
print(const char *what, const struct pairs *p)
{
	struct verdict v = judge(p);

	printf("{\"what\": \"%s\", \"pairs\": %zu, \"median_right_ns\": %.0f, "
	       "\"median_wrong_ns\": %.0f, \"median_difference_ns\": %.1f, "
	       "\"right_took_longer\": %zu, \"test\": \"Wilcoxon signed-rank\", \"p\": %.3g, "
	       "\"sign_test_p\": %.3g}\n",
	    what, p->n, v.median_right, v.median_wrong, v.median_diff, v.longer, v.wilcoxon_p,
	    v.sign_p);
}

/* ---- the unwrap alone ---- */

static int64_t
time_unwrap(const struct sg_key *key, struct sg_slice wrapped)
{
	uint8_t cek[SG_CEK_MAX];
	struct sg_err err;

	int64_t from = bench_now_ns();
	enum sg_code rc = sg_unwrap_key(
	    key, pkcs1, wrapped, sg_slice_str(SECRET), CEK_LEN, cek, &err);
	int64_t ns = bench_now_ns() - from;
	bench_ok(rc, &err, "unwrap");
	return ns;
}

static void
run_unwrap(const struct sg_key *key, struct pairs *p)
{
	for (size_t i = 0; i < p->n; i++) {
		sg_buf_scoped right = {0}, wrong = {0};
		make_wrapped(key, true, i, &right);
		make_wrapped(key, false, i, &wrong);
		if (coin()) {
			p->right[i] = time_unwrap(key, sg_buf_slice(&right));
			p->wrong[i] = time_unwrap(key, sg_buf_slice(&wrong));
		} else {
			p->wrong[i] = time_unwrap(key, sg_buf_slice(&wrong));
			p->right[i] = time_unwrap(key, sg_buf_slice(&right));
		}
	}
}

/* ---- end to end ---- */

static void
put_attrs(struct sg_buf *b, struct sg_slice content)
{
	uint8_t md[SG_HASH_LEN_MAX], id[16];
	sg_buf_scoped hex = {0};
	struct sg_err err;

	bench_ok(sg_digest(SG_HASH_SHA256, content, md, &err), &err, "digest");
	random_bytes(id, sizeof id);
	sg_hex_put(&hex, sg_slice(id, sizeof id));
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_cms_attr_put_common(b, sg_slice(md, SG_SHA256_LEN), sg_clock_now());
	sg_cms_attr_put(b, SG_OID(message_type), SG_DER_PRINTABLE, sg_slice_str("19"));
	sg_cms_attr_put(b, SG_OID(transaction_id), SG_DER_PRINTABLE, sg_buf_slice(&hex));
	sg_cms_attr_put(b, SG_OID(sender_nonce), SG_DER_OCTET_STRING, sg_slice(id, sizeof id));
	sg_derw_sort(b, set);
	sg_derw_end(b, set);
}

/* An EnvelopedData whose content nobody can decrypt, with this encrypted key. */
static void
put_content(const struct bench_ca *ca, bool right, size_t turn, struct sg_buf *out)
{
	uint8_t plain[1000];
	sg_buf_scoped wrapped = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err;

	random_bytes(plain, sizeof plain);
	struct sg_envelope_facts facts = {.recipient = sg_cms_id_of_cert(&ca->ra),
	    .key = ca->ra_key,
	    .trans = pkcs1,
	    .cipher = SG_CIPHER_AES128_CBC,
	    .plain = sg_slice(plain, sizeof plain)};
	bench_ok(sg_envelope_seal(out, &facts, &err), &err, "envelope");
	bench_ok(sg_envelope_decode(sg_buf_slice(out), &env, &err), &err, "envelope");
	struct sg_cert_light ra = {.issuer = ca->ra.issuer, .serial = ca->ra.serial};
	bench_ok(sg_envelope_choose(&env, &ra, &err), &err, "envelope");
	make_wrapped(ca->ra_key, right, turn, &wrapped);
	if (env.wrapped.len != wrapped.len)
		bench_die("the RA's key is not RSA-2048");
	memcpy(out->p + (env.wrapped.p - out->p), wrapped.p, wrapped.len);
}

static void
put_message(const struct bench_server *server, const struct bench_ca *ca,
    const struct bench_device *device, bool right, size_t turn, struct sg_buf *out)
{
	sg_buf_scoped content = {0}, attrs = {0}, sig = {0}, der = {0};
	struct sg_slice cert = sg_buf_slice(&device->signer);
	struct sg_cert signer;
	struct sg_err err;

	put_content(ca, right, turn, &content);
	put_attrs(&attrs, sg_buf_slice(&content));
	struct sg_sigalg alg = sg_key_sigalg(device->key, SG_HASH_SHA256);
	bench_ok(sg_sign_tbs(device->key, alg, sg_buf_slice(&attrs), &sig, &err), &err, "sign");
	bench_ok(sg_cert_parse(cert, &signer, &err), &err, "signer");
	struct sg_cms_parts parts = {.attrs = sg_buf_slice(&attrs),
	    .hash = SG_HASH_SHA256,
	    .sigalg = alg,
	    .sig = sg_buf_slice(&sig),
	    .signer = sg_cms_id_of_cert(&signer),
	    .cert_n = 1,
	    .certs = &cert,
	    .content = sg_buf_slice(&content)};
	bench_ok(sg_cms_assemble(&der, &parts, &err), &err, "message");
	bench_http_post(server, sg_buf_slice(&der), out);
}

struct remote {
	struct bench_server server;
	size_t connections;
	struct bench_ca ca;
	struct bench_device *device;
};

/* A batch of pairs, each request twice as many as pairs, the order within a pair random. */
static void
run_batch(struct remote *r, struct pairs *p, size_t first, size_t n)
{
	struct bench_req *req = sg_xalloc(2 * n * sizeof *req);
	struct sg_buf *http = sg_xalloc(2 * n * sizeof *http);
	unsigned *swapped = sg_xalloc(n * sizeof *swapped);

	for (size_t i = 0; i < n; i++) {
		swapped[i] = coin();
		for (size_t k = 0; k < 2; k++) {
			struct sg_buf *b = &http[2 * i + k];
			put_message(&r->server, &r->ca, r->device, k == swapped[i], first + i, b);
			req[2 * i + k].out = sg_buf_slice(b);
		}
	}
	bench_drive(&r->server, r->connections, req, 2 * n);
	for (size_t i = 0; i < n; i++) {
		p->right[first + i] = req[2 * i + swapped[i]].ns;
		p->wrong[first + i] = req[2 * i + !swapped[i]].ns;
	}
	for (size_t i = 0; i < 2 * n; i++) {
		if (req[i].status != 200)
			bench_die("HTTP status %d where a refusal was expected", req[i].status);
		sg_buf_clear(&http[i]);
		sg_buf_clear(&req[i].body);
	}
	sg_free(swapped);
	sg_free(http);
	sg_free(req);
}

static void
run_remote(struct remote *r, struct sg_key **key, struct pairs *p)
{
	bench_ca_fetch(&r->server, &r->ca);
	r->server.source = SOURCES;
	r->device = bench_devices(key, 1);
	for (size_t at = 0; at < p->n; at += BATCH)
		run_batch(r, p, at, p->n - at < BATCH ? p->n - at : BATCH);
}

int
main(int argc, char **argv)
{
	static const struct option names[] = {{"keys", 1, NULL, 'k'}, {"pairs", 1, NULL, 'n'},
	    {"cpu", 1, NULL, 'C'}, {"port", 1, NULL, 'p'}, {"connections", 1, NULL, 'c'}, {0}};
	static struct remote r = {
	    .server = {.addr = "127.0.0.1", .path = "/scep"}, .connections = 8};
	struct pairs p = {.n = 100000};
	const char *keys = NULL;
	struct sg_err err;
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 'k':
			keys = optarg;
			break;
		case 'n':
			p.n = bench_number(optarg, 10000000);
			break;
		case 'C':
			bench_pin((int)bench_number(optarg, 1023));
			break;
		case 'p':
			r.server.port = (unsigned)bench_number(optarg, 65535);
			break;
		case 'c':
			r.connections = bench_number(optarg, 1000);
			break;
		default:
			return 2;
		}
	}
	if (keys == NULL || p.n == 0)
		bench_die("--keys DIR is needed, and at least one pair");
	bench_ok(sg_crypto_init(&err), &err, "crypto");
	struct sg_key **key = bench_keys(keys, 1);
	p.right = sg_xalloc(p.n * sizeof *p.right);
	p.wrong = sg_xalloc(p.n * sizeof *p.wrong);
	if (r.server.port != 0)
		run_remote(&r, key, &p);
	else
		run_unwrap(key[0], &p);
	print(r.server.port != 0 ? "end to end" : "unwrap alone", &p);
	return 0;
}
