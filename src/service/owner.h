/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/owner.h - who may change a file: its owner and mode, and those of every directory and
 * symbolic link on the way to it
 *
 * Trusted are root and the user of this process. A group may write where it is the owner's private
 * one (gid = uid, as most distributions make users); a directory that everybody may write must be
 * sticky, as /tmp is. Anything else could be exchanged by another user of the machine.
 */

#include "base/err.h"

/* The opened file of that path. SG_E_DENIED ("file.owner"): the text names what is wrong where, and
 * the command that corrects it. Files that are not regular have no content to protect. */
SG_RC
sg_owner_check_file(int fd, const char *path, struct sg_err *err);
/* The directories and links on the way to path, which need not exist, and path itself if it is a
 * directory or a link. Ask with the path as it was given: realpath() forgets the way. */
SG_RC
sg_owner_check_way(const char *path, struct sg_err *err);
