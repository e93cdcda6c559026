/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/end.c - ends the process where what it knows may be wrong: another one begins with what
 * is on the disk
 */

#include "roles/ca/end.h"

#include <unistd.h>

#include "crypto/key.h"
#include "db/db.h"
#include "roles/ca/state.h"
#include "service/log.h"

void
ca_end_if_dead(const struct ca *ca)
{
	if (!sg_db_is_dead(ca->store))
		return;
	sg_log(
	    SG_LOG_ERROR, "store.dead", "a commit failed: this process ends and is started again");
	_exit(1);
}

/*
 * Where memory runs out while OpenSSL renews the blinding of an RSA key, that stays half renewed,
 * and what the key signs is wrong for a while. Nothing unverified leaves, so it costs an error
 * here; but each further request would cost one more. Another process begins with a whole key,
 * and what was in flight is asked again.
 */
void
ca_end_if_broken(const struct ca *ca, enum sg_code rc, const struct sg_err *err)
{
	if (rc != SG_E_CRYPTO || sg_key_type(ca->key) != SG_KEY_RSA)
		return;
	sg_log(SG_LOG_ERROR, err->rule, "ending to begin with a whole key: %s", err->text);
	_exit(1);
}
