/* SPDX-License-Identifier: Apache-2.0 */

/*
 * net.c - addresses and networks, from their texts and compared
 *
 * conf reads the operator's networks with it, http asks whether who connects is in one.
 */

#include "base/net.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/decimal.h"

#define V4_AT 12 /* of the 16 bytes */
#define V4_BITS (8u * V4_AT)

static bool
is_v4(const struct sg_ip *ip)
{
	struct in6_addr v6;

	memcpy(&v6, ip->b, sizeof v6);
	return IN6_IS_ADDR_V4MAPPED(&v6);
}

static void
put_v4(const void *four, struct sg_ip *ret)
{
	*ret = (struct sg_ip){.b = {[10] = 0xff, [11] = 0xff}};
	memcpy(ret->b + V4_AT, four, 4);
}

bool
sg_ip_parse(struct sg_slice text, struct sg_ip *ret)
{
	char copy[SG_NET_TEXT_LEN];
	struct in_addr v4;
	struct in6_addr v6;

	if (text.len == 0 || text.len >= sizeof copy || memchr(text.p, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, &v4) == 1) {
		put_v4(&v4, ret);
		return true;
	}
	if (inet_pton(AF_INET6, copy, &v6) != 1)
		return false;
	memcpy(ret->b, &v6, sizeof ret->b);
	return true;
}

bool
sg_ip_from(const struct sockaddr_storage *sa, struct sg_ip *ret)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->ss_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		put_v4(&v4.sin_addr, ret);
		return true;
	}
	if (sa->ss_family != AF_INET6)
		return false;
	memcpy(&v6, sa, sizeof v6);
	memcpy(ret->b, &v6.sin6_addr, sizeof ret->b);
	return true;
}

void
sg_ip_put(const struct sg_ip *ip, char ret[SG_NET_TEXT_LEN])
{
	bool v4 = is_v4(ip);

	/* It cannot fail: both families are known, and ret has room for the longest. */
	inet_ntop(v4 ? AF_INET : AF_INET6, ip->b + (v4 ? V4_AT : 0), ret, SG_NET_TEXT_LEN);
}

/* Are the first bits of both the same? */
static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool
has_host_bits(const struct sg_net *net)
{
	struct sg_ip none = net->ip;

	for (unsigned n = net->bits; n < 128; n++)
		none.b[n / 8] &= (uint8_t) ~(0x80u >> (n % 8));
	return memcmp(&none, &net->ip, sizeof none) != 0;
}

const char *
sg_net_parse(const char *text, struct sg_net *ret)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct sg_net net = {.bits = 128};
	uint64_t bits = 0;

	if (!sg_ip_parse(sg_slice(text, len), &net.ip))
		return "write it in numbers: 192.0.2.1, 10.0.0.0/8, \"2001:db8::1\" or "
		       "\"2001:db8::/32\"";
	if (slash != NULL) {
		/* ::ffff:10.0.0.0/104 is written in IPv6's bits. */
		bool v4 = memchr(text, ':', len) == NULL;
		if (sg_decimal_parse(sg_slice_str(slash + 1), v4 ? 32 : 128, &bits, NULL) != SG_OK)
			return "write after the '/' how many bits are fixed: at most 32 of IPv4, "
			       "128 of IPv6";
		if (bits == 0)
			return "write who may be a proxy: whom all the world has to be trusted "
			       "for could name any address as its own";
		net.bits = (v4 ? V4_BITS : 0) + (unsigned)bits;
	}
	if (has_host_bits(&net))
		return "write the network's first address, or a '/' with more bits: some are set "
		       "beyond them";
	*ret = net;
	return NULL;
}

bool
sg_net_any_has(const struct sg_net *nets, size_t n, const struct sg_ip *ip)
{
	bool v4 = is_v4(ip);

	for (size_t i = 0; i < n; i++)
		if (v4 == (is_v4(&nets[i].ip) && nets[i].bits >= V4_BITS) &&
		    same_bits(nets[i].ip.b, ip->b, nets[i].bits))
			return true;
	return false;
}
