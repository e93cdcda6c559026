/* SPDX-License-Identifier: Apache-2.0 */

/*
 * getcacert.c - signet getcacert: the certificates of a SCEP server, which nothing authenticates
 * yet
 */

#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/client.h"
#include "cli/client_options.h"
#include "cli/client_show.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "enroll/exchange.h"
#include "enroll/files.h"
#include "scep/ra.h"
#include "scep/reply.h"
#include "x509/name.h"

static const char *
role_of(const struct sg_cert *cert)
{
	if (!sg_scep_is_ca(cert))
		return "RA";
	return sg_name_equal(cert->issuer, cert->subject) ? "root CA" : "CA";
}

static void
show(const struct sg_enroll *c, size_t ra, bool has_ra)
{
	for (size_t n = 0; n < c->trust.n; n++) {
		const struct sg_cert *cert = &c->trust.item[n].cert;
		printf("%s%s\n", role_of(cert),
		    has_ra && n == ra ? " (requests are encrypted to it)" : "");
		cli_client_cert_print(cert);
	}
}

static int
show_json(struct cli_client *client, size_t ra, bool has_ra)
{
	const struct sg_enroll *c = client->session;
	struct sg_api_server_certificate *item = sg_json_doc_take(
	    &client->doc, c->trust.n * sizeof *item);

	for (size_t n = 0; item != NULL && n < c->trust.n; n++) {
		const struct sg_cert *cert = &c->trust.item[n].cert;
		struct sg_api_client_certificate shown = cli_client_cert(cert, &client->doc);
		item[n] = (struct sg_api_server_certificate){
		    CLI_CLIENT_CERT_INIT(shown),
		    .role = sg_scep_is_ca(cert) ? SG_API_SERVER_CA : SG_API_SERVER_RA,
		    .recipient = has_ra && n == ra,
		};
	}
	struct sg_api_server_certificates answer = {
	    .url = sg_slice_str(c->options.url),
	    .certificates = {item, item == NULL ? 0 : c->trust.n},
	    .warnings = cli_client_warnings(client),
	};
	return cli_json_put(&sg_api_server_certificates_schema, &answer, &client->doc);
}

static enum sg_code
fetch(const struct cli_args *a, struct sg_enroll *c, size_t *ret_ra, bool *ret_has_ra,
    struct sg_err *err)
{
	struct sg_slice certs[SG_ENROLL_CERTS_MAX];
	const char *out = cli_get(a, "out");
	bool replace = cli_get(a, "force") != NULL;
	enum sg_code rc = SG_OK;
	struct sg_err why;

	if (out != NULL)
		rc = sg_enroll_check_free("out", out, replace, err);
	if (rc == SG_OK)
		rc = sg_enroll_get_certs(c, err);
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < c->trust.n; n++)
		certs[n] = c->trust.item[n].cert.raw;
	/* Without one they are shown all the same. */
	*ret_has_ra = sg_scep_ra_select(certs, c->trust.n, NULL, ret_ra, &why) == SG_OK;
	if (!*ret_has_ra)
		sg_enroll_warn(&c->options.listener,
		    "requests can be encrypted to none of them: %s", why.text);
	return out == NULL ? SG_OK : sg_enroll_write_certs(out, certs, c->trust.n, replace, err);
}

static int
run(const struct cli_args *a)
{
	cli_client_scoped c = {0};
	struct sg_err err;
	size_t ra = 0;
	bool has_ra = false;

	if (cli_client_open(a, &c, &err) != SG_OK)
		return cli_fail(a, &err);
	if (fetch(a, c.session, &ra, &has_ra, &err) != SG_OK)
		return cli_client_fail(&c, &err);
	if (cli_get(a, "json") != NULL)
		return show_json(&c, ra, has_ra);
	show(c.session, ra, has_ra);
	return EXIT_OK;
}

static const struct cli_option options[] = {{"out", 'o', "FILE", "PEM: write the certificates"},
    {"force", 0, NULL, "overwrite --out"}, CLI_CLIENT_OPTIONS_NET, CLI_OPTION_JSON, CLI_OPTION_END};

const struct cli_command cli_getcacert = {
    .name = "getcacert",
    .args = "URL",
    .pos_min = 1,
    .pos_max = 1,
    .summary = "fetch a SCEP server's CA and RA certificates",
    .text =
	"Nothing authenticates what is shown: compare the SHA-256 of the CA with what its\n"
	"administrator says, then give it to signet enroll as --ca-fingerprint. The one that is\n"
	"marked is what signet enroll encrypts to when it trusts all of them.",
    .options = options,
    .run = run,
};
