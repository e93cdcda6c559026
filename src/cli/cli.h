/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/cli.h - one program, many commands: each is one row, in a file of its own
 *
 * Help, completion and the check of options come from the row; commands.h is the table.
 * Exit codes: 0 done, 1 refused or failed, 2 a mistake on the command line, 3 nobody answers
 * (signet does not run, or the server cannot be reached), 4 the request waits for an approver.
 */

#include <stddef.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NO_ANSWER = 3, EXIT_PENDING = 4 };

#define CLI_VALUES_MAX 128u
#define CLI_POS_MAX 8u

struct cli_option {
	const char *name; /* "subject": --subject */
	char letter;	  /* 'c': -c; 0: none */
	const char *arg;  /* "FILE"; NULL: a flag */
	const char *help; /* NULL: of tests alone, and in no help, page or completion */
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

#define CLI_OPTION_CONF                                                                            \
	{                                                                                          \
		"config", 'c', "FILE",                                                             \
		    "the configuration (default: signet-data/signet.yaml, "                        \
		    "then /etc/signet/signet.yaml)"                                                \
	}
/* What roles inherit beside TZ and LANG; see cli_pass_env(). */
#define CLI_OPTION_PASS_ENV                                                                        \
	{                                                                                          \
		"pass-env", 0, "NAME", NULL                                                        \
	}
#define CLI_OPTION_JSON                                                                            \
	{                                                                                          \
		"json", 0, NULL, "answer as JSON"                                                  \
	}
#define CLI_OPTION_END                                                                             \
	{                                                                                          \
		NULL, 0, NULL, NULL                                                                \
	}
