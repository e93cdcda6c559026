/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conf.c - a configuration from its text: the tree of the YAML, then the values of its rows, then
 * the checks of the whole
 */

#include "conf/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "conf/check_private.h"
#include "conf/list.h"
#include "conf/value.h"

_Static_assert(offsetof(struct sg_conf_template, name) == 0, "the name is first");
_Static_assert(offsetof(struct sg_conf_endpoint, name) == 0, "the name is first");
_Static_assert(offsetof(struct sg_conf_templates, item) == offsetof(struct sg_conf_any, item),
    "named sections look alike");
_Static_assert(offsetof(struct sg_conf_endpoints, item) == offsetof(struct sg_conf_any, item),
    "named sections look alike");
_Static_assert(offsetof(struct sg_conf_earliers, item) == offsetof(struct sg_conf_any, item),
    "lists of sections look like named sections");
_Static_assert(offsetof(struct sg_conf_tlss, item) == offsetof(struct sg_conf_any, item),
    "lists of sections look like named sections");

struct pass {
	struct sg_conf_walk walk;
	const struct sg_conf_node *defaults; /* keys are paths of rows; NULL for none */
	const struct sg_conf_node *root;
	struct sg_conf *conf;
};

static void
read_section(struct pass *pass, const char *schema, const char *path,
    const struct sg_conf_node *node, void *base);

static void *
field(void *base, size_t off)
{
	return (char *)base + off;
}

/* PATH.KEY, cut where messages end. */
static void
join(char out[SG_CONF_PATH_LEN], const char *path, const char *key)
{
	char shown[200];
	sg_conf_show(shown, sizeof shown, key);
	if (snprintf(out, SG_CONF_PATH_LEN, "%s%s%s", path, *path != '\0' ? "." : "", shown) < 0)
		out[0] = '\0';
}

/* "templates" to "templates.*". */
static void
element_schema(char out[SG_CONF_PATH_LEN], const struct sg_conf_row *row)
{
	if (snprintf(out, SG_CONF_PATH_LEN, "%s.*", row->path) < 0)
		out[0] = '\0';
}

/* Keys under which other programs keep the secret itself. */
static bool
looks_secret(const struct sg_conf_node *node)
{
	static const char *const words[] = {
	    "password", "passphrase", "secret", "challenge", "private-key", "pin", "token"};
	if (node->kind != SG_CONF_SCALAR)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (sg_conf_distance(node->key, words[i]) == 0)
			return true;
	}
	return strstr(node->key, "password") != NULL;
}

/* What to do about a key that the section does not have. */
static void
put_advice(struct sg_buf *b, const char *schema, const char *key)
{
	const struct sg_conf_row *row = NULL;
	const struct sg_conf_row *meant = NULL;
	while ((row = sg_conf_row_next(schema, row)) != NULL) {
		const char *name = sg_conf_row_key(row);
		if (sg_conf_similar(key, name) &&
		    (meant == NULL || sg_conf_distance(key, name) <
					  sg_conf_distance(key, sg_conf_row_key(meant))))
			meant = row;
	}
	if (meant != NULL) {
		sg_buf_printf(b, "did you mean '%s'?", sg_conf_row_key(meant));
		return;
	}
	for (row = NULL; (row = sg_conf_row_after(row)) != NULL;) {
		if (strcmp(sg_conf_row_key(row), key) == 0 && strcmp(key, "*") != 0) {
			sg_buf_printf(b, "did you mean '%s'? check the indentation", row->path);
			return;
		}
	}
	sg_buf_puts(b, "remove it; known here are");
	row = NULL;
	for (const char *sep = " "; (row = sg_conf_row_next(schema, row)) != NULL; sep = ", ")
		sg_buf_printf(b, "%s%s", sep, sg_conf_row_key(row));
}

static void
unknown_key(
    struct pass *pass, const char *schema, const char *path, const struct sg_conf_node *node)
{
	if (looks_secret(node)) {
		sg_conf_error_add(pass->walk.errs, node->line, "conf.secret",
		    "'%s': expected no secret here, because every role reads this file; remove it: "
		    "secrets stand in files of their own, which options like 'challenge-file' name",
		    path);
		return;
	}
	sg_buf_scoped advice = {0};
	put_advice(&advice, schema, node->key);
	sg_conf_error_add(pass->walk.errs, node->line, "conf.unknown",
	    "'%s': expected an option, found one that does not exist; %s", path,
	    sg_buf_text(&advice));
}

/* A section that is written and needs the one of this row, in ret; "" when there is none. */
static void
find_need(const struct pass *pass, const struct sg_conf_row *row, char ret[64])
{
	ret[0] = '\0';
	for (const char *s = row->needed_by; s != NULL && *s != '\0'; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");
		snprintf(ret, 64, "%.*s", (int)n, s);
		if (sg_conf_node_child(pass->root, ret) != NULL)
			return;
		ret[0] = '\0';
		s += n;
	}
}

static void
missing(struct pass *pass, const struct sg_conf_row *row, const char *path, unsigned line,
    const char *need)
{
	sg_buf_scoped type = {0};
	if (pass->walk.partial)
		return;
	sg_conf_put_type(&type, row);
	if (need[0] != '\0') {
		sg_conf_error_add(pass->walk.errs, line, "conf.missing",
		    "'%s': expected %s, because '%s' needs it, found nothing; add '%s:' and its "
		    "options, indented, or remove '%s:'",
		    path, sg_buf_text(&type), need, sg_conf_row_key(row), need);
		return;
	}
	if (row->type == SG_CONF_T_SECTION || row->type == SG_CONF_T_NAMED)
		sg_conf_error_add(pass->walk.errs, line, "conf.missing",
		    "'%s': expected %s, found nothing; add '%s:' and its options, indented", path,
		    sg_buf_text(&type), sg_conf_row_key(row));
	else
		sg_conf_error_add(pass->walk.errs, line, "conf.missing",
		    "'%s': expected %s, found nothing; add for example %s: %s", path,
		    sg_buf_text(&type), sg_conf_row_key(row), row->example);
}

/* Names appear in URLs, logs and frames. */
static bool
is_name(const char *s)
{
	size_t len = strlen(s);
	if (len == 0 || len > SG_ENDPOINT_MAX || s[0] == '.')
		return false;
	for (; *s != '\0'; s++) {
		if (!sg_ascii_is_alnum((unsigned char)*s) && strchr("._-", *s) == NULL)
			return false;
	}
	return true;
}

static void
read_element(struct pass *pass, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, struct sg_conf_any *any)
{
	char schema[SG_CONF_PATH_LEN];
	if (!is_name(node->key)) {
		sg_conf_error_add(pass->walk.errs, node->line, "conf.name",
		    "'%s': expected a name of 1 to %u letters, digits, '.', '_' and '-', not "
		    "beginning with '.', found another; rename it",
		    path, SG_ENDPOINT_MAX);
		return;
	}
	if (node->kind != SG_CONF_SECTION) {
		sg_conf_wrong(&pass->walk, "conf.type", path, node, "a section",
		    "put its options below it, indented");
		return;
	}
	void *element = field(any->item, any->n * row->size);
	any->n++;
	char *name = sg_memdup(node->key, strlen(node->key));
	if (name == NULL)
		pass->walk.nomem = true;
	memcpy(element, &name, sizeof name);
	element_schema(schema, row);
	read_section(pass, schema, path, node, element);
}

static void
read_named(struct pass *pass, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, void *out)
{
	struct sg_conf_any *any = out;
	if (node->kind == SG_CONF_BROKEN)
		return;
	if (node->kind != SG_CONF_SECTION ||
	    (node->children_n < (size_t)row->min && !pass->walk.partial) ||
	    node->children_n > (size_t)row->max) {
		sg_buf_scoped type = {0};
		sg_conf_put_type(&type, row);
		sg_conf_wrong(&pass->walk,
		    node->kind == SG_CONF_SECTION ? "conf.range" : "conf.type", path, node,
		    sg_buf_text(&type), "put names below it, indented, each with its options");
		return;
	}
	any->item = sg_calloc(node->children_n, row->size);
	if (any->item == NULL) {
		pass->walk.nomem = true;
		return;
	}
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next) {
		char at[SG_CONF_PATH_LEN];
		join(at, path, n->key);
		if (n->kind != SG_CONF_BROKEN)
			read_element(pass, row, at, n, any);
	}
}

/* The sections of a list; as named ones, without a name in front of each. */
static void
read_items(struct pass *pass, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, void *out)
{
	char schema[SG_CONF_PATH_LEN];
	struct sg_conf_any *any = out;
	if (!sg_conf_is_list(&pass->walk, row, path, node) || node->children_n == 0)
		return;
	any->item = sg_calloc(node->children_n, row->size);
	if (any->item == NULL) {
		pass->walk.nomem = true;
		return;
	}
	element_schema(schema, row);
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next) {
		char at[SG_CONF_PATH_LEN];
		if (snprintf(at, sizeof at, "%s[%zu]", path, any->n) < 0)
			at[0] = '\0';
		read_section(pass, schema, at, n, field(any->item, any->n * row->size));
		any->n++;
	}
}

/* Where the values of a section go that a role brought. */
static void *
add_own(struct pass *pass, const struct sg_conf_row *row)
{
	struct sg_conf *conf = pass->conf;
	void *values = conf->own_n < SG_CONF_OWN_MAX ? sg_calloc(1, row->size) : NULL;

	if (values == NULL) {
		pass->walk.nomem = true;
		return NULL;
	}
	conf->own[conf->own_n].section = row;
	conf->own[conf->own_n++].values = values;
	return values;
}

/* One option of a section: as written, or else its default. */
static void
read_option(struct pass *pass, const struct sg_conf_row *row, const char *path,
    const struct sg_conf_node *node, unsigned line, void *base)
{
	char need[64];
	find_need(pass, row, need);
	if (node == NULL && (row->required || need[0] != '\0')) {
		missing(pass, row, path, line, need);
		return;
	}
	if (node == NULL && row->type == SG_CONF_T_SECTION)
		return;
	if (row->type == SG_CONF_T_SECTION) {
		if (row->size > 0)
			base = add_own(pass, row);
		if (base != NULL)
			read_section(pass, row->path, path, node, base);
		return;
	}
	if (node == NULL && row->def != NULL && pass->defaults != NULL)
		node = sg_conf_node_child(pass->defaults, row->path);
	if (node == NULL)
		return;
	if (row->type == SG_CONF_T_NAMED)
		read_named(pass, row, path, node, field(base, row->off));
	else if (row->type == SG_CONF_T_ITEMS)
		read_items(pass, row, path, node, field(base, row->off));
	else
		sg_conf_value_read(&pass->walk, row, path, node, field(base, row->off));
}

static const struct sg_conf_row *
find_row(const char *schema, const char *key)
{
	const struct sg_conf_row *row = NULL;
	while ((row = sg_conf_row_next(schema, row)) != NULL) {
		if (strcmp(sg_conf_row_key(row), key) == 0)
			return row;
	}
	return NULL;
}

static void
read_section(struct pass *pass, const char *schema, const char *path,
    const struct sg_conf_node *node, void *base)
{
	char at[SG_CONF_PATH_LEN];
	if (node->kind == SG_CONF_BROKEN)
		return;
	if (node->kind != SG_CONF_SECTION) {
		sg_conf_wrong(&pass->walk, "conf.type", *path != '\0' ? path : "file", node,
		    "a section of options", "put its options below it, indented");
		return;
	}
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next) {
		if (n->kind == SG_CONF_BROKEN || find_row(schema, n->key) != NULL)
			continue;
		join(at, path, n->key);
		unknown_key(pass, schema, at, n);
	}
	const struct sg_conf_row *row = NULL;
	while ((row = sg_conf_row_next(schema, row)) != NULL) {
		const char *key = sg_conf_row_key(row);
		join(at, path, key);
		read_option(pass, row, at, sg_conf_node_child(node, key), node->line, base);
	}
}

static void
free_section(const char *schema, void *base)
{
	const struct sg_conf_row *row = NULL;
	while ((row = sg_conf_row_next(schema, row)) != NULL) {
		if (row->type == SG_CONF_T_SECTION) {
			if (row->size == 0)
				free_section(row->path, base);
			continue;
		}
		if (row->type != SG_CONF_T_NAMED && row->type != SG_CONF_T_ITEMS) {
			sg_conf_value_free(row, field(base, row->off));
			continue;
		}
		char below[SG_CONF_PATH_LEN];
		struct sg_conf_any *any = field(base, row->off);
		element_schema(below, row);
		for (size_t i = 0; i < any->n; i++) {
			void *element = field(any->item, i * row->size);
			free_section(below, element);
			if (row->type == SG_CONF_T_NAMED)
				sg_free(*(char **)element);
		}
		sg_free(any->item);
	}
}

void
sg_conf_free(struct sg_conf **confp)
{
	if (*confp == NULL)
		return;
	free_section("", *confp);
	for (size_t n = 0; n < (*confp)->own_n; n++) {
		free_section((*confp)->own[n].section->path, (*confp)->own[n].values);
		sg_free((*confp)->own[n].values);
	}
	sg_conf_lines_free(&(*confp)->lines);
	sg_free(*confp);
	*confp = NULL;
}

/* The defaults as if they were written, so that one code reads both. */
static SG_RC
read_defaults(struct sg_conf_lines **ret, struct sg_conf_errors *errs)
{
	sg_buf_scoped b = {0};
	for (const struct sg_conf_row *row = NULL; (row = sg_conf_row_after(row)) != NULL;) {
		if (row->def != NULL)
			sg_buf_printf(&b, "%s: %s\n", row->path, row->def);
	}
	enum sg_code rc = sg_buf_check(&b, NULL);
	if (rc != SG_OK)
		return rc;
	return sg_conf_tree_read(sg_buf_slice(&b), ret, errs);
}

static SG_RC
read_all(struct sg_conf *conf, struct sg_conf_errors *errs)
{
	sg_scoped(conf_lines) defaults = NULL;
	struct pass pass = {.walk = {.errs = errs, .partial = conf->lines->partial}};
	enum sg_code rc = read_defaults(&defaults, errs);
	if (rc != SG_OK)
		return rc;
	pass.defaults = defaults->root;
	pass.root = conf->lines->root;
	pass.conf = conf;
	if (conf->lines->root != NULL)
		read_section(&pass, "", "", conf->lines->root, conf);
	else if (errs->n == 0)
		sg_conf_error_add(errs, 0, "conf.empty",
		    "expected options, found an empty file; `signet up` writes one to begin with");
	if (!pass.walk.partial && !pass.walk.nomem && conf->lines->root != NULL)
		sg_conf_check(&pass.walk, conf);
	return pass.walk.nomem ? SG_E_NOMEM : SG_OK;
}

SG_RC
sg_conf_parse(
    struct sg_slice text, const char *file, struct sg_conf **ret, struct sg_conf_errors *errs)
{
	*errs = (struct sg_conf_errors){0};
	snprintf(errs->file, sizeof errs->file, "%s", file);
	sg_scoped(conf) conf = sg_alloc(sizeof *conf);
	if (conf == NULL)
		return SG_E_NOMEM;
	enum sg_code rc = sg_conf_tree_read(text, &conf->lines, errs);
	if (rc == SG_OK)
		rc = read_all(conf, errs);
	if (rc != SG_OK)
		return rc;
	if (errs->n > 0)
		return SG_E_CONF;
	for (size_t i = 0; i < conf->endpoints.n; i++) {
		struct sg_conf_endpoint *e = &conf->endpoints.item[i];
		e->template0 = sg_conf_template0(conf, e->template);
	}
	*ret = sg_steal(conf);
	return SG_OK;
}

const void *
sg_conf_own(const struct sg_conf *conf, const char *section)
{
	for (size_t n = 0; n < conf->own_n; n++)
		if (strcmp(conf->own[n].section->path, section) == 0)
			return conf->own[n].values;
	return NULL;
}

bool
sg_conf_has(const struct sg_conf *conf, const char *path)
{
	return sg_conf_tree_find(conf->lines, path, NULL) != NULL;
}

unsigned
sg_conf_line(const struct sg_conf *conf, const char *path)
{
	unsigned line = 1;
	sg_ignore(sg_conf_tree_find(conf->lines, path, &line) == NULL); /* then of what is around */
	return line;
}

const struct sg_conf_template *
sg_conf_template0(const struct sg_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->templates.n; i++) {
		if (strcmp(conf->templates.item[i].name, name) == 0)
			return &conf->templates.item[i];
	}
	return NULL;
}

const struct sg_conf_endpoint *
sg_conf_endpoint0(const struct sg_conf *conf, struct sg_slice name)
{
	for (size_t i = 0; i < conf->endpoints.n; i++) {
		if (sg_ascii_is(name, conf->endpoints.item[i].name))
			return &conf->endpoints.item[i];
	}
	return NULL;
}

void
sg_conf_put_path(struct sg_buf *b, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	if (slash != NULL && slash > file && strcmp(path, ".") == 0) {
		sg_buf_put(b, file, (size_t)(slash - file));
		return;
	}
	if (path[0] != '/' && slash != NULL)
		sg_buf_put(b, file, (size_t)(slash - file) + 1);
	sg_buf_puts(b, path);
}
