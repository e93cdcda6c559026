/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client_show.c - certificates, and what became of a request, for people and for machines
 */

#include "cli/client_show.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/hex.h"
#include "cli/args.h"
#include "cli/json.h"
#include "cli/text.h"
#include "crypto/digest.h"
#include "enroll/send.h"
#include "enroll/text.h"
#include "x509/san_text.h"
#include "x509/serial_key.h"

static struct sg_slice
keep_name(struct sg_json_doc *doc, struct sg_slice name)
{
	sg_buf_scoped b = {0};

	return sg_json_doc_keep(doc, sg_slice_str(sg_enroll_name_text(&b, name)));
}

static struct sg_json_list
keep_sans(struct sg_json_doc *doc, const struct sg_sans *sans)
{
	struct sg_slice *item = sg_json_doc_take(doc, sans->n * sizeof *item);

	for (size_t n = 0; item != NULL && n < sans->n; n++) {
		sg_buf_scoped text = {0};
		sg_san_put_text(&text, &sans->item[n]);
		item[n] = sg_json_doc_keep(doc, sg_buf_slice(&text));
	}
	return (struct sg_json_list){item, item == NULL ? 0 : sans->n};
}

struct sg_api_client_certificate
cli_client_cert(const struct sg_cert *cert, struct sg_json_doc *doc)
{
	sg_buf_scoped serial = {0};
	uint8_t key[SG_SERIAL_MAX + 1], md[SG_SHA256_LEN] = {0};

	sg_serial_key_put_text(&serial, sg_serial_key(cert->serial, key));
	/* Out of memory: zeros rather than no certificate. */
	sg_ignore(sg_sha256(cert->raw, md, NULL));
	return (struct sg_api_client_certificate){
	    .subject = keep_name(doc, cert->subject),
	    .sans = keep_sans(doc, &cert->exts.sans),
	    .issuer = keep_name(doc, cert->issuer),
	    .serial = sg_json_doc_keep(doc, sg_buf_slice(&serial)),
	    .not_before = cert->not_before * SG_CLOCK_SECOND,
	    .not_after = cert->not_after * SG_CLOCK_SECOND,
	    .sha256 = sg_json_doc_keep(doc, sg_slice(md, sizeof md)),
	};
}

static void
print_line(const char *label, const char *text)
{
	printf("  %-12s %s\n", label, text);
}

/* A text that is kept, and printable. */
static void
print_text(const char *label, struct sg_slice text)
{
	print_line(label, text.p == NULL ? "-" : (const char *)text.p);
}

void
cli_client_cert_print(const struct sg_cert *cert)
{
	sg_json_doc_scoped doc = {0};
	sg_buf_scoped sha256 = {0};
	char validity[64];
	struct sg_api_client_certificate shown = cli_client_cert(cert, &doc);
	const struct sg_slice *san = shown.sans.item;

	print_text("subject", shown.subject);
	for (size_t n = 0; n < shown.sans.n; n++)
		print_text(n == 0 ? "names" : "", san[n]);
	print_text("issuer", shown.issuer);
	print_text("serial", shown.serial);
	snprintf(validity, sizeof validity, "%s to %s", cli_time(cert->not_before),
	    cli_time(cert->not_after));
	print_line("valid", validity);
	sg_hex_put(&sha256, shown.sha256);
	print_line("SHA-256", sg_buf_text(&sha256));
}

static int
report_json(struct cli_client *c, const struct sg_enroll_job_options *options,
    const struct sg_enroll_result *r)
{
	struct sg_api_client_certificate shown = cli_client_cert(&r->cert, &c->doc);
	struct sg_api_client_issued answer = {
	    .result = SG_API_CLIENT_ISSUED,
	    CLI_CLIENT_CERT_INIT(shown),
	    .key_file = sg_slice_str(r->key_file),
	    .key_made = r->key_made,
	    .cert_file = sg_slice_str(options->cert_file),
	    .has_ca_file = options->chain_file != NULL,
	    .ca_file = sg_slice_str(options->chain_file == NULL ? "" : options->chain_file),
	    .transaction_id = sg_slice_str(r->txid),
	    .warnings = cli_client_warnings(c),
	};

	return cli_json_put(&sg_api_client_issued_schema, &answer, &c->doc);
}

int
cli_client_report(struct cli_client *c, const struct sg_enroll_job_options *options,
    const struct sg_enroll_result *r)
{
	if (cli_get(c->args, "json") != NULL)
		return report_json(c, options, r);
	printf("certificate issued\n");
	cli_client_cert_print(&r->cert);
	print_line(r->key_made ? "key (new)" : "key", cli_show(r->key_file));
	print_line("certificate", cli_show(options->cert_file));
	if (options->chain_file != NULL)
		print_line("CA", cli_show(options->chain_file));
	return EXIT_OK;
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
cli_client_refused(struct cli_client *c, const struct sg_enroll_result *r)
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
		struct sg_api_client_refused answer = {
		    .result = pending ? SG_API_CLIENT_PENDING : SG_API_CLIENT_REFUSED,
		    .transaction_id = sg_slice_str(r->txid),
		    .has_fail_info = !pending,
		    .fail_info = sg_slice_str(sg_scep_fail_name(reply->fail)),
		    .has_fail_info_text = !pending,
		    .fail_info_text = reply->fail_info_text,
		    .has_trace = !pending && trace[0] != '\0',
		    .trace = sg_slice_str(trace),
		    .warnings = cli_client_warnings(c),
		};
		sg_ignore(cli_json_put(&sg_api_client_refused_schema, &answer, &c->doc));
	}
	return pending ? EXIT_PENDING : EXIT_FAILED;
}
