/* SPDX-License-Identifier: Apache-2.0 */

#include "store/fsck_private.h"

static const struct sg_fsck_check checks[] = {
    {"DB", "SELECT 'transaction ' || id FROM tx WHERE state NOT BETWEEN 1 AND 5 OR attempt < 1",
	"in a state that does not exist", false},
    {"DB",
	"SELECT 'instance id' WHERE NOT EXISTS "
	"(SELECT 1 FROM meta WHERE name = 'instance' AND length(value) = 16)",
	"missing", false},
    {"I1",
	"SELECT 'transaction ' || id FROM tx WHERE state = 4 AND (serial IS NULL "
	"OR length(serial) = 0 OR cert_hash IS NULL OR length(cert_hash) <> 32)",
	"issued, but without the certificate's number or hash", false},
    {"I3",
	"SELECT 'transactions ' || min(id) || ' and ' || max(id) FROM tx "
	"WHERE state = 4 AND policy <> 2 GROUP BY key HAVING count(*) > 1",
	"issued twice for one idempotency key", false},
    {"I3",
	"SELECT 'transactions ' || a.id || ' and ' || b.id FROM tx a "
	"JOIN tx b ON b.key = a.key AND b.gen = a.gen + 1 WHERE a.state = 4 "
	"AND b.state = 4 AND b.started_at - a.finished_at < ?1",
	"issued twice for one idempotency key within the window of policy static", true},
    {"I4",
	"SELECT 'transactions ' || min(id) || ' and ' || max(id) FROM tx "
	"WHERE state = 4 AND policy IN (1, 4) GROUP BY auth_hash HAVING count(*) > 1",
	"issued twice for one challenge", false},
    {"I4",
	"SELECT 'challenge ' || lower(hex(c.hash)) FROM challenge c "
	"LEFT JOIN tx t ON t.id = c.tx WHERE c.state = 3 "
	"AND (t.id IS NULL OR t.state <> 4 OR t.auth_hash <> c.hash)",
	"used, but not by a transaction that issued", false},
    {"I4",
	"SELECT 'challenge ' || lower(hex(c.hash)) FROM challenge c "
	"LEFT JOIN tx t ON t.id = c.tx WHERE c.state = 2 "
	"AND (t.id IS NULL OR t.state > 2 OR t.auth_hash <> c.hash)",
	"reserved by a transaction that does not run", false},
    {"I4",
	"SELECT 'transaction ' || t.id FROM tx t JOIN challenge c ON c.hash = t.auth_hash "
	"WHERE t.policy = 1 AND t.state = 4 AND (c.state <> 3 OR c.tx <> t.id)",
	"issued, but its challenge is not used by it", false},
    {"I4",
	"SELECT 'transaction ' || t.id FROM tx t LEFT JOIN challenge c "
	"ON c.hash = t.auth_hash WHERE t.policy = 1 AND t.state <= 2 "
	"AND (c.hash IS NULL OR c.state <> 2 OR c.tx <> t.id)",
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
		rc = sg_fsck_count(db, "SELECT count(*) FROM tx WHERE state = 4", &c->issued, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(
		    db, "SELECT count(*) FROM tx WHERE state <= 2", &c->running, err);
	if (rc == SG_OK)
		rc = sg_fsck_count(db, "SELECT count(*) FROM challenge", &c->challenges, err);
	return rc;
}
