/* SPDX-License-Identifier: Apache-2.0 */

/*
 * files.c - the files that a configuration names, found by way of the schema: what is checked and
 * handed over is made from this, so that an option which is a file says so in its row alone
 */

#include "conf/files.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/files_private.h"
#include "conf/schema.h"

#define FILES_MAX (32 + 2 * SG_CONF_EARLIER_MAX + 2 * SG_TLS_PAIRS_MAX + SG_CONF_SECTIONS_MAX)

/* What holds the value of an option that is in no list: conf, or what a role's own section has;
 * NULL: that is not written. */
static const void *
holder(const struct sg_conf *conf, const char *path)
{
	char section[SG_CONF_OPTION_MAX + 1];
	const struct sg_conf_row *row = NULL;

	snprintf(section, sizeof section, "%.*s", (int)strcspn(path, "."), path);
	while ((row = sg_conf_row_after(row)) != NULL)
		if (strcmp(row->path, section) == 0)
			return row->type == SG_CONF_T_SECTION && row->size > 0
				   ? sg_conf_own(conf, section)
				   : conf;
	return conf;
}

/* Where a row's value is: in conf itself, or in the f->element-th section of a list or of named
 * ones, of which f->option then begins with the path. False: there is no such section. */
static bool
locate(const struct sg_conf *conf, struct sg_conf_file *f, const void **ret_base)
{
	const char *star = strstr(f->row->path, ".*.");
	const struct sg_conf_row *list = sg_conf_rows;
	struct sg_conf_any any;
	int n;

	if (star == NULL) {
		*ret_base = holder(conf, f->row->path);
		n = snprintf(f->option, sizeof f->option, "%s", f->row->path);
		return *ret_base != NULL && f->element == 0 && n > 0 &&
		       (size_t)n < sizeof f->option;
	}
	size_t len = (size_t)(star - f->row->path);
	while (strncmp(list->path, f->row->path, len) != 0 || list->path[len] != '\0')
		list++;
	memcpy(&any, (const char *)conf + list->off, sizeof any);
	if (f->element >= any.n)
		return false;
	*ret_base = (const char *)any.item + f->element * list->size;
	if (list->type == SG_CONF_T_ITEMS) {
		n = snprintf(
		    f->option, sizeof f->option, "%s[%zu].%s", list->path, f->element, star + 3);
	} else {
		const char *name;
		memcpy(&name, *ret_base, sizeof name);
		n = snprintf(f->option, sizeof f->option, "%s.%s.%s", list->path, name, star + 3);
	}
	return n > 0 && (size_t)n < sizeof f->option;
}

static void
put_index(struct sg_conf_file *f)
{
	size_t len = strlen(f->option);
	snprintf(f->option + len, sizeof f->option - len, "[%zu]", f->item);
}

/* The f->item-th value of the row; false past the last. */
static bool
read_value(struct sg_conf_file *f, const void *base)
{
	const void *at = (const char *)base + f->row->off;
	struct sg_conf_strs paths;
	struct sg_conf_listens listens;

	f->listen = NULL;
	if (f->row->type == SG_CONF_T_PATHS) {
		memcpy(&paths, at, sizeof paths);
		if (f->item >= paths.n)
			return false;
		f->path = paths.item[f->item];
		put_index(f);
	} else if (f->row->type == SG_CONF_T_LISTENS) {
		memcpy(&listens, at, sizeof listens);
		if (f->item >= listens.n)
			return false;
		f->listen = &listens.item[f->item];
		f->path = f->listen->text;
		put_index(f);
	} else if (f->item > 0) {
		return false;
	} else {
		memcpy(&f->path, at, sizeof f->path);
	}
	return true;
}

bool
sg_conf_file_next(const struct sg_conf *conf, struct sg_conf_file *f)
{
	const void *base;

	if (f->row == NULL)
		f->row = sg_conf_row_after(NULL);
	for (; f->row != NULL; f->row = sg_conf_row_after(f->row), f->element = 0) {
		if (f->row->file == SG_CONF_FILE_NONE)
			continue;
		for (; locate(conf, f, &base); f->element++, f->item = 0) {
			while (read_value(f, base)) {
				f->item++;
				if (f->path == NULL)
					continue;
				f->kind = f->row->file;
				f->to = f->row->to;
				f->certificate = f->row->certificate;
				return true;
			}
		}
		f->item = 0;
	}
	return false;
}

bool
sg_conf_file_is_for(const struct sg_conf_file *f, const char *role)
{
	size_t len = strlen(role);

	for (const char *s = f->to; s != NULL && *s != '\0'; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");
		if (n == len && strncmp(s, role, n) == 0)
			return true;
		s += n;
	}
	return false;
}

bool
sg_conf_file_is_secret(const struct sg_conf_file *f)
{
	return f->kind == SG_CONF_FILE_KEY || f->kind == SG_CONF_FILE_EARLIER_KEY ||
	       f->kind == SG_CONF_FILE_TLS_KEY || f->kind == SG_CONF_FILE_CHALLENGE ||
	       f->kind == SG_CONF_FILE_SECRET;
}

/* The same path as text, but for "./" and repeated slashes. */
static bool
is_same_path(const char *a, const char *b)
{
	while (true) {
		while (strncmp(a, "./", 2) == 0)
			a += 2;
		while (strncmp(b, "./", 2) == 0)
			b += 2;
		while (*a != '\0' && *a != '/' && *a == *b) {
			a++;
			b++;
		}
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a += strspn(a, "/");
		b += strspn(b, "/");
	}
}

/* May two options of one kind name one file? What is random or written is for one purpose. */
static bool
may_share(enum sg_conf_file_kind kind)
{
	return kind == SG_CONF_FILE_CERTIFICATE || kind == SG_CONF_FILE_KEY ||
	       kind == SG_CONF_FILE_CHALLENGE;
}

void
sg_conf_files_check(struct sg_conf_walk *walk, const struct sg_conf *conf)
{
	struct sg_conf_file *all = sg_calloc(FILES_MAX, sizeof *all), f = {0};
	size_t n = 0;

	if (all == NULL) {
		walk->nomem = true;
		return;
	}
	while (n < FILES_MAX && sg_conf_file_next(conf, &f)) {
		if (f.kind == SG_CONF_FILE_DIRECTORY || f.kind == SG_CONF_FILE_LISTENER)
			continue;
		for (size_t i = 0; i < n; i++) {
			bool shared = f.kind == all[i].kind && may_share(f.kind);
			if (shared || !is_same_path(f.path, all[i].path))
				continue;
			sg_conf_error_add(walk->errs, sg_conf_line(conf, f.option),
			    "conf.same-file",
			    "'%s': expected a file of its own, found that of '%s'; name another",
			    f.option, all[i].option);
			break;
		}
		all[n++] = f;
	}
	sg_free(all);
}
