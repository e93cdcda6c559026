/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/addr_private.h - how many connections each address has
 *
 * Threads: the loop's.
 */

#include <stdbool.h>
#include <sys/socket.h>

struct addr;
struct addr_table;

struct addr_table *
sg_http_addrs_new(void);
void
sg_http_addrs_free(struct addr_table **tablep);
/* One more; NULL when it has max already (*ret_full) or there is no memory. */
struct addr *
sg_http_addrs_take(
    struct addr_table *table, const struct sockaddr_storage *sa, unsigned max, bool *ret_full);
void
sg_http_addrs_give(struct addr_table *table, struct addr *addr);
