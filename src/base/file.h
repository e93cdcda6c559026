/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/file.h - reading and writing small files whole
 */

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Append what the descriptor has, from its beginning. SG_E_LIMIT past the buffer's max. */
SG_RC
sg_file_read_fd(int fd, const char *name, struct sg_buf *out, struct sg_err *err);
SG_RC
sg_file_read(const char *path, struct sg_buf *out, struct sg_err *err);
/* All or nothing: a temporary file beside path, fsync, rename, fsync of the directory.
 * A symbolic link at path is replaced, not followed. SG_E_IO "file.full": there is no space, and
 * path is as it was; "file.write". */
SG_RC
sg_file_write(const char *path, struct sg_slice content, mode_t mode, struct sg_err *err);
/* As sg_file_write, but SG_E_CONFLICT ("file.exists") when path exists. */
SG_RC
sg_file_create(const char *path, struct sg_slice content, mode_t mode, struct sg_err *err);
