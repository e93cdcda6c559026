/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * unit/store/store_test.h - a folder with a store in it, hashes and rows to put there
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "crypto/digest.h"
#include "db/db.h"
#include "lib/fake_driver.h"
#include "store/ca/cert.h"
#include "store/registrar/challenge.h"
#include "store/registrar/challenge_private.h"
#include "store/registrar/tx.h"
#include "store/schema.h"

#define NOW INT64_C(1700000000)
#define UNUSED __attribute__((unused))

#define assert_ok(expr)                                                                            \
	do {                                                                                       \
		if ((expr) != SG_OK)                                                               \
			fail_msg("%s: %s: %s", #expr, t->err.rule, t->err.text);                   \
	} while (0)
#define assert_rule(expr, want_code, want_rule)                                                    \
	do {                                                                                       \
		assert_int_equal((expr), (want_code));                                             \
		assert_int_equal(t->err.code, (want_code));                                        \
		assert_string_equal(t->err.rule, (want_rule));                                     \
		assert_true(t->err.text[0] != '\0');                                               \
	} while (0)

struct bed {
	char dir[64];
	char path[96];	  /* of the store */
	char ca_path[96]; /* of the CA's, where a test has both */
	struct sg_db *store;
	struct sg_err err;
};

static inline struct sg_slice
text(const char *s)
{
	return sg_slice_str(s);
}

/* 32 bytes that belong to a number; kind keeps keys, hashes and serials apart. */
static inline void
hash_of(uint8_t out[32], int kind, unsigned n)
{
	memset(out, 0, 32);
	out[0] = (uint8_t)kind;
	for (int i = 0; i < 4; i++)
		out[28 + i] = (uint8_t)(n >> (8 * (3 - i)));
}

static inline UNUSED void
bed_open(struct bed *t, const struct sg_db_schema *schema)
{
	struct sg_db_conf conf = {.schema = schema, .path = t->path, .readers = 2};
	if (sg_db_open(&conf, &t->store, &t->err) != SG_OK)
		fail_msg("%s: %s", t->err.rule, t->err.text);
}

static inline UNUSED void
bed_open_fake(struct bed *t, const struct sg_db_schema *schema)
{
	struct sg_db_conf conf = {
	    .schema = schema, .path = t->path, .readers = 2, .driver = fake_driver()};
	fake_fail(FAKE_NONE, 0, false);
	if (sg_db_open(&conf, &t->store, &t->err) != SG_OK)
		fail_msg("%s: %s", t->err.rule, t->err.text);
}

static inline UNUSED int
bed_make(void **state)
{
	struct bed *t = sg_xalloc(sizeof(*t));
	snprintf(t->dir, sizeof(t->dir), "store-test-XXXXXX");
	if (mkdtemp(t->dir) == NULL)
		return -1;
	snprintf(t->path, sizeof(t->path), "%s/a.db", t->dir);
	snprintf(t->ca_path, sizeof(t->ca_path), "%s/ca.db", t->dir);
	*state = t;
	return 0;
}

static inline UNUSED void
bed_unlink(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal", ".lock", ".reserve"};
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char name[128];
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		unlink(name);
	}
}

static inline UNUSED int
bed_drop(void **state)
{
	struct bed *t = *state;
	sg_db_free(&t->store);
	bed_unlink(t->path);
	bed_unlink(t->ca_path);
	rmdir(t->dir);
	sg_free(t);
	return 0;
}

static inline UNUSED int
bed_registrar(void **state)
{
	if (bed_make(state) != 0)
		return -1;
	bed_open(*state, &sg_store_schema_registrar);
	return 0;
}

static inline UNUSED int
bed_ca(void **state)
{
	if (bed_make(state) != 0)
		return -1;
	bed_open(*state, &sg_store_schema_ca);
	return 0;
}

static inline UNUSED int
bed_fake(void **state)
{
	if (bed_make(state) != 0)
		return -1;
	bed_open_fake(*state, &sg_store_schema_registrar);
	return 0;
}

static inline UNUSED int
bed_fake_drop(void **state)
{
	fake_fail(FAKE_NONE, 0, false);
	return bed_drop(state);
}

#define case_registrar(f) cmocka_unit_test_setup_teardown(f, bed_registrar, bed_drop)
#define case_ca(f) cmocka_unit_test_setup_teardown(f, bed_ca, bed_drop)
#define case_fake(f) cmocka_unit_test_setup_teardown(f, bed_fake, bed_fake_drop)
#define case_bed(f) cmocka_unit_test_setup_teardown(f, bed_make, bed_drop)

/* Change a closed database behind the store's back. */
static inline UNUSED void
bed_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *msg = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &msg) != SQLITE_OK)
		fail_msg("%s: %s", sql, msg);
	sqlite3_close(db);
}

/* ---- rows of the registrar ---- */

static inline UNUSED struct sg_regdb_challenge
a_challenge(unsigned n)
{
	struct sg_regdb_challenge c = {
	    .created_at = NOW,
	    .expires_at = NOW + 3600,
	    .endpoint = text("default"),
	    .subject = text("CN=dev1"),
	    .sans = text("dns:dev1.example"),
	    .created_by = text("root"),
	    .note = text("for the tests"),
	};
	hash_of(c.hash, 'c', n);
	return c;
}

static inline UNUSED struct sg_regdb_reserve
a_reserve(unsigned key, unsigned challenge, enum sg_policy_kind policy)
{
	struct sg_regdb_reserve r = {
	    .kind = SG_TRANSACTION_ENROL,
	    .policy = policy,
	    .endpoint = text("default"),
	    .txid = text("TXID-1"),
	    .subject = text("CN=Dev1,O=Test"),
	    .peer = text("192.0.2.1"),
	    .now = NOW + 10,
	};
	hash_of(r.key, 'k', key);
	hash_of(r.csr_hash, 'q', key);
	hash_of(r.auth_hash, 'c', challenge);
	hash_of(r.signer_hash, 's', key);
	r.trace[3] = (uint8_t)key;
	r.trace[15] = 0x77;
	return r;
}

static inline UNUSED struct sg_regdb_tx_issued
an_issued(const struct sg_regdb_tx *tx, unsigned n)
{
	static uint8_t serial[4096][8];
	uint8_t *s = serial[n % 4096];
	memset(s, 0, 8);
	s[0] = 0x11;
	s[6] = (uint8_t)(n >> 8);
	s[7] = (uint8_t)n;
	struct sg_regdb_tx_issued done = {
	    .tx = tx->id,
	    .attempt = tx->attempt,
	    .serial = sg_slice(s, 8),
	    .not_after = NOW + 86400,
	    .finished_at = NOW + 12,
	    .steps = text("unwrap 700us; policy ok"),
	};
	hash_of(done.cert_hash, 'h', n);
	return done;
}

static inline UNUSED struct sg_regdb_tx_failed
a_failed(const struct sg_regdb_tx *tx, enum sg_regdb_tx_blame blame)
{
	struct sg_regdb_tx_failed done = {
	    .tx = tx->id,
	    .attempt = tx->attempt,
	    .code = SG_E_DENIED,
	    .rule = text("subject.mismatch"),
	    .text = text("want CN=a, have CN=b"),
	    .steps = text("unwrap 700us; policy refused"),
	    .blame = blame,
	    .finished_at = NOW + 12,
	};
	return done;
}

struct seen_challenge {
	const uint8_t *hash;
	bool found;
	struct sg_regdb_challenge row;
	uint8_t texts[5][64]; /* where the row's slices point */
};

static inline UNUSED enum sg_code
see_challenge(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct seen_challenge *s = arg;
	struct sg_slice *const slices[] = {
	    &s->row.endpoint, &s->row.subject, &s->row.sans, &s->row.created_by, &s->row.note};
	sg_query_scoped q;
	enum sg_code rc = sg_regdb_challenge_find(&q, db, s->hash, &s->found, &s->row, err);
	for (size_t i = 0; rc == SG_OK && i < sizeof(slices) / sizeof(slices[0]); i++) {
		size_t len = slices[i]->len;
		assert_true(len <= sizeof(s->texts[i]));
		if (len > 0)
			memcpy(s->texts[i], slices[i]->p, len);
		*slices[i] = sg_slice(s->texts[i], len);
	}
	return rc;
}

/* The row of a challenge, which may not be there. */
static inline UNUSED struct seen_challenge *
find_challenge(struct bed *t, const uint8_t *hash)
{
	static struct seen_challenge seen;
	seen = (struct seen_challenge){.hash = hash};
	assert_ok(sg_db_read(t->store, see_challenge, &seen, &t->err));
	return &seen;
}

static inline UNUSED enum sg_challenge_state
challenge_state(struct bed *t, unsigned n, uint32_t *ret_failures)
{
	uint8_t hash[32];
	hash_of(hash, 'c', n);
	const struct seen_challenge *seen = find_challenge(t, hash);
	assert_true(seen->found);
	if (ret_failures != NULL)
		*ret_failures = seen->row.failures;
	return seen->row.state;
}

/* ---- rows of the CA ---- */

/* Bytes of one value and a number at the end; written once, since threads share those that they
 * name. */
static inline UNUSED void
fill_numbered(uint8_t *p, size_t len, uint8_t fill, size_t at, unsigned n)
{
	if (p[at] == (uint8_t)(n >> 8) && p[at + 1] == (uint8_t)n && p[0] == fill)
		return;
	memset(p, fill, len);
	p[at] = (uint8_t)(n >> 8);
	p[at + 1] = (uint8_t)n;
}

static inline UNUSED struct sg_slice
a_cert(unsigned n)
{
	static uint8_t ders[4096][64];
	uint8_t *der = ders[n % 4096];
	fill_numbered(der, 64, 0x30, 62, n);
	return sg_slice(der, 64);
}

static inline UNUSED struct sg_cadb_new_cert
a_new_cert(unsigned n)
{
	static uint8_t ids[4096][28], serials[4096][16];
	uint8_t *id = ids[n % 4096], *serial = serials[n % 4096];
	memset(id, 0, 28);
	id[22] = (uint8_t)(n >> 8);
	id[23] = (uint8_t)n;
	id[27] = 1;
	fill_numbered(serial, 16, 0x5a, 14, n);
	struct sg_cadb_new_cert c = {
	    .request_id = sg_slice(id, 28),
	    .issuer = 1,
	    .serial = sg_slice(serial, 16),
	    .endpoint = text("default"),
	    .template_name = text("client"),
	    .subject = text("CN=Dev1,O=Test"),
	    .not_before = NOW,
	    .not_after = NOW + 86400,
	    .der = a_cert(n),
	    .who = text("registrar"),
	    .now = NOW,
	};
	c.trace[3] = (uint8_t)n;
	hash_of(c.csr_hash, 'q', n);
	hash_of(c.spki_hash, 'p', n);
	return c;
}

static inline UNUSED struct sg_slice
serial_of(unsigned n)
{
	return a_new_cert(n).serial;
}

static inline UNUSED void
issue_one(struct bed *t, unsigned n)
{
	struct sg_cadb_new_cert c = a_new_cert(n);
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	assert_ok(sg_cadb_cert_add(t->store, &c, &fresh, &row, &t->err));
	assert_true(fresh);
}

static inline UNUSED enum sg_cadb_cert_state
state_of(struct bed *t, unsigned n)
{
	struct sg_cadb_cert row = {0};
	assert_ok(sg_cadb_cert_by_serial(t->store, serial_of(n), &row, &t->err));
	enum sg_cadb_cert_state s = row.state;
	sg_cadb_cert_clear(&row);
	return s;
}

/* Certificate n as the renewal of certificate of. */
static inline UNUSED struct sg_cadb_new_cert
a_renewal(unsigned n, unsigned of)
{
	struct sg_cadb_new_cert c = a_new_cert(n);
	c.renews = serial_of(of);
	if (sg_sha256(a_cert(of), c.renews_hash, NULL) != SG_OK)
		fail_msg("no SHA-256");
	return c;
}

/* The closed database of the CA as version 1 or 2 of its schema had it. */
static inline UNUSED void
bed_old(const char *path, int version)
{
	char mark[32];
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d", version);
	bed_sql(path, "ALTER TABLE cert DROP COLUMN signer; DROP INDEX cert_lineage; "
		      "ALTER TABLE cert DROP COLUMN lineage");
	bed_sql(path, "DROP INDEX cert_revoked; DROP TABLE adopted; DROP TABLE clock; "
		      "DROP INDEX audit_release; "
		      "ALTER TABLE crl DROP COLUMN audit_seq; "
		      "ALTER TABLE cert DROP COLUMN revoked_seq; "
		      "ALTER TABLE cert DROP COLUMN last_list; "
		      "CREATE INDEX cert_revoked ON cert (issuer, shard, serial) "
		      "WHERE state BETWEEN 3 AND 5");
	if (version == 1)
		bed_sql(path, "DROP TABLE lease");
	bed_sql(path, mark);
}

/* What a version before leases committed before it signed. */
static inline UNUSED void
bed_intent(const char *path, const struct sg_cadb_new_cert *c)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"INSERT INTO cert (state, issuer, shard, reason, intent_at, not_before, not_after, "
		"done_at, revoked_at, request_id, serial, trace, csr_hash, spki_hash, cert_hash, "
		"endpoint, template, subject, order_id) VALUES (1, ?1, 0, 0, ?2, ?3, ?4, 0, 0, "
		"?5, ?6, zeroblob(16), ?7, ?7, zeroblob(32), 'default', 'client', 'CN=Dev1', ?8)",
		-1, &q, NULL),
	    SQLITE_OK);
	sqlite3_bind_int(q, 1, c->issuer);
	sqlite3_bind_int64(q, 2, c->now);
	sqlite3_bind_int64(q, 3, c->not_before);
	sqlite3_bind_int64(q, 4, c->not_after);
	sqlite3_bind_blob(q, 5, c->request_id.p, (int)c->request_id.len, SQLITE_STATIC);
	sqlite3_bind_blob(q, 6, c->serial.p, (int)c->serial.len, SQLITE_STATIC);
	sqlite3_bind_blob(q, 7, c->csr_hash, sizeof(c->csr_hash), SQLITE_STATIC);
	if (c->order_id.len > 0)
		sqlite3_bind_blob(q, 8, c->order_id.p, (int)c->order_id.len, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_DONE);
	sqlite3_finalize(q);
	sqlite3_close(db);
}
