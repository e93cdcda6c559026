/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/cli.h - one program, many commands: each registers one row, in a file of its own
 *
 * Help, completion and the check of options come from the row. Exit codes: 0 done, 1
 * refused or failed, 2 a mistake on the command line, 3 nobody answers (signet does not
 * run, or the server cannot be reached), 4 the request waits for an approver.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NO_ANSWER = 3, EXIT_PENDING = 4 };

#define CLI_VALUES_MAX 128u
#define CLI_POS_MAX 8u

struct cli_option {
	const char *name; /* "subject": --subject */
	char letter;	  /* 'c': -c; 0: none */
	const char *arg;  /* "FILE"; NULL: a flag */
	const char *help;
};

struct cli_value {
	const struct cli_option *option;
	const char *value;
};

struct cli_args {
	const struct cli_command *command;
	size_t value_n;
	struct cli_value value[CLI_VALUES_MAX];
	size_t pos_n;
	const char *pos[CLI_POS_MAX];
};

struct cli_command {
	const char *name; /* "challenge new" */
	const char *args; /* "URL", "[DIR]"; "" for none */
	size_t pos_min, pos_max;
	const char *summary; /* one line */
	const char *text;    /* paragraphs of --help and the manual page; may be NULL */
	const struct cli_option *options; /* ends with a zero row */
	int (*run)(const struct cli_args *a);
};

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

/* "signet COMMAND: text" on standard error; returns the exit code of the err's kind. */
int
cli_fail(const struct cli_args *a, const struct sg_err *err);
int
cli_usage(const struct cli_args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define CLI_OPTION_CONF                                                                            \
	{                                                                                          \
		"config", 'c', "FILE",                                                             \
		    "the configuration (default: signet-data/signet.yaml, "                        \
		    "then /etc/signet/signet.yaml)"                                                \
	}
#define CLI_OPTION_JSON                                                                            \
	{                                                                                          \
		"json", 0, NULL, "answer as JSON"                                                  \
	}
#define CLI_OPTION_END                                                                             \
	{                                                                                          \
		NULL, 0, NULL, NULL                                                                \
	}

/* The path of the configuration that a command is about, absolute; NULL after a message. */
const char *
cli_conf_path(const struct cli_args *a);
/* No other user can have another one found by the name that was given; false after a message. */
bool
cli_conf_way_is_ours(const struct cli_args *a);
/* Read it; NULL after a message. */
struct sg_conf *
cli_conf_load(const struct cli_args *a, const char *path);

/*
 * Ask a role ("registrar", "ca") of the running system; question is released. On success
 * *ret is the answer, to be released; otherwise a message was printed and the exit code is
 * returned.
 */
int
cli_ask(const struct cli_args *a, const char *role, json_t *question, json_t **ret);

/* Print JSON to standard output, indented, and a line feed. */
void
cli_print_json(const json_t *v);
/* To compare, never to print: it is what a role said. */
const char *
cli_json_text(const json_t *o, const char *name);
/* To print: cli_show of it. */
const char *
cli_json_show(const json_t *o, const char *name);
int64_t
cli_json_int(const json_t *o, const char *name);
/* "2026-11-20T13:44:00Z" in a static buffer, "-" for 0. */
const char *
cli_time(int64_t at);
/* Outside text made printable, in one of four static buffers in turn. */
const char *
cli_show(const char *s);

extern const struct cli_command cli_up, cli_run, cli_check, cli_challenge_new, cli_ca_list,
    cli_ca_show, cli_ca_revoke, cli_ca_release, cli_ca_crl, cli_ca_import, cli_trace, cli_events,
    cli_explain, cli_fsck, cli_status, cli_enroll, cli_renew, cli_getcacert, cli_getcacaps;

/* All commands in the order of the help. */
extern const struct cli_command *const cli_commands[];
extern const size_t cli_command_n;
