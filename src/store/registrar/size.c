/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store/registrar/size.c - how much there is of what strangers cause, as triggers count it
 */

#include "store/registrar/size_private.h"

SG_RC
sg_regdb_get_size(
    struct sg_sql *db, const char *what, struct sg_regdb_size *ret, struct sg_err *err)
{
	bool found = false;
	sg_query_scoped q;
	sg_query_begin(&q, db, "SELECT n, bytes FROM size WHERE what = ?1");
	sg_query_text(&q, sg_slice_str(what));
	enum sg_code rc = sg_query_next(&q, &found, err);
	if (rc != SG_OK)
		return rc;
	if (!found)
		return sg_fail(err, SG_E_IO, "store.corrupt", "no size of '%s' is recorded", what);
	*ret = (struct sg_regdb_size){
	    (uint64_t)sg_query_col_int(&q, 0), (uint64_t)sg_query_col_int(&q, 1)};
	return sg_query_check(&q, err);
}
