/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/w3clog.h - the access log in W3C extended format, with IIS's default fields
 *
 * Ownership: the log borrows the descriptor it is given; it never closes one.
 * Limits:    a line is at most a few kilobytes: outside texts are cut, the `message` of a
 *            query to its beginning and its length.
 * Security:  texts come from strangers; spaces become '+', controls and bytes above 0x7e
 *            become %XX, so that a line stays a line and a field stays a field.
 * Threads:   one thread at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
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
};

/* One line, with its line feed. */
void
sg_w3clog_line(struct sg_buf *b, const struct sg_http_record *rec);
/* The four '#' lines; software is our name and version. */
void
sg_w3clog_header(struct sg_buf *b, const char *software, int64_t at_us);

struct sg_w3clog;

/* Start a log on fd (opened with O_APPEND); the header goes in front of the first line. */
SG_RC
sg_w3clog_new(int fd, const char *software, struct sg_w3clog **ret, struct sg_err *err);
/* What is buffered is written out first, errors ignored. */
void
sg_w3clog_free(struct sg_w3clog **logp);
/* Add a line; goes to the descriptor when 64 KiB have gathered. Lines that find no memory
 * or a full disk are dropped and counted. */
void
sg_w3clog_put(struct sg_w3clog *log, const struct sg_http_record *rec);
/* Write out what is buffered: call it every second. SG_E_IO ("http.log.write") says how many
 * lines were lost; the log stays usable. */
SG_RC
sg_w3clog_flush(struct sg_w3clog *log, struct sg_err *err);
/* Go on in another file (rotation), with a new header. */
void
sg_w3clog_reopen(struct sg_w3clog *log, int fd);
/* Lines lost so far. */
uint64_t
sg_w3clog_lost(const struct sg_w3clog *log);
