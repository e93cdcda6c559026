/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/ca/issuer.c - the keys that certificates were issued with, each under a small number
 */

#include "store/ca/issuer.h"

#include "db/db.h"
#include "db/writer.h"

struct issuer {
	const uint8_t *key_hash;
	struct sg_slice name;
	int64_t now;
	int id;
};

static enum sg_code
job_issuer(struct sg_sql *db, void *arg, struct sg_err *err)
{
	struct issuer *i = arg;
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT id FROM issuer WHERE key_hash = ?1");
	sg_query_blob(&q, i->key_hash, SG_STORE_HASH_LEN);
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc == SG_OK && found)
		i->id = (int)sg_query_col_int(&q, 0);
	if (rc != SG_OK || found)
		return rc;
	sg_query_scoped add;
	sg_query_begin(&add, db,
	    "INSERT INTO issuer (key_hash, name, added_at) VALUES (?1, ?2, ?3) RETURNING id");
	sg_query_blob(&add, i->key_hash, SG_STORE_HASH_LEN);
	sg_query_text(&add, i->name);
	sg_query_int(&add, i->now);
	rc = sg_query_next(&add, &found, err);
	if (rc == SG_OK && found)
		i->id = (int)sg_query_col_int(&add, 0);
	return rc;
}

SG_RC
sg_cadb_issuer_no(struct sg_db *store, const uint8_t key_hash[SG_STORE_HASH_LEN],
    struct sg_slice name, int64_t now, int *ret_issuer, struct sg_err *err)
{
	struct issuer i = {.key_hash = key_hash, .name = name, .now = now};
	enum sg_code rc = sg_db_do_when_full(store, job_issuer, &i, err);
	if (rc == SG_OK)
		*ret_issuer = i.id;
	return rc;
}

struct issuers {
	bool (*each)(void *arg, const struct sg_cadb_issuer *row);
	void *arg;
};

static enum sg_code
read_issuers(struct sg_sql *db, void *arg, struct sg_err *err)
{
	const struct issuers *list = arg;
	sg_query_scoped q;
	sg_query_begin(&q, db,
	    "SELECT id, key_hash, name, (SELECT coalesce(max(not_after), 0) FROM cert "
	    "WHERE issuer = issuer.id AND state BETWEEN 2 AND 5) FROM issuer ORDER BY id");
	for (;;) {
		bool found = false;
		struct sg_cadb_issuer row;
		enum sg_code rc = sg_query_next(&q, &found, err);
		if (rc != SG_OK || !found)
			return rc;
		row.id = (int)sg_query_col_int(&q, 0);
		sg_query_col_fixed(&q, 1, row.key_hash, sizeof(row.key_hash));
		row.name = sg_query_col(&q, 2);
		row.last_not_after = sg_query_col_int(&q, 3);
		rc = sg_query_check(&q, err);
		if (rc != SG_OK || !list->each(list->arg, &row))
			return rc;
	}
}

SG_RC
sg_cadb_issuer_list(struct sg_db *store, bool (*each)(void *arg, const struct sg_cadb_issuer *row),
    void *arg, struct sg_err *err)
{
	struct issuers list = {.each = each, .arg = arg};
	return sg_db_read(store, read_issuers, &list, err);
}
