/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fitness.c - what the endpoints of a configuration give, for issue/fitness: asked by ca and
 * registrar when they start, and by `signet check`
 */

#include "service/fitness.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pem.h"
#include "issue/fitness_chain.h"
#include "policy/pattern_syntax.h"
#include "policy/policy.h"
#include "service/log.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

/* A name with what it is made of. */
struct name {
	char option[SG_ENDPOINT_MAX + 64];
	struct sg_buf subject;
	uint8_t san[SG_SAN_LEN_MAX];
};

struct given {
	struct sg_fitness *f;
	struct sg_fitness_name *judged;
	struct name *name; /* of each */
};

/* A name that fits the pattern: its '*', with what braces say of it, is an "x". */
static void
put_example(struct sg_buf *b, const char *pattern)
{
	const char *star = strchr(pattern, '*');

	if (star == NULL) {
		sg_buf_puts(b, pattern);
		return;
	}
	sg_buf_put(b, pattern, (size_t)(star - pattern));
	sg_buf_puts(b, "x");
	star++;
	const char *end = *star == '{' ? strchr(star, '}') : NULL;
	sg_buf_puts(b, end != NULL ? end + 1 : star);
}

/* A pattern that is not one has been refused, or will be where it is read. */
static void
add_name(struct given *g, const struct sg_conf_endpoint *e, bool subject, size_t n)
{
	struct name *name = &g->name[g->f->name_n];
	struct sg_fitness_name *to = &g->judged[g->f->name_n];
	sg_buf_scoped example = {0};

	snprintf(name->option, sizeof name->option, "endpoints.%s.%s[%zu]", e->name,
	    subject ? "subjects" : "sans", n);
	put_example(&example, subject ? e->subjects.item[n] : e->sans.item[n]);
	if (subject && sg_name_from_text(sg_buf_slice(&example), &name->subject, NULL) == SG_OK)
		to->san = (struct sg_san){SG_SAN_DIRNAME, sg_buf_slice(&name->subject)};
	else if (subject ||
		 sg_san_from_text(sg_buf_slice(&example), &to->san, name->san, NULL) != SG_OK)
		return;
	to->option = name->option;
	to->cn_is_host = subject;
	for (size_t i = 0; subject && i < e->sans.n; i++)
		if (sg_pattern_san_kind(sg_slice_str(e->sans.item[i])) == SG_SAN_DNS)
			to->cn_is_host = false;
	g->f->name_n++;
}

static void
add_endpoint(struct given *g, const struct sg_conf_endpoint *e, const struct sg_template *tmpl,
    const struct sg_template **tmpls)
{
	bool known = false;

	for (size_t n = 0; n < g->f->template_n; n++)
		known = known || tmpls[n] == tmpl;
	if (!known)
		tmpls[g->f->template_n++] = tmpl;
	if ((sg_policy_of(e->policy)->needs & SG_POLICY_NEEDS_PATTERNS) == 0) {
		/* A subject may hold an e-mail address and the name of a host. */
		g->f->open |= tmpl->san_types | SG_SAN_BIT(SG_SAN_DIRNAME) |
			      SG_SAN_BIT(SG_SAN_EMAIL) | SG_SAN_BIT(SG_SAN_DNS);
		return;
	}
	for (size_t n = 0; n < e->subjects.n; n++)
		add_name(g, e, true, n);
	for (size_t n = 0; n < e->sans.n; n++)
		add_name(g, e, false, n);
}

SG_RC
sg_service_fitness(const struct sg_conf *conf, const struct sg_templates *templates,
    struct sg_fitness *f, enum sg_fitness_of of, struct sg_err *err)
{
	size_t max = 1;

	for (size_t n = 0; n < conf->endpoints.n; n++)
		max += conf->endpoints.item[n].subjects.n + conf->endpoints.item[n].sans.n;
	struct given g = {.f = f,
	    .judged = sg_xalloc(max * sizeof *g.judged),
	    .name = sg_xalloc(max * sizeof *g.name)};
	const struct sg_template **tmpls = sg_xalloc((conf->endpoints.n + 1) * sizeof *tmpls);
	f->name = g.judged;
	f->tmpl = tmpls;
	f->name_n = f->template_n = 0;
	f->open = 0;
	for (size_t n = 0; n < conf->endpoints.n; n++)
		add_endpoint(&g, &conf->endpoints.item[n],
		    sg_templates_of(templates, &conf->endpoints.item[n]), tmpls);
	enum sg_code rc = SG_OK;
	if (of == SG_FITNESS_CA)
		rc = sg_fitness_ca(f, err);
	if (of == SG_FITNESS_REST)
		rc = sg_fitness_chain(f, err);
	if (rc == SG_OK && of == SG_FITNESS_REST)
		rc = sg_fitness_ra(f, err);
	for (size_t n = 0; n < max; n++)
		sg_buf_clear(&g.name[n].subject);
	sg_free(g.judged);
	sg_free(g.name);
	sg_free(tmpls);
	return rc;
}

void
sg_service_told_start(void *arg, bool fatal, const char *option, const struct sg_err *finding)
{
	struct sg_service_told *s = arg;

	if (!fatal) {
		sg_log(SG_LOG_WARNING, finding->rule, "'%s': %s", option, finding->text);
		return;
	}
	if (!s->fatal && s->err != NULL) {
		*s->err = *finding;
		sg_err_prefix(s->err, "%s", option);
	}
	s->fatal = true;
}

SG_RC
sg_service_fitness_start(const struct sg_conf *conf, const struct sg_templates *templates,
    struct sg_fitness *f, enum sg_fitness_of of, struct sg_err *err)
{
	struct sg_service_told s = {.err = err};

	f->tell = sg_service_told_start;
	f->arg = &s;
	enum sg_code rc = sg_service_fitness(conf, templates, f, of, err);
	return rc == SG_OK && s.fatal ? SG_E_CONF : rc;
}

void
sg_service_fitness_file(const char *option, struct sg_slice pem, size_t pos,
    void (*tell)(void *arg, bool fatal, const char *option, const struct sg_err *err), void *arg)
{
	bool goes_out = strcmp(option, "ca.certificate") == 0 ||
			strncmp(option, "ca.chain", strlen("ca.chain")) == 0;
	sg_buf_scoped der = {0};
	struct sg_service_told log = {0};
	struct sg_err err = {0};
	size_t n = 0;

	while (sg_pem_next(pem, "CERTIFICATE", &pos, &der, NULL) == SG_OK) {
		sg_buf_reset(&der);
		n++;
	}
	if (n == 0)
		return;
	sg_ignore(sg_fail(&err, SG_E_CONF, "fitness.file",
	    "of its file the first certificate is used, and %zu more %s not: %s", n,
	    n == 1 ? "is" : "are",
	    goes_out ? "devices do not get them; give each CA above the issuing one a file of its "
		       "own in ca.chain"
		     : "remove them"));
	if (tell != NULL)
		tell(arg, false, option, &err);
	else
		sg_service_told_start(&log, false, option, &err);
}
