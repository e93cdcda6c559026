/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fsck.c - signet fsck: the invariants of both databases of a stopped system, checked
 */

#include <stdbool.h>
#include <stdio.h>

#include "api/outputs.h"
#include "asn1/der.h"
#include "base/buf.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/json.h"
#include "cli/text.h"
#include "x509/crl.h"
#include "x509/serial_key.h"
#include "json/doc.h"
#include "store/fsck.h"

struct report {
	bool json;
	struct sg_json_doc doc;
	struct sg_buf findings; /* of struct sg_api_finding */
};

static void
found(void *arg, const char *invariant, const char *text)
{
	struct report *r = arg;

	if (!r->json) {
		printf("%s: %s\n", invariant, cli_show(text));
		return;
	}
	struct sg_api_finding finding = {
	    .invariant = sg_json_doc_keep(&r->doc, sg_slice_str(invariant)),
	    .text = sg_json_doc_keep(&r->doc, sg_slice_str(text)),
	};
	sg_buf_put(&r->findings, &finding, sizeof finding);
}

static int
print_counts(const struct report *r, const struct sg_fsck_counts *c)
{
	if (!r->json) {
		printf("%llu transactions (%llu issued, %llu running), %llu challenges; %llu "
		       "certificates "
		       "(%llu revoked), %llu intents; %llu audit rows: %llu findings\n",
		    (unsigned long long)c->transactions, (unsigned long long)c->issued,
		    (unsigned long long)c->running, (unsigned long long)c->challenges,
		    (unsigned long long)c->certificates, (unsigned long long)c->revoked,
		    (unsigned long long)c->intents, (unsigned long long)c->audit_rows,
		    (unsigned long long)c->findings);
		return EXIT_OK;
	}
	struct sg_api_fsck answer = {
	    .findings = {r->findings.p, r->findings.len / sizeof(struct sg_api_finding)},
	    .transactions = (int64_t)c->transactions,
	    .issued = (int64_t)c->issued,
	    .running = (int64_t)c->running,
	    .challenges = (int64_t)c->challenges,
	    .certificates = (int64_t)c->certificates,
	    .revoked = (int64_t)c->revoked,
	    .intents = (int64_t)c->intents,
	    .audit_rows = (int64_t)c->audit_rows,
	};
	return cli_json_put(&sg_api_fsck_schema, &answer, &r->doc);
}

static enum sg_code
crl_read(struct sg_slice der,
    enum sg_code (*visit)(void *arg, struct sg_slice serial, struct sg_err *err), void *arg,
    struct sg_err *err)
{
	struct sg_crl crl;

	enum sg_code rc = sg_crl_parse(der, &crl, err);
	if (rc != SG_OK)
		return rc;
	struct sg_der d = sg_der_init(crl.entries, err);
	while (sg_der_more(&d)) {
		uint8_t store[SG_SERIAL_MAX + 1];
		struct sg_crl_item item = sg_crl_next(&d);
		sg_der_try(&d, visit(arg, sg_serial_key(item.serial, store), err));
	}
	return sg_der_status(&d);
}

static int
run(const struct cli_args *a)
{
	sg_buf_scoped registrar = {0}, ca = {0};
	struct report r = {.json = cli_get(a, "json") != NULL, .findings.max = SIZE_MAX / 8};
	struct sg_fsck_counts counts = {0};
	struct sg_err err;
	const char *path = cli_conf_path(a);
	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(a, path);

	if (conf == NULL)
		return EXIT_USAGE;
	sg_conf_put_path(&registrar, path, conf->data);
	sg_conf_put_path(&ca, path, conf->data);
	sg_buf_puts(&registrar, "/db/registrar/registrar.db");
	sg_buf_puts(&ca, "/db/ca/ca.db");
	/* The database of a role that does not run here is not here. */
	struct sg_fsck_conf check = {
	    .registrar_path = sg_conf_has(conf, "registrar") ? sg_buf_text(&registrar) : NULL,
	    .ca_path = sg_conf_has(conf, "ca") ? sg_buf_text(&ca) : NULL,
	    .crl_read = crl_read,
	    .found = found,
	    .arg = &r};
	sg_conf_free(&conf);
	enum sg_code rc = sg_fsck(&check, &counts, &err);
	if (rc == SG_OK)
		rc = sg_buf_check(&r.findings, &err);
	int code = rc == SG_OK ? print_counts(&r, &counts) : cli_fail(a, &err);
	if (code == EXIT_OK && counts.findings > 0)
		code = EXIT_FAILED;
	sg_buf_clear(&r.findings);
	sg_json_doc_clear(&r.doc);
	return code;
}

static const struct cli_option options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_fsck = {
    .name = "fsck",
    .args = "",
    .summary = "check the databases of a stopped system",
    .text =
	"Checks the invariants I1 to I7, I11 and I12 in the databases of the roles that run here:\n"
	"every certificate is recorded, no serial number twice or forgotten, one certificate for\n"
	"one request, no challenge used twice, revoked stays revoked, the audit chain holds, a\n"
	"renewal is in the lineage of what it renews, the newest revocation lists have what they\n"
	"must have. Prints each finding; exit code 1 when there is one.",
    .options = options,
    .run = run,
};
