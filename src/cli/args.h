/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/args.h - what was given on the command line, and how a command fails
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/cli.h"
#include "json/schema.h"

/* Read what follows the command's words. EXIT_OK, with *ret_help when help is asked for; or
 * EXIT_USAGE after a message. */
int
cli_args_read(const struct cli_command *c, int argc, char **argv, int at, struct cli_args *ret,
    bool *ret_help);
/* The last value of an option, NULL when it was not given; a flag's is "". */
const char *
cli_get(const struct cli_args *a, const char *name);
/* The n-th value of an option that may be repeated, NULL past the last. */
const char *
cli_get_nth(const struct cli_args *a, const char *name, size_t n);
/* A duration option in seconds, or otherwise; on a mistake prints it and returns -1. */
int64_t
cli_get_duration(const struct cli_args *a, const char *name, int64_t otherwise);
/* A number 0..max, or otherwise; on a mistake prints it and returns -1. */
int64_t
cli_get_number(const struct cli_args *a, const char *name, int64_t max, int64_t otherwise);
/* An option that is one of some words, letter case ignored: EXIT_OK, with its value where it was
 * given; or EXIT_USAGE after a message that has them all. */
int
cli_get_word(const struct cli_args *a, const char *name, const struct sg_json_word *words,
    bool *ret_has, int *ret);

/* "signet COMMAND: text" on standard error; returns the exit code of the err's kind. */
int
cli_fail(const struct cli_args *a, const struct sg_err *err);
/* The same of what is in a file. */
int
cli_fail_file(const struct cli_args *a, const char *file, const struct sg_err *err);
int
cli_usage(const struct cli_args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
