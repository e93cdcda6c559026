/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/write.h - a file that must be written also when the disk is full (private to roles/ca)
 */

#include "base/err.h"
#include "base/slice.h"

struct ca;

/* sg_file_write for a file that must be written also when the disk is full: a revocation list. */
SG_RC
ca_write_file(struct ca *ca, const char *path, struct sg_slice content, struct sg_err *err);
