/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/store/store_test.h"
#include "db/db.h"
#include "store/ca/audit.h"
#include "store/ca/cert.h"
#include "store/ca/crl.h"
#include "store/ca/revoke.h"
#include "store/fsck.h"
#include "store/registrar/challenge.h"
#include "store/registrar/tx.h"

struct found {
	unsigned n;
	char first[8]; /* the invariant of the first finding */
	char text[256];
	char all[256];
};

static void
note(void *arg, const char *invariant, const char *what)
{
	struct found *f = arg;
	if (f->n++ == 0) {
		snprintf(f->first, sizeof(f->first), "%s", invariant);
		snprintf(f->text, sizeof(f->text), "%s", what);
	}
	size_t at = strlen(f->all);
	if (strstr(f->all, invariant) == NULL)
		snprintf(f->all + at, sizeof(f->all) - at, "%s ", invariant);
}

/* A list is its serial numbers here, 16 bytes each. */
static enum sg_code
read_serials(struct sg_slice der,
    enum sg_code (*visit)(void *arg, struct sg_slice serial, struct sg_err *err), void *arg,
    struct sg_err *err)
{
	enum sg_code rc = SG_OK;
	if (der.len % 16 != 0)
		return sg_fail(err, SG_E_MALFORMED, "test.list", "not a list");
	for (size_t at = 0; at < der.len && rc == SG_OK; at += 16)
		rc = visit(arg, sg_slice(der.p + at, 16), err);
	return rc;
}

static struct found
run(struct bed *t, bool reg, bool ca, struct sg_fsck_counts *counts)
{
	struct found f = {0};
	struct sg_fsck_counts unused;
	struct sg_fsck_conf conf = {
	    .registrar_path = reg ? t->path : NULL,
	    .ca_path = ca ? t->ca_path : NULL,
	    .crl_read = read_serials,
	    .found = note,
	    .arg = &f,
	};
	assert_ok(sg_fsck(&conf, counts != NULL ? counts : &unused, &t->err));
	return f;
}

/* Two serial numbers: the second ends the first. */
static struct sg_cadb_lease *
a_lease(unsigned n)
{
	static uint8_t serials[3][2][SG_CADB_SERIAL_MAX];
	static struct sg_cadb_lease leases[3];
	memset(serials[n], 0x60 + (int)n, sizeof(serials[n]));
	serials[n][1][19] = 1;
	leases[n] = (struct sg_cadb_lease){
	    .serials = sg_slice(serials[n], sizeof(serials[n])), .ended_upto = n - 1};
	return &leases[n];
}

static void
enrol(struct bed *t, struct sg_db *ca, unsigned n)
{
	struct sg_regdb_challenge c = a_challenge(n);
	struct sg_regdb_reserve r = a_reserve(n, n, n <= 2 ? SG_POLICY_ONE_TIME : SG_POLICY_STATIC);
	struct sg_regdb_tx tx = {0};
	struct sg_cadb_cert row = {0};
	bool started = false;
	if (n <= 2)
		assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	assert_ok(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err));
	struct sg_cadb_new_cert in = a_new_cert(n);
	in.request_id = sg_slice(tx.request_id, sizeof(tx.request_id));
	if (n == 2)
		in.order_id = text("order-2");
	in.lease = n == 4 ? a_lease(2) : NULL;
	assert_ok(sg_cadb_cert_add(ca, &in, &started, &row, &t->err));
	struct sg_regdb_tx_issued done = an_issued(&tx, n);
	done.serial = in.serial;
	assert_ok(sg_sha256(a_cert(n), done.cert_hash, &t->err));
	assert_ok(sg_regdb_tx_finish_issued(t->store, &done, &t->err));
}

/* A list with these certificates that knows of all acts so far. */
static void
publish(struct bed *t, struct sg_db *ca, uint64_t number, const unsigned *which, size_t n)
{
	uint8_t der[64];
	struct sg_cadb_head head = {0};
	assert_ok(sg_cadb_get_head(ca, &head, &t->err));
	for (size_t i = 0; i < n; i++)
		memcpy(der + 16 * i, serial_of(which[i]).p, 16);
	struct sg_cadb_crl crl = {.issuer = 1,
	    .number = number,
	    .audit_seq = head.audit_seq,
	    .this_update = NOW,
	    .entries = n,
	    .der = sg_slice(der, 16 * n)};
	assert_ok(sg_cadb_crl_publish(ca, &crl, text("ca"), NOW, &t->err));
}

/* Transactions 1 to 4 issued (1 and 2 with challenges, 3 and 4 static); 5 runs with an
 * intent of an earlier version, 6 runs with a challenge; certificate 3 revoked, 4 on hold; two
 * CRLs. The first lease was given up, the second is open. */
static int
bed_both(void **state)
{
	if (bed_make(state) != 0)
		return -1;
	struct bed *t = *state;
	struct sg_db *ca = NULL;
	struct sg_regdb_tx tx = {0}, tx5 = {0};
	bool started = false;
	struct sg_db_conf conf = {.schema = &sg_store_schema_ca, .path = t->ca_path};
	bed_open(t, &sg_store_schema_registrar);
	assert_ok(sg_db_open(&conf, &ca, &t->err));
	assert_ok(sg_cadb_lease_add(ca, a_lease(1), NOW, &t->err));
	for (unsigned n = 1; n <= 4; n++)
		enrol(t, ca, n);
	struct sg_regdb_reserve r = a_reserve(5, 5, SG_POLICY_STATIC);
	assert_ok(sg_regdb_tx_reserve(t->store, &r, &started, &tx5, &t->err));
	struct sg_cadb_new_cert in = a_new_cert(5);
	in.request_id = sg_slice(tx5.request_id, sizeof(tx5.request_id));
	struct sg_regdb_challenge c = a_challenge(6);
	assert_ok(sg_regdb_challenge_add(t->store, &c, &t->err));
	r = a_reserve(6, 6, SG_POLICY_ONE_TIME);
	assert_ok(sg_regdb_tx_reserve(t->store, &r, &started, &tx, &t->err));
	assert_ok(sg_cadb_revoke(ca, serial_of(3), 1, false, text("admin"), NOW, NULL, &t->err));
	assert_ok(sg_cadb_revoke(
	    ca, serial_of(4), SG_CADB_REASON_HOLD, false, text("admin"), NOW, NULL, &t->err));
	for (unsigned i = 1; i <= 2; i++)
		publish(t, ca, i, (const unsigned[]){3, 4}, 2);
	sg_db_free(&ca);
	sg_db_free(&t->store);
	bed_intent(t->ca_path, &in);
	return 0;
}

#define case_both(f) cmocka_unit_test_setup_teardown(f, bed_both, bed_drop)

static void
fsck__sound__no_finding(void **state)
{
	struct bed *t = *state;
	struct sg_fsck_counts c = {0};
	struct found f = run(t, true, true, &c);
	if (f.n != 0)
		fail_msg("%s: %s", f.first, f.text);
	assert_int_equal(c.findings, 0);
	assert_int_equal(c.transactions, 6);
	assert_int_equal(c.issued, 4);
	assert_int_equal(c.running, 2);
	assert_int_equal(c.challenges, 3);
	assert_int_equal(c.certificates, 4);
	assert_int_equal(c.revoked, 2);
	assert_int_equal(c.intents, 1);
	assert_int_equal(c.audit_rows, 9);
	assert_int_equal(run(t, true, false, NULL).n, 0);
	assert_int_equal(run(t, false, true, NULL).n, 0);
}

struct harm {
	const char *sql;
	const char *invariant; /* of the first finding */
};

static void
each_harm(struct bed *t, bool ca, bool both, const struct harm *harms, size_t n)
{
	const char *path = ca ? t->ca_path : t->path;
	for (size_t i = 0; i < n; i++) {
		char save[96], sql[160];
		snprintf(save, sizeof(save), "%s/save.db", t->dir);
		snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", save);
		bed_sql(path, sql);
		bed_sql(path, harms[i].sql);
		struct found f = run(t, both || !ca, both || ca, NULL);
		if (f.n == 0)
			fail_msg("not found: %s", harms[i].sql);
		if (strcmp(f.first, harms[i].invariant) != 0)
			fail_msg("%s: %s instead of %s: %s", harms[i].sql, f.first,
			    harms[i].invariant, f.text);
		bed_unlink(path);
		assert_int_equal(rename(save, path), 0);
		assert_int_equal(chmod(path, 0600), 0);
	}
}

static void
fsck__registrar_harmed__found(void **state)
{
	struct bed *t = *state;
	static const struct harm harms[] = {
	    {"UPDATE tx SET state = 9 WHERE id = 3", "DB"},
	    {"UPDATE tx SET attempt = 0 WHERE id = 3", "DB"},
	    {"DELETE FROM meta", "DB"},
	    {"UPDATE tx SET serial = NULL WHERE id = 3", "I1"},
	    {"UPDATE tx SET cert_hash = x'00' WHERE id = 3", "I1"},
	    {"UPDATE tx SET key = (SELECT key FROM tx WHERE id = 1), gen = 1 WHERE id = 2", "I3"},
	    {"UPDATE tx SET key = (SELECT key FROM tx WHERE id = 3), gen = 1 WHERE id = 4", "I3"},
	    {"UPDATE tx SET auth_hash = (SELECT auth_hash FROM tx WHERE id = 1) WHERE id = 2",
		"I4"},
	    {"UPDATE challenge SET state = 1, tx = 0 WHERE tx = 1", "I4"},
	    {"UPDATE challenge SET tx = 99 WHERE tx = 1", "I4"},
	    {"UPDATE tx SET state = 5 WHERE id = 1", "I4"},
	    {"UPDATE tx SET state = 5 WHERE id = 6", "I4"},
	    {"UPDATE challenge SET state = 1, tx = 0 WHERE tx = 6", "I4"},
	    {"DELETE FROM challenge WHERE tx = 6", "I4"},
	};
	each_harm(t, false, false, harms, sizeof(harms) / sizeof(harms[0]));
}

static void
fsck__ca_harmed__found(void **state)
{
	struct bed *t = *state;
	static const struct harm harms[] = {
	    {"DELETE FROM cert_der WHERE id = 1", "I1"},
	    {"UPDATE cert SET state = 6 WHERE id = 1", "I1"},
	    {"DELETE FROM cert WHERE id = 1", "I1"},
	    {"DELETE FROM cert WHERE id = 1; DELETE FROM cert_der WHERE id = 1", "I1"},
	    {"UPDATE cert_der SET der = x'3000' WHERE id = 1", "I1"},
	    {"DROP INDEX cert_serial; UPDATE cert SET serial = "
	     "(SELECT serial FROM cert WHERE id = 1) WHERE id = 2",
		"I2"},
	    {"UPDATE cert SET serial = NULL WHERE id = 5", "I2"},
	    {"DROP INDEX cert_request; UPDATE cert SET request_id = "
	     "(SELECT request_id FROM cert WHERE id = 1) WHERE id = 2",
		"I3"},
	    {"DROP INDEX cert_order; UPDATE cert SET order_id = CAST('order-2' AS BLOB) "
	     "WHERE id = 1",
		"I3"},
	    {"DROP INDEX cert_renewal; UPDATE cert SET renews_hash = x'01', csr_hash = x'02' "
	     "WHERE id <= 2",
		"I3"},
	    {"UPDATE cert SET serial = x'6161616161616161616161616161616161616161' "
	     "WHERE id = 5",
		"I2"},
	    {"INSERT INTO lease (at, serials) VALUES (0, "
	     "x'6161616161616161616161616161616161616101')",
		"I2"},
	    {"INSERT INTO lease (at, serials) SELECT at, serials FROM lease", "I2"},
	    {"UPDATE lease SET serials = substr(serials, 1, 39)", "I5"},
	    {"UPDATE lease SET serials = x''", "I5"},
	    {"UPDATE cert SET done_at = 0 WHERE id = 1", "I5"},
	    {"UPDATE cert SET state = 7 WHERE id = 5", "I5"},
	    {"UPDATE cert SET revoked_at = 0 WHERE id = 3", "I6"},
	    {"UPDATE cert SET state = 2 WHERE id = 3", "I6"},
	    {"UPDATE cert SET state = 2, revoked_at = 0, reason = 0 WHERE id = 3", "I6"},
	    {"UPDATE cert SET state = 3, reason = 6 WHERE id = 3", "I6"},
	    {"UPDATE cert SET lineage = 1 WHERE id = 2", "I12"},
	    {"UPDATE cert SET lineage = 0 WHERE id = 2", "I12"},
	    {"UPDATE cert SET renews = (SELECT serial FROM cert WHERE id = 1) WHERE id = 2", "I12"},
	    {"UPDATE cert SET lineage = 1, renews = (SELECT serial FROM cert WHERE id = 2) "
	     "WHERE id = 1; UPDATE cert SET lineage = 1, renews = (SELECT serial FROM cert "
	     "WHERE id = 2) WHERE id = 4",
		"I12"},
	    {"UPDATE audit SET detail = 'reason=0' WHERE seq = 6", "I7"},
	    {"UPDATE audit SET at = at + 1 WHERE seq = 2", "I7"},
	    {"UPDATE audit SET hash = zeroblob(32) WHERE seq = 9", "I7"},
	    {"DELETE FROM audit WHERE seq = 7", "I7"},
	    {"UPDATE audit SET detail = '' WHERE act = 'abandon'", "I7"},
	    {"DELETE FROM audit WHERE seq = 1", "I7"},
	};
	each_harm(t, true, false, harms, sizeof(harms) / sizeof(harms[0]));
}

/* The CA's database came back from a backup and gave up a number that a device has. */
static void
fsck__given_up_and_imported__sound(void **state)
{
	struct bed *t = *state;
	struct sg_db *ca = NULL;
	struct sg_db_conf conf = {.schema = &sg_store_schema_ca, .path = t->ca_path};
	struct sg_cadb_cert row = {0};
	bool fresh = false;
	struct sg_cadb_new_cert in = a_new_cert(7);
	in.request_id = text(SG_CADB_IMPORT "aaaaaaaaaaaaaaaaaaaa");
	in.serial = text("aaaaaaaaaaaaaaaaaaaa"); /* the first of a_lease(1) */
	assert_ok(sg_db_open(&conf, &ca, &t->err));
	assert_ok(sg_cadb_cert_add(ca, &in, &fresh, &row, &t->err));
	assert_true(fresh);
	sg_db_free(&ca);
	struct found f = run(t, true, true, NULL);
	if (f.n != 0)
		fail_msg("%s: %s", f.first, f.text);
	static const struct harm issued[] = {
	    {"UPDATE cert SET request_id = x'00' "
	     "WHERE serial = CAST('aaaaaaaaaaaaaaaaaaaa' AS BLOB)",
		"I2"},
	};
	each_harm(t, true, false, issued, sizeof(issued) / sizeof(issued[0]));
}

static void
fsck__one_against_the_other__found(void **state)
{
	struct bed *t = *state;
	static const struct harm in_ca[] = {
	    {"UPDATE cert SET request_id = zeroblob(28) WHERE id = 1", "I1"},
	    {"UPDATE cert SET serial = x'77' WHERE id = 2", "I1"},
	};
	static const struct harm in_reg[] = {
	    {"UPDATE tx SET cert_hash = zeroblob(32) WHERE id = 3", "I1"},
	    {"UPDATE tx SET attempt = 2 WHERE id = 3", "I1"},
	    {"DELETE FROM tx WHERE id = 3", "I1"},
	    {"UPDATE tx SET state = 5 WHERE id = 3", "I3"},
	    {"UPDATE tx SET state = 5 WHERE id = 5", "I5"},
	    {"UPDATE tx SET attempt = 2 WHERE id = 5", "I5"},
	};
	each_harm(t, true, true, in_ca, sizeof(in_ca) / sizeof(in_ca[0]));
	each_harm(t, false, true, in_reg, sizeof(in_reg) / sizeof(in_reg[0]));
}

static void
fsck__issued_but_not_yet_told__recoverable(void **state)
{
	struct bed *t = *state;
	/* The registrar died between the CA's answer and its own commit. */
	bed_sql(t->path, "UPDATE tx SET state = 1 WHERE id = 3");
	assert_int_equal(run(t, true, true, NULL).n, 0);
	/* Withdrawn for a failed notification: the transaction failed, and that is right. */
	bed_sql(t->path, "UPDATE tx SET state = 5 WHERE id = 3");
	bed_sql(t->ca_path, "UPDATE cert SET state = 5 WHERE id = 3");
	assert_int_equal(run(t, true, true, NULL).n, 0);
}

static void
fsck__audit_row_before_the_first__found(void **state)
{
	struct bed *t = *state;
	bed_sql(t->ca_path,
	    "INSERT INTO audit SELECT -5, at, who, act, object, detail, hash FROM audit "
	    "WHERE seq = 1");
	struct found f = run(t, false, true, NULL);
	assert_true(f.n > 0);
	assert_string_equal(f.first, "I7");
}

static void
fsck__crl_numbers_fall__found(void **state)
{
	struct bed *t = *state;
	struct sg_db *ca = NULL;
	struct sg_db_conf conf = {.schema = &sg_store_schema_ca, .path = t->ca_path};
	/* A chain that is whole, over an act that is not allowed. */
	assert_ok(sg_db_open(&conf, &ca, &t->err));
	assert_ok(sg_cadb_audit(ca, text("ca"), text("crl"), text("issuer=1 shard=0"),
	    text("number=2 entries=0"), NOW, &t->err));
	sg_db_free(&ca);
	struct found f = run(t, false, true, NULL);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.first, "I6");
}

/* The lists of bed_both and one more; what fsck says of it. */
static struct found
with_list(struct bed *t, const unsigned *which, size_t n)
{
	struct sg_db *ca = NULL;
	struct sg_db_conf conf = {.schema = &sg_store_schema_ca, .path = t->ca_path};
	assert_ok(sg_db_open(&conf, &ca, &t->err));
	publish(t, ca, 3, which, n);
	sg_db_free(&ca);
	return run(t, false, true, NULL);
}

static void
fsck__revoked_and_not_listed__found(void **state)
{
	struct found f = with_list(*state, (const unsigned[]){3}, 1);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.first, "I11");
	assert_non_null(strstr(f.text, "is revoked and not on it"));
}

static void
fsck__first_one_not_listed__found(void **state)
{
	struct found f = with_list(*state, (const unsigned[]){4}, 1);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.first, "I11");
}

static void
fsck__listed_and_good__found(void **state)
{
	struct found f = with_list(*state, (const unsigned[]){1, 3, 4}, 3);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.first, "I11");
	assert_non_null(strstr(f.text, "is on it and is not revoked"));
}

static void
fsck__list_unreadable__found(void **state)
{
	struct bed *t = *state;
	bed_sql(t->ca_path, "UPDATE crl SET der = x'00' WHERE number = 2");
	struct found f = run(t, false, true, NULL);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.first, "I11");
	bed_sql(t->ca_path, "UPDATE crl SET der = x'', entries = 2 WHERE number = 2");
	f = run(t, false, true, NULL);
	assert_int_equal(f.n, 3); /* two that are missing, and their number */
}

static void
fsck__released_or_revoked_since_the_list__no_finding(void **state)
{
	struct bed *t = *state;
	struct sg_db *ca = NULL;
	struct sg_db_conf conf = {.schema = &sg_store_schema_ca, .path = t->ca_path};
	assert_ok(sg_db_open(&conf, &ca, &t->err));
	assert_ok(sg_cadb_release(ca, serial_of(4), text("admin"), NOW, &t->err));
	assert_ok(sg_cadb_revoke(ca, serial_of(1), 1, false, text("admin"), NOW, NULL, &t->err));
	sg_db_free(&ca);
	struct found f = run(t, false, true, NULL);
	if (f.n != 0)
		fail_msg("%s: %s", f.first, f.text);
}

static void
fsck__file_damaged__found(void **state)
{
	struct bed *t = *state;
	/* An index that does not hold what it should. */
	bed_sql(t->path, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
			 "sql = 'CREATE INDEX tx_trace ON tx (peer)' WHERE name = 'tx_trace'");
	struct found f = run(t, true, false, NULL);
	assert_true(f.n > 0);
	assert_string_equal(f.first, "DB");
}

static void
fsck__cannot_open__refused(void **state)
{
	struct bed *t = *state;
	struct sg_fsck_conf conf = {.registrar_path = "no/such.db"};
	assert_rule(sg_fsck(&conf, NULL, &t->err), SG_E_CONF, "store.path");
	conf.registrar_path = t->ca_path;
	assert_rule(sg_fsck(&conf, NULL, &t->err), SG_E_CONF, "store.kind");
	conf.registrar_path = t->path;
	bed_open(t, &sg_store_schema_registrar);
	assert_rule(sg_fsck(&conf, NULL, &t->err), SG_E_BUSY, "store.locked");
	sg_db_free(&t->store);
	bed_sql(t->path, "PRAGMA user_version = 99");
	assert_rule(sg_fsck(&conf, NULL, &t->err), SG_E_CONF, "store.newer");
	bed_sql(t->path, "PRAGMA user_version = 0");
	assert_rule(sg_fsck(&conf, NULL, &t->err), SG_E_CONF, "store.older");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_both(fsck__sound__no_finding),
	    case_both(fsck__registrar_harmed__found),
	    case_both(fsck__ca_harmed__found),
	    case_both(fsck__given_up_and_imported__sound),
	    case_both(fsck__one_against_the_other__found),
	    case_both(fsck__issued_but_not_yet_told__recoverable),
	    case_both(fsck__audit_row_before_the_first__found),
	    case_both(fsck__crl_numbers_fall__found),
	    case_both(fsck__revoked_and_not_listed__found),
	    case_both(fsck__first_one_not_listed__found),
	    case_both(fsck__listed_and_good__found),
	    case_both(fsck__list_unreadable__found),
	    case_both(fsck__released_or_revoked_since_the_list__no_finding),
	    case_both(fsck__file_damaged__found),
	    case_both(fsck__cannot_open__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
