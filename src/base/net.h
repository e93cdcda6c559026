/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/net.h - addresses and the networks that an operator names ("10.0.0.0/8", "2001:db8::1")
 *
 * One address has one form: an IPv6 address that maps an IPv4 one (::ffff:0:0/96) is that IPv4
 * address, so that a network holds it whatever kind of socket it came to.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define SG_NET_TEXT_LEN INET6_ADDRSTRLEN /* of an address, with its NUL */

struct sg_ip {
	uint8_t b[16]; /* IPv4 as ::ffff:a.b.c.d */
};

/* At least one bit, and none set beyond them. */
struct sg_net {
	struct sg_ip ip;
	unsigned bits; /* of the 16 bytes: 97 to 128 of an IPv4 network */
};

/* "192.0.2.1" or "2001:db8::1", nothing around it. */
bool
sg_ip_parse(struct sg_slice text, struct sg_ip *ret);
/* Of a socket; false for one that is not of the Internet. */
bool
sg_ip_from(const struct sockaddr_storage *sa, struct sg_ip *ret);
void
sg_ip_put(const struct sg_ip *ip, char ret[SG_NET_TEXT_LEN]);

/* "ADDRESS" or "ADDRESS/BITS": NULL, or what to write instead. */
const char *
sg_net_parse(const char *text, struct sg_net *ret);
/* Is ip in one of them? IPv4 addresses are in IPv4 networks alone. */
bool
sg_net_any_has(const struct sg_net *nets, size_t n, const struct sg_ip *ip);
