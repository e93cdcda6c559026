/* SPDX-License-Identifier: Apache-2.0 */

/*
 * check.c - what only the whole configuration can tell
 *
 * An option that was refused already is zero or NULL here and is passed over, so that one
 * mistake stays one line.
 */

#include "conf/check_private.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "conf/files_private.h"
#include "policy/pattern_syntax.h"

struct check {
	struct sg_conf_walk *walk;
	const struct sg_conf *conf;
	const struct sg_conf_endpoint *endpoint;
	const struct sg_conf_template *template;
};

/* The option of the endpoint or template at hand; *ret_line may be NULL. */
static const struct sg_conf_node *
locate(const struct check *c, const char *key, char path[SG_CONF_PATH_LEN], unsigned *ret_line)
{
	const char *section = c->endpoint != NULL ? "endpoints" : "templates";
	const char *name = c->endpoint != NULL ? c->endpoint->name : c->template->name;
	if (snprintf(path, SG_CONF_PATH_LEN, "%s.%s.%s", section, name, key) < 0)
		path[0] = '\0';
	return sg_conf_tree_find(c->conf->lines, path, ret_line);
}

static bool
is_written(const struct check *c, const char *key)
{
	char path[SG_CONF_PATH_LEN];
	const struct sg_conf_node *node = locate(c, key, path, NULL);
	return node != NULL && (node->kind != SG_CONF_LIST || node->children_n > 0);
}

/* A mistake in an option of the endpoint or template at hand. */
static void __attribute__((format(printf, 4, 5)))
complain(const struct check *c, const char *key, const char *rule, const char *fmt, ...)
{
	char path[SG_CONF_PATH_LEN];
	char text[400];
	unsigned line = 1;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	sg_ignore(locate(c, key, path, &line) == NULL); /* then the line of the section */
	sg_conf_error_add(c->walk->errs, line, rule, "'%s': %s", path, text);
}

static void
check_template_name(const struct check *c)
{
	char shown[256];
	const char *name = c->endpoint->template;
	const char *meant = NULL;
	if (name == NULL || sg_conf_template0(c->conf, name) != NULL)
		return;
	const struct sg_conf_node *all = sg_conf_tree_find(c->conf->lines, "templates", NULL);
	if (c->conf->templates.n == 0 || all == NULL || sg_conf_node_child(all, name) != NULL)
		return; /* the template itself, or all of them, have been reported */
	for (size_t i = 0; meant == NULL && i < c->conf->templates.n; i++) {
		if (sg_conf_similar(name, c->conf->templates.item[i].name))
			meant = c->conf->templates.item[i].name;
	}
	sg_conf_show(shown, sizeof shown, name);
	if (meant != NULL)
		complain(c, "template", "conf.template",
		    "expected the name of a template, found '%s'; did you mean %s?", shown, meant);
	else
		complain(c, "template", "conf.template",
		    "expected the name of a template, found '%s'; add it under 'templates'", shown);
}

/* VU#971035: who learns a secret of all devices gets every name that the patterns leave open.
 */
static void
check_patterns(const struct check *c, const char *policy)
{
	const struct sg_conf_endpoint *e = c->endpoint;
	char key[32], shown[256];
	if (e->subjects.n == 0 && !is_written(c, "subjects"))
		complain(c, "subjects", "conf.static.subjects",
		    "expected patterns with policy %s, found none: one leaked secret would "
		    "give a certificate for any name (VU#971035); add for example subjects: "
		    "[\"CN=*.dev.example, O=Test\"]",
		    policy);
	for (size_t i = 0; i < e->subjects.n; i++) {
		if (!sg_pattern_subject_is_free(sg_slice_str(e->subjects.item[i])))
			continue;
		snprintf(key, sizeof key, "subjects[%zu]", i);
		sg_conf_show(shown, sizeof shown, e->subjects.item[i]);
		complain(c, key, "conf.static.free",
		    "expected a pattern that fixes a part of the name, found '%s': with policy "
		    "%s one leaked secret would give any name (VU#971035); write for example "
		    "CN=*.dev.example",
		    shown, policy);
	}
	for (size_t i = 0; i < e->sans.n; i++) {
		if (!sg_pattern_san_is_free(sg_slice_str(e->sans.item[i])))
			continue;
		snprintf(key, sizeof key, "sans[%zu]", i);
		sg_conf_show(shown, sizeof shown, e->sans.item[i]);
		complain(c, key, "conf.static.free",
		    "expected a pattern that fixes a part of the name, found '%s': with policy "
		    "%s one leaked secret would give any name (VU#971035); write for example "
		    "dns:*.dev.example",
		    shown, policy);
	}
}

/* What the policy does not look at would seem to protect. */
static void
refuse_patterns(const struct check *c, const char *policy, const char *names_by)
{
	static const struct {
		const char *key, *of;
	} lists[] = {{"subjects", "subject"}, {"sans", "names"}};
	const size_t n[] = {c->endpoint->subjects.n, c->endpoint->sans.n};
	for (size_t i = 0; i < 2; i++)
		if (n[i] > 0)
			complain(c, lists[i].key, "conf.static.only",
			    "expected no patterns with policy %s, where %s its %s, found some; "
			    "remove them, or write policy: static",
			    policy, names_by, lists[i].of);
}

/* What the endpoint's policy needs is there, and nothing that it does not look at. */
static void
check_policy(const struct check *c)
{
	const struct sg_conf_endpoint *e = c->endpoint;
	const struct sg_policy *policy = sg_policy_of(e->policy);
	const char *name = sg_policy_name(e->policy);
	if (policy == NULL)
		return; /* refused already */
	bool secret = (policy->needs & SG_POLICY_NEEDS_SECRET) != 0;
	if (secret && e->challenge_file == NULL && !is_written(c, "challenge-file"))
		complain(c, "challenge-file", "conf.static.file",
		    "expected a path with policy %s, found nothing; add for example "
		    "challenge-file: keys/static.challenge",
		    name);
	if ((policy->needs & SG_POLICY_NEEDS_PATTERNS) != 0)
		check_patterns(c, name);
	if (!secret && e->challenge_file != NULL)
		complain(c, "challenge-file", "conf.challenge-file",
		    "expected no secret with policy %s, found a file; remove it, or write "
		    "policy: static",
		    name);
	if ((policy->needs & SG_POLICY_NEEDS_PATTERNS) == 0)
		refuse_patterns(c, name, policy->names_by);
}

/* A pattern of a kind that the template never issues would look like a permission. */
static void
check_san_kinds(const struct check *c)
{
	const struct sg_conf_endpoint *e = c->endpoint;
	const struct sg_conf_template *t = e->template != NULL
					       ? sg_conf_template0(c->conf, e->template)
					       : NULL;
	char key[32], path[SG_CONF_PATH_LEN];
	if (t == NULL)
		return;
	struct check of = {c->walk, c->conf, NULL, t};
	const struct sg_conf_node *kinds = locate(&of, "sans", path, NULL);
	if (kinds != NULL && kinds->kind != SG_CONF_LIST)
		return; /* reported already */
	for (size_t i = 0; i < e->sans.n; i++) {
		if ((SG_SAN_BIT(sg_pattern_san_kind(sg_slice_str(e->sans.item[i]))) &
			t->sans.flags) != 0)
			continue;
		snprintf(key, sizeof key, "sans[%zu]", i);
		complain(c, key, "conf.san",
		    "expected a kind that the template's 'sans' has, found another; add it there "
		    "or remove it here");
	}
}

static void
check_renewal_rules(const struct check *c)
{
	static const char *const keys[] = {
	    "renewal-window", "renewal-successors", "renewals-per-day", "renewal-sans"};
	const struct sg_conf_endpoint *e = c->endpoint;
	const struct sg_conf_template *t = e->template != NULL
					       ? sg_conf_template0(c->conf, e->template)
					       : NULL;
	sg_buf_scoped validity = {0};
	/* renewal is false also where it was refused already. */
	bool off = !e->renewal && is_written(c, "renewal");
	for (size_t n = 0; off && n < sizeof keys / sizeof keys[0]; n++)
		if (is_written(c, keys[n]))
			complain(c, keys[n], "conf.renewal",
			    "expected no rule for renewals with renewal: false, found one; remove "
			    "it, or write renewal: true");
	if (off)
		return;
	if (t != NULL && t->validity_s > 0 && e->renewal_window_s > t->validity_s) {
		sg_conf_put_duration(&validity, t->validity_s);
		complain(c, "renewal-window", "conf.window",
		    "expected at most the validity of template %s, which is %s, found more; write "
		    "less, or remove it: then certificates renew at any time",
		    t->name, sg_buf_text(&validity));
	}
	if (e->renewal_successors == 1 && e->renewal_grace_s == 0)
		complain(c, "renewal-successors", "conf.successors",
		    "expected 0 or at least 2, found 1: the certificate that renews counts, so "
		    "none could; write renewal: false if none shall");
}

static void
check_endpoint(const struct check *c)
{
	const struct sg_conf_endpoint *e = c->endpoint;
	check_template_name(c);
	check_policy(c);
	if (e->profile == SG_CONF_PROFILE_STRICT && e->allow != 0)
		complain(c, "allow", "conf.strict",
		    "expected no old algorithms with profile strict, found some; remove them, or "
		    "write profile: standard");
	if (!e->renewal && e->renewal_grace_s > 0 && is_written(c, "renewal"))
		complain(c, "renewal-grace", "conf.grace",
		    "expected 0d with renewal: false, found more; remove it, or write renewal: "
		    "true");
	check_renewal_rules(c);
	check_san_kinds(c);
}

static void
check_template(const struct check *c)
{
	const struct sg_conf_template *t = c->template;
	unsigned rsa = SG_CONF_KEY_RSA2048 | SG_CONF_KEY_RSA3072 | SG_CONF_KEY_RSA4096;
	unsigned encipher = 1u << 2 | 1u << 3;
	unsigned agree = 1u << 4;
	if (t->key_types == 0 || t->key_usage == 0)
		return;
	if ((t->key_usage & encipher) != 0 && (t->key_types & rsa) == 0)
		complain(c, "key-usage", "conf.usage",
		    "expected usages that an elliptic curve key can have, found keyEncipherment or "
		    "dataEncipherment (RFC 8813 3); remove them, or allow RSA in 'key-types'");
	if ((t->key_usage & agree) != 0 && (t->key_types & ~rsa) == 0)
		complain(c, "key-usage", "conf.usage",
		    "expected usages that an RSA key can have, found keyAgreement (RFC 3279 "
		    "2.3.1); remove it, or allow p256 in 'key-types'");
}

/* Two addresses that cannot both be bound: the same, or one of them all of that family. */
static bool
is_same_listen(const struct sg_conf_listen *a, const struct sg_conf_listen *b)
{
	if (a->port != b->port || a->addr.ss_family != b->addr.ss_family)
		return false;
	if (a->addr.ss_family == AF_INET) {
		struct sockaddr_in x, y;
		memcpy(&x, &a->addr, sizeof x);
		memcpy(&y, &b->addr, sizeof y);
		return x.sin_addr.s_addr == y.sin_addr.s_addr || x.sin_addr.s_addr == INADDR_ANY ||
		       y.sin_addr.s_addr == INADDR_ANY;
	}
	struct sockaddr_in6 x, y;
	memcpy(&x, &a->addr, sizeof x);
	memcpy(&y, &b->addr, sizeof y);
	return IN6_ARE_ADDR_EQUAL(&x.sin6_addr, &y.sin6_addr) ||
	       IN6_IS_ADDR_UNSPECIFIED(&x.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&y.sin6_addr);
}

/* The option of the n-th address of both lists, HTTPS after HTTP. */
static const struct sg_conf_listen *
nth_listen(const struct sg_conf *conf, size_t n, char path[SG_CONF_PATH_LEN])
{
	bool https = n >= conf->front.listen.n;
	const struct sg_conf_listens *all = https ? &conf->front.listen_https : &conf->front.listen;

	n -= https ? conf->front.listen.n : 0;
	snprintf(path, SG_CONF_PATH_LEN, "front.listen%s[%zu]", https ? "-https" : "", n);
	return &all->item[n];
}

static void
check_listens(struct sg_conf_walk *walk, const struct sg_conf *conf)
{
	char path[SG_CONF_PATH_LEN], unused[SG_CONF_PATH_LEN];

	for (size_t i = 0; i < conf->front.listen.n + conf->front.listen_https.n; i++) {
		const struct sg_conf_listen *l = nth_listen(conf, i, path);
		for (size_t j = 0; j < i; j++) {
			const struct sg_conf_listen *was = nth_listen(conf, j, unused);
			if (l->text == NULL || was->text == NULL || !is_same_listen(l, was))
				continue;
			sg_conf_error_add(walk->errs, sg_conf_line(conf, path), "conf.listen",
			    "'%s': expected an address of its own, found '%s', which '%s' has "
			    "already; remove one of them",
			    path, l->text, was->text);
			break;
		}
	}
}

/* Somewhere to listen, and a certificate where that is with TLS. */
static void
check_front(struct sg_conf_walk *walk, const struct sg_conf *conf)
{
	unsigned line = sg_conf_line(conf, "front");
	bool https = sg_conf_has(conf, "front.listen-https");
	const struct sg_conf_node *tls = sg_conf_tree_find(conf->lines, "front.tls", NULL);
	bool shown = tls != NULL && (tls->kind != SG_CONF_LIST || tls->children_n > 0);

	if (!sg_conf_has(conf, "front"))
		return;
	if (!https && !sg_conf_has(conf, "front.listen"))
		sg_conf_error_add(walk->errs, line, "conf.listen.none",
		    "'front.listen': expected an address here or in 'front.listen-https', found "
		    "nothing; add for example listen: [127.0.0.1:8080]");
	if (https && !shown)
		sg_conf_error_add(walk->errs, sg_conf_line(conf, "front.listen-https"),
		    "conf.tls.none",
		    "'front.listen-https': expected a certificate in 'front.tls', found none; add "
		    "for example tls: [{certificate: tls/fullchain.pem, key: tls/privkey.pem}]");
	if (!https && shown)
		sg_conf_error_add(walk->errs, sg_conf_line(conf, "front.tls"), "conf.tls.unused",
		    "'front.tls': expected an address in 'front.listen-https', found none; add for "
		    "example listen-https: [127.0.0.1:8443], or remove the certificate");
}

/* Devices and their users write URLs in any letter case, and devices append pkiclient.exe. */
static void
check_endpoint_names(struct sg_conf_walk *walk, const struct sg_conf *conf)
{
	for (size_t i = 0; i < conf->endpoints.n; i++) {
		char path[SG_CONF_PATH_LEN];
		struct sg_slice name = sg_slice_str(conf->endpoints.item[i].name);
		snprintf(path, sizeof path, "endpoints.%s", conf->endpoints.item[i].name);
		if (sg_ascii_is(name, "pkiclient.exe"))
			sg_conf_error_add(walk->errs, sg_conf_line(conf, path), "conf.name",
			    "'%s': expected another name, found one that devices append to the "
			    "URL of every endpoint; rename it",
			    path);
		for (size_t j = 0; j < i; j++)
			if (sg_ascii_is(name, conf->endpoints.item[j].name))
				sg_conf_error_add(walk->errs, sg_conf_line(conf, path), "conf.case",
				    "'%s': expected a name that differs from 'endpoints.%s' by "
				    "more than letter case, which URLs ignore; rename one of them",
				    path, conf->endpoints.item[j].name);
	}
}

void
sg_conf_check(struct sg_conf_walk *walk, const struct sg_conf *conf)
{
	check_front(walk, conf);
	check_listens(walk, conf);
	check_endpoint_names(walk, conf);
	sg_conf_files_check(walk, conf);
	for (size_t i = 0; i < conf->templates.n; i++) {
		struct check c = {walk, conf, NULL, &conf->templates.item[i]};
		check_template(&c);
	}
	for (size_t i = 0; i < conf->endpoints.n; i++) {
		struct check c = {walk, conf, &conf->endpoints.item[i], NULL};
		check_endpoint(&c);
	}
}
