/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/fsck.c - signet fsck: opens the databases, runs the checks of each, and those of both
 * together
 */

#include "store/fsck.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "policy/transaction.h"
#include "policy/policy.h"
#include "db/db.h"
#include "db/db_private.h"
#include "db/driver.h"
#include "db/sqlite.h"
#include "store/fsck_ca_private.h"
#include "store/fsck_private.h"
#include "store/fsck_registrar_private.h"
#include "store/registrar/request_id_private.h"
#include "store/schema.h"
#include "store/schema_private.h"

#define FSCK_CACHE_KIB 16384u
#define FINDING_MAX 512

void
sg_fsck_found(struct sg_fsck *f, const char *invariant, const char *fmt, ...)
{
	char text[FINDING_MAX];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f->counts.findings++;
	if (f->conf->found != NULL)
		f->conf->found(f->conf->arg, invariant, text);
}

static enum sg_code
run_one(struct sg_fsck *f, struct sg_sql *db, const struct sg_fsck_check *check, struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin_once(&q, db, check->sql);
	if (check->window)
		sg_query_int(&q, sg_policy_static.answers_s);
	for (;;) {
		bool row = false;
		enum sg_code rc = sg_query_next(&q, &row, err);
		if (rc != SG_OK || !row)
			return rc;
		sg_buf_scoped which = {0};
		sg_escape_put(&which, sg_query_col(&q, 0), 160);
		sg_fsck_found(f, check->invariant, "%s: %s", sg_buf_text(&which), check->what);
	}
}

SG_RC
sg_fsck_run(struct sg_fsck *f, struct sg_sql *db, const struct sg_fsck_check *checks, size_t n,
    struct sg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		enum sg_code rc = run_one(f, db, &checks[i], err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

SG_RC
sg_fsck_count(struct sg_sql *db, const char *sql, uint64_t *ret, struct sg_err *err)
{
	bool row = false;
	sg_query_scoped q;
	sg_query_begin_once(&q, db, sql);
	enum sg_code rc = sg_query_next(&q, &row, err);
	if (rc == SG_OK && row)
		*ret = (uint64_t)sg_query_col_int(&q, 0);
	return rc;
}

/* The file itself. */
static enum sg_code
check_file(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err)
{
	static const struct sg_fsck_check check[] = {
	    {"DB",
		"SELECT integrity_check FROM pragma_integrity_check(100) "
		"WHERE integrity_check <> 'ok'",
		"the database file is damaged; restore a backup", false},
	};
	return sg_fsck_run(f, db, check, 1, err);
}

/* ---- both together ---- */

/* That of a transaction; 0: that of now. */
static enum sg_code
load_instance(struct sg_sql *reg, int64_t tx, uint8_t ret[16], struct sg_err *err)
{
	bool row = false;
	sg_query_scoped q;
	if (tx > 0) {
		sg_query_begin(&q, reg, SG_STORE_INSTANCE_OF_SQL);
		sg_query_int(&q, tx);
	} else {
		sg_query_begin(&q, reg, SG_STORE_INSTANCE_SQL);
	}
	enum sg_code rc = sg_query_next(&q, &row, err);
	if (rc == SG_OK && row)
		sg_query_col_fixed(&q, 0, ret, 16);
	return rc;
}

/* What the registrar calls issued is issued, by this request, with these bytes. */
static enum sg_code
check_issued(struct sg_fsck *f, struct sg_sql *ca, struct sg_query *tx, const uint8_t now[16],
    struct sg_err *err)
{
	int64_t id = sg_query_col_int(tx, 0);
	uint8_t request_id[SG_STORE_REQUEST_ID_LEN], tx_hash[SG_STORE_HASH_LEN], instance[16];
	memcpy(instance, now, sizeof(instance));
	enum sg_code rc = load_instance(tx->db, id, instance, err);
	if (rc != SG_OK)
		return rc;
	sg_regdb_make_request_id(instance, id, (uint32_t)sg_query_col_int(tx, 1), request_id);
	sg_query_col_fixed(tx, 2, tx_hash, sizeof(tx_hash));
	bool row = false;
	sg_query_scoped q;
	sg_query_begin(&q, ca, "SELECT state, cert_hash, serial FROM cert WHERE request_id = ?1");
	sg_query_blob(&q, request_id, sizeof(request_id));
	rc = sg_query_next(&q, &row, err);
	if (rc != SG_OK)
		return rc;
	if (!row) {
		sg_fsck_found(f, "I1", "transaction %lld is issued, but the CA has no such request",
		    (long long)id);
		return SG_OK;
	}
	uint8_t ca_hash[SG_STORE_HASH_LEN];
	int64_t state = sg_query_col_int(&q, 0);
	sg_query_col_fixed(&q, 1, ca_hash, sizeof(ca_hash));
	if (state < 2 || state > 5)
		sg_fsck_found(f, "I1",
		    "transaction %lld is issued, but the CA's row is in state %d", (long long)id,
		    (int)state);
	else if (memcmp(ca_hash, tx_hash, sizeof(ca_hash)) != 0 ||
		 !sg_slice_eq(sg_query_col(&q, 2), sg_query_col(tx, 3)))
		sg_fsck_found(f, "I1",
		    "transaction %lld names another certificate than the CA issued for it",
		    (long long)id);
	rc = sg_query_check(&q, err);
	return rc == SG_OK ? sg_query_check(tx, err) : rc;
}

static enum sg_code
check_all_issued(struct sg_fsck *f, struct sg_sql *reg, struct sg_sql *ca, const uint8_t *instance,
    struct sg_err *err)
{
	sg_query_scoped q;
	sg_query_begin(&q, reg,
	    "SELECT id, attempt, cert_hash, serial FROM tx WHERE state = " SG_SQL_NO(
		TRANSACTION_ISSUED) " ORDER BY id");
	for (;;) {
		bool row = false;
		enum sg_code rc = sg_query_next(&q, &row, err);
		if (rc == SG_OK && row)
			rc = check_issued(f, ca, &q, instance, err);
		if (rc != SG_OK || !row)
			return rc;
	}
}

static uint64_t
read_be(const uint8_t *p, size_t len)
{
	uint64_t v = 0;
	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	return v;
}

/* What the CA issued or means to issue for this registrar is what the registrar knows, or
 * will find out when it starts. */
static enum sg_code
check_request(struct sg_fsck *f, struct sg_sql *reg, struct sg_query *cert, struct sg_err *err)
{
	struct sg_slice request_id = sg_query_col(cert, 1);
	enum sg_code rc = sg_query_check(cert, err);
	if (rc != SG_OK || request_id.len != SG_STORE_REQUEST_ID_LEN)
		return rc;
	long long id = (long long)sg_query_col_int(cert, 0);
	int64_t cert_state = sg_query_col_int(cert, 2);
	int64_t tx = (int64_t)read_be(request_id.p + 16, 8);
	int64_t attempt = (int64_t)read_be(request_id.p + 24, 4);
	bool row = false;
	sg_query_scoped q;
	sg_query_begin(&q, reg, "SELECT state, attempt FROM tx WHERE id = ?1");
	sg_query_int(&q, tx);
	rc = sg_query_next(&q, &row, err);
	if (rc != SG_OK)
		return rc;
	int64_t state = row ? sg_query_col_int(&q, 0) : 0;
	bool same = row && sg_query_col_int(&q, 1) == attempt;
	bool open = same && sg_transaction_is_open((enum sg_transaction_state)state);
	if (open || (same && state == SG_TRANSACTION_ISSUED && cert_state != 1))
		return SG_OK;
	if (cert_state == 1)
		sg_fsck_found(f, "I5",
		    "intent %lld of transaction %lld, attempt %lld: nobody will finish it", id,
		    (long long)tx, (long long)attempt);
	else
		sg_fsck_found(f, row ? "I3" : "I1",
		    "certificate %lld was issued for transaction %lld, attempt %lld, which the "
		    "registrar %s",
		    id, (long long)tx, (long long)attempt,
		    row ? "does not count as issued" : "does not know");
	return SG_OK;
}

SG_RC
sg_fsck_both(struct sg_fsck *f, struct sg_sql *reg, struct sg_sql *ca, struct sg_err *err)
{
	uint8_t instance[16] = {0};
	int mark = 0, version = 0;
	enum sg_code rc = load_instance(reg, 0, instance, err);
	if (rc == SG_OK)
		rc = check_all_issued(f, reg, ca, instance, err);
	if (rc == SG_OK)
		rc = reg->drv->schema(reg->conn, &mark, &version, err);
	/* The CA may know more than a backup of the registrar, which was made before its own; of
	 * what is older than the backup, that is so for ever (SG_STORE_INSTANCE_SQL). */
	if (rc != SG_OK || (mark & SG_DB_MARK_BACKUP) != 0)
		return rc;
	sg_query_scoped q;
	sg_query_begin(&q, ca,
	    "SELECT id, request_id, state FROM cert WHERE state BETWEEN 1 AND 4 "
	    "AND substr(request_id, 1, 16) = ?1 ORDER BY id");
	sg_query_blob(&q, instance, sizeof(instance));
	for (;;) {
		bool row = false;
		rc = sg_query_next(&q, &row, err);
		if (rc == SG_OK && row)
			rc = check_request(f, reg, &q, err);
		if (rc != SG_OK || !row)
			return rc;
	}
}

/* ---- opening ---- */

struct opened {
	struct sg_sql db;
	int lock_fd;
};

static void
close_opened(struct opened *o)
{
	sg_sql_disconnect(&o->db);
	if (o->lock_fd >= 0)
		close(o->lock_fd);
}

static enum sg_code
open_one(const char *path, const struct sg_db_schema *schema, struct opened *o, struct sg_err *err)
{
	if (access(path, R_OK | W_OK) != 0)
		return sg_fail(err, SG_E_CONF, "store.path", "%s: cannot be opened (%s)", path,
		    strerror(errno));
	enum sg_code rc = sg_db_lock(path, &o->lock_fd, err);
	if (rc != SG_OK)
		return rc;
	struct sg_sql_open how = {.path = path, .cache_kib = FSCK_CACHE_KIB};
	rc = sg_sql_connect(&o->db, sg_sqlite_driver(), &how, err);
	if (rc != SG_OK)
		return rc;
	int mark = 0, version = 0;
	rc = o->db.drv->schema(o->db.conn, &mark, &version, err);
	if (rc != SG_OK)
		return rc;
	if ((mark & ~SG_DB_MARK_BACKUP) != schema->mark)
		return sg_fail(err, SG_E_CONF, "store.kind",
		    "%s: this is not the %s database; check the path", path, schema->name);
	if (version > sg_db_schema_version(schema))
		return sg_fail(err, SG_E_CONF, "store.newer",
		    "%s: schema version %d was written by a newer signet; install it again", path,
		    version);
	if (version < sg_db_schema_version(schema))
		return sg_fail(err, SG_E_CONF, "store.older",
		    "%s: schema version %d was written by an older signet; start the role once",
		    path, version);
	return SG_OK;
}

SG_RC
sg_fsck(const struct sg_fsck_conf *conf, struct sg_fsck_counts *ret, struct sg_err *err)
{
	struct sg_fsck f = {.conf = conf};
	struct opened reg __attribute__((cleanup(close_opened))) = {.lock_fd = -1};
	struct opened ca __attribute__((cleanup(close_opened))) = {.lock_fd = -1};
	enum sg_code rc = SG_OK;
	if (conf->registrar_path != NULL)
		rc = open_one(conf->registrar_path, &sg_store_schema_registrar, &reg, err);
	if (rc == SG_OK && conf->ca_path != NULL)
		rc = open_one(conf->ca_path, &sg_store_schema_ca, &ca, err);
	if (rc == SG_OK && conf->registrar_path != NULL)
		rc = check_file(&f, &reg.db, err);
	if (rc == SG_OK && conf->registrar_path != NULL)
		rc = sg_fsck_registrar(&f, &reg.db, err);
	if (rc == SG_OK && conf->ca_path != NULL)
		rc = check_file(&f, &ca.db, err);
	if (rc == SG_OK && conf->ca_path != NULL)
		rc = sg_fsck_ca(&f, &ca.db, err);
	if (rc == SG_OK && conf->registrar_path != NULL && conf->ca_path != NULL)
		rc = sg_fsck_both(&f, &reg.db, &ca.db, err);
	if (rc == SG_OK && ret != NULL)
		*ret = f.counts;
	return rc;
}
