/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fsck.c - signet fsck: the invariants of both databases of a stopped system, checked
 */

#include <stdbool.h>
#include <stdio.h>

#include "asn1/der.h"
#include "base/buf.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/json.h"
#include "cli/text.h"
#include "x509/crl.h"
#include "x509/serial_key.h"
#include "store/fsck.h"

struct report {
	bool json;
	json_t *findings;
};

static void
found(void *arg, const char *invariant, const char *text)
{
	struct report *r = arg;

	if (!r->json)
		printf("%s: %s\n", invariant, cli_show(text));
	json_t *o = json_object();
	json_object_set_new(o, "invariant", json_string(invariant));
	json_object_set_new(o, "text", json_string(cli_show(text)));
	json_array_append_new(r->findings, o);
}

static void
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
		return;
	}
	json_t *o = json_object();
	json_object_set(o, "findings", r->findings);
	json_object_set_new(o, "transactions", json_integer((json_int_t)c->transactions));
	json_object_set_new(o, "issued", json_integer((json_int_t)c->issued));
	json_object_set_new(o, "running", json_integer((json_int_t)c->running));
	json_object_set_new(o, "challenges", json_integer((json_int_t)c->challenges));
	json_object_set_new(o, "certificates", json_integer((json_int_t)c->certificates));
	json_object_set_new(o, "revoked", json_integer((json_int_t)c->revoked));
	json_object_set_new(o, "intents", json_integer((json_int_t)c->intents));
	json_object_set_new(o, "audit_rows", json_integer((json_int_t)c->audit_rows));
	cli_json_print(o);
	json_decref(o);
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
	struct report r = {cli_get(a, "json") != NULL, json_array()};
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
	int code = EXIT_OK;
	if (rc != SG_OK) {
		code = cli_fail(a, &err);
	} else {
		print_counts(&r, &counts);
		code = counts.findings == 0 ? EXIT_OK : EXIT_FAILED;
	}
	json_decref(r.findings);
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
