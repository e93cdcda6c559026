/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/errors.h - the mistakes of a configuration, in the order of its lines
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"

/* One mistake. */
struct sg_conf_error {
	unsigned line;	  /* 1 and up; 0: the file as a whole */
	const char *rule; /* static: "conf.unknown", "conf.type", ... */
	char text[400];	  /* "'front.listen': expected ..., found ...; ..." */
};

struct sg_conf_errors {
	char file[256]; /* set by sg_conf_parse, for the messages */
	size_t n;
	size_t more; /* found, but past SG_CONF_ERRORS_MAX */
	struct sg_conf_error item[SG_CONF_ERRORS_MAX];
};

/* Add a mistake that was found elsewhere: rule is a literal, the text one line. */
void
sg_conf_error_add(struct sg_conf_errors *errs, unsigned line, const char *rule, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* "FILE:LINE: TEXT\n" for each mistake, in the order of the lines, and one line for what was
 * left out. Outside text in it is escaped already. */
void
sg_conf_errors_put(const struct sg_conf_errors *errs, struct sg_buf *b);
