/* SPDX-License-Identifier: Apache-2.0 */

/*
 * errors.c - the list of mistakes that parser, check and the supervisor add to, and how it is
 * printed
 */

#include "conf/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"

/* The list stays sorted by line; when it is full the mistake furthest down makes room. */
void
sg_conf_error_add(
    struct sg_conf_errors *errs, unsigned line, const char *rule, const char *fmt, ...)
{
	size_t at = errs->n;
	while (at > 0 && errs->item[at - 1].line > line)
		at--;
	if (errs->n == SG_CONF_ERRORS_MAX) {
		errs->more++;
		if (at == errs->n)
			return;
		errs->n--;
	}
	memmove(&errs->item[at + 1], &errs->item[at], (errs->n - at) * sizeof errs->item[0]);
	errs->n++;
	struct sg_conf_error *e = &errs->item[at];
	e->line = line;
	e->rule = rule;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
}

static void
put_file(const struct sg_conf_errors *errs, struct sg_buf *b)
{
	sg_escape_put(b, sg_slice_str(errs->file), sizeof errs->file);
	sg_buf_puts(b, ":");
}

void
sg_conf_errors_put(const struct sg_conf_errors *errs, struct sg_buf *b)
{
	for (size_t i = 0; i < errs->n; i++) {
		const struct sg_conf_error *e = &errs->item[i];
		put_file(errs, b);
		if (e->line > 0)
			sg_buf_printf(b, "%u:", e->line);
		sg_buf_printf(b, " %s\n", e->text);
	}
	if (errs->more == 0)
		return;
	put_file(errs, b);
	sg_buf_printf(b, " %zu more mistakes are not shown; correct these first\n", errs->more);
}
