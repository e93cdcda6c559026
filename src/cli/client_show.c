/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client_show.c - certificates, and what became of a request, for people and for machines
 */

#include "cli/client_show.h"

#include <stdio.h>

#include "base/escape.h"
#include "cli/args.h"
#include "cli/json.h"
#include "cli/text.h"
#include "enroll/send.h"
#include "enroll/text.h"
#include "x509/san_text.h"
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

static void
print_line(const char *label, const char *text)
{
	printf("  %-12s %s\n", label, text);
}

void
cli_client_cert_print(const struct sg_cert *cert)
{
	json_t *o = cli_client_cert_json(cert), *san;
	size_t n;
	char validity[64];

	print_line("subject", cli_json_text(o, "subject"));
	json_array_foreach(json_object_get(o, "sans"), n, san)
	    print_line(n == 0 ? "names" : "", json_string_value(san));
	print_line("issuer", cli_json_text(o, "issuer"));
	print_line("serial", cli_json_text(o, "serial"));
	snprintf(validity, sizeof validity, "%s to %s", cli_json_text(o, "not_before"),
	    cli_json_text(o, "not_after"));
	print_line("valid", validity);
	print_line("SHA-256", cli_json_text(o, "sha256"));
	json_decref(o);
}

static void
report_json(const struct cli_client *c, const struct sg_enroll_job_options *options,
    const struct sg_enroll_result *r)
{
	json_t *o = json_object(), *cert = cli_client_cert_json(&r->cert);

	json_object_set_new(o, "result", json_string("issued"));
	json_object_update(o, cert);
	json_decref(cert);
	json_object_set_new(o, "key_file", json_string(cli_show(r->key_file)));
	json_object_set_new(o, "key_made", json_boolean(r->key_made));
	json_object_set_new(o, "cert_file", json_string(cli_show(options->cert_file)));
	json_object_set_new(o, "ca_file",
	    options->chain_file != NULL ? json_string(cli_show(options->chain_file)) : json_null());
	json_object_set_new(o, "transaction_id", json_string(r->txid));
	json_object_set(o, "warnings", c->warnings);
	cli_json_print(o);
	json_decref(o);
}

void
cli_client_report(const struct cli_client *c, const struct sg_enroll_job_options *options,
    const struct sg_enroll_result *r)
{
	if (cli_get(c->args, "json") != NULL) {
		report_json(c, options, r);
		return;
	}
	printf("certificate issued\n");
	cli_client_cert_print(&r->cert);
	print_line(r->key_made ? "key (new)" : "key", cli_show(r->key_file));
	print_line("certificate", cli_show(options->cert_file));
	if (options->chain_file != NULL)
		print_line("CA", cli_show(options->chain_file));
}

static const char *
fail_meaning(enum sg_scep_fail fail)
{
	switch (fail) {
	case SG_SCEP_BAD_ALG:
		return "the server does not accept an algorithm of the request: see --cipher, "
		       "--digest, --oaep, --pss";
	case SG_SCEP_BAD_MESSAGE_CHECK:
		return "the signature of the request did not hold: the message was damaged, or the "
		       "signer is not accepted";
	case SG_SCEP_BAD_REQUEST:
		return "the server does not allow this request: wrong or used challenge, wrong "
		       "subject or names, or not encrypted to its RA";
	case SG_SCEP_BAD_TIME:
		return "the server did not like the time of the request: check this machine's "
		       "clock";
	case SG_SCEP_BAD_CERT_ID:
		return "the server does not know the certificate";
	case SG_SCEP_FAIL_NONE:
	default:
		return "no reason given";
	}
}

static void
print_refused(const struct cli_client *c, const struct sg_scep_reply *reply, const char *text,
    const char *trace)
{
	const char *name = c->args->command->name;

	fprintf(stderr, "signet %s: the server refused: %s%s%s%s\n", name,
	    reply->fail == SG_SCEP_FAIL_NONE ? "without a failInfo"
					     : sg_scep_fail_name(reply->fail),
	    text[0] != '\0' ? " - \"" : "", text, text[0] != '\0' ? "\"" : "");
	if (reply->fail != SG_SCEP_FAIL_NONE || text[0] == '\0')
		fprintf(stderr, "  it means: %s\n", fail_meaning(reply->fail));
	if (trace[0] != '\0')
		fprintf(stderr, "  on the server: signet trace %s\n", trace);
}

int
cli_client_refused(const struct cli_client *c, const struct sg_enroll_result *r)
{
	const struct sg_scep_reply *reply = &r->reply;
	sg_buf_scoped text = {0};
	char trace[SG_ENROLL_TRACE_MAX + 1];
	bool pending = reply->status == SG_SCEP_PENDING;

	sg_escape_put(&text, reply->fail_info_text, 500);
	sg_enroll_trace(reply->fail_info_text, trace);
	if (pending)
		fprintf(stderr,
		    "signet %s: the request waits for an approver (PENDING, transaction %s); run "
		    "the same command again when it was approved\n",
		    c->args->command->name, cli_show(r->txid));
	else
		print_refused(c, reply, sg_buf_text(&text), trace);
	if (cli_get(c->args, "json") != NULL) {
		json_t *o = json_pack("{s:s, s:s}", "result", pending ? "pending" : "refused",
		    "transaction_id", r->txid);
		if (!pending) {
			json_object_set_new(
			    o, "fail_info", json_string(sg_scep_fail_name(reply->fail)));
			json_object_set_new(o, "fail_info_text", json_string(sg_buf_text(&text)));
			json_object_set_new(o, "trace", json_string(trace));
		}
		json_object_set(o, "warnings", c->warnings);
		cli_json_print(o);
		json_decref(o);
	}
	return pending ? EXIT_PENDING : EXIT_FAILED;
}
