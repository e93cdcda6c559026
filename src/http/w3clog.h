/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/w3clog.h - the access log in W3C extended format, with IIS's default fields
 *
 * Limits:   a line is at most SG_ACCESS_LINE_MAX bytes: outside texts are cut and their length
 *           said, the `message` of a query to its beginning.
 * Security: texts come from strangers; spaces become '+', controls and bytes above 0x7e
 *           become %XX, so that a line stays a line and a field stays a field.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* One finished request. Empty slices are written as '-'. */
struct sg_http_record {
	uint64_t id;   /* of the request, 0 for a head that was refused */
	int64_t at_us; /* UTC, when the request was finished, as IIS does */
	int64_t taken_us;
	struct sg_slice method;
	struct sg_slice stem;  /* cs-uri-stem, as received */
	struct sg_slice query; /* cs-uri-query, as received */
	struct sg_slice user;
	struct sg_slice agent;
	struct sg_slice referer;
	const char *server_addr;
	const char *client_addr;
	unsigned server_port;
	int status, sub_status;
	unsigned win32_status;
	size_t received, sent; /* bytes of body; not in the default fields */
	unsigned mark;	       /* the answer's; not written */
};

/* One line, with its line feed. */
void
sg_w3clog_line(struct sg_buf *b, const struct sg_http_record *rec);
/* The four '#' lines; software is our name and version. */
void
sg_w3clog_header(struct sg_buf *b, const char *software, int64_t at_us);
/* A line for people, which tools that read the format skip; text is ours, without a line feed. */
void
sg_w3clog_remark(struct sg_buf *b, int64_t at_us, const char *text);
