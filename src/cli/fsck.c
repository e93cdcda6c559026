/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fsck.c - signet fsck and signet status
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/json.h"
#include "cli/text.h"
#include "crypto/digest.h"
#include "store/fsck.h"
#include "x509/crl.h"
#include "x509/serial_key.h"

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
	struct sg_der d = sg_der_init(rc == SG_OK ? crl.entries : sg_slice(NULL, 0));
	while (rc == SG_OK && sg_der_more(&d)) {
		uint8_t store[SG_SERIAL_MAX + 1];
		struct sg_crl_item item;
		rc = sg_crl_next(&d, &item, err);
		if (rc == SG_OK)
			rc = visit(arg, sg_serial_key(item.serial, store), err);
	}
	return rc;
}

static int
fsck(const struct cli_args *a)
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
	struct sg_fsck_conf check = {.registrar_path = sg_buf_text(&registrar),
	    .ca_path = sg_buf_text(&ca),
	    .sha256 = sg_sha256,
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
	"Checks the invariants I1 to I7, I11 and I12: every certificate is recorded, no serial\n"
	"number twice or forgotten, one certificate for one request, no challenge used twice,\n"
	"revoked stays revoked, the audit chain holds, a renewal is in the lineage of what it\n"
	"renews, the newest revocation lists have what they must have. Prints each finding; exit\n"
	"code 1 when there is one.",
    .options = options,
    .run = fsck,
};

static void
print_lists(const json_t *lists)
{
	size_t n;
	const json_t *list;

	json_array_foreach((json_t *)(uintptr_t)lists, n, list)
	{
		long long number = (long long)cli_json_int(list, "number");
		if (number > 0)
			printf("CRL           %s: number %lld, %lld entries, until %s\n",
			    cli_json_show(list, "path"), number,
			    (long long)cli_json_int(list, "entries"),
			    cli_time(cli_json_int(list, "next_update")));
		else
			printf("CRL           %s: none was made\n", cli_json_show(list, "path"));
		if (cli_json_text(list, "problem")[0] != '\0')
			printf("              %s\n", cli_json_show(list, "problem"));
	}
}

static void
print_disk(const char *role, const json_t *answer)
{
	const json_t *disk = json_object_get(answer, "disk");
	bool full = json_is_true(json_object_get(disk, "full"));
	double mib = 1 << 20;

	if (!full)
		printf("disk          %s: has room, and %.1f MiB in reserve\n", role,
		    (double)cli_json_int(disk, "reserve_left") / mib);
	else
		printf("disk          %s: full since %s; %s; %.1f of %.1f MiB in reserve left\n",
		    role, cli_time(cli_json_int(disk, "since")),
		    strcmp(role, "ca") == 0 ? "only revocations" : "nothing is recorded",
		    (double)cli_json_int(disk, "reserve_left") / mib,
		    (double)cli_json_int(disk, "reserve") / mib);
}

static int
status(const struct cli_args *a)
{
	json_t *registrar = NULL, *ca = NULL, *ask = json_object();

	json_object_set_new(ask, "verb", json_string("status"));
	int rc = cli_ask(a, "registrar", json_incref(ask), &registrar);
	if (rc == EXIT_OK)
		rc = cli_ask(a, "ca", json_incref(ask), &ca);
	json_decref(ask);
	if (rc == EXIT_OK && cli_get(a, "json") != NULL) {
		json_t *both = json_object();
		json_object_set(both, "registrar", registrar);
		json_object_set(both, "ca", ca);
		cli_json_print(both);
		json_decref(both);
	} else if (rc == EXIT_OK) {
		printf("issuer        %s, until %s\n", cli_json_show(ca, "issuer"),
		    cli_time(cli_json_int(ca, "issuer_not_after")));
		printf("certificates  %lld good, %lld revoked, %lld on hold\n",
		    (long long)cli_json_int(ca, "good"), (long long)cli_json_int(ca, "revoked"),
		    (long long)cli_json_int(ca, "hold"));
		print_lists(json_object_get(ca, "lists"));
		if (cli_json_int(ca, "clock_behind") > 0)
			printf("clock         %lld s before the latest time that is known: it went "
			       "back\n",
			    (long long)cli_json_int(ca, "clock_behind"));
		printf("audit         %lld rows\n", (long long)cli_json_int(ca, "audit_rows"));
		print_disk("ca", ca);
		print_disk("registrar", registrar);
	}
	json_decref(registrar);
	json_decref(ca);
	return rc;
}

const struct cli_command cli_status = {
    .name = "status",
    .args = "",
    .summary = "what the running system holds",
    .options = options,
    .run = status,
};
