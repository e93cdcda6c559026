/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/import.c - records a certificate that a key of this CA signed elsewhere, for a migration
 */

#include "roles/ca/import.h"

#include <string.h>

#include "api/ca.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "roles/ca/issue.h"
#include "roles/ca/show.h"
#include "roles/ca/state.h"
#include "store/ca/cert.h"
#include "x509/cert.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/serial_key.h"

/* What a certificate says, for its row. */
struct facts {
	uint8_t serial[SG_SERIAL_MAX + 1];
	struct sg_buf id, subject;
};

static enum sg_code
get_facts(const struct sg_cert *cert, struct facts *facts, struct sg_cadb_new_cert *ret,
    struct sg_err *err)
{
	struct sg_slice serial = sg_serial_key(cert->serial, facts->serial);

	if (serial.len > SG_CADB_SERIAL_KEY_MAX)
		return sg_fail(err, SG_E_DENIED, "import.serial",
		    "the serial number has %zu bytes, want at most %u: it cannot be put on a list "
		    "that others read",
		    cert->serial.len, SG_CADB_SERIAL_MAX);
	sg_buf_puts(&facts->id, SG_CADB_IMPORT);
	sg_buf_put_slice(&facts->id, serial);
	sg_name_put_text(&facts->subject, cert->subject);
	ret->request_id = sg_buf_slice(&facts->id);
	ret->serial = serial;
	ret->subject = sg_buf_slice(&facts->subject);
	ret->not_before = cert->not_before;
	ret->not_after = cert->not_after;
	ret->der = cert->raw;
	enum sg_code rc = sg_buf_check(&facts->id, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&facts->subject, err);
	if (rc == SG_OK)
		rc = ca_key_hash(cert->spki, ret->spki_hash, err);
	if (rc == SG_OK)
		rc = sg_sha256(cert->raw, ret->csr_hash, err);
	return rc;
}

/* What is no certificate is so by a mistake of who imports it, not of a device. */
static enum sg_code
parse(struct sg_slice der, struct sg_cert *ret, struct sg_err *err)
{
	struct sg_err why;
	enum sg_code rc = sg_cert_parse(der, ret, &why);

	if (rc != SG_OK && sg_code_is_peer(rc))
		return sg_fail(err, rc, "import.der", "%s (%s)", why.text, why.rule);
	if (rc != SG_OK && err != NULL)
		*err = why;
	return rc;
}

/* Which of this CA's keys signed it? */
static enum sg_code
find_issuer(const struct ca *ca, const struct sg_cert *cert, int *ret_no, struct sg_err *err)
{
	bool named = false;
	enum sg_code rc = SG_E_DENIED;

	for (size_t n = 0; n < ca->list_n && rc != SG_OK; n++) {
		const struct sg_issuer *issuer = ca->list[n].issuer;
		if (!sg_name_equal(cert->issuer, issuer->cert.subject))
			continue;
		named = true;
		rc = sg_sign_verify(issuer->pub, cert->sigalg, cert->tbs, cert->sig, err);
		if (rc == SG_E_NOMEM)
			return rc;
		*ret_no = ca->list[n].no;
	}
	if (!named)
		return sg_fail(
		    err, SG_E_DENIED, "import.issuer", "the certificate was not issued by this CA");
	return rc;
}

/* The CA's own certificate lies beside those of devices in the depots of other servers. As a row it
 * could be revoked by this CA, and who relies on the list would lose all. */
static enum sg_code
refuse_own(const struct ca *ca, const struct sg_cert *cert, struct sg_err *err)
{
	for (size_t n = 0; n < ca->list_n; n++)
		if (sg_slice_eq(cert->spki, ca->list[n].issuer->cert.spki))
			return sg_fail(err, SG_E_DENIED, "import.self",
			    "this is the certificate of the CA itself, not one that it issued to "
			    "a device");
	return SG_OK;
}

/* A certificate that this CA issued itself, or that an earlier import recorded under another
 * request, is there already: as harmless as to import twice. */
static bool
is_recorded(const struct ca *ca, const struct sg_cadb_new_cert *entry, const struct sg_err *why)
{
	struct sg_cadb_cert known = {0};

	if (why->code != SG_E_CONFLICT || strcmp(why->rule, "serial.taken") != 0)
		return false;
	enum sg_code rc = sg_cadb_cert_by_der(ca->store, entry->serial, entry->der, &known, NULL);
	sg_cadb_cert_clear(&known);
	return rc == SG_OK;
}

static enum sg_code
add(struct sg_api_call *call, const struct sg_cadb_new_cert *entry, struct sg_err *err)
{
	const struct ca *ca = call->role;
	struct sg_cadb_cert known = {0};
	struct ca_serial_text store;
	bool is_new = false;

	enum sg_code rc = sg_cadb_cert_add(ca->store, entry, &is_new, &known, err);
	sg_cadb_cert_clear(&known);
	if (rc != SG_OK && is_recorded(ca, entry, err))
		rc = SG_OK;
	if (rc == SG_OK)
		sg_api_put(call, &(struct sg_api_imported){.changed = is_new,
				     .serial = ca_serial_text(&store, entry->serial)});
	return rc;
}

enum sg_code
ca_import(struct sg_api_call *call, struct sg_err *err)
{
	const struct sg_api_import *ask = call->body;
	const struct ca *ca = call->role;
	struct sg_slice name = ask->has_endpoint ? ask->endpoint : sg_slice_str("default");
	struct sg_cert cert;
	struct facts facts = {0};
	struct sg_cadb_new_cert entry = {.template_name = sg_slice_str("import"),
	    .who = sg_slice_str(call->who->who),
	    .now = sg_clock_now()};

	const struct sg_conf_endpoint *e = sg_conf_endpoint0(ca->ctx->conf, name);
	if (e == NULL) {
		sg_buf_scoped found = {0};
		sg_buf_printf(&found, "'%.*s'", (int)name.len, (const char *)name.p);
		return sg_api_refuse_member(call, "control.endpoint", "endpoint",
		    "an endpoint of the configuration", sg_buf_text(&found), err);
	}
	entry.endpoint = sg_slice_str(e->name);
	enum sg_code rc = parse(ask->der, &cert, err);
	if (rc == SG_OK)
		rc = find_issuer(ca, &cert, &entry.issuer, err);
	if (rc == SG_OK)
		rc = refuse_own(ca, &cert, err);
	if (rc == SG_OK)
		rc = get_facts(&cert, &facts, &entry, err);
	if (rc != SG_OK && sg_code_is_peer(rc))
		sg_api_blame_member(
		    call, "der", "a certificate that a key of this CA signed", NULL);
	if (rc == SG_OK)
		rc = add(call, &entry, err);
	sg_buf_clear(&facts.id);
	sg_buf_clear(&facts.subject);
	return rc;
}
