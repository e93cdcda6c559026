/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/ca/cert.h - certificates in the CA's database, from the commit that lets one leave
 *
 * The order of issuing: sg_cadb_lease_add (committed, for many) → sign with a leased serial →
 * sg_cadb_cert_add (committed) → answer. A request id is answered once and for all: a repeat gets
 * what is there. Everything that is an act writes its audit row in the same transaction. Times are
 * UTC seconds. Ownership, errors and threads: store/verbs.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "policy/renewal.h"
#include "store/ca/lease.h"
#include "store/verbs.h"

/* As x509/serial_key.h has it, of an imported certificate: 20 bytes, one too many, and a mark. */
#define SG_CADB_SERIAL_KEY_MAX 22u

enum sg_cadb_cert_state {
	SG_CADB_CERT_INTENT = 1, /* about to be signed; only in databases of earlier versions */
	SG_CADB_CERT_GOOD = 2,
	SG_CADB_CERT_HOLD = 3,	    /* revoked, may be released */
	SG_CADB_CERT_REVOKED = 4,   /* for good */
	SG_CADB_CERT_WITHDRAWN = 5, /* revoked because a notification failed: its order or renewal
				     * may give another */
	SG_CADB_CERT_FAILED = 6,    /* a request that will never be a certificate */
};

struct sg_cadb_cert {
	int64_t id; /* order of issuing; cursor of lists */
	enum sg_cadb_cert_state state;
	int issuer; /* sg_cadb_issuer_no */
	unsigned shard;
	uint8_t trace[SG_STORE_TRACE_LEN];
	uint8_t csr_hash[SG_STORE_HASH_LEN];
	uint8_t spki_hash[SG_STORE_HASH_LEN];
	uint8_t cert_hash[SG_STORE_HASH_LEN]; /* SHA-256 of the certificate; zero before issue */
	int64_t intent_at; /* issued or failed; SG_CADB_CERT_INTENT: the time of its validity */
	int64_t not_before, not_after;
	int64_t done_at;    /* issued or failed; 0 before */
	int64_t revoked_at; /* 0: not revoked */
	int reason;	    /* CRLReason; 0 when not revoked */
	struct sg_slice request_id, serial, endpoint, template_name, subject, order_id;
	struct sg_slice renews; /* serial of the certificate that it renews; empty */
	/* Serial of the one that signed the request, which a challenge authorized; empty. */
	struct sg_slice signer;
	int64_t lineage; /* id of what it comes from by renewals, or its own; 0: not issued */
	struct sg_slice failure; /* SG_CADB_CERT_FAILED: why */
	struct sg_slice der;	 /* empty before issue, and in lists */
	void *mem;
};

void
sg_cadb_cert_clear(struct sg_cadb_cert *row);

/* Request ids of certificates that were issued elsewhere, or before a backup was put back, begin
 * with it: such a one may have a serial number that this database gave up. */
#define SG_CADB_IMPORT "import:"

struct sg_cadb_new_cert {
	struct sg_slice request_id; /* 1..64 bytes */
	int issuer;
	unsigned shard;
	struct sg_slice serial; /* 1..20 bytes, unique for all issuers of this CA */
	uint8_t trace[SG_STORE_TRACE_LEN];
	uint8_t csr_hash[SG_STORE_HASH_LEN];
	uint8_t spki_hash[SG_STORE_HASH_LEN];
	struct sg_slice endpoint, template_name, subject;
	struct sg_slice order_id; /* empty: none */
	struct sg_slice renews;	  /* serial of the signer's certificate; empty: none */
	struct sg_slice signer;	  /* the same, where it authorized nothing; empty: none */
	uint8_t renews_hash[SG_STORE_HASH_LEN]; /* SHA-256 of that certificate, when renews */
	struct sg_renewal_limits limits; /* of its endpoint, looked at again where they count */
	int64_t not_before, not_after;
	struct sg_slice der;	     /* signed, not shown to anybody */
	struct sg_slice who;	     /* for the audit */
	struct sg_cadb_lease *lease; /* comes with it when it is stored; NULL: none */
	int64_t now;
};

/*
 * Commit a signed certificate and its audit row. *ret_new true: it may leave; ret is untouched.
 *
 * False: this request id is known and ret is its row, and what was signed must not leave:
 * SG_CADB_CERT_GOOD and what follows it with der: answer that; SG_CADB_CERT_FAILED: never;
 * SG_CADB_CERT_INTENT: an earlier version was about to sign: sign with the serial, times and names
 * of the row, and store that. The lease is not there unless *ret_new.
 *
 * SG_E_CONFLICT  "request.mismatch": the id is known with another PKCS#10
 *                "serial.taken": sign again with another serial
 * SG_E_DENIED    "order.used": this order has given a certificate or is about to
 *                "renewal.repeated": this signer certificate and PKCS#10 have
 *                "renewal.foreign", "renewal.revoked": what it renews is not, or no longer, good
 *                what sg_renewal_limit says
 */
SG_RC
sg_cadb_cert_add(struct sg_db *store, const struct sg_cadb_new_cert *cert, bool *ret_new,
    struct sg_cadb_cert *ret, struct sg_err *err);

/* Make sure that this request id never issues from now on; *ret is its row after that:
 * SG_CADB_CERT_FAILED, or the certificate if there is one. */
SG_RC
sg_cadb_cert_cancel(struct sg_db *store, struct sg_slice request_id, struct sg_slice reason,
    int64_t now, struct sg_cadb_cert *ret, struct sg_err *err);

/* SG_E_NOTFOUND "request.unknown". */
SG_RC
sg_cadb_cert_by_request(
    struct sg_db *store, struct sg_slice request_id, struct sg_cadb_cert *ret, struct sg_err *err);

/* SG_E_NOTFOUND "serial.unknown": no certificate was issued with it. With der. */
SG_RC
sg_cadb_cert_by_serial(
    struct sg_db *store, struct sg_slice serial, struct sg_cadb_cert *ret, struct sg_err *err);

/* The record of exactly this certificate: by serial, then byte for byte. SG_E_NOTFOUND
 * "serial.unknown", or "cert.altered" when ours with that serial is another. */
SG_RC
sg_cadb_cert_by_der(struct sg_db *store, struct sg_slice serial, struct sg_slice cert_der,
    struct sg_cadb_cert *ret, struct sg_err *err);

struct sg_cadb_cert_filter {
	unsigned states;	 /* bits 1u << enum sg_cadb_cert_state; 0: all that were issued */
	int issuer;		 /* 0: any */
	struct sg_slice subject; /* part of it, ASCII case ignored; empty: any */
	struct sg_slice trace_prefix; /* 0..16 bytes */
	int64_t expires_before;	      /* 0: any */
	int64_t before_id;	      /* cursor: only ids below; 0: from the newest */
	int64_t lineage;	      /* 0: any */
	unsigned limit;		      /* 0: 100 */
};

/* Newest first, without der. each returns false to stop. */
SG_RC
sg_cadb_cert_list(struct sg_db *store, const struct sg_cadb_cert_filter *filter,
    bool (*each)(void *arg, const struct sg_cadb_cert *row), void *arg, struct sg_err *err);

struct sg_cadb_cert_counts {
	uint64_t by_state[SG_CADB_CERT_FAILED + 1];
};

SG_RC
sg_cadb_cert_count(struct sg_db *store, struct sg_cadb_cert_counts *ret, struct sg_err *err);
