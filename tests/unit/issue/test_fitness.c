/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include <stdio.h>

#include "crypto/sign.h"
#include "issue/fitness.h"
#include "issue/fitness_chain.h"
#include "lib/alloc_fail.h"
#include "x509/signed.h"

/* A certificate to be made; the zero value of each is the good one. */
struct want {
	const char *subject, *issuer;  /* NULL: "CN=Test CA, O=Test", "CN=Root, O=Test" */
	const struct sg_key *key, *by; /* NULL: ca_ec, ca_rsa */
	int64_t not_before, not_after; /* 0: around NOW */
	bool leaf, no_basic, sha1;
	int path_len;	    /* 0: none; n: n - 1 */
	uint32_t key_usage; /* 0: keyCertSign and cRLSign; NO_USAGE: none */
	struct sg_slice eku, eku2;
	struct sg_slice ski, aki;
	const char *permitted;	  /* of directory names */
	struct sg_slice subtrees; /* more of them */
	bool loose;		  /* they are not critical */
	struct sg_slice critical; /* an extension that nobody knows */
};

#define NO_USAGE UINT32_MAX

struct made {
	struct sg_buf der;
	struct sg_cert cert;
};

static void
put_ext(struct sg_buf *b, struct sg_slice oid, bool critical, struct sg_slice value)
{
	size_t ext = sg_derw_begin(b, SG_DER_SEQUENCE);

	sg_derw_oid(b, oid);
	if (critical)
		sg_derw_bool(b, true);
	sg_derw_tlv(b, SG_DER_OCTET_STRING, value);
	sg_derw_end(b, ext);
}

static void
put_more(struct sg_buf *b, const struct want *w)
{
	sg_buf_scoped name = {0}, value = {0};

	if (w->permitted != NULL) {
		put_name(&name, w->permitted);
		size_t seq = sg_derw_begin(&value, SG_DER_SEQUENCE);
		size_t list = sg_derw_begin(&value, SG_DER_CTX_CONS(0));
		size_t subtree = sg_derw_begin(&value, SG_DER_SEQUENCE);
		sg_derw_tlv(&value, SG_DER_CTX_CONS(4), sg_buf_slice(&name));
		sg_derw_end(&value, subtree);
		sg_buf_put_slice(&value, w->subtrees);
		sg_derw_end(&value, list);
		sg_derw_end(&value, seq);
		put_ext(b, SG_OID(name_constraints), !w->loose, sg_buf_slice(&value));
	}
	if (w->critical.len > 0)
		put_ext(b, w->critical, true, sg_slice("\x05\x00", 2));
}

/* The same TBSCertificate with more extensions, or without the first, basicConstraints. */
static void
change_exts(const struct want *w, struct sg_slice tbs, struct sg_buf *out)
{
	struct sg_der d = sg_der_init(tbs, NULL);
	struct sg_der seq = sg_der_enter(&d, SG_DER_SEQUENCE, "tbs");
	size_t whole = sg_derw_begin(out, SG_DER_SEQUENCE);

	while (sg_der_peek(&seq) != SG_DER_CTX_CONS(3))
		sg_buf_put_slice(out, sg_der_any(&seq, "field").raw);
	struct sg_der outer = sg_der_enter(&seq, SG_DER_CTX_CONS(3), "extensions");
	struct sg_der exts = sg_der_enter(&outer, SG_DER_SEQUENCE, "Extensions");
	size_t o = sg_derw_begin(out, SG_DER_CTX_CONS(3));
	size_t list = sg_derw_begin(out, SG_DER_SEQUENCE);
	struct sg_slice basic = sg_der_any(&exts, "basicConstraints").raw;
	if (!w->no_basic)
		sg_buf_put_slice(out, basic);
	while (sg_der_more(&exts))
		sg_buf_put_slice(out, sg_der_any(&exts, "extension").raw);
	put_more(out, w);
	sg_derw_end(out, list);
	sg_derw_end(out, o);
	sg_derw_end(out, whole);
	assert_ok(sg_der_status(&d));
}

static void
make(struct made *m, struct want w)
{
	sg_buf_scoped subject = {0}, issuer = {0}, spki = {0}, plain = {0}, tbs = {0}, sig = {0};
	const struct sg_key *by = w.by == NULL ? ca_rsa : w.by;

	*m = (struct made){.der = {.len = 0}};
	put_name(&subject, w.subject == NULL ? "CN=Test CA, O=Test" : w.subject);
	put_name(&issuer, w.issuer == NULL ? "CN=Root, O=Test" : w.issuer);
	assert_ok(sg_key_put_spki(w.key == NULL ? ca_ec : w.key, &spki, NULL));
	struct sg_cert_facts f = {
	    .serial = sg_slice("\x01", 1),
	    .sigalg = sg_key_sigalg(by, w.sha1 ? SG_HASH_SHA1 : SG_HASH_SHA256),
	    .issuer = sg_buf_slice(&issuer),
	    .subject = sg_buf_slice(&subject),
	    .spki = sg_buf_slice(&spki),
	    .not_before = w.not_before == 0 ? NOW - DAY : w.not_before,
	    .not_after = w.not_after == 0 ? NOW + 3650 * DAY : w.not_after,
	    .ca = !w.leaf,
	    .path_len = w.path_len - 1,
	    .key_usage = w.key_usage == NO_USAGE ? 0
			 : w.key_usage == 0	 ? SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN
						 : w.key_usage,
	    .ski = w.ski,
	    .aki = w.aki,
	};
	if (w.eku.len > 0)
		f.eku[f.eku_n++] = w.eku;
	if (w.eku2.len > 0)
		f.eku[f.eku_n++] = w.eku2;
	sg_cert_put_tbs(&plain, &f);
	change_exts(&w, sg_buf_slice(&plain), &tbs);
	if (w.sha1) /* nobody here signs with it */
		sg_buf_puts(&sig, "sig");
	else
		assert_ok(sg_sign_tbs(by, f.sigalg, sg_buf_slice(&tbs), &sig, NULL));
	sg_signed_put(&m->der, sg_buf_slice(&tbs), f.sigalg, sg_buf_slice(&sig));
	assert_ok(sg_cert_parse(sg_buf_slice(&m->der), &m->cert, NULL));
}

static struct want
root(void)
{
	return (struct want){.subject = "CN=Root, O=Test", .key = ca_rsa};
}

/* ---- what is said ---- */

static char said[4096];
static size_t fatal_n;

static void
hear(void *arg, bool fatal, const char *option, const struct sg_err *err)
{
	size_t len = strlen(said);

	(void)arg;
	assert_true(strlen(err->text) > 10 && strchr(err->text, '\n') == NULL);
	snprintf(said + len, sizeof said - len, "%s%s %s", len > 0 ? "; " : "", option,
	    err->rule + strlen("fitness."));
	fatal_n += fatal;
}

static struct sg_template tmpl;
static const struct sg_template *const tmpls[] = {&tmpl};

static struct sg_fitness
fitness(const struct sg_cert *ca)
{
	tmpl = client_template();
	said[0] = '\0';
	fatal_n = 0;
	return (struct sg_fitness){
	    .now = NOW, .ca = ca, .template_n = 1, .tmpl = tmpls, .tell = hear};
}

static void
assert_ca(struct want w, const char *words)
{
	struct made m;

	make(&m, w);
	struct sg_fitness f = fitness(&m.cert);
	assert_ok(sg_fitness_ca(&f, NULL));
	assert_string_equal(said, words);
	assert_int_equal(fatal_n, 0);
	sg_buf_clear(&m.der);
}

static void
ca__one_thing_odd__said(void **state)
{
	static const uint8_t odd[] = {0x2a, 0x03, 0x04};
	const char *nothing = "";

	(void)state;
	assert_ca((struct want){.issuer = NULL}, nothing);
	assert_ca((struct want){.key_usage = NO_USAGE}, nothing);
	assert_ca((struct want){.path_len = 1}, nothing);
	assert_ca((struct want){.key_usage = SG_KU_KEY_CERT_SIGN}, "ca.certificate crl-sign");
	assert_ca((struct want){.eku = SG_OID(eku_server_auth)}, "ca.certificate eku");
	assert_ca((struct want){.eku = SG_OID(eku_any)}, "ca.certificate eku");
	assert_ca((struct want){.eku = SG_OID(eku_client_auth)}, nothing);
	assert_ca((struct want){.eku = SG_OID(eku_any), .eku2 = SG_OID(eku_client_auth)}, nothing);
	assert_ca((struct want){.not_after = NOW}, "ca.certificate dates");
	assert_ca((struct want){.not_before = NOW + 1}, "ca.certificate dates");
	assert_ca((struct want){.not_before = NOW}, nothing);
	assert_ca((struct want){.not_after = NOW + 365 * DAY}, nothing);
	assert_ca((struct want){.not_after = NOW + 365 * DAY - 1}, "ca.certificate short");
	assert_ca((struct want){.sha1 = true}, "ca.certificate signature");
	assert_ca((struct want){.sha1 = true, .subject = "CN=Root, O=Test"}, nothing);
	assert_ca((struct want){.critical = sg_slice(odd, 3)}, "ca.certificate critical");
}

/* Names that are known before, and those that are not. */
static void
ca__name_constraints__names_outside_are_said(void **state)
{
	sg_buf_scoped in = {0}, out = {0};
	struct made m;

	(void)state;
	put_name(&in, "O=Test, CN=x");
	put_name(&out, "CN=x, O=Test");
	make(&m, (struct want){.permitted = "O=Test"});
	struct sg_fitness_name names[] = {
	    {.option = "endpoints.a.subjects[0]", .san = {SG_SAN_DIRNAME, sg_buf_slice(&in)}},
	    {.option = "endpoints.a.sans[0]", .san = {SG_SAN_DNS, sg_slice("a.example", 9)}},
	    {.option = "endpoints.b.subjects[0]", .san = {SG_SAN_DIRNAME, sg_buf_slice(&out)}}};
	struct sg_fitness f = fitness(&m.cert);
	f.name = names;
	f.name_n = 2;
	assert_ok(sg_fitness_ca(&f, NULL));
	assert_string_equal(said, "");
	f.name_n = 3;
	assert_ok(sg_fitness_ca(&f, NULL));
	assert_string_equal(said, "ca.certificate names");
	f = fitness(&m.cert);
	f.open = SG_SAN_BIT(SG_SAN_DNS);
	assert_ok(sg_fitness_ca(&f, NULL));
	assert_string_equal(said, "");
	f.open |= SG_SAN_BIT(SG_SAN_DIRNAME);
	assert_ok(sg_fitness_ca(&f, NULL));
	assert_string_equal(said, "ca.certificate names");
	sg_buf_clear(&m.der);
}

/* ---- the chain ---- */

#define CHAIN_MAX 4

static void
assert_chain(struct want ca, size_t n, const struct want *chain, size_t fatal, const char *words)
{
	struct made below, above[CHAIN_MAX];
	struct sg_cert certs[CHAIN_MAX];

	make(&below, ca);
	for (size_t i = 0; i < n; i++) {
		make(&above[i], chain[i]);
		certs[i] = above[i].cert;
	}
	struct sg_fitness f = fitness(&below.cert);
	f.chain = certs;
	f.chain_n = n;
	assert_ok(sg_fitness_chain(&f, NULL));
	assert_string_equal(said, words);
	assert_int_equal(fatal_n, fatal);
	sg_buf_clear(&below.der);
	for (size_t i = 0; i < n; i++)
		sg_buf_clear(&above[i].der);
}

/* A root with things changed above the usual CA. */
static void
assert_root(struct want top, size_t fatal, const char *words)
{
	if (top.subject == NULL)
		top.subject = "CN=Root, O=Test";
	if (top.key == NULL)
		top.key = ca_rsa;
	assert_chain((struct want){.issuer = NULL}, 1, &top, fatal, words);
}

static void
chain__root_with_one_thing_odd__said(void **state)
{
	(void)state;
	assert_root((struct want){.issuer = NULL}, 0, "");
	assert_root((struct want){.path_len = 2}, 0, "");
	assert_root((struct want){.path_len = 1}, 1, "ca.chain[0] path-len");
	assert_root((struct want){.leaf = true}, 1, "ca.chain[0] not-ca");
	assert_root((struct want){.key_usage = SG_KU_CRL_SIGN}, 1, "ca.chain[0] not-ca");
	assert_root((struct want){.key_usage = NO_USAGE}, 0, "");
	assert_root((struct want){.no_basic = true}, 0, ""); /* a root is trusted by its key */
	assert_root((struct want){.sha1 = true}, 0, "");
	assert_root((struct want){.not_after = NOW}, 0, "ca.chain[0] dates");
	assert_root((struct want){.eku = SG_OID(eku_server_auth)}, 0, "ca.chain[0] eku");
	assert_root((struct want){.permitted = "CN=Test CA"}, 0, "");
	assert_root((struct want){.permitted = "O=Other"}, 1, "ca.chain[0] ca-name");
	assert_root((struct want){.key = dev_rsa}, 0, "ca.chain[0] chain");
	assert_root((struct want){.subject = "CN=Other"}, 0, "ca.chain[0] chain");
}

static void
chain__several__order_and_what_is_not_of_it_are_said(void **state)
{
	const struct want issuing = {.issuer = "CN=Mid", .by = dev_ec};
	const struct want mid = {.subject = "CN=Mid", .key = dev_ec};
	const struct want top = root();
	struct want mid0 = mid, top1 = top, mid_no_basic = mid, top0 = top, short_mid = mid;

	(void)state;
	assert_chain(issuing, 2, (const struct want[]){mid, top}, 0, "");
	assert_chain(issuing, 1, (const struct want[]){mid}, 0, ""); /* devices have the root */
	assert_chain(issuing, 0, NULL, 0, "");
	assert_chain(issuing, 2, (const struct want[]){top, mid}, 0, "ca.chain[1] chain");
	assert_chain(issuing, 1, (const struct want[]){top}, 0, "ca.chain[0] chain");
	assert_chain(issuing, 3, (const struct want[]){issuing, mid, top}, 0,
	    "ca.chain[1] chain; ca.chain[0] chain");
	assert_chain(issuing, 3, (const struct want[]){mid, top, mid}, 0, "ca.chain[2] chain");
	assert_chain(issuing, 3, (const struct want[]){mid, top, {.subject = "CN=Other"}}, 0,
	    "ca.chain[2] chain");
	mid0.path_len = 1;
	top1.path_len = 2;
	top0.path_len = 3;
	assert_chain(issuing, 2, (const struct want[]){mid0, top0}, 1, "ca.chain[0] path-len");
	assert_chain(issuing, 2, (const struct want[]){mid, top1}, 1, "ca.chain[1] path-len");
	assert_chain(issuing, 2, (const struct want[]){mid, top0}, 0, "");
	mid_no_basic.no_basic = true;
	assert_chain(issuing, 2, (const struct want[]){mid_no_basic, top}, 0, "ca.chain[0] not-ca");
	short_mid.sha1 = true;
	assert_chain(issuing, 2, (const struct want[]){short_mid, top}, 0,
	    "ca.chain[0] signature; ca.chain[1] chain");
}

/* A key that has a new certificate under its own name counts for no path length. */
static void
chain__self_issued__not_counted(void **state)
{
	const struct want issuing = {.issuer = "CN=Test CA, O=Test", .by = dev_ec};
	const struct want old = {.key = dev_ec, .path_len = 1};
	struct want top = root();

	(void)state;
	top.path_len = 2;
	assert_chain(issuing, 2, (const struct want[]){old, top}, 0, "");
	top.path_len = 1;
	assert_chain(issuing, 2, (const struct want[]){old, top}, 1, "ca.chain[1] path-len");
}

static void
chain__key_identifiers_differ__said(void **state)
{
	struct want top = root();

	(void)state;
	top.ski = sg_slice("abc", 3);
	assert_chain((struct want){.aki = sg_slice("abc", 3)}, 1, &top, 0, "");
	assert_chain((struct want){.aki = sg_slice("abd", 3)}, 1, &top, 0, "ca.chain[0] chain");
}

/* ---- the RA ---- */

static void
assert_ra(struct want ra, const char *words)
{
	struct made ca, m;

	make(&ca, (struct want){.issuer = "CN=Test CA, O=Test", .by = ca_ec});
	make(&m, ra);
	struct sg_fitness f = fitness(&ca.cert);
	f.ra = &m.cert;
	assert_ok(sg_fitness_ra(&f, NULL));
	assert_string_equal(said, words);
	assert_int_equal(fatal_n, 0);
	sg_buf_clear(&ca.der);
	sg_buf_clear(&m.der);
}

#define RA                                                                                         \
	((struct want){.subject = "CN=RA",                                                         \
	    .issuer = "CN=Test CA, O=Test",                                                        \
	    .by = ca_ec,                                                                           \
	    .key = dev_rsa,                                                                        \
	    .leaf = true,                                                                          \
	    .key_usage = SG_KU_DIGITAL_SIGNATURE | SG_KU_KEY_ENCIPHERMENT})

static void
ra__one_thing_odd__said(void **state)
{
	struct want usage = RA, by = usage, named = usage, key = usage, old = usage;

	(void)state;
	assert_ra(usage, "");
	usage.key_usage = SG_KU_DIGITAL_SIGNATURE;
	assert_ra(usage, "ra.certificate ra");
	usage.key_usage = SG_KU_KEY_ENCIPHERMENT;
	assert_ra(usage, "ra.certificate ra");
	usage.key_usage = NO_USAGE;
	assert_ra(usage, "");
	by.by = ca_rsa;
	assert_ra(by, "ra.certificate ra");
	named.issuer = "CN=Other";
	assert_ra(named, "ra.certificate ra");
	key.key = ca_ec;
	assert_ra(key, "ra.certificate ra-key");
	old.not_after = NOW;
	assert_ra(old, "ra.certificate dates");
}

/* Nothing is left behind, and no verdict is worse than without memory it has to be. */
static void
all__nth_allocation_fails__nomem_or_whole(void **state)
{
	struct made ca, top, ra;
	const struct sg_fitness_name name = {"endpoints.a.sans[0]", {0}, false};
	size_t nomem = 0;

	(void)state;
	make(&ca, (struct want){.eku = SG_OID(eku_server_auth), .permitted = "O=Other"});
	make(&top, root());
	make(&ra, RA);
	for (unsigned long n = 1; n < 300; n++) {
		struct sg_fitness f = fitness(&ca.cert);
		f.ra = &ra.cert;
		f.chain = &top.cert;
		f.chain_n = 1;
		f.name = &name;
		f.name_n = 1;
		f.open = SG_SAN_BIT(SG_SAN_DIRNAME);
		alloc_fail_at(n);
		enum sg_code rc = sg_fitness_ca(&f, NULL);
		if (rc == SG_OK)
			rc = sg_fitness_chain(&f, NULL);
		if (rc == SG_OK)
			rc = sg_fitness_ra(&f, NULL);
		alloc_fail_at(0);
		assert_true(rc == SG_OK || rc == SG_E_NOMEM);
		assert_int_equal(fatal_n, 0);
		nomem += rc == SG_E_NOMEM;
	}
	assert_true(nomem > 3 && nomem < 290);
	sg_buf_clear(&ca.der);
	sg_buf_clear(&top.der);
	sg_buf_clear(&ra.der);
}

/* An otherName, and addresses of e-mail below a domain. */
static const char other_and_email[] = "\x30\x06\xa0\x04\x06\x02\x2a\x03"
				      "\x30\x0a\x81\x08.example";

static void
names__excluded_by_critical_constraints__refused(void **state)
{
	static const struct {
		const char *subject, *san;
		enum sg_san_type type;
		bool loose, refused;
	} rows[] = {
	    {"O=Test, CN=x", NULL, 0, false, false},
	    {"CN=x, O=Test", NULL, 0, false, true},
	    {"CN=x, O=Test", NULL, 0, true, false},
	    {"", "a@b.example", SG_SAN_EMAIL, false, false},
	    {"", "a@b.test", SG_SAN_EMAIL, false, true},
	    {"", "a@b.test", SG_SAN_EMAIL, true, false},
	    {"O=Test, CN=x", "b.test", SG_SAN_DNS, false, false},
	    /* Verifiers do not agree about these. */
	    {"O=Test, CN=x", "a@b.test", SG_SAN_UPN, false, false},
	    {"O=Test, E=a@b.test", "b.test", SG_SAN_DNS, false, false},
	    {"O=Test, E=a@b.test", NULL, 0, false, true},
	    {"O=Test, E=a@b.example", NULL, 0, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct made ca;
		sg_buf_scoped subject = {0};
		struct sg_sans sans = {.n = rows[i].san != NULL};
		struct sg_err e = {.text = ""};

		make(&ca, (struct want){.permitted = "O=Test",
			      .loose = rows[i].loose,
			      .subtrees = sg_slice(other_and_email, sizeof other_and_email - 1)});
		put_name(&subject, rows[i].subject);
		if (sans.n > 0)
			sans.item[0] = (struct sg_san){rows[i].type, sg_slice_str(rows[i].san)};
		enum sg_code rc = sg_fitness_names(&ca.cert, sg_buf_slice(&subject), &sans, &e);
		if (rc != (rows[i].refused ? SG_E_USAGE : SG_OK))
			fail_msg("row %zu: %d %s", i, (int)rc, e.text);
		if (rows[i].refused) {
			assert_string_equal(e.rule, "fitness.excluded");
			assert_non_null(
			    strstr(e.text, "only subject:O=Test, othername, email:.example"));
		}
		sg_buf_clear(&ca.der);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names__excluded_by_critical_constraints__refused),
	    cmocka_unit_test(ca__one_thing_odd__said),
	    cmocka_unit_test(ca__name_constraints__names_outside_are_said),
	    cmocka_unit_test(chain__root_with_one_thing_odd__said),
	    cmocka_unit_test(chain__several__order_and_what_is_not_of_it_are_said),
	    cmocka_unit_test(chain__self_issued__not_counted),
	    cmocka_unit_test(chain__key_identifiers_differ__said),
	    cmocka_unit_test(ra__one_thing_odd__said),
	    cmocka_unit_test(all__nth_allocation_fails__nomem_or_whole),
	};

	return cmocka_run_group_tests(tests, setup_keys, teardown_keys);
}
