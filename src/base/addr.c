/* SPDX-License-Identifier: Apache-2.0 */

/*
 * addr.c - which customer an address belongs to, for every count of what addresses do
 */

#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

/* IPv6 prefixes that carry an IPv4 address, and where. */
static const struct {
	uint8_t prefix[12];
	size_t len, at;
	bool inverted;
} carriers[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, 12, false}, /* ::ffff:0:0/96, mapped */
    {{0x00, 0x64, 0xff, 0x9b}, 12, 12, false},			 /* 64:ff9b::/96, NAT64 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 6, 12, false},	 /* RFC 8215: a NAT64 at home */
    {{0x20, 0x02}, 2, 2, false},				 /* 2002::/16, 6to4 */
    {{0x20, 0x01, 0x00, 0x00}, 4, 12, true},			 /* 2001::/32, Teredo */
};

static uint64_t
number(const uint8_t *p, size_t len)
{
	uint64_t n = 0;
	for (size_t i = 0; i < len; i++)
		n = n << 8 | p[i];
	return n;
}

static uint64_t
key_v6(const uint8_t a[16])
{
	for (size_t n = 0; n < sizeof carriers / sizeof carriers[0]; n++)
		if (memcmp(a, carriers[n].prefix, carriers[n].len) == 0)
			return number(a + carriers[n].at, 4) ^
			       (carriers[n].inverted ? 0xffffffffu : 0);
	return number(a, 8);
}

uint64_t
sg_addr_key(const struct sockaddr_storage *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->ss_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		return ntohl(v4.sin_addr.s_addr);
	}
	if (sa->ss_family != AF_INET6)
		return 0;
	memcpy(&v6, sa, sizeof v6);
	return key_v6(v6.sin6_addr.s6_addr);
}

uint64_t
sg_addr_key_text(const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr);
	return inet_pton(AF_INET6, text, &v6) == 1 ? key_v6(v6.s6_addr) : 0;
}
