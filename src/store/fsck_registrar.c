/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/fsck_registrar.c - what must hold in the registrar's database, a query each
 * (ARCHITECTURE.md, "What always holds"), for signet fsck
 */

#include "store/fsck_registrar_private.h"

#include "policy/transaction.h"
#include "policy/challenge.h"
#include "policy/policy.h"
#include "store/fsck.h"
#include "store/fsck_private.h"
#include "store/registrar/tx_private.h"

#define RUNNING SG_SQL_NO(TRANSACTION_RUNNING)
#define ISSUED SG_SQL_NO(TRANSACTION_ISSUED)
#define FAILED SG_SQL_NO(TRANSACTION_FAILED)
#define ONE_TIME SG_SQL_NO(POLICY_ONE_TIME)
#define STATIC SG_SQL_NO(POLICY_STATIC)
#define RESERVED SG_SQL_NO(CHALLENGE_RESERVED)
#define USED SG_SQL_NO(CHALLENGE_USED)

static const struct sg_fsck_check checks[] = {
    {"DB",
	"SELECT 'transaction ' || id FROM tx WHERE state NOT BETWEEN " RUNNING " AND " FAILED
	" OR attempt < 1",
	"in a state that does not exist", false},
    {"DB",
	"SELECT 'instance id' WHERE NOT EXISTS "
	"(SELECT 1 FROM meta WHERE name = 'instance' AND length(value) = 16)",
	"missing", false},
    {"I1",
	"SELECT 'transaction ' || id FROM tx WHERE state = " ISSUED " AND (serial IS NULL "
	"OR length(serial) = 0 OR cert_hash IS NULL OR length(cert_hash) <> 32)",
	"issued, but without the certificate's number or hash", false},
    {"I3",
	"SELECT 'transactions ' || min(id) || ' and ' || max(id) FROM tx "
	"WHERE state = " ISSUED " AND policy <> " STATIC " GROUP BY key HAVING count(*) > 1",
	"issued twice for one idempotency key", false},
    {"I3",
	"SELECT 'transactions ' || a.id || ' and ' || b.id FROM tx a "
	"JOIN tx b ON b.key = a.key AND b.gen = a.gen + 1 WHERE a.state = " ISSUED " "
	"AND b.state = " ISSUED " AND b.started_at - a.finished_at < ?1",
	"issued twice for one idempotency key within the window of policy static", true},
    {"I4",
	"SELECT 'transactions ' || min(id) || ' and ' || max(id) FROM tx "
	"WHERE state = " ISSUED " AND policy = " ONE_TIME " GROUP BY auth_hash HAVING count(*) > 1",
	"issued twice for one challenge", false},
    {"I4",
	"SELECT 'challenge ' || lower(hex(c.hash)) FROM challenge c "
	"LEFT JOIN tx t ON t.id = c.tx WHERE c.state = " USED " "
	"AND (t.id IS NULL OR t.state <> " ISSUED " OR t.auth_hash <> c.hash)",
	"used, but not by a transaction that issued", false},
    {"I4",
	"SELECT 'challenge ' || lower(hex(c.hash)) FROM challenge c "
	"LEFT JOIN tx t ON t.id = c.tx WHERE c.state = " RESERVED " "
	"AND (t.id IS NULL OR NOT t.state" SG_REGDB_IS_OPEN " OR t.auth_hash <> c.hash)",
	"reserved by a transaction that does not run", false},
    {"I4",
	"SELECT 'transaction ' || t.id FROM tx t JOIN challenge c ON c.hash = t.auth_hash "
	"WHERE t.policy = " ONE_TIME " AND t.state = " ISSUED " AND (c.state <> " USED
	" OR c.tx <> t.id)",
	"issued, but its challenge is not used by it", false},
    {"I4",
	"SELECT 'transaction ' || t.id FROM tx t LEFT JOIN challenge c "
	"ON c.hash = t.auth_hash WHERE t.policy = " ONE_TIME " AND t.state" SG_REGDB_IS_OPEN
	" AND (c.hash IS NULL OR c.state <> " RESERVED " OR c.tx <> t.id)",
	"runs, but its challenge is not reserved by it", false},
};

SG_RC
sg_fsck_registrar(struct sg_fsck *f, struct sg_sql *db, struct sg_err *err)
{
	struct sg_fsck_counts *c = &f->counts;
	enum sg_code rc = sg_fsck_run(f, db, checks, sizeof(checks) / sizeof(checks[0]), err);
	if (rc == SG_OK)
		rc = sg_fsck_count(db, "SELECT count(*) FROM tx", &c->transactions, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(
		    db, "SELECT count(*) FROM tx WHERE state = " ISSUED, &c->issued, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(
		    db, "SELECT count(*) FROM tx WHERE state" SG_REGDB_IS_OPEN, &c->running, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(db, "SELECT count(*) FROM challenge", &c->challenges, err);
	return rc;
}
