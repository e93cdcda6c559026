/* SPDX-License-Identifier: Apache-2.0 */

/*
 * http/forwarded.h: the input as a value, and as whole field lines. What is named is an address
 * that is no trusted proxy's, it stays itself when it is written and read, and a stranger's text
 * to the left of it changes nothing.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "http/forwarded.h"

static const struct sg_net trusted[] = {
    {{{[10] = 0xff, [11] = 0xff, [12] = 10}}, 104}, /* 10.0.0.0/8 */
    {{{0x20, 0x01, 0x0d, 0xb8, 0x00, 0x0f}}, 48},   /* 2001:db8:f::/48 */
};

static bool
ask(const struct sg_buf *fields, struct sg_ip *ret)
{
	return sg_http_forwarded(sg_buf_slice(fields), trusted, 2, ret);
}

static void
as_value(struct sg_slice input)
{
	sg_buf_scoped fields = {0}, longer = {0};
	struct sg_ip one = {{0}}, same = {{0}};

	sg_buf_puts(&fields, "X-Forwarded-For: ");
	sg_buf_put_slice(&fields, input);
	sg_buf_puts(&fields, "\r\n");
	sg_buf_puts(&longer, "X-Forwarded-For: 192.0.2.99, nonsense\r\n");
	sg_buf_put_slice(&longer, sg_buf_slice(&fields));
	if (!ask(&fields, &one))
		return;
	require(ask(&longer, &same) && memcmp(&one, &same, sizeof one) == 0);
	require(!sg_net_any_has(trusted, 2, &one));
	/* What the next proxy makes of it. */
	char text[SG_NET_TEXT_LEN];
	sg_ip_put(&one, text);
	sg_buf_printf(&longer, "X-Forwarded-For: %s, 10.0.0.1\r\n", text);
	memset(&same, 0, sizeof same);
	require(ask(&longer, &same) && memcmp(&one, &same, sizeof one) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_ip ip;

	if (len > 0 && memchr(data, '\n', len) == NULL)
		as_value(sg_slice(data, len));
	if (sg_http_forwarded(sg_slice(data, len), trusted, 2, &ip))
		require(!sg_net_any_has(trusted, 2, &ip));
	return 0;
}
