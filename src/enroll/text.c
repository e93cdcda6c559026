/* SPDX-License-Identifier: Apache-2.0 */

/*
 * text.c - names, times and paths as messages of the client say them
 *
 * Every other file of the client writes its refusals and warnings with these.
 */

#include "enroll/text.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/date.h"
#include "base/escape.h"
#include "x509/name.h"
#include "x509/name_text.h"

#define SHOWN_MAX 1008u
#define LINE_IN_MAX 4096u /* of a web page that is no SCEP answer, that much is read */
#define LINE_SHOWN_MAX 120u

const char *
sg_enroll_name_text(struct sg_buf *b, struct sg_slice name)
{
	sg_buf_reset(b);
	sg_name_put_text(b, name);
	return b->len == 0 ? "(empty)" : sg_buf_text(b);
}

const char *
sg_enroll_time_text(struct sg_buf *b, int64_t at)
{
	sg_buf_reset(b);
	if (at == 0)
		return "-";
	sg_date_put(b, at);
	return sg_buf_text(b);
}

const char *
sg_enroll_shown(struct sg_buf *b, const char *s)
{
	sg_buf_reset(b);
	sg_escape_put(b, sg_slice_str(s), SHOWN_MAX);
	return sg_buf_text(b);
}

/* The next line of the text, without tags; *pos moves past it. */
static void
take_line(struct sg_slice text, bool html, size_t *pos, struct sg_buf *line)
{
	bool tag = false;

	for (; *pos < text.len; (*pos)++) {
		uint8_t c = text.p[*pos];
		if (html && (c == '<' || c == '>')) {
			tag = c == '<';
			if (!tag && line->len > 0)
				break;
		} else if (!tag && (c == '\n' || c == '\r')) {
			if (line->len > 0)
				break;
		} else if (!tag && (line->len > 0 || (c != ' ' && c != '\t'))) {
			sg_buf_put(line, c == '\t' ? (const uint8_t *)" " : &c, 1);
		}
	}
	(*pos)++;
}

const char *
sg_enroll_first_line(struct sg_buf *b, struct sg_slice text, bool html)
{
	size_t pos = 0;

	sg_buf_reset(b);
	if (text.len == 0 || memchr(text.p, '\0', text.len) != NULL)
		return "";
	if (text.len > LINE_IN_MAX)
		text.len = LINE_IN_MAX;
	while (pos < text.len) {
		sg_buf_scoped line = {0};
		take_line(text, html, &pos, &line);
		for (size_t n = 0; n < line.len; n++) {
			if (!sg_ascii_is_alnum(line.p[n]))
				continue;
			sg_escape_put(b, sg_buf_slice(&line), LINE_SHOWN_MAX);
			return sg_buf_text(b);
		}
	}
	return "";
}

enum sg_code
sg_enroll_fingerprint(struct sg_slice der, char ret[2 * SG_SHA256_LEN + 1], struct sg_err *err)
{
	uint8_t md[SG_SHA256_LEN];

	enum sg_code rc = sg_sha256(der, md, err);
	if (rc != SG_OK)
		return rc;
	for (size_t n = 0; n < sizeof md; n++)
		snprintf(ret + 2 * n, 3, "%02x", md[n]);
	return SG_OK;
}
