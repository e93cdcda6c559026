/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The head of an answer to our client, line by line as libcurl hands it over: what is kept are
 * texts that end, of one line, and a time to wait that can be waited for.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "http/client.h"

static void
check_text(const char *text, size_t size)
{
	const char *end = memchr(text, 0, size);

	if (end == NULL || (end > text && end[-1] == ' ') || text[0] == ' ' ||
	    strpbrk(text, "\n") != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sg_http_reply_scoped reply = {0};

	while (len > 0) {
		const uint8_t *lf = memchr(data, '\n', len);
		size_t n = lf == NULL ? len : (size_t)(lf - data) + 1;
		sg_http_reply_line(&reply, sg_slice(data, n));
		check_text(reply.content_type, sizeof reply.content_type);
		check_text(reply.retry_after, sizeof reply.retry_after);
		for (const char *s = reply.content_type; *s != 0; s++)
			if (*s == ';' || (*s >= 'A' && *s <= 'Z'))
				abort();
		int64_t wait = sg_http_retry_after(reply.retry_after, 1763640000);
		if (wait < -1 || wait > 1000000000000 || (reply.retry_after[0] == 0 && wait != -1))
			abort();
		data += n;
		len -= n;
	}
	return 0;
}
