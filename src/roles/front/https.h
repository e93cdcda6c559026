/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/front/https.h - the certificates and keys of HTTPS (private to roles/front)
 *
 * They come from the supervisor, at the start and whenever their files were replaced. The keys are
 * in OpenSSL's memory and nowhere else: the text of the files is wiped when it was read.
 */

#include <stdbool.h>

#include "base/err.h"
#include "crypto/tls_server.h"

struct front;

/* The certificates that were handed over, in *ret, the caller's; NULL: the configuration has none.
 * What is wrong with them as service/https.h has it, with the option in front; warnings are in the
 * log. */
SG_RC
front_https_start(struct front *f, struct sg_tls_server **ret, struct sg_err *err);
/* Watch the end of the certificates that are in use; on the loop of HTTP, which does not turn. */
SG_RC
front_https_watch(struct front *f, struct sg_err *err);
/* On the channel's thread: a file of new ones, which is taken over; false: the name is not one of
 * them. After the last one the supervisor is told whether they are used. */
bool
front_https_file(struct front *f, const char *name, int fd);
/* On the loop's thread: new connections get the new ones, if there are any. */
void
front_https_turn(struct front *f);
