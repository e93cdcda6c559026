/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client_show.c - certificates for people and for machines
 */

#include <stdio.h>
#include <string.h>

#include "enroll/client.h"
#include "x509/name.h"
#include "x509/serial_key.h"

static json_t *
name_json(struct sg_slice name)
{
	sg_buf_scoped b = {0};
	char text[1024];

	snprintf(text, sizeof text, "%s", sg_enroll_name_text(&b, name));
	return json_string(text);
}

json_t *
cli_client_cert_json(const struct sg_cert *cert)
{
	sg_buf_scoped serial = {0};
	uint8_t key[SG_SERIAL_MAX + 1];
	char fingerprint[2 * SG_SHA256_LEN + 1] = "";
	json_t *o = json_object(), *sans = json_array();

	sg_serial_key_put_text(&serial, sg_serial_key(cert->serial, key));
	/* Out of memory: an empty text rather than no certificate. */
	sg_ignore(sg_enroll_fingerprint(cert->raw, fingerprint, NULL));
	for (size_t n = 0; n < cert->exts.sans.n; n++) {
		sg_buf_scoped san = {0};
		sg_san_put_text(&san, &cert->exts.sans.item[n]);
		json_array_append_new(sans, json_string(sg_buf_text(&san)));
	}
	json_object_set_new(o, "subject", name_json(cert->subject));
	json_object_set_new(o, "sans", sans);
	json_object_set_new(o, "issuer", name_json(cert->issuer));
	json_object_set_new(o, "serial", json_string(sg_buf_text(&serial)));
	json_object_set_new(o, "not_before", json_string(cli_time(cert->not_before)));
	json_object_set_new(o, "not_after", json_string(cli_time(cert->not_after)));
	json_object_set_new(o, "sha256", json_string(fingerprint));
	return o;
}

void
cli_client_line(const char *label, const char *text)
{
	printf("  %-12s %s\n", label, text);
}

void
cli_client_cert_print(const struct sg_cert *cert)
{
	json_t *o = cli_client_cert_json(cert), *san;
	size_t n;
	char validity[64];

	cli_client_line("subject", cli_json_text(o, "subject"));
	json_array_foreach(json_object_get(o, "sans"), n, san)
	    cli_client_line(n == 0 ? "names" : "", json_string_value(san));
	cli_client_line("issuer", cli_json_text(o, "issuer"));
	cli_client_line("serial", cli_json_text(o, "serial"));
	snprintf(validity, sizeof validity, "%s to %s", cli_json_text(o, "not_before"),
	    cli_json_text(o, "not_after"));
	cli_client_line("valid", validity);
	cli_client_line("SHA-256", cli_json_text(o, "sha256"));
	json_decref(o);
}

static void
report_json(struct sg_enroll *c, const struct cli_client_result *r)
{
	json_t *o = json_object(), *cert = cli_client_cert_json(r->cert);

	json_object_set_new(o, "result", json_string("issued"));
	json_object_update(o, cert);
	json_decref(cert);
	json_object_set_new(o, "key_file", json_string(cli_show(r->key_file)));
	json_object_set_new(o, "key_made", json_boolean(r->key_made));
	json_object_set_new(o, "cert_file", json_string(cli_show(r->cert_file)));
	json_object_set_new(
	    o, "ca_file", r->ca_file != NULL ? json_string(cli_show(r->ca_file)) : json_null());
	json_object_set_new(o, "transaction_id", json_string(r->txid));
	json_object_set(o, "warnings", c->warnings);
	cli_json_print(o);
	json_decref(o);
}

void
cli_client_report(struct sg_enroll *c, const struct cli_client_result *r)
{
	if (cli_get(c->args, "json") != NULL) {
		report_json(c, r);
		return;
	}
	printf("certificate issued\n");
	cli_client_cert_print(r->cert);
	cli_client_line(r->key_made ? "key (new)" : "key", cli_show(r->key_file));
	cli_client_line("certificate", cli_show(r->cert_file));
	if (r->ca_file != NULL)
		cli_client_line("CA", cli_show(r->ca_file));
}
