/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/issue.c - from facts and evidence to a stored certificate
 */

#include "roles/ca/issue.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "explain/steps.h"
#include "issue/issue.h"
#include "policy/bind.h"
#include "policy/renewal.h"
#include "policy/request.h"
#include "service/log.h"
#include "roles/ca/end.h"
#include "roles/ca/state.h"
#include "ipc/edges/registrar_ca.h"
#include "scep/evidence.h"
#include "scep/message.h"
#include "scep/pop.h"
#include "x509/name_text.h"
#include "x509/serial_key.h"
#include "store/ca/cert.h"
#include "store/ca/lineage.h"

#define SERIAL_TRIES 3 /* 128 random bits: a second collision is a broken generator */

/* One certificate in the making. */
struct job {
	struct ca *ca;
	const struct sg_frame_issue *ask;
	const struct sg_conf_endpoint *endpoint;
	const struct sg_template *tmpl;
	struct sg_csr csr;	    /* its names are replaced by those that are certified */
	struct sg_slice asked;	    /* the subject as the request has it */
	bool keep_subject;	    /* byte by byte */
	bool renews;		    /* the one below */
	struct sg_cadb_cert signer; /* our record of the certificate that signed the message */
	struct sg_steps steps;
	struct sg_buf der; /* the certificate */
	struct sg_buf by;  /* the serial number of the one of ours that signed its request,
			    * where a challenge authorized that */
};

static void
mark(struct job *j, enum sg_step_id id)
{
	sg_steps_mark(&j->steps, SG_STEP_ROLE_CA, id, SG_STEP_OK, sg_clock_now_us());
}

static struct sg_renewal_limits
limits_of(const struct sg_conf_endpoint *e)
{
	return (struct sg_renewal_limits){.endpoint = sg_slice_str(e->name),
	    .window_s = e->renewal_window_s,
	    .successors = e->renewal_successors,
	    .per_day = e->renewals_per_day};
}

/* May a certificate that we have on record renew at this endpoint, now? */
static enum sg_code
check_signer(const struct ca *ca, const struct sg_cadb_cert *row, struct sg_slice endpoint,
    struct sg_err *err)
{
	const struct sg_conf_endpoint *e = sg_conf_endpoint0(ca->ctx->conf, endpoint);
	struct sg_renewal renewal = {.allowed = e != NULL && e->renewal,
	    .issued_at = row->endpoint,
	    .endpoint = endpoint,
	    .good = row->state == SG_CADB_CERT_GOOD,
	    .not_before = row->not_before,
	    .not_after = row->not_after,
	    .now = sg_clock_now(),
	    .grace_s = e != NULL ? e->renewal_grace_s : 0};

	enum sg_code rc = sg_renewal_check(&renewal, err);
	if (rc != SG_OK)
		return rc;
	struct sg_renewal_limits limits = limits_of(e);
	struct sg_renewal_use use = {.now = renewal.now};
	if (sg_renewal_counts(&limits))
		rc = sg_cadb_lineage_get_use(ca->store, row->lineage, renewal.now, &use, err);
	use.serial = row->serial;
	use.not_after = row->not_after;
	return rc == SG_OK ? sg_renewal_limit(&limits, &use, err) : rc;
}

static enum sg_code
find_signer(struct ca *ca, struct sg_slice der, struct sg_cadb_cert *ret, struct sg_err *err)
{
	uint8_t serial[SG_SERIAL_MAX + 1];
	struct sg_cert_light cert;

	enum sg_code rc = sg_cert_light_parse(der, &cert, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_cadb_cert_by_der(ca->store, sg_serial_key(cert.serial, serial), der, ret, err);
	if (rc == SG_E_NOTFOUND)
		return sg_renewal_ours(
		    false, err->rule != NULL && strcmp(err->rule, "cert.altered") == 0, err);
	return rc;
}

void
ca_signer(struct ca *ca, struct sg_peer_request *req)
{
	const struct sg_frame_signer *ask = sg_peer_asked_signer(req);
	struct sg_cadb_cert row = {0};
	struct sg_err err = {0};

	enum sg_code rc = find_signer(ca, ask->cert, &row, &err);
	if (rc == SG_OK)
		rc = check_signer(ca, &row, ask->endpoint, &err);
	struct sg_frame_signer_answer answer = {.code = rc, .ours = row.serial.len > 0};
	if (rc != SG_OK) {
		answer.rule = sg_slice_str(err.rule);
		answer.text = sg_slice_str(err.text);
	}
	sg_peer_reply_signer(req, &answer);
	sg_cadb_cert_clear(&row);
}

/* The old certificate names its holder: the request asks for the same names, in whatever spelling,
 * and gets those of our record. */
static enum sg_code
take_recorded_names(struct job *j, struct sg_err *err)
{
	struct sg_cert old;

	enum sg_code rc = sg_cert_parse(j->signer.der, &old, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK)
		return sg_fail(err, SG_E_INTERNAL, "renewal.record",
		    "our own record of the old certificate cannot be read");
	rc = sg_renewal_names(
	    &old, &j->csr, (enum sg_renewal_sans)j->endpoint->renewal_sans, j->ask->endpoint, err);
	if (rc != SG_OK)
		return rc;
	j->csr.subject = old.subject;
	j->csr.exts.sans = old.exts.sans;
	j->keep_subject = true;
	return SG_OK;
}

/* A renewal proves itself here again: the registrar's word is not enough. */
static enum sg_code
check_renewal(struct job *j, struct sg_err *err)
{
	sg_scep_msg_scoped msg = {0};
	struct sg_slice message = j->ask->evidence;
	struct sg_slice endpoint = j->ask->endpoint;

	enum sg_code rc = sg_scep_decode(message, &msg, err);
	if (rc == SG_OK && !msg.has_signer)
		rc = sg_fail(err, SG_E_SIGNATURE, "cms.signer.missing",
		    "the message has no signer certificate");
	if (rc == SG_OK)
		rc = find_signer(j->ca, msg.signer.raw, &j->signer, err);
	if (rc == SG_OK)
		rc = check_signer(j->ca, &j->signer, endpoint, err);
	if (rc != SG_OK)
		return rc;
	struct sg_scep_evidence evidence = {message, j->signer.der, j->ask->cek, j->ask->csr};
	rc = sg_scep_evidence_check(&evidence, err);
	if (rc != SG_OK)
		return rc;
	j->renews = true;
	return take_recorded_names(j, err);
}

/* A challenge that is bound names its device: the registrar tells what it is bound to, the request
 * must ask for that, and gets it as the administrator spelled it. */
static enum sg_code
take_bound_names(struct job *j, struct sg_err *err)
{
	struct sg_binding binding = {.any = false};
	struct sg_slice evidence = j->ask->evidence;

	const struct sg_policy *policy = sg_policy_of(j->endpoint->policy);
	if (policy == NULL || !policy->challenges)
		return sg_fail(err, SG_E_DENIED, "ca.names",
		    "the registrar speaks of a bound challenge, endpoint '%s' has none",
		    j->endpoint->name);
	if (evidence.len == 0)
		return sg_fail(err, SG_E_DENIED, "ca.names",
		    "what the challenge was bound to is forgotten, and nothing was issued for this "
		    "request before");
	enum sg_code rc = sg_binding_get(evidence, &binding, err);
	if (rc == SG_OK && binding.any)
		rc = SG_E_MALFORMED;
	if (rc != SG_OK)
		return sg_fail(err, SG_E_DENIED, "ca.names",
		    "the registrar's word on what the challenge is bound to cannot be read");
	rc = sg_binding_match(&binding, &j->csr, err);
	if (rc != SG_OK)
		return rc;
	j->csr.subject = binding.subject;
	j->csr.exts.sans = binding.sans;
	return SG_OK;
}

/* What a challenge authorized is as good without it: a certificate that is not ours, byte by byte,
 * or cannot be read, is nobody's. */
static enum sg_code
find_bystander(struct job *j, struct sg_err *err)
{
	if (j->ask->signer.len == 0)
		return SG_OK;
	enum sg_code rc = find_signer(j->ca, j->ask->signer, &j->signer, err);
	if (rc != SG_OK)
		return sg_code_is_peer(rc) ? SG_OK : rc;
	sg_buf_put_slice(&j->by, j->signer.serial);
	return sg_buf_check(&j->by, err);
}

static enum sg_code
check(struct job *j, struct sg_err *err)
{
	j->endpoint = sg_conf_endpoint0(j->ca->ctx->conf, j->ask->endpoint);
	if (j->endpoint == NULL)
		return sg_fail(
		    err, SG_E_DENIED, "ca.endpoint", "no such endpoint in the configuration");
	j->tmpl = sg_templates_of(j->ca->templates, j->endpoint);
	enum sg_code rc = sg_csr_parse(j->ask->csr, &j->csr, err);
	if (rc == SG_OK)
		rc = sg_scep_pop_verify(&j->csr, NULL, err);
	/* A renewal may leave names to the old certificate: its floor is below. */
	if (rc == SG_OK && j->ask->kind != SG_ISSUE_RENEW)
		rc = sg_request_check(&j->csr, j->tmpl, err);
	if (rc != SG_OK)
		return rc;
	j->asked = j->csr.subject;
	switch (j->ask->kind) {
	case SG_ISSUE_ENROL:
		rc = find_bystander(j, err);
		break;
	case SG_ISSUE_RENEW:
		rc = check_renewal(j, err);
		break;
	case SG_ISSUE_BOUND:
		rc = take_bound_names(j, err);
		if (rc == SG_OK)
			rc = find_bystander(j, err);
		break;
	default:
		rc = sg_fail(err, SG_E_DENIED, "ca.kind", "neither an enrolment nor a renewal");
	}
	/* The floor holds for what is certified, too. */
	if (rc == SG_OK)
		rc = sg_request_check(&j->csr, j->tmpl, err);
	if (rc == SG_OK)
		mark(j, SG_STEP_CA_CHECKED);
	if (rc == SG_OK && sg_request_leaves_eku_out(&j->csr, j->tmpl))
		mark(j, SG_STEP_EKU_LEFT_OUT);
	return rc;
}

/* Write and lint the TBSCertificate for a serial and a time. */
static enum sg_code
write_tbs(
    struct job *j, struct sg_slice serial, int64_t now, struct sg_buf *tbs, struct sg_err *err)
{
	struct sg_issue iss = {
	    .issuer = j->ca->issuer, .tmpl = j->tmpl, .serial = serial, .now = now};

	sg_issue_from_csr(&iss, &j->csr);
	iss.asked = j->asked;
	iss.keep_subject = j->keep_subject;
	enum sg_code rc = sg_issue_tbs(&iss, tbs, err);
	if (rc == SG_OK)
		rc = sg_issue_lint(
		    j->ca->issuer, SG_ISSUE_LINT_DEVICE, j->tmpl, sg_buf_slice(tbs), err);
	return rc;
}

enum sg_code
ca_key_hash(struct sg_slice spki, uint8_t ret[SG_STORE_HASH_LEN], struct sg_err *err)
{
	sg_buf_scoped canonical = {0};
	enum sg_code rc = sg_key_canonical_spki(spki, &canonical, err);

	if (rc == SG_E_NOMEM)
		return rc;
	return sg_sha256(rc == SG_OK ? sg_buf_slice(&canonical) : spki, ret, err);
}

/* The row of the certificate; its validity is what the TBS says. */
static enum sg_code
fill_row(struct job *j, struct sg_slice serial, int64_t from, struct sg_slice subject,
    struct sg_cadb_new_cert *ret, struct sg_err *err)
{
	*ret = (struct sg_cadb_new_cert){
	    .request_id = j->ask->id,
	    .issuer = j->ca->issuer_no,
	    .serial = serial,
	    .endpoint = j->ask->endpoint,
	    .template_name = sg_slice_str(j->tmpl->name),
	    .subject = subject,
	    .not_before = from - j->tmpl->backdate_s,
	    .not_after = from + j->tmpl->validity_s,
	    .der = sg_buf_slice(&j->der),
	    .who = sg_slice_str("registrar"),
	    .now = sg_clock_now(),
	};
	if (ret->not_after > j->ca->issuer->cert.not_after)
		ret->not_after = j->ca->issuer->cert.not_after;
	if (ret->not_before < j->ca->issuer->cert.not_before)
		ret->not_before = j->ca->issuer->cert.not_before;
	memcpy(ret->trace, j->ask->trace.p, sizeof ret->trace);
	enum sg_code rc = sg_sha256(j->csr.raw, ret->csr_hash, err);
	if (rc == SG_OK)
		rc = ca_key_hash(j->csr.spki, ret->spki_hash, err);
	if (!j->renews)
		ret->signer = j->signer.serial;
	if (rc == SG_OK && j->renews) {
		ret->renews = j->signer.serial;
		memcpy(ret->renews_hash, j->signer.cert_hash, sizeof ret->renews_hash);
		ret->limits = limits_of(j->endpoint);
	}
	return rc;
}

/* The checks are done: what fails now is our own fault, even a signature that does not
 * hold, or the registrar would give up what is to be tried again. */
static enum sg_code
own_fault(enum sg_code rc, struct sg_err *err)
{
	if (!sg_code_is_peer(rc))
		return rc;
	err->code = SG_E_INTERNAL;
	return SG_E_INTERNAL;
}

/* Sign with a serial number that is on disk, verify, and commit what was signed. */
static enum sg_code
sign_and_store(struct job *j, struct sg_slice serial, int64_t from, struct sg_cadb_lease *lease,
    bool *ret_new, struct sg_cadb_cert *row, struct sg_err *err)
{
	sg_buf_scoped tbs = {0}, subject = {0};
	struct sg_cadb_new_cert cert;

	enum sg_code rc = write_tbs(j, serial, from, &tbs, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_clear(&j->der);
	rc = sg_issue_sign(j->ca->issuer, sg_buf_slice(&tbs), &j->der, err);
	ca_end_if_broken(j->ca, rc, err);
	if (rc != SG_OK)
		return own_fault(rc, err);
	mark(j, SG_STEP_CA_SIGNED);
	sg_name_put_text(&subject, j->csr.subject);
	rc = fill_row(j, serial, from, sg_buf_slice(&subject), &cert, err);
	if (rc != SG_OK)
		return rc;
	cert.lease = lease;
	return sg_cadb_cert_add(j->ca->store, &cert, ret_new, row, err);
}

/* A certificate on record, and who signed for it. */
static enum sg_code
answer_row(struct job *j, const struct sg_cadb_cert *row, struct sg_err *err)
{
	sg_buf_reset(&j->der);
	sg_buf_reset(&j->by);
	sg_buf_put_slice(&j->der, row->der);
	sg_buf_put_slice(&j->by, row->signer);
	enum sg_code rc = sg_buf_check(&j->by, err);
	return rc == SG_OK ? sg_buf_check(&j->der, err) : rc;
}

/* What a known request id gets. What was signed meanwhile is wiped. */
static enum sg_code
answer_known(struct job *j, const struct sg_cadb_cert *row, struct sg_err *err)
{
	sg_buf_clear(&j->der);
	switch (row->state) {
	case SG_CADB_CERT_GOOD:
	case SG_CADB_CERT_HOLD:
	case SG_CADB_CERT_REVOKED:
	case SG_CADB_CERT_WITHDRAWN:
		return answer_row(j, row, err);
	case SG_CADB_CERT_FAILED:
		return sg_fail(
		    err, SG_E_NOTFOUND, "request.cancelled", "this attempt was given up before");
	case SG_CADB_CERT_INTENT:
		break;
	}
	return sg_fail(err, SG_E_INTERNAL, "ca.row", "a certificate in state %d", (int)row->state);
}

/* An intent of an earlier version: the same certificate that it would have made. */
static enum sg_code
finish_intent(struct job *j, bool *ret_new, struct sg_cadb_cert *row, struct sg_err *err)
{
	struct sg_cadb_cert intent = *row;

	*row = (struct sg_cadb_cert){0};
	enum sg_code rc = sign_and_store(
	    j, intent.serial, intent.intent_at, NULL, ret_new, row, err);
	sg_cadb_cert_clear(&intent);
	return rc == SG_E_NOTFOUND ? rc : own_fault(rc, err);
}

static enum sg_code
issue_once(struct job *j, struct sg_err *err)
{
	struct ca_serial serial;
	struct sg_cadb_cert row = {0};
	bool is_new = false;

	enum sg_code rc = ca_serial_take(j->ca->serials, &serial, err);
	if (rc != SG_OK)
		return rc;
	mark(j, SG_STEP_CA_SERIAL);
	rc = sign_and_store(j, sg_slice(serial.bytes, sizeof serial.bytes), sg_clock_now(),
	    serial.lease, &is_new, &row, err);
	ca_serial_done(j->ca->serials, &serial, rc == SG_OK && is_new);
	if (rc == SG_OK && !is_new && row.state == SG_CADB_CERT_INTENT)
		rc = finish_intent(j, &is_new, &row, err);
	if (rc == SG_OK && !is_new)
		rc = answer_known(j, &row, err);
	if (rc == SG_OK)
		mark(j, SG_STEP_CA_STORED);
	else
		sg_buf_clear(&j->der);
	sg_cadb_cert_clear(&row);
	return rc;
}

static enum sg_code
issue(struct job *j, struct sg_err *err)
{
	enum sg_code rc = check(j, err);

	if (rc != SG_OK)
		return rc;
	/* Another serial number in the case that cannot happen. */
	for (int n = 0; n < SERIAL_TRIES; n++) {
		rc = issue_once(j, err);
		if (rc != SG_E_CONFLICT || strcmp(err->rule, "serial.taken") != 0)
			break;
	}
	return rc;
}

/* A request that was served before is answered from the record even when its checks fail
 * by now: the old certificate may have been revoked or have ended in between. Another
 * request under the same id (a registrar's database that was set back) is not. */
static enum sg_code
look_up(struct job *j, enum sg_code failed, struct sg_err *err)
{
	struct sg_cadb_cert row = {0};
	uint8_t csr_hash[SG_SHA256_LEN];

	if (!sg_code_is_peer(failed) || sg_sha256(j->ask->csr, csr_hash, NULL) != SG_OK)
		return failed;
	if (sg_cadb_cert_by_request(j->ca->store, j->ask->id, &row, NULL) == SG_OK &&
	    row.der.len > 0 && memcmp(row.csr_hash, csr_hash, sizeof csr_hash) == 0) {
		failed = answer_row(j, &row, err);
	}
	sg_cadb_cert_clear(&row);
	return failed;
}

static struct sg_frame_issued
refusal(enum sg_code rc, const struct sg_err *err)
{
	return (struct sg_frame_issued){
	    .code = rc, .rule = sg_slice_str(err->rule), .text = sg_slice_str(err->text)};
}

void
ca_issue(struct ca *ca, struct sg_peer_request *req)
{
	struct job j = {.ca = ca, .ask = sg_peer_asked_issue(req)};
	sg_buf_scoped steps = {0};
	struct sg_err err = {0};

	enum sg_code rc = issue(&j, &err);
	if (rc != SG_OK)
		rc = look_up(&j, rc, &err);
	if (rc != SG_OK && !sg_code_is_peer(rc))
		sg_log(SG_LOG_ERROR, err.rule, "cannot issue: %s", err.text);
	sg_steps_put(&steps, &j.steps);
	struct sg_frame_issued answer = {
	    .cert = sg_buf_slice(&j.der), .signer = sg_buf_slice(&j.by)};
	if (rc != SG_OK)
		answer = refusal(rc, &err);
	answer.steps = sg_buf_slice(&steps);
	sg_peer_reply_issue(req, &answer);
	sg_cadb_cert_clear(&j.signer);
	sg_buf_clear(&j.by);
	sg_buf_clear(&j.der);
}

void
ca_cancel(struct ca *ca, struct sg_peer_request *req)
{
	struct sg_frame_issued answer = {.code = SG_OK};
	struct sg_cadb_cert row = {0};
	struct sg_err err = {0};
	sg_buf_scoped csr = {0};

	enum sg_code rc = sg_cadb_cert_cancel(ca->store, sg_peer_asked_cancel(req)->id,
	    sg_slice_str("the registrar gave it up"), sg_clock_now(), &row, &err);
	if (rc == SG_OK && row.der.len == 0)
		rc = sg_fail(&err, SG_E_NOTFOUND, "request.cancelled",
		    "there is no certificate and will be none");
	if (rc == SG_OK) {
		sg_hex_put(&csr, sg_slice(row.csr_hash, sizeof row.csr_hash));
		answer.cert = row.der;
		answer.signer = row.signer;
		answer.text = sg_buf_slice(&csr);
	} else {
		answer = refusal(rc, &err);
	}
	sg_peer_reply_cancel(req, &answer);
	sg_cadb_cert_clear(&row);
}
