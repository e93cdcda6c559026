/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/sandbox_calls.h - private to service/sandbox*.c: the table of what each role may do
 */

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SG_SANDBOX_GROUPS_MAX 6u
#define SG_SANDBOX_PATHS_MAX 4u

/* A system call that is allowed when all of its conditions hold. */
struct sg_sandbox_call {
	const char *name;	     /* NULL ends a list */
	struct scmp_arg_cmp when[2]; /* op 0: none */
	int refuse;		     /* not 0: fails with this error instead of being allowed */
	bool own_pid;		     /* the first argument must be this process */
};

enum sg_sandbox_base {
	SG_SANDBOX_NONE,
	SG_SANDBOX_DATA, /* below the configuration's `data` */
	SG_SANDBOX_CRL,	 /* the directory of `ca.crl` */
	SG_SANDBOX_ROOT, /* as it stands */
};

struct sg_sandbox_path {
	enum sg_sandbox_base base;
	const char *path; /* appended to the base */
	bool write;	  /* a directory to keep files in; else a file to read */
};

struct sg_sandbox_row {
	const char *role;					    /* NULL ends the table */
	const struct sg_sandbox_call *group[SG_SANDBOX_GROUPS_MAX]; /* NULL ends */
	struct sg_sandbox_path path[SG_SANDBOX_PATHS_MAX];	    /* NONE ends */
	uint64_t descriptors, data_mib;
	bool appends; /* files end where the access log does */
};

extern const struct sg_sandbox_row sg_sandbox_rows[];
