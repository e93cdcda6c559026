/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/read.h - the strict reader of JSON over a schema, and what it found wrong
 *
 * Size and depth are bounded before jansson sees a byte. A member that the schema does not have,
 * one of another type, one that is absent, one that stands there twice and one out of its bounds
 * are five refusals, each with the member's path ("sans[3]", "disk.since").
 *
 * Ownership: what was read borrows from the doc (json/doc.h), nothing from the text that was read.
 * A text is followed by a NUL there. Limits:    struct sg_json_limits, by default those of
 * base/limits.h. Security:  input is hostile. Time is linear in the bytes. A refusal tells the
 * values of numbers, times and words of enumerations, never that of a text or of bytes. Threads: a
 * doc belongs to one thread at a time.
 */

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"
#include "json/doc.h"
#include "json/schema.h"

/* Where a refusal is, and why: what a machine may read beside the sentence. Texts are UTF-8 and cut
 * to their room; "" where nothing is to be said. */
struct sg_json_fault {
	char member[128];   /* "sans[3]"; "" is the object itself */
	char found[128];    /* "a string", "'x'", "12 bytes" */
	char expected[256]; /* a list of words among them */
};

struct sg_json_limits {
	size_t size;	 /* bytes */
	unsigned depth;	 /* of arrays and objects inside each other */
	unsigned values; /* of whatever kind; each takes 300 bytes of memory at most */
};
/* Those of a question: SG_JSON_SIZE_MAX, SG_JSON_DEPTH_MAX, SG_JSON_VALUES_MAX of base/limits.h. */
struct sg_json_limits
sg_json_limits_default(void);

enum sg_json_mode {
	SG_JSON_STRICT,
	/* Of an answer that a newer or older process wrote: members that are not known are skipped,
	 * words of an enumeration that are not known are -1. */
	SG_JSON_TOLERANT,
};

/*
 * Read one object into *ret, a struct of the schema; on failure it is zero. fault may be NULL.
 * SG_E_MALFORMED: "json.syntax"     also a surplus after the object, what is not UTF-8, a NUL
 *                 "json.duplicate"  a name twice, also of a member that is not known
 *                 "json.unknown"
 *                 "json.absent"
 *                 "json.type"       also a string that has not the form of its kind
 *                 "json.bounds"     also no word of the enumeration, no such date, and, of whatever
 *                                   member, a number that no 64 bits or double holds
 * SG_E_LIMIT:     "json.size", "json.depth"            SG_E_NOMEM
 * Of several mistakes the first in that order is said down to json.unknown, then the first in the
 * order of the rows.
 */
SG_RC
sg_json_read(struct sg_slice text, const struct sg_json_limits *limits, enum sg_json_mode mode,
    const struct sg_json_schema *schema, struct sg_json_doc *doc, void *ret,
    struct sg_json_fault *fault, struct sg_err *err);

/*
 * One member of a struct from a text, as the parameters of a route are: "10", "true",
 * "2026-11-28T12:00:00Z", digits of hexadecimal, a word. Sets has_NAME too. Kinds object, list and
 * texts are SG_E_INTERNAL ("json.kind"). The same rules; a text that is not UTF-8 is "json.type".
 */
SG_RC
sg_json_read_text(const struct sg_json_member *member, struct sg_slice text,
    struct sg_json_doc *doc, void *ret, struct sg_json_fault *fault, struct sg_err *err);
