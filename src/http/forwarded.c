/* SPDX-License-Identifier: Apache-2.0 */

/*
 * forwarded.c - who asked the proxy that asks us
 *
 * conn.c has it read from each complete head of a trusted proxy; everything after that knows the
 * client's address alone.
 */

#include "http/forwarded.h"

#include <string.h>

#include "base/decimal.h"
#include "http/parse.h"

#define NAME "x-forwarded-for"

/* The last of the list, in a ring: the newest is at (seen - 1) % MAX. */
struct last {
	struct sg_slice item[SG_HTTP_FORWARDED_MAX];
	size_t seen;
};

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The items of one field; empty ones are none (RFC 9110 5.6.1.2). */
static void
add_items(struct last *last, struct sg_slice value)
{
	const uint8_t *p = value.p, *end = value.p + value.len;

	while (p < end) {
		const uint8_t *comma = memchr(p, ',', (size_t)(end - p));
		const uint8_t *to = comma != NULL ? comma : end, *next = to + (comma != NULL);
		while (p < to && is_space(*p))
			p++;
		while (to > p && is_space(to[-1]))
			to--;
		if (to > p)
			last->item[last->seen++ % SG_HTTP_FORWARDED_MAX] = sg_slice(
			    p, (size_t)(to - p));
		p = next;
	}
}

/* An address, alone or as some proxies write it: "192.0.2.1:443", "[2001:db8::1]:443". */
static bool
read_item(struct sg_slice s, struct sg_ip *ret)
{
	struct sg_slice addr = s, port = {0};
	uint64_t number;

	if (s.p[0] == '[') {
		const uint8_t *end = memchr(s.p, ']', s.len);
		if (end == NULL || memchr(s.p, ':', (size_t)(end - s.p)) == NULL)
			return false;
		addr = sg_slice(s.p + 1, (size_t)(end - s.p) - 1);
		port = sg_slice(end + 1, s.len - addr.len - 2);
	} else {
		const uint8_t *colon = memchr(s.p, ':', s.len);
		size_t before = colon != NULL ? (size_t)(colon - s.p) : 0;
		if (colon != NULL && memchr(colon + 1, ':', s.len - before - 1) == NULL) {
			addr = sg_slice(s.p, before);
			port = sg_slice(colon, s.len - before);
		}
	}
	if (port.len > 0 &&
	    (port.p[0] != ':' || sg_decimal_parse(sg_slice(port.p + 1, port.len - 1), 65535,
				     &number, NULL) != SG_OK))
		return false;
	return sg_ip_parse(addr, ret);
}

bool
sg_http_forwarded(struct sg_slice fields, const struct sg_net *trusted, size_t n, struct sg_ip *ret)
{
	struct last last = {.seen = 0};
	struct sg_slice value;
	struct sg_ip ip;

	while (sg_http_field_next(&fields, NAME, &value))
		add_items(&last, value);
	for (size_t i = 0; i < last.seen && i < SG_HTTP_FORWARDED_MAX; i++) {
		if (!read_item(last.item[(last.seen - 1 - i) % SG_HTTP_FORWARDED_MAX], &ip))
			return false;
		if (!sg_net_any_has(trusted, n, &ip)) {
			*ret = ip;
			return true;
		}
	}
	return false;
}
