/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/show.c - a certificate in the answers of verbs: its state and its serial number, as
 * control.c and lineage.c show them
 */

#include "roles/ca/show.h"

#include "base/buf.h"
#include "service/json.h"
#include "x509/serial_key.h"

const char *
ca_state_name(enum sg_cadb_cert_state state)
{
	switch (state) {
	case SG_CADB_CERT_INTENT:
		return "intent";
	case SG_CADB_CERT_GOOD:
		return "good";
	case SG_CADB_CERT_HOLD:
		return "hold";
	case SG_CADB_CERT_REVOKED:
		return "revoked";
	case SG_CADB_CERT_WITHDRAWN:
		return "withdrawn";
	case SG_CADB_CERT_FAILED:
		return "failed";
	}
	return "unknown";
}

void
ca_set_serial(json_t *o, const char *name, struct sg_slice key)
{
	sg_buf_scoped text = {0};

	sg_serial_key_put_text(&text, key);
	sg_json_set_text(o, name, sg_buf_slice(&text));
}
