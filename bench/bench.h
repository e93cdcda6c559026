/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bench/bench.h - what the programs of bench/ share
 *
 * They are tools, not product: they end the process when anything goes wrong, because a
 * number from a run that went wrong is worth nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "cms/degenerate.h"
#include "x509/cert.h"

#define BENCH_NONCE_LEN 16u
#define BENCH_CERTS_MAX 8u

void
bench_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Ends the program unless rc is SG_OK. */
void
bench_ok(enum sg_code rc, const struct sg_err *err, const char *what);
int64_t
bench_now_ns(void);
/* CPU time of the calling thread. */
int64_t
bench_cpu_ns(void);
void
bench_pin(int cpu);
uint64_t
bench_number(const char *text, uint64_t max);
void
bench_read_file(const char *path, struct sg_buf *out);

/* n RSA-2048 keys, kept in a directory because making them is slow. */
struct sg_key **
bench_keys(const char *dir, size_t n);

/* ---- wire.c ---- */

struct bench_server {
	const char *addr; /* numeric IPv4 */
	unsigned port;
	const char *path; /* of SCEP */
	uint32_t source;  /* IPv4 address of the first connection, the others count on; 0: any */
	bool tls;
	bool fresh; /* a connection for each request */
};

/* One request and what came of it. */
struct bench_req {
	struct sg_slice out; /* the whole HTTP request */
	int status;
	struct sg_buf body;
	int64_t start_ns, ns;
};

/*
 * Send every request once: connections keep-alive connections (or as many at a time, where the
 * server is to have fresh ones), each sending the next request when its answer is there. Returns
 * the nanoseconds from first to last.
 */
int64_t
bench_drive(const struct bench_server *server, size_t connections, struct bench_req *req, size_t n);
/* GET path?operation=name into body; the status must be 200. */
void
bench_get(const struct bench_server *server, const char *operation, struct sg_buf *body);

/* ---- messages.c ---- */

/* What GetCACert said. */
struct bench_ca {
	struct sg_buf body;
	struct sg_degenerate certs;
	size_t n;
	struct sg_slice cert[BENCH_CERTS_MAX];
	struct sg_cert ra; /* to encrypt to */
	struct sg_key *ra_key;
	struct sg_cert issuer;
	struct sg_key *issuer_key;
};

struct bench_device {
	struct sg_key *key;
	struct sg_buf spki, signer; /* throw-away certificate */
};

struct bench_message {
	const struct bench_device *device;
	char txid[33];
	uint8_t nonce[BENCH_NONCE_LEN];
	struct sg_buf subject; /* Name TLV */
	struct sg_buf der;     /* pkiMessage */
	struct sg_buf http;    /* the whole request */
};

struct bench_plan {
	const struct bench_server *server;
	const struct bench_ca *ca;
	const struct bench_device *device;
	size_t device_n;
	const char *name;      /* in front of every common name */
	const char *challenge; /* the same for all, or NULL ... */
	const char *control;   /* ... one each, from this socket */
	const char *endpoint;
};

void
bench_ca_fetch(const struct bench_server *server, struct bench_ca *ret);
struct bench_device *
bench_devices(struct sg_key **key, size_t n);
struct bench_message *
bench_messages(const struct bench_plan *plan, size_t n);
void
bench_http_post(const struct bench_server *server, struct sg_slice body, struct sg_buf *out);

/*
 * Every answer is a SUCCESS for its request: signed by the CA or RA, for our transaction,
 * with a certificate for our key and subject that the CA signed. Ends the program otherwise.
 * Returns how many certificates have the serial number of another one.
 */
size_t
bench_check(const struct bench_ca *ca, const struct bench_message *message,
    const struct bench_req *req, size_t n, bool legacy);
