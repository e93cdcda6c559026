/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ordering.c - a one-time challenge made and stored for who ordered it; only its hash stays here
 */

#include "roles/registrar/ordering.h"

#include "api/registrar.h"
#include "base/alloc.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/escape.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "issue/fitness.h"
#include "policy/bind.h"
#include "policy/challenge_text.h"
#include "policy/policy.h"
#include "roles/registrar/state.h"
#include "store/registrar/challenge.h"

#define EXPIRES_DEFAULT_S 3600

static const struct endpoint *
find_endpoint(const struct registrar *r, struct sg_slice name)
{
	for (size_t n = 0; n < r->endpoint_n; n++)
		if (sg_ascii_is(name, r->endpoint[n].conf->name))
			return &r->endpoint[n];
	return NULL;
}

static enum sg_code
refuse_endpoint(struct sg_api_call *call, struct sg_slice name, struct sg_err *err)
{
	const struct registrar *r = call->role;
	sg_buf_scoped names = {0}, shown = {0};

	sg_escape_put(&shown, name, 64);
	for (size_t n = 0; n < r->endpoint_n && names.len < 200; n++)
		sg_buf_printf(&names, "%s'%s'", n > 0 ? ", " : "", r->endpoint[n].conf->name);
	sg_api_blame_member(call, "endpoint", sg_buf_text(&names), sg_buf_text(&shown));
	return sg_fail(err, SG_E_USAGE, "control.endpoint", "no such endpoint: '%s'; there are %s",
	    sg_buf_text(&shown), sg_buf_text(&names));
}

/* What no certificate can have is a mistake of who orders it, whatever it would be in the request
 * of a device. */
static enum sg_code
refuse_names(struct sg_api_call *call, const char *member, enum sg_code rc, struct sg_err *err)
{
	if (!sg_code_is_peer(rc) && rc != SG_E_USAGE)
		return rc;
	sg_api_blame_member(call, member, NULL, NULL);
	err->code = SG_E_USAGE;
	return SG_E_USAGE;
}

/* The names that the challenge is for, as the store keeps them. */
static enum sg_code
get_binding(
    struct sg_api_call *call, const struct endpoint *e, struct sg_buf *ret, struct sg_err *err)
{
	const struct sg_api_challenge_new *order = call->body;
	const struct registrar *r = call->role;
	struct sg_binding binding = {0};
	char at[SG_BINDING_AT];
	const struct sg_binding_text text = {.any = order->has_any && order->any,
	    .subject = order->has_subject ? order->subject : sg_slice(NULL, 0),
	    .sans_n = order->has_sans ? order->sans.n : 0,
	    .san = order->sans.item};

	enum sg_code rc = sg_binding_from_text(&text, e->tmpl, ret, at, err);
	if (rc != SG_OK)
		return refuse_names(call, at, rc, err);
	rc = sg_binding_get(sg_buf_slice(ret), &binding, err);
	if (rc != SG_OK)
		return rc;
	/* What could verify nowhere. A request with such names is not refused: who relies on what
	 * devices have today may look at no name constraints. */
	rc = sg_fitness_names(&r->ca_cert, binding.subject, &binding.sans, err);
	return rc == SG_OK ? SG_OK : refuse_names(call, "", rc, err);
}

static enum sg_code
store_challenge(struct sg_api_call *call, const struct endpoint *e, struct sg_slice binding,
    struct sg_slice challenge, int64_t expires_at, struct sg_err *err)
{
	const struct sg_api_challenge_new *order = call->body;
	struct registrar *r = call->role;
	struct sg_regdb_challenge row = {.created_at = sg_clock_now(),
	    .expires_at = expires_at,
	    .endpoint = sg_slice_str(e->conf->name),
	    .subject = binding,
	    .created_by = sg_slice_str(call->who->who),
	    .note = order->has_note ? order->note : sg_slice(NULL, 0)};

	enum sg_code rc = sg_hmac_sha256(sg_buf_slice(&r->challenge_key), challenge, row.hash, err);
	return rc == SG_OK ? sg_regdb_challenge_add(r->store, &row, err) : rc;
}

static enum sg_code
make_challenge(
    const struct endpoint *e, struct sg_slice der, struct sg_buf *ret, struct sg_err *err)
{
	uint8_t random[SG_CHALLENGE_RANDOM_LEN];
	struct sg_binding binding = {0};

	enum sg_code rc = sg_binding_get(der, &binding, err);
	if (rc == SG_OK)
		rc = sg_random(random, sizeof random, err);
	if (rc == SG_OK)
		rc = e->policy->generate_challenge(&binding, random, ret, err);
	sg_wipe(random, sizeof random);
	return rc;
}

enum sg_code
registrar_challenge_new(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_challenge_new *order = call->body;
	struct sg_slice name = order->has_endpoint ? order->endpoint : sg_slice_str("default");
	const struct endpoint *e = find_endpoint(call->role, name);
	int64_t expires_at = sg_clock_now() +
			     (order->has_expires_s ? order->expires_s : EXPIRES_DEFAULT_S);
	sg_buf_scoped binding = {0}, challenge = {0};

	if (e == NULL)
		return refuse_endpoint(call, name, err);
	if (e->policy->generate_challenge == NULL) {
		sg_api_blame_member(call, "endpoint", NULL, e->conf->name);
		return sg_fail(err, SG_E_USAGE, "control.policy",
		    "endpoint '%s' has policy %s: its challenge is in %s", e->conf->name,
		    sg_policy_name(e->policy->kind), e->conf->challenge_file);
	}
	enum sg_code rc = get_binding(call, e, &binding, err);
	if (rc == SG_OK)
		rc = make_challenge(e, sg_buf_slice(&binding), &challenge, err);
	if (rc == SG_OK)
		rc = store_challenge(
		    call, e, sg_buf_slice(&binding), sg_buf_slice(&challenge), expires_at, err);
	if (rc != SG_OK)
		return rc;
	struct sg_api_challenge answer = {.challenge = sg_buf_slice(&challenge),
	    .expires_at = expires_at * SG_CLOCK_SECOND,
	    .endpoint = sg_slice_str(e->conf->name)};
	sg_api_put(call, &answer);
	return SG_OK;
}
