/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A line of the access log, its texts chosen by a stranger (one per line of the input): stays
 * one line of fifteen fields in printable ASCII, of bounded length.
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "base/limits.h"
#include "http/w3clog.h"

#define FIELDS 15u

static struct sg_slice
next(struct sg_slice *rest)
{
	const uint8_t *lf = rest->len == 0 ? NULL : memchr(rest->p, '\n', rest->len);
	size_t n = lf == NULL ? rest->len : (size_t)(lf - rest->p);
	struct sg_slice s = sg_slice(rest->p, n);

	n += lf != NULL;
	*rest = sg_slice(rest->p + n, rest->len - n);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_slice rest = sg_slice(data, len);
	struct sg_http_record rec = {.at_us = 1763640000000000, .taken_us = 1, .status = 200};
	sg_buf_scoped line = {0};
	size_t spaces = 0;

	rec.server_addr = "192.0.2.1";
	rec.method = next(&rest);
	rec.stem = next(&rest);
	rec.query = next(&rest);
	rec.user = next(&rest);
	rec.agent = next(&rest);
	rec.referer = rest;
	sg_w3clog_line(&line, &rec);
	if (line.failed != SG_OK || line.len > SG_ACCESS_LINE_MAX || line.p[line.len - 1] != '\n')
		abort();
	for (size_t i = 0; i + 1 < line.len; i++) {
		if (line.p[i] < 0x20 || line.p[i] > 0x7e)
			abort();
		spaces += line.p[i] == ' ';
	}
	if (spaces != FIELDS - 1)
		abort();
	return 0;
}
