/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/https.h - whether the certificates of `front.tls` are what clients of HTTPS accept
 *
 * Said by `signet check`, by front when it starts, and by front when it is given new ones: it
 * refuses the new ones where something is fatal, and goes on with those that it has.
 * Threads: no shared state.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/tls_server.h"

/* The text of the files of `front.tls`, and the pairs that borrow from it. */
struct sg_https {
	size_t n;
	struct sg_buf chain[SG_TLS_PAIRS_MAX], key[SG_TLS_PAIRS_MAX];
	struct sg_tls_pair pair[SG_TLS_PAIRS_MAX];
};

#define sg_https_scoped __attribute__((cleanup(sg_https_clear))) struct sg_https

/* One more pair, from its two descriptors, which stay the caller's; at most SG_TLS_PAIRS_MAX. *h
 * begins as zeros, and is not copied. What sg_file_read_fd says, with the option in front. */
SG_RC
sg_https_add(struct sg_https *h, int chain_fd, int key_fd, struct sg_err *err);
/* Wipe and release. */
void
sg_https_clear(struct sg_https *h);

/* Of what was judged: when the first of the servers' certificates ends, and whose that is. */
struct sg_https_end {
	int64_t at; /* UTC */
	size_t item;
};

/*
 * Judge all pairs, at least one. What is wrong goes to tell, with the option
 * ("front.tls[0].key"). Fatal: what sg_tls_pair_info says ("tls.chain", "tls.key", "key.encrypted"
 * and so on), and "tls.ca": a CA's certificate, whose key does not belong where strangers reach.
 * Warnings: "tls.dates" (ended, or not begun), "tls.purpose" (an extKeyUsage without serverAuth),
 * "tls.nameless" (no DNS name and no address among the alternative names), "tls.twice" (a name that
 * an earlier pair has with the same type of key: this one is never shown for it).
 * *ret is written where nothing was fatal.
 */
void
sg_https_judge(const struct sg_https *h, int64_t now,
    void (*tell)(void *arg, bool fatal, const char *option, const struct sg_err *finding),
    void *arg, struct sg_https_end *ret);
