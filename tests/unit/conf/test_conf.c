/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_conf.c - whole configurations: what is read from a good one, and one bad vector for
 * every refusal, each a change of the good one
 */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "unit/conf/conf_test.h"

#include "conf/schema.h"
#include "lib/alloc_fail.h"
#include "unit/conf/bad_vectors.h"

static struct sg_conf_errors errs;

static void
conf_parse__all_options__values(void **state)
{
	(void)state;
	sg_scoped(conf) conf = NULL;
	assert_int_equal(sg_conf_parse(sg_slice_str(GOOD_TEXT), "x.yaml", &conf, &errs), SG_OK);
	assert_int_equal(errs.n, 0);
	assert_string_equal(conf->site, "Example");
	assert_string_equal(conf->data, ".");
	assert_int_equal(conf->users, 64100);
	assert_int_equal(conf->front.listen.n, 2);
	const struct sg_conf_listen *l = conf->front.listen.item;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
	memcpy(&in4, &l[0].addr, sizeof in4);
	memcpy(&in6, &l[1].addr, sizeof in6);
	assert_string_equal(l[0].text, "127.0.0.1:8080");
	assert_int_equal(l[0].addr_len, sizeof in4);
	assert_int_equal(l[0].port, 8080);
	assert_int_equal(in4.sin_family, AF_INET);
	assert_int_equal(ntohs(in4.sin_port), 8080);
	assert_int_equal(ntohl(in4.sin_addr.s_addr), 0x7f000001);
	assert_int_equal(in6.sin6_family, AF_INET6);
	assert_int_equal(l[1].addr_len, sizeof in6);
	assert_true(IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr));
	assert_string_equal(conf->front.access_log, "log/access.log");
	assert_string_equal(conf->ca.certificate, "ca/ca.pem");
	assert_string_equal(conf->ca.key, "ca/ca.key");
	assert_int_equal(conf->ca.chain.n, 1);
	assert_string_equal(conf->ca.chain.item[0], "ca/root.pem");
	assert_string_equal(conf->ca.crl, "pub/ca.crl");
	assert_int_equal(conf->ca.crl_validity_s, 7 * 86400);
	assert_string_equal(conf->ca.cdp_url, "http://pki.example/ca.crl");
	assert_string_equal(conf->ca.aia_url, "http://pki.example/ca.cer");
	assert_string_equal(conf->registrar.challenge_key, "keys/challenge.key");
	assert_string_equal(conf->ra.certificate, "ra/ra.pem");
	assert_string_equal(conf->ra.key, "ra/ra.key");
	assert_string_equal(conf->ra.reject_secret, "keys/unwrap.key");
}

static void
conf_parse__https__addresses_and_pairs(void **state)
{
	(void)state;
	sg_buf_scoped text = {0};
	sg_scoped(conf) conf = NULL;
	put_replaced(&text, GOOD_TEXT, LISTEN,
	    "listen-https: [127.0.0.1:443, \"[::1]:443\"]\n  tls:\n"
	    "    - certificate: tls/fullchain.pem\n      key: tls/privkey.pem\n"
	    "    - {key: /b.key, certificate: /b.pem}");
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_OK);
	assert_int_equal(conf->front.listen.n, 0);
	assert_int_equal(conf->front.listen_https.n, 2);
	assert_string_equal(conf->front.listen_https.item[1].text, "[::1]:443");
	assert_int_equal(conf->front.tls.n, 2);
	assert_string_equal(conf->front.tls.item[0].certificate, "tls/fullchain.pem");
	assert_string_equal(conf->front.tls.item[0].key, "tls/privkey.pem");
	assert_string_equal(conf->front.tls.item[1].certificate, "/b.pem");
	assert_string_equal(conf->front.tls.item[1].key, "/b.key");
	assert_int_equal(sg_conf_line(conf, "front.tls[1].key"), 9);
	assert_int_equal(sg_conf_line(conf, "front.listen-https[1]"), 5);
}

static void
conf_parse__sections__templates_and_endpoints(void **state)
{
	(void)state;
	sg_scoped(conf) conf = NULL;
	assert_int_equal(sg_conf_parse(sg_slice_str(GOOD_TEXT), "x.yaml", &conf, &errs), SG_OK);
	assert_int_equal(conf->templates.n, 1);
	const struct sg_conf_template *t = sg_conf_template0(conf, "client");
	assert_ptr_equal(t, conf->templates.item);
	assert_int_equal(t->validity_s, 365 * 86400);
	assert_int_equal(t->key_usage, 1 << 0 | 1 << 2);
	assert_int_equal(t->eku.n, 2);
	assert_string_equal(t->eku.item[0], "1.3.6.1.5.5.7.3.2");
	assert_string_equal(t->eku.item[1], "1.3.6.1.4.1.311.20.2.2");
	assert_int_equal(t->key_types, 0x1f);
	assert_int_equal(t->sans.flags, 0x3e);
	assert_int_equal(t->sans.others.n, 0);
	assert_int_equal(t->hash, SG_HASH_SHA256);
	assert_int_equal(t->name_lengths, SG_NAME_LENGTHS_X520);
	assert_int_equal(conf->endpoints.n, 2);
	const struct sg_conf_endpoint *e = sg_conf_endpoint0(conf, sg_slice_str("default"));
	assert_non_null(e);
	assert_int_equal(e->policy, SG_POLICY_ONE_TIME);
	assert_ptr_equal(e->template0, t);
	assert_int_equal(e->profile, SG_CONF_PROFILE_STANDARD);
	assert_int_equal(e->allow, SG_CONF_ALLOW_SHA1 | SG_CONF_ALLOW_DES3);
	assert_null(e->challenge_file);
	assert_true(e->renewal);
	assert_int_equal(e->renewal_grace_s, 0);
	e = sg_conf_endpoint0(conf, sg_slice_str("kiosk"));
	assert_non_null(e);
	assert_int_equal(e->policy, SG_POLICY_STATIC);
	assert_string_equal(e->challenge_file, "keys/static.challenge");
	assert_int_equal(e->subjects.n, 1);
	assert_string_equal(e->subjects.item[0], "CN=*.dev.example, O=Test");
	assert_string_equal(e->sans.item[0], "dns:*.dev.example");
	assert_null(sg_conf_endpoint0(conf, sg_slice_str("kios")));
	assert_null(sg_conf_endpoint0(conf, sg_slice_str("")));
	assert_null(sg_conf_template0(conf, "Client"));
}

static void
conf_parse__only_required__defaults(void **state)
{
	(void)state;
	sg_scoped(conf) conf = NULL;
	assert_int_equal(sg_conf_parse(sg_slice_str(SMALL_TEXT), "x.yaml", &conf, &errs), SG_OK);
	assert_string_equal(conf->site, "Signet");
	assert_string_equal(conf->data, ".");
	assert_int_equal(conf->users, 64100);
	assert_null(conf->front.access_log);
	assert_int_equal(conf->ca.chain.n, 0);
	assert_string_equal(conf->ca.crl, "pub/ca.crl");
	assert_int_equal(conf->ca.crl_validity_s, 7 * 86400);
	assert_null(conf->ca.cdp_url);
	assert_null(conf->ca.aia_url);
	const struct sg_conf_template *t = conf->templates.item;
	assert_int_equal(t->validity_s, 365 * 86400);
	assert_int_equal(t->key_usage, 1 << 0 | 1 << 2);
	assert_int_equal(t->eku.n, 1);
	assert_string_equal(t->eku.item[0], "1.3.6.1.5.5.7.3.2");
	assert_int_equal(t->key_types, 0x1f);
	assert_int_equal(t->sans.flags, 0x3e);
	assert_int_equal(t->sans.others.n, 0);
	assert_int_equal(t->hash, SG_HASH_SHA256);
	const struct sg_conf_endpoint *e = conf->endpoints.item;
	assert_int_equal(e->profile, SG_CONF_PROFILE_STANDARD);
	assert_int_equal(e->allow, 0);
	assert_int_equal(e->subjects.n, 0);
	assert_true(e->renewal);
	assert_int_equal(e->renewal_grace_s, 0);
	assert_int_equal(e->renewal_window_s, 0);
	assert_int_equal(e->renewal_successors, 8);
	assert_int_equal(e->renewals_per_day, 10);
	assert_int_equal(e->renewal_sans, 0);
}

static void
conf_parse__kinds_of_names__words_and_oids(void **state)
{
	(void)state;
	sg_buf_scoped text = {0};
	sg_scoped(conf) conf = NULL;
	put_replaced(&text, GOOD_TEXT, "    sans: [dns, email, uri, ip, upn]\n",
	    "    sans: [rid, other:1.3.6.1.5.2.2, dns, \"other:1.2.3\"]\n");
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_OK);
	const struct sg_conf_kinds *sans = &conf->templates.item[0].sans;
	assert_int_equal(sans->flags, SG_SAN_BIT(SG_SAN_RID) | SG_SAN_BIT(SG_SAN_DNS));
	assert_int_equal(sans->others.n, 2);
	assert_string_equal(sans->others.item[0], "1.3.6.1.5.2.2");
	assert_string_equal(sans->others.item[1], "1.2.3");
}

/* Forms that are unusual and right. */
static void
conf_parse__good_variants__accepted(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} variants[] = {
	    {"site: Example", "---\nsite: \"Ex\\\"ample\" # name"},
	    {"site: Example", "\xef\xbb\xbfsite: Example"},
	    {"site: Example", "site: no"},
	    {"site: Example", "site: \"null\""},
	    {"site: Example", "#\ta tab in a comment\nsite: \xc3\x84\xe2\x82\xac\xf0\x9f\x94\x91"},
	    {"users: 64100", "users: 1000"},
	    {"users: 64100", "users: 65500"},
	    {"127.0.0.1:8080,", "0.0.0.0:1, 0.0.0.0:65535,"},
	    {"    hash: sha256\n", "    hash: sha256\n    name-lengths: x520\n"},
	    {"    hash: sha256\n", "    hash: sha256\n    name-lengths: 255\n"},
	    {"    hash: sha256\n", "    sans-max: 1\n    empty-subject: true\n"},
	    {"    hash: sha256\n", "    sans-max: 100\n    empty-subject: false\n"},
	    {"    hash: sha256\n", "    foreign-eku: ignore\n"},
	    {"    hash: sha256\n", "    foreign-eku: refuse\n"},
	    {"validity: 365d", "validity: 1h"},
	    {"validity: 365d", "validity: 10y"},
	    {"crl-validity: 7d", "crl-validity: 52w"},
	    {"crl-validity: 7d", "crl-validity: 90m"},
	    {"p384]", "p384, p521]"},
	    {"ra/ra.key", "ca/ca.key"},
	    {"ra/ra.pem", "./ca//ca.pem"},
	    {"renewal-grace: 0d", "renewal-grace: 0s"},
	    {"renewal: true", "renewal: false"},
	    {"renewal-grace: 0d", "renewal-window: 365d"},
	    {"renewal-grace: 0d", "renewal-window: 0s"},
	    {"renewal-grace: 0d", "renewal-successors: 0\n    renewals-per-day: 0"},
	    {"renewal-grace: 0d", "renewal-successors: 2\n    renewals-per-day: 1"},
	    {"renewal-grace: 0d", "renewal-sans: keep"},
	    {"renewal-grace: 0d", "renewal-grace: 1d\n    renewal-successors: 1"},
	    {"    subjects: [\"CN=*.dev.example, O=Test\"]\n",
		"    subjects:\n      - CN=*.dev.example, O=Test\n      - 'O=Test, CN=kiosk-*'\n"},
	    {"eku: [clientAuth, ", "eku: [2.999.4294967295, "},
	    {"kiosk:", "Kiosk_1.a-b:"},
	    {"    sans: [\"dns:*.dev.example\"]\n", "    sans: []\n...\n"},
	};
	for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
		sg_buf_scoped text = {0};
		sg_scoped(conf) conf = NULL;
		put_replaced(&text, GOOD_TEXT, variants[i].from, variants[i].to);
		enum sg_code rc = sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs);
		if (rc != SG_OK)
			fail_msg("%s: %s", variants[i].to, errs.item[0].text);
	}
}

static void
conf_parse__crlf__accepted(void **state)
{
	(void)state;
	sg_buf_scoped text = {0};
	sg_scoped(conf) conf = NULL;
	for (const char *s = GOOD_TEXT; *s != '\0'; s++) {
		if (*s == '\n')
			sg_buf_puts(&text, "\r");
		sg_buf_put(&text, s, 1);
	}
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_OK);
	assert_int_equal(sg_conf_line(conf, "endpoints.kiosk.sans"), 42);
}

/* One vector: the rule, its line and words of its text; nothing else is complained about. */
static void
run_bad(void **state)
{
	const struct bad *bad = *state;
	sg_buf_scoped text = {0};
	struct sg_conf *conf = NULL;
	put_replaced(&text, GOOD_TEXT, bad->from, bad->to);
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_E_CONF);
	assert_null(conf);
	if (errs.n != 1) {
		sg_buf_scoped all = {0};
		sg_conf_errors_put(&errs, &all);
		fail_msg("%zu mistakes:\n%s", errs.n, sg_buf_text(&all));
	}
	assert_string_equal(errs.item[0].rule, bad->rule);
	if (strstr(errs.item[0].text, bad->text) == NULL)
		fail_msg("'%s' is not in: %s", bad->text, errs.item[0].text);
	assert_int_equal(errs.item[0].line, bad->line);
}

static void
conf_parse__every_rule__has_a_bad_vector(void **state)
{
	(void)state;
	for (const struct sg_conf_rule *r = sg_conf_rules; r->rule != NULL; r++) {
		bool seen = strcmp(r->rule, "conf.size") == 0 || strcmp(r->rule, "conf.empty") == 0;
		for (size_t i = 0; i < BAD_N; i++)
			seen = seen || strcmp(bad_vectors[i].rule, r->rule) == 0;
		if (!seen)
			fail_msg("%s", r->rule);
	}
	for (size_t i = 0; i < BAD_N; i++) {
		const struct sg_conf_rule *r = sg_conf_rules;
		while (r->rule != NULL && strcmp(r->rule, bad_vectors[i].rule) != 0)
			r++;
		assert_non_null(r->rule);
	}
}

static void
conf_parse__front__proxies_and_connections(void **state)
{
	(void)state;
	static const struct {
		const char *lines;
		size_t n;
		unsigned bits; /* of the last */
		uint64_t connections;
	} rows[] = {
	    {LISTEN, 0, 0, 64},
	    {LISTEN "\n  trusted-proxies: []\n  connections-per-address: 0", 0, 0, 0},
	    {LISTEN "\n  trusted-proxies: [10.0.0.5]\n  connections-per-address: 16384", 1, 128,
		16384},
	    {LISTEN "\n  trusted-proxies:\n    - 10.0.0.0/8\n    - 10.0.0.0/9\n    - 2001:db8::/32",
		3, 32, 64},
	    {LISTEN "\n  trusted-proxies: [\"::1\", 192.168.0.0/16]", 2, 112, 64},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped text = {0};
		sg_scoped(conf) conf = NULL;
		put_replaced(&text, GOOD_TEXT, LISTEN, rows[i].lines);
		assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_OK);
		const struct sg_conf_nets *nets = &conf->front.trusted_proxies;
		assert_int_equal(nets->n, rows[i].n);
		if (nets->n > 0)
			assert_int_equal(nets->item[nets->n - 1].bits, rows[i].bits);
		assert_int_equal(conf->front.connections_per_address, rows[i].connections);
	}
}

static void
conf_parse__required_line_removed__missing(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} rows[] = {
	    {"  certificate: ca/ca.pem\n", ""},
	    {"  key: ca/ca.key\n", ""},
	    {"registrar:\n  challenge-key: keys/challenge.key\n", "registrar: {}\n"},
	    {"registrar:\n  challenge-key: keys/challenge.key\n", ""},
	    {"  certificate: ra/ra.pem\n", ""},
	    {"  key: ra/ra.key\n", ""},
	    {"  reject-secret: keys/unwrap.key\n", ""},
	    {"    policy: one-time\n", ""},
	    {"    template: client\n", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped text = {0};
		struct sg_conf *conf = NULL;
		put_replaced(&text, GOOD_TEXT, rows[i].from, rows[i].to);
		assert_int_equal(
		    sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_E_CONF);
		assert_int_equal(errs.n, 1);
		assert_string_equal(errs.item[0].rule, "conf.missing");
	}
}

/* What runs is what is written: only what another section needs must be there. */
static void
conf_parse__sections__those_that_others_need(void **state)
{
	(void)state;
	static const char front[] = "front: {listen: [127.0.0.1:8080]}\n",
			  ca[] = "ca: {certificate: ca.pem, key: ca.key}\n",
			  registrar[] = "registrar: {challenge-key: c.key}\n",
			  ra[] = "ra: {certificate: ra.pem, key: ra.key, reject-secret: r.key}\n",
			  rest[] = "templates: {client: {}}\n"
				   "endpoints: {default: {policy: one-time, template: client}}\n";
	static const struct {
		const char *text[5];
		const char *want[3]; /* the sections that are missing, by their lines of error */
	} rows[] = {
	    {{ca}, {NULL}},
	    {{ra}, {NULL}},
	    {{rest, ca, ra}, {NULL}},
	    {{registrar, ca, ra, rest}, {NULL}},
	    {{front, registrar, ca, ra, rest}, {NULL}},
	    {{front, ca, ra, rest}, {"'registrar': "}},
	    {{front, rest}, {"'registrar': "}},
	    {{registrar, rest}, {"'ca': ", "'ra': "}},
	    {{registrar, ca, rest}, {"'ra': "}},
	    {{front, registrar, ca, ra}, {"'endpoints': "}},
	    {{registrar, ca, ra}, {"'endpoints': "}},
	    {{ca, "endpoints: {default: {policy: one-time, template: client}}\n"},
		{"'templates': "}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped text = {0};
		struct sg_conf *conf = NULL;
		size_t n = 0;
		for (size_t k = 0; k < 5 && rows[i].text[k] != NULL; k++)
			sg_buf_puts(&text, rows[i].text[k]);
		enum sg_code rc = sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs);
		for (; rows[i].want[n] != NULL; n++) {
			assert_string_equal(errs.item[n].rule, "conf.missing");
			assert_memory_equal(
			    errs.item[n].text, rows[i].want[n], strlen(rows[i].want[n]));
			assert_non_null(strstr(errs.item[n].text, " needs it, found nothing; add"));
		}
		assert_int_equal(errs.n, n);
		assert_int_equal(rc, n == 0 ? SG_OK : SG_E_CONF);
		if (rc == SG_OK) {
			assert_true(
			    sg_conf_has(conf, "ca") == (strstr(sg_buf_text(&text), "ca:") != NULL));
			assert_true(sg_conf_has(conf, "front") == (rows[i].text[0] == front));
			assert_false(sg_conf_has(conf, "site"));
		}
		sg_conf_free(&conf);
	}
}

static void
conf_parse__every_option_twice__duplicate(void **state)
{
	(void)state;
	/* Each line that is "KEY: VALUE", repeated behind itself. */
	for (const char *s = GOOD_TEXT; *s != '\0';) {
		size_t len = strcspn(s, "\n") + 1;
		sg_buf_scoped text = {0};
		struct sg_conf *conf = NULL;
		if (memchr(s, ' ', len) != NULL && s[len - 2] != ':') {
			size_t before = strlen(GOOD_TEXT) - strlen(s);
			sg_buf_put(&text, GOOD_TEXT, before + len);
			sg_buf_put(&text, s, len);
			sg_buf_puts(&text, s + len);
			assert_int_equal(
			    sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_E_CONF);
			assert_int_equal(errs.n, 1);
			assert_string_equal(errs.item[0].rule, "conf.duplicate");
		}
		s += len;
	}
}

static void
conf_parse__every_prefix__no_crash_and_lines_inside(void **state)
{
	(void)state;
	size_t len = strlen(GOOD_TEXT);
	for (size_t n = 0; n < len; n++) {
		sg_scoped(conf) conf = NULL;
		enum sg_code rc = sg_conf_parse(sg_slice(GOOD_TEXT, n), "x.yaml", &conf, &errs);
		assert_true((rc == SG_OK) == (conf != NULL));
		assert_true((rc == SG_E_CONF) == (errs.n > 0));
		for (size_t i = 0; i < errs.n; i++) {
			assert_true(errs.item[i].line <= 43);
			assert_true(i == 0 || errs.item[i - 1].line <= errs.item[i].line);
		}
	}
}

static void
conf_parse__nothing__empty(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "\n", "# words\n", "---\n...\n", "\xef\xbb\xbf"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct sg_conf *conf = NULL;
		assert_int_equal(
		    sg_conf_parse(sg_slice_str(texts[i]), "x.yaml", &conf, &errs), SG_E_CONF);
		assert_int_equal(errs.n, 1);
		if (i != 3)
			assert_string_equal(errs.item[0].rule, "conf.empty");
	}
}

static void
conf_parse__size__limit(void **state)
{
	(void)state;
	sg_buf_scoped text = {0};
	sg_scoped(conf) conf = NULL;
	sg_buf_puts(&text, GOOD_TEXT);
	while (text.len < SG_CONF_TEXT_MAX)
		sg_buf_puts(&text, "#");
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_OK);
	sg_conf_free(&conf);
	sg_buf_puts(&text, "#");
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_E_CONF);
	assert_string_equal(errs.item[0].rule, "conf.size");
	assert_int_equal(errs.n, 1);
}

/* 64 of each are accepted with all they may have, 65 are not. */
static void
conf_parse__number_of_endpoints__limit(void **state)
{
	(void)state;
	for (unsigned n = SG_CONF_SECTIONS_MAX; n <= SG_CONF_SECTIONS_MAX + 1; n++) {
		sg_buf_scoped text = {0};
		sg_scoped(conf) conf = NULL;
		sg_buf_puts(&text, GOOD_TEXT);
		for (unsigned i = 2; i < n; i++)
			sg_buf_printf(&text, "  e%u: {policy: one-time, template: client}\n", i);
		enum sg_code rc = sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs);
		assert_int_equal(rc, n == SG_CONF_SECTIONS_MAX ? SG_OK : SG_E_CONF);
		if (rc == SG_OK)
			assert_int_equal(conf->endpoints.n, n);
		else
			assert_string_equal(errs.item[0].rule, "conf.range");
	}
}

static void
conf_parse__many_mistakes__all_in_one_run(void **state)
{
	(void)state;
	struct sg_conf *conf = NULL;
	assert_int_equal(
	    sg_conf_parse(sg_slice_str("site: ''\nusers: 010\nnope: 1\nfront:\n  listen: x\n"
				       "ca:\n  key: ''\nregistrar: 5\nendpoints:\n  default:\n"
				       "    policy: statik\n    renewal: yes\n"),
		"x.yaml", &conf, &errs),
	    SG_E_CONF);
	static const struct {
		unsigned line;
		const char *rule;
	} want[] = {{1, "conf.range"}, {1, "conf.missing"}, {1, "conf.missing"}, {2, "conf.type"},
	    {3, "conf.unknown"}, {5, "conf.type"}, {6, "conf.missing"}, {7, "conf.path"},
	    {8, "conf.type"}, {10, "conf.missing"}, {11, "conf.unknown"}, {12, "conf.type"}};
	assert_int_equal(errs.n, sizeof want / sizeof want[0]);
	for (size_t i = 0; i < errs.n; i++) {
		assert_int_equal(errs.item[i].line, want[i].line);
		assert_string_equal(errs.item[i].rule, want[i].rule);
	}
}

static void
conf_parse__nth_allocation_fails__no_memory_and_untouched(void **state)
{
	(void)state;
	static const char bad[] = "site: [x]\nfoo: 1\nfoo: 2\n"
				  "endpoints: {a: {policy: static, template: x, subjects: []}}";
	static const char *const texts[] = {GOOD_TEXT, SMALL_TEXT, bad};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		enum sg_code rc = SG_E_NOMEM;
		unsigned long n = 0;
		for (; n < 100000 && rc == SG_E_NOMEM; n++) {
			struct sg_conf *conf = NULL;
			alloc_fail_at(n + 1);
			rc = sg_conf_parse(sg_slice_str(texts[i]), "x.yaml", &conf, &errs);
			alloc_fail_at(0);
			/* A message may be made shorter by it; a configuration may not. */
			assert_true((rc == SG_OK) == (conf != NULL));
			sg_conf_free(&conf);
			if (i == 2 && n < 200 && rc == SG_E_CONF)
				rc = SG_E_NOMEM;
		}
		assert_int_equal(rc, i == 2 ? SG_E_CONF : SG_OK);
		assert_true(n > 20);
	}
}

static void
conf_free__null__nothing(void **state)
{
	(void)state;
	struct sg_conf *conf = NULL;
	sg_conf_free(&conf);
	assert_null(conf);
}

static void
conf_line__options__where_they_stand(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		unsigned line;
	} rows[] = {
	    {"site", 1},
	    {"front", 4},
	    {"front.listen", 5},
	    {"front.listen[1]", 5},
	    {"ca.key", 9},
	    {"ca.nothing", 7},
	    {"nothing", 1},
	    {"", 1},
	    {"endpoints.kiosk.challenge-file", 40},
	    {"endpoints.default.subjects", 30},
	    {"endpoints.gone.policy", 29},
	    {"templates.client.eku[0]", 25},
	    {"ca.key.more", 9},
	    {"ca..key", 7},
	};
	sg_scoped(conf) conf = NULL;
	assert_int_equal(sg_conf_parse(sg_slice_str(GOOD_TEXT), "x.yaml", &conf, &errs), SG_OK);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(sg_conf_line(conf, rows[i].path), rows[i].line);
}

static void
conf_line__names_with_dots__the_longest(void **state)
{
	(void)state;
	sg_buf_scoped text = {0};
	sg_scoped(conf) conf = NULL;
	put_replaced(&text, GOOD_TEXT, "  kiosk:\n",
	    "  a:\n    policy: one-time\n    template: client\n  a.policy:\n");
	assert_int_equal(sg_conf_parse(sg_buf_slice(&text), "x.yaml", &conf, &errs), SG_OK);
	assert_int_equal(sg_conf_line(conf, "endpoints.a.template"), 39);
	assert_int_equal(sg_conf_line(conf, "endpoints.a.policy.template"), 42);
}

static void
conf_put_path__relative_and_absolute__joined(void **state)
{
	(void)state;
	static const struct {
		const char *file, *path, *want;
	} rows[] = {
	    {"signet.yaml", "ca/ca.key", "ca/ca.key"},
	    {"/etc/signet/signet.yaml", "ca/ca.key", "/etc/signet/ca/ca.key"},
	    {"d/signet.yaml", "/ca.key", "/ca.key"},
	    {"/signet.yaml", "ca.key", "/ca.key"},
	    {"../x/s.yaml", ".", "../x"},
	    {"s.yaml", ".", "."},
	    {"/s.yaml", ".", "/."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sg_buf_scoped b = {0};
		sg_conf_put_path(&b, rows[i].file, rows[i].path);
		assert_string_equal(sg_buf_text(&b), rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conf_parse__all_options__values),
	    cmocka_unit_test(conf_parse__https__addresses_and_pairs),
	    cmocka_unit_test(conf_parse__sections__templates_and_endpoints),
	    cmocka_unit_test(conf_parse__only_required__defaults),
	    cmocka_unit_test(conf_parse__kinds_of_names__words_and_oids),
	    cmocka_unit_test(conf_parse__good_variants__accepted),
	    cmocka_unit_test(conf_parse__crlf__accepted),
	    cmocka_unit_test(conf_parse__every_rule__has_a_bad_vector),
	    cmocka_unit_test(conf_parse__front__proxies_and_connections),
	    cmocka_unit_test(conf_parse__required_line_removed__missing),
	    cmocka_unit_test(conf_parse__sections__those_that_others_need),
	    cmocka_unit_test(conf_parse__every_option_twice__duplicate),
	    cmocka_unit_test(conf_parse__every_prefix__no_crash_and_lines_inside),
	    cmocka_unit_test(conf_parse__nothing__empty),
	    cmocka_unit_test(conf_parse__size__limit),
	    cmocka_unit_test(conf_parse__number_of_endpoints__limit),
	    cmocka_unit_test(conf_parse__many_mistakes__all_in_one_run),
	    cmocka_unit_test(conf_parse__nth_allocation_fails__no_memory_and_untouched),
	    cmocka_unit_test(conf_free__null__nothing),
	    cmocka_unit_test(conf_line__options__where_they_stand),
	    cmocka_unit_test(conf_line__names_with_dots__the_longest),
	    cmocka_unit_test(conf_put_path__relative_and_absolute__joined),
	};
	struct CMUnitTest all[sizeof tests / sizeof tests[0] + BAD_N];
	memcpy(all, tests, sizeof tests);
	for (size_t i = 0; i < BAD_N; i++) {
		struct CMUnitTest *t = &all[sizeof tests / sizeof tests[0] + i];
		*t = (struct CMUnitTest){.name = bad_vectors[i].name, .test_func = run_bad};
		/* cmocka takes it without const; run_bad only reads it. */
		memcpy(&t->initial_state, &(const void *){&bad_vectors[i]}, sizeof(void *));
	}
	return cmocka_run_group_tests(all, NULL, NULL);
}
