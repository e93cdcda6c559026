/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * enroll/files.h - the client's keys and certificates on disk
 *
 * A file is complete or not there; a key is written before it is used. option is what messages
 * call a file by ("key": "--key").
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/key.h"
#include "enroll/event.h"

/* Warn when others can read a file with a secret, or own it; what it is called there. */
void
sg_enroll_warn_open(const struct sg_enroll_listener *to, const char *what, const char *path);
/* The key in path, RSA (else SG_E_ALG "client.key-type"); SG_E_NOTFOUND when there is no file.
 * Warns as above. */
SG_RC
sg_enroll_key_load(
    const struct sg_enroll_listener *to, const char *path, struct sg_key **ret, struct sg_err *err);
/* A key can be made here, or exists already. SG_E_USAGE ("client.path"). */
SG_RC
sg_enroll_key_check_place(const char *option, const char *path, struct sg_err *err);
/* Make a key and write it; SG_E_CONFLICT when path exists. */
SG_RC
sg_enroll_key_make(const char *path, unsigned bits, struct sg_key **ret, struct sg_err *err);
/* Move path.pending to path, for good. */
SG_RC
sg_enroll_key_settle(const char *path, struct sg_err *err);
/* A file can be written here. SG_E_USAGE ("client.path"; "client.exists" when path exists and is
 * not to be replaced). */
SG_RC
sg_enroll_check_free(const char *option, const char *path, bool replace, struct sg_err *err);
/* PEM certificates, DER one after the other in out, each a slice in ret.
 * SG_E_MALFORMED ("client.pem"). */
SG_RC
sg_enroll_read_certs(const char *path, struct sg_buf *out, struct sg_slice *ret, size_t max,
    size_t *ret_n, struct sg_err *err);
/* Write PEM certificates; SG_E_CONFLICT when path exists and is not to be replaced. */
SG_RC
sg_enroll_write_certs(
    const char *path, const struct sg_slice *certs, size_t n, bool replace, struct sg_err *err);
