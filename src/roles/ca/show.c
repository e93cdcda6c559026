/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/show.c - certificates as questions name them and as answers show them
 */

#include "roles/ca/show.h"

#include <stdio.h>

#include "base/clock.h"
#include "roles/ca/state.h"
#include "x509/crl.h"
#include "x509/serial_key.h"

/* The contract's words are of the values that the database has. */
_Static_assert((int)SG_API_CERTIFICATE_INTENT == SG_CADB_CERT_INTENT, "state");
_Static_assert((int)SG_API_CERTIFICATE_GOOD == SG_CADB_CERT_GOOD, "state");
_Static_assert((int)SG_API_CERTIFICATE_HOLD == SG_CADB_CERT_HOLD, "state");
_Static_assert((int)SG_API_CERTIFICATE_REVOKED == SG_CADB_CERT_REVOKED, "state");
_Static_assert((int)SG_API_CERTIFICATE_WITHDRAWN == SG_CADB_CERT_WITHDRAWN, "state");
_Static_assert((int)SG_API_CERTIFICATE_FAILED == SG_CADB_CERT_FAILED, "state");

struct sg_slice
ca_serial_text(struct ca_serial_text *store, struct sg_slice key)
{
	sg_buf_scoped text = {0};

	if (key.len > 0)
		sg_serial_key_put_text(&text, key);
	snprintf(store->text, sizeof store->text, "%s", sg_buf_text(&text));
	return sg_slice_str(store->text);
}

void
ca_show(const struct sg_cadb_cert *row, struct ca_shown *store, struct sg_api_certificate *ret)
{
	*ret = (struct sg_api_certificate){
	    .id = row->id,
	    .has_serial = row->serial.len > 0,
	    .serial = ca_serial_text(&store->serial, row->serial),
	    .state = (int)row->state,
	    .subject = row->subject,
	    .endpoint = row->endpoint,
	    .template = row->template_name,
	    .has_not_before = row->not_after != 0,
	    .not_before = row->not_before * SG_CLOCK_SECOND,
	    .has_not_after = row->not_after != 0,
	    .not_after = row->not_after * SG_CLOCK_SECOND,
	    .trace = sg_slice(row->trace, sizeof row->trace),
	    .has_renews = row->renews.len > 0,
	    .renews = ca_serial_text(&store->renews, row->renews),
	    .has_signer = row->signer.len > 0,
	    .signer = ca_serial_text(&store->signer, row->signer),
	    .has_lineage_id = row->lineage != 0,
	    .lineage_id = row->lineage,
	    .has_revoked_at = row->revoked_at != 0,
	    .revoked_at = row->revoked_at * SG_CLOCK_SECOND,
	    .has_reason = row->revoked_at != 0,
	    .reason = row->reason,
	    .has_failure = row->failure.len > 0,
	    .failure = row->failure,
	    .has_der = row->der.len > 0,
	    .der = row->der,
	};
}

enum sg_code
ca_find_certificate(struct sg_api_call *call, const char *member, struct sg_slice text,
    struct sg_cadb_cert *ret, struct sg_err *err)
{
	const struct ca *ca = call->role;
	sg_buf_scoped key = {0}, shown = {0};
	enum sg_code rc = sg_serial_key_from_text(text, &key, err);

	if (rc == SG_E_NOMEM)
		return rc;
	sg_buf_printf(&shown, "'%.*s'", (int)text.len, (const char *)text.p);
	if (rc != SG_OK || key.len > SG_CADB_SERIAL_KEY_MAX)
		return sg_api_refuse_member(call, "control.serial", member,
		    "a serial number of 1 to 20 bytes in hexadecimal", sg_buf_text(&shown), err);
	do {
		rc = sg_cadb_cert_by_serial(ca->store, sg_buf_slice(&key), ret, err);
		sg_serial_key_widen(&key);
	} while (rc == SG_E_NOTFOUND && key.failed == SG_OK && key.len <= SG_CADB_SERIAL_KEY_MAX);
	if (rc == SG_E_NOTFOUND && key.failed != SG_OK)
		return sg_buf_check(&key, err);
	if (rc == SG_E_NOTFOUND)
		sg_api_blame_member(
		    call, member, "the number of a certificate of this CA", sg_buf_text(&shown));
	return rc;
}
