/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api/call.h - one question on its way through a route's handler
 *
 * The handler gets what the rows say, read and checked, and gives its answer by one of the
 * functions below; what is wrong it says in err, and becomes a problem (api/problem.h). A handler
 * runs in a thread that may wait.
 */

#include <stdint.h>

#include "api/principal.h"
#include "api/route.h"
#include "base/err.h"

#define SG_API_PAGE_DEFAULT 100u
#define SG_API_PAGE_MAX 1000u

struct sg_api_answer;

/* Of a list: where it goes on. */
struct sg_api_page {
	int64_t
	    after; /* the key of the last item that the caller has; meaningless unless has_after */
	bool has_after;
	bool ascending; /* a list that is followed goes from old to new, others from new to old */
	unsigned limit; /* ask the store for so many; the first that is too many says that there are
			 * more, and is left out */
};

struct sg_api_call {
	const struct sg_api_principal *who;
	void *role;	    /* the role's own state */
	const void *params; /* struct of route->params; of no size where it has none */
	const void *body;   /* the same of route->body */
	struct sg_api_page page;
	char trace[33]; /* of this question, in hexadecimal: in the log and in a problem */
	struct sg_api_answer *answer;
};

/* Its code becomes an HTTP status. *err is the operator's and the caller's: who asks is trusted
 * with what is expected and found. */
typedef enum sg_code
sg_api_handler(struct sg_api_call *call, struct sg_err *err);

/* The answer of SG_API_ONE: a struct of route->answer, written at once. */
void
sg_api_put(struct sg_api_call *call, const void *value);
/* An item of SG_API_LIST or SG_API_FOLLOWED, a struct of route->answer, and its key, which is not
 * 0; false: no more is wanted. */
bool
sg_api_put_item(struct sg_api_call *call, int64_t key, const void *value);
/* Of SG_API_BYTES: how long it will be and what name a file of it has; then its pieces. Once it has
 * begun, a failure cuts the connection off. SG_E_IO: the caller has gone. */
SG_RC
sg_api_begin_bytes(struct sg_api_call *call, const char *name, uint64_t length, struct sg_err *err);
SG_RC
sg_api_put_bytes(struct sg_api_call *call, struct sg_slice piece, struct sg_err *err);
/* The member of body or params that a refusal is about, with what a machine may read of it
 * (api/problem.h), where err has a sentence of its own. expected and found may be NULL. */
void
sg_api_blame_member(
    struct sg_api_call *call, const char *member, const char *expected, const char *found);
/* The same with a sentence of these: SG_E_USAGE. */
SG_RC
sg_api_refuse_member(struct sg_api_call *call, const char *rule, const char *member,
    const char *expected, const char *found, struct sg_err *err);
