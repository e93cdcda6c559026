/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli/commands.h - the table of all commands, in the order of the help
 *
 * A command is a file that defines its struct cli_command, and a row here.
 */

#include <stddef.h>

#include "cli/cli.h"

#define CLI_COMMANDS(ROW)                                                                          \
	ROW(cli_up)                                                                                \
	ROW(cli_run)                                                                               \
	ROW(cli_check)                                                                             \
	ROW(cli_challenge_new)                                                                     \
	ROW(cli_enroll)                                                                            \
	ROW(cli_renew)                                                                             \
	ROW(cli_getcacert)                                                                         \
	ROW(cli_getcacaps)                                                                         \
	ROW(cli_trace)                                                                             \
	ROW(cli_events)                                                                            \
	ROW(cli_explain)                                                                           \
	ROW(cli_api)                                                                               \
	ROW(cli_ca_list)                                                                           \
	ROW(cli_ca_show)                                                                           \
	ROW(cli_ca_revoke)                                                                         \
	ROW(cli_ca_release)                                                                        \
	ROW(cli_ca_crl)                                                                            \
	ROW(cli_ca_import)                                                                         \
	ROW(cli_ca_audit)                                                                          \
	ROW(cli_registrar_backup)                                                                  \
	ROW(cli_ca_backup)                                                                         \
	ROW(cli_status)                                                                            \
	ROW(cli_fsck)

#define CLI_COMMAND_DECLARE(row) extern const struct cli_command row;
CLI_COMMANDS(CLI_COMMAND_DECLARE)
#undef CLI_COMMAND_DECLARE

extern const struct cli_command *const cli_commands[];
extern const size_t cli_command_n;

/* The command whose words begin the arguments; *ret_words says how many they are. Or NULL. */
const struct cli_command *
cli_command_find(int argc, char **argv, int *ret_words);
