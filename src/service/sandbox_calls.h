/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/sandbox_calls.h - system calls that a role may make: rows, and the groups that several
 * roles share
 *
 * A group that only one role has stands in that role's service.c. A system call that is in no group
 * of a role ends its process.
 */

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A system call that is allowed when all of its conditions hold. */
struct sg_sandbox_call {
	const char *name;	     /* NULL ends a list */
	struct scmp_arg_cmp when[2]; /* op 0: none */
	int refuse;		     /* not 0: fails with this error instead of being allowed */
	bool own_pid;		     /* the first argument must be this process */
};

#define SG_CALL_IS(n, value)                                                                       \
	{                                                                                          \
		(n), SCMP_CMP_EQ, (value), 0                                                       \
	}
#define SG_CALL_BITS(n, mask, value)                                                               \
	{                                                                                          \
		(n), SCMP_CMP_MASKED_EQ, (mask), (value)                                           \
	}

/* A call with a descriptor that is not 0 to 3, hence not the log: one of its bits above is set. A
 * comparison would be of all 64 bits, of which the kernel takes 32. */
#define SG_CALL_NOT_THE_LOG(call)                                                                  \
	{.name = (call), .when = {SG_CALL_BITS(0, 4, 4)}},                                         \
	    {.name = (call), .when = {SG_CALL_BITS(0, 8, 8)}},                                     \
	    {.name = (call), .when = {SG_CALL_BITS(0, 16, 16)}},                                   \
	    {.name = (call), .when = {SG_CALL_BITS(0, 32, 32)}},                                   \
	    {.name = (call), .when = {SG_CALL_BITS(0, 64, 64)}},                                   \
	{                                                                                          \
		.name = (call), .when = { SG_CALL_BITS(0, 128, 128) }                              \
	}

/* Calls for one purpose. */
struct sg_sandbox_calls {
	const char *what; /* what they give beyond frames and their loop, threads, memory and time,
			   * for the table of SECURITY.md; NULL: nothing that counts */
	const struct sg_sandbox_call *call;
};

/* Every role: frames on its edges, threads, memory, time, its end. */
extern const struct sg_sandbox_calls sg_sandbox_common;
/* Roles that open no file at all. */
extern const struct sg_sandbox_calls sg_sandbox_no_files;
/* SQLite; Landlock says below which directory. */
extern const struct sg_sandbox_calls sg_sandbox_database;
/* The command line's socket, which listens already. */
extern const struct sg_sandbox_calls sg_sandbox_control;
