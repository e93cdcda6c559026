/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/addr.h - the address of a peer as a number, so that one customer has one
 *
 * IPv4 is the whole address, a number below 2^32. IPv6 is its /64, which is what one customer
 * gets at the least. An IPv6 address that only carries an IPv4 one (mapped, 6to4, NAT64, Teredo)
 * is that IPv4 address: who has one of those has the other, too, and behind a NAT64 all devices
 * of the Internet would share a /64. ::/32, of which nothing is routed, has the numbers of IPv4.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Other families, and what is no address: 0. */
uint64_t
sg_addr_key(const struct sockaddr_storage *sa);
/* The same of an address as text. */
uint64_t
sg_addr_key_text(const char *text);
static inline bool
sg_addr_key_is_v4(uint64_t key)
{
	return key >> 32 == 0;
}
