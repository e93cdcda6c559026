/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ca.c - signet ca list, show, revoke, release, crl, import
 */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "asn1/der.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/conf.h"
#include "cli/json.h"
#include "cli/text.h"
#include "base/file.h"

static json_t *
question(const char *verb)
{
	json_t *ask = json_object();
	json_object_set_new(ask, "verb", json_string(verb));
	return ask;
}

static void
set_text(json_t *ask, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(ask, name, json_string(value));
}

/* ---- list ---- */

static void
print_rows(const json_t *rows)
{
	size_t n;
	const json_t *row;

	printf("%-40s  %-9s  %-20s  %s\n", "SERIAL", "STATE", "EXPIRES", "SUBJECT");
	json_array_foreach((json_t *)(uintptr_t)rows, n, row) printf("%-40s  %-9s  %-20s  %s\n",
	    cli_json_show(row, "serial"), cli_json_show(row, "state"),
	    cli_time(cli_json_int(row, "not_after")), cli_json_show(row, "subject"));
}

static int
list(const struct cli_args *a)
{
	json_t *ask = question("list"), *answer = NULL;
	int64_t limit = cli_get_number(a, "limit", 1000, 100);
	int64_t within = cli_get_duration(a, "expires-within", 0);

	set_text(ask, "subject", cli_get(a, "subject"));
	set_text(ask, "state", cli_get(a, "state"));
	set_text(ask, "lineage", cli_get(a, "lineage"));
	json_object_set_new(ask, "limit", json_integer(limit));
	if (within > 0)
		json_object_set_new(ask, "expires_before", json_integer(sg_now() + within));
	if (limit < 0 || within < 0) {
		json_decref(ask);
		return EXIT_USAGE;
	}
	int rc = cli_ask(a, "ca", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL)
		cli_json_print(json_object_get(answer, "certificates"));
	else
		print_rows(json_object_get(answer, "certificates"));
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option list_options[] = {CLI_OPTION_CONF,
    {"subject", 's', "TEXT", "only those whose subject has this in it"},
    {"state", 0, "STATE", "good, revoked, hold, intent or failed"},
    {"lineage", 0, "SERIAL", "only those that come from the same enrolment as this one"},
    {"expires-within", 0, "TIME", "only those that end within this time (30d)"},
    {"limit", 'n', "N", "at most so many, newest first (default: 100, at most 1000)"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_list = {
    .name = "ca list",
    .args = "",
    .summary = "list certificates, newest first",
    .options = list_options,
    .run = list,
};

/* ---- show ---- */

/* What a member of a lineage is to the certificate that is shown. */
static const char *
relation(const json_t *row, const json_t *member)
{
	const char *serial = cli_json_text(member, "serial");

	if (strcmp(serial, cli_json_text(row, "serial")) == 0)
		return "this one";
	if (strcmp(serial, cli_json_text(row, "renews")) == 0)
		return "renewed by it";
	if (strcmp(cli_json_text(member, "renews"), cli_json_text(row, "serial")) == 0)
		return "renews it";
	return "";
}

static void
print_lineage(const json_t *row)
{
	json_t *lineage = json_object_get(row, "lineage");
	json_t *member, *members = json_object_get(lineage, "members");
	long long size = (long long)cli_json_int(lineage, "size");
	long long more = (long long)cli_json_int(lineage, "more");
	size_t n;

	if (lineage == NULL)
		return;
	if (size <= 1) {
		printf("lineage     this one alone\n");
		return;
	}
	printf("lineage     %lld certificates, %lld live, begins with %s\n", size,
	    (long long)cli_json_int(lineage, "live"), cli_json_show(lineage, "first"));
	json_array_foreach(members, n, member) printf("  %-40s  %-9s  %-20s  %s\n",
	    cli_json_show(member, "serial"), cli_json_show(member, "state"),
	    cli_time(cli_json_int(member, "not_after")), relation(row, member));
	if (more > 0)
		printf("  and %lld older (signet ca list --lineage %s)\n", more,
		    cli_json_show(row, "serial"));
}

static void
print_certificate(const json_t *row)
{
	sg_buf_scoped der = {0}, pem = {0};

	printf("subject     %s\n", cli_json_show(row, "subject"));
	printf("serial      %s\n", cli_json_show(row, "serial"));
	printf("state       %s\n", cli_json_show(row, "state"));
	if (cli_json_int(row, "revoked_at") != 0)
		printf("revoked     %s, %s\n", cli_time(cli_json_int(row, "revoked_at")),
		    cli_json_show(row, "reason"));
	printf("valid       %s to %s\n", cli_time(cli_json_int(row, "not_before")),
	    cli_time(cli_json_int(row, "not_after")));
	printf("endpoint    %s, template %s\n", cli_json_show(row, "endpoint"),
	    cli_json_show(row, "template"));
	if (cli_json_text(row, "renews")[0] != '\0')
		printf("renews      %s\n", cli_json_show(row, "renews"));
	printf("trace       %s\n", cli_json_show(row, "trace"));
	print_lineage(row);
	if (sg_unhex(sg_slice_str(cli_json_text(row, "der")), &der, NULL) == SG_OK && der.len > 0) {
		sg_pem(&pem, "CERTIFICATE", sg_buf_slice(&der));
		fputs(sg_buf_text(&pem), stdout);
	}
}

static int
show(const struct cli_args *a)
{
	json_t *ask = question("show"), *answer = NULL;

	set_text(ask, "serial", a->pos[0]);
	int rc = cli_ask(a, "ca", ask, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL)
		cli_json_print(json_object_get(answer, "certificate"));
	else
		print_certificate(json_object_get(answer, "certificate"));
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option show_options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_show = {
    .name = "ca show",
    .args = "SERIAL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "show one certificate, its state, its lineage and its PEM",
    .text =
	"The lineage is all that comes from the same enrolment by renewals: the newest 20, with\n"
	"state and end; signet ca list --lineage SERIAL shows all.",
    .options = show_options,
    .run = show,
};

/* ---- revoke, release, crl ---- */

/* What was done to a lineage, and to which. */
static void
print_revoked(const json_t *answer)
{
	const json_t *serials = json_object_get(answer, "revoked");
	long long n = (long long)cli_json_int(answer, "revoked_count");
	long long size = (long long)cli_json_int(answer, "size");
	long long ended = (long long)cli_json_int(answer, "ended");

	printf("revoked %lld of the %lld certificates of the lineage", n, size);
	if (ended > 0)
		printf(", of which %lld had ended", ended);
	if (size > n)
		printf(", %lld %s revoked or on hold before", size - n,
		    size - n == 1 ? "was" : "were");
	printf("; CRL number %lld is published\n", (long long)cli_json_int(answer, "crl_number"));
	for (size_t i = 0; i < json_array_size(serials); i++) {
		const char *serial = json_string_value(json_array_get(serials, i));
		if (serial != NULL)
			printf("  %s\n", cli_show(serial));
	}
	if (n > (long long)json_array_size(serials))
		printf("  and %lld more\n", n - (long long)json_array_size(serials));
}

/* A stolen key may have renewed, and what it got is good. */
static void
print_rest(const struct cli_args *a, const json_t *answer)
{
	long long good = (long long)cli_json_int(answer, "lineage_good");
	const char *reason = cli_get(a, "reason");

	if (good <= 0 || (reason != NULL && (strcmp(reason, "superseded") == 0 ||
						strcmp(reason, "certificateHold") == 0)))
		return;
	printf("%lld more certificate%s of its lineage %s good: signet ca revoke %s --lineage%s%s "
	       "revokes %s\n",
	    good, good == 1 ? "" : "s", good == 1 ? "is" : "are", cli_show(a->pos[0]),
	    reason != NULL ? " --reason " : "", reason != NULL ? cli_show(reason) : "",
	    good == 1 ? "it" : "them");
}

static int
act(const struct cli_args *a, json_t *ask, const char *done)
{
	json_t *answer = NULL;
	int rc = cli_ask(a, "ca", ask, &answer);

	if (rc != EXIT_OK)
		return rc;
	if (cli_get(a, "json") != NULL) {
		cli_json_print(answer);
	} else if (json_object_get(answer, "revoked") != NULL) {
		print_revoked(answer);
	} else {
		printf("%s; CRL number %lld is published\n", done,
		    (long long)cli_json_int(answer, "crl_number"));
		print_rest(a, answer);
	}
	json_decref(answer);
	return EXIT_OK;
}

static int
revoke(const struct cli_args *a)
{
	json_t *ask = question("revoke");
	set_text(ask, "serial", a->pos[0]);
	set_text(ask, "reason", cli_get(a, "reason"));
	if (cli_get(a, "lineage") != NULL)
		json_object_set_new(ask, "lineage", json_true());
	return act(a, ask, "revoked");
}

static const struct cli_option revoke_options[] = {CLI_OPTION_CONF,
    {"reason", 'r', "WORD",
	"keyCompromise, superseded, cessationOfOperation, certificateHold, ... (RFC 5280)"},
    {"lineage", 'l', NULL, "all that come from the same enrolment, by this and other renewals"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_revoke = {
    .name = "ca revoke",
    .args = "SERIAL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "revoke a certificate and publish a new CRL",
    .text = "A revoked certificate stays revoked; only certificateHold can be released.\n"
	    "Certificates that were renewed from it stay good: with --lineage all of them are\n"
	    "revoked at once, those before it and those that have ended as well, and no renewal\n"
	    "gives another. What was revoked before keeps its date and reason.",
    .options = revoke_options,
    .run = revoke,
};

static int
release(const struct cli_args *a)
{
	json_t *ask = question("release");
	set_text(ask, "serial", a->pos[0]);
	return act(a, ask, "released from hold");
}

const struct cli_command cli_ca_release = {
    .name = "ca release",
    .args = "SERIAL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "release a certificate from hold and publish a new CRL",
    .options = show_options,
    .run = release,
};

/* DER, or PEM as openssl writes it, with its text before it or without. */
static enum sg_code
read_list(const char *file, struct sg_buf *der, struct sg_err *err)
{
	sg_buf_scoped text = {.max = SG_CRL_MAX};
	size_t pos = 0;

	enum sg_code rc = sg_file_read(file, &text, err);
	if (rc != SG_OK)
		return rc;
	if (text.len > 0 && text.p[0] != SG_DER_SEQUENCE)
		return sg_pem_next(sg_buf_slice(&text), "X509 CRL", &pos, der, err);
	sg_buf_put_slice(der, sg_buf_slice(&text));
	return sg_buf_check(der, err);
}

static void
print_adopted(const json_t *answer)
{
	long long number = (long long)cli_json_int(answer, "crl_number");

	printf("taken over: %lld certificates revoked, %lld entries without a certificate here, "
	       "%lld known; ",
	    (long long)cli_json_int(answer, "revoked"), (long long)cli_json_int(answer, "foreign"),
	    (long long)cli_json_int(answer, "known"));
	if (number > 0)
		printf("CRL number %lld is published\n", number);
	else
		printf("it stays the last one, as its key is gone\n");
}

/* The role ca may read beside its own list alone: the list is copied there for it. */
static int
adopt(const struct cli_args *a, const char *file)
{
	sg_buf_scoped der = {.max = SG_CRL_MAX}, to = {0};
	const char *path = cli_conf_path(a);
	json_t *answer = NULL;
	struct sg_err err;

	struct sg_conf *conf = path == NULL ? NULL : cli_conf_load(a, path);
	if (conf == NULL)
		return EXIT_USAGE;
	sg_conf_put_path(&to, path, conf->ca.crl);
	sg_conf_free(&conf);
	sg_buf_puts(&to, SG_CONF_ADOPT_SUFFIX);
	enum sg_code rc = read_list(file, &der, &err);
	if (rc == SG_OK)
		rc = sg_file_write(sg_buf_text(&to), sg_buf_slice(&der), 0644, &err);
	if (rc != SG_OK)
		return cli_fail(a, &err);
	int code = cli_ask(a, "ca", question("adopt"), &answer);
	if (code != EXIT_OK) {
		sg_ignore(remove(sg_buf_text(&to))); /* ca has, unless it does not run */
		return code;
	}
	if (cli_get(a, "json") != NULL)
		cli_json_print(answer);
	else
		print_adopted(answer);
	json_decref(answer);
	return EXIT_OK;
}

static int
crl(const struct cli_args *a)
{
	const char *file = cli_get(a, "adopt");
	bool ahead = cli_get(a, "clock-was-ahead") != NULL;

	if (file != NULL && ahead)
		return cli_usage(a,
		    "--adopt and --clock-was-ahead are two steps: give one, then the "
		    "other");
	if (file != NULL)
		return adopt(a, file);
	json_t *ask = question("crl");
	if (ahead)
		json_object_set_new(ask, "clock_was_ahead", json_true());
	return act(a, ask, "done");
}

static const struct cli_option crl_options[] = {CLI_OPTION_CONF,
    {"adopt", 'a', "FILE",
	"a published list (DER or PEM) that knows more than the database: after a backup came "
	"back"},
    {"clock-was-ahead", 0, NULL,
	"date the list by the clock as it is now, although the last one has a later date"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_crl = {
    .name = "ca crl",
    .args = "",
    .summary = "publish a new CRL now",
    .text = "A list is also published when a certificate is revoked and when half of the\n"
	    "validity of the last one is over. With earlier keys (ca.earlier) each has a list of "
	    "its own.\n"
	    "A list that is out and has what the database does not know is not replaced, because\n"
	    "that would un-revoke it: --adopt revokes here what FILE, signed by a key of this CA,\n"
	    "says is revoked, and publishes a list with a higher number.",
    .options = crl_options,
    .run = crl,
};

/* ---- import ---- */

static int
import(const struct cli_args *a)
{
	sg_buf_scoped text = {0}, der = {0}, hex = {0};
	json_t *ask = question("import"), *answer = NULL;
	const char *endpoint = cli_get(a, "endpoint");
	size_t pos = 0;
	struct sg_err err;

	enum sg_code rc = sg_file_read(a->pos[0], &text, &err);
	if (rc == SG_OK)
		rc = sg_pem_next(sg_buf_slice(&text), "CERTIFICATE", &pos, &der, &err);
	if (rc != SG_OK) {
		json_decref(ask);
		return cli_fail(a, &err);
	}
	sg_hex(&hex, sg_buf_slice(&der));
	set_text(ask, "der", sg_buf_text(&hex));
	set_text(ask, "endpoint", endpoint == NULL ? "default" : endpoint);
	int code = cli_ask(a, "ca", ask, &answer);
	if (code != EXIT_OK)
		return code;
	if (cli_get(a, "json") != NULL)
		cli_json_print(answer);
	else
		printf("recorded, serial %s\n", cli_json_show(answer, "serial"));
	json_decref(answer);
	return EXIT_OK;
}

static const struct cli_option import_options[] = {CLI_OPTION_CONF,
    {"endpoint", 'e', "NAME", "the endpoint where it may renew (default: default)"},
    CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_ca_import = {
    .name = "ca import",
    .args = "FILE",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "record a certificate that this CA's key signed elsewhere",
    .text = "For moving from another SCEP server with the same CA: devices then renew here with\n"
	    "the certificates that they have. FILE is PEM; its signature must be this CA's.",
    .options = import_options,
    .run = import,
};
