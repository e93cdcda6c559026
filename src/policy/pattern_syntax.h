/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/pattern_syntax.h - how patterns of subjects and alternative names are written
 */

#include <stdbool.h>

#include "x509/san.h"

/* Syntax of one subject or SAN pattern: NULL when it is well-formed, else what is wrong. */
const char *
sg_pattern_subject_wrong(const char *pattern);
const char *
sg_pattern_san_wrong(const char *pattern);
/* True when the pattern leaves a name that identifies somebody to the requester. */
bool
sg_pattern_subject_is_free(const char *pattern);
bool
sg_pattern_san_is_free(const char *pattern);
/* The kind of a pattern, 0 when unknown. */
enum sg_san_type
sg_pattern_san_kind(const char *pattern);
