/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/supervisor/tlsfiles.h - the files of `front.tls` while Signet runs (private to the
 * supervisor)
 */

#include <stdbool.h>
#include <stdint.h>

#include "conf/errors.h"

struct child;
struct supervisor;

/* What was opened for front becomes copies in memory, which nobody changes; mistakes in errs. */
void
supervisor_tls_init(struct supervisor *s, struct sg_conf_errors *errs);
/* The operator says that there are new ones. */
void
supervisor_tls_look(struct supervisor *s);
/* Look when that is due; *next_ms (monotonic) becomes when the next look is, if that is sooner. */
void
supervisor_tls_due(struct supervisor *s, int64_t *next_ms);
/* A role serves: it gets what it has not answered for. */
void
supervisor_tls_ready(struct supervisor *s, const struct child *role);
/* A role says whether it uses what it was handed under that name. */
void
supervisor_tls_answered(
    struct supervisor *s, const struct child *role, const char *name, bool taken);
