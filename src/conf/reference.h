/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/reference.h - what is written from the schema: a first configuration, the documentation, the
 * list for completion
 */

#include "base/buf.h"
#include "base/err.h"

/* A commented configuration for `signet up` that parses cleanly; site and listen are the
 * values of those options. SG_E_USAGE ("conf.default") when one of them is not acceptable. */
SG_RC
sg_conf_put_default(struct sg_buf *b, const char *site, const char *listen, struct sg_err *err);

/* The reference documentation, Markdown: docs/configuration.md is exactly this. */
void
sg_conf_put_reference(struct sg_buf *b);
