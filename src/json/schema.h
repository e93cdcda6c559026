/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/schema.h - a JSON object as one list of rows, from which its struct, its strict reader, its
 * writer and its documentation are made
 *
 *	#define SG_API_DISK_ROWS(R, T)
 *		R(T, bool, required, full, (), "no space is left: only revocations are recorded")
 *		R(T, time, optional, since, (), "when that began")
 *		R(T, int, required, reserve, (0, SG_JSON_INT_MAX), "bytes that are kept for that")
 *	SG_JSON_DECLARE(sg_api_disk, SG_API_DISK_ROWS);
 *
 * makes struct sg_api_disk with the members `bool full; bool has_since; int64_t since; int64_t
 * reserve`, and in the .c file SG_JSON_DEFINE(sg_api_disk, SG_API_DISK_ROWS, "the disk of a
 * database") makes the table sg_api_disk_schema. Nothing else knows a member. A row is: kind,
 * presence, name, bounds in the kind's own form, and the sentence of the reference.
 *
 *   kind    struct member              bounds             as JSON
 *   text    struct sg_slice            (min, max) bytes   a string
 *   int     int64_t                    (min, max)         a number without fraction and exponent;
 *                                                         where a bound is beyond SG_JSON_INT_MAX,
 *                                                         a string of digits
 *   bool    bool                       ()                 true, false
 *   time    int64_t, us since 1970     ()                 "2026-11-28T12:00:00Z", RFC 3339 in UTC,
 *                                                         with six decimals where it has a
 *                                                         fraction; years 1 to 9999. Read are one
 *                                                         to six
 *   hex     struct sg_slice, bytes     (min, max) bytes   a string of lower-case digits
 *   enum    int                        (names)            a string of the table `names`
 *   object  struct TAG                 (TAG)              an object
 *   list    struct sg_json_list        (TAG, min, max)    an array of objects, struct TAG each
 *   texts   struct sg_json_list        (min, max)         an array of strings, struct sg_slice each
 *
 * A text from outside that is no UTF-8 is written escaped, up to four times as long: its bounds
 * leave room for that. Presence is required; optional (may be absent: bool has_NAME says whether it
 * is); or nullable (always a member, and may be null: has_NAME is false then).
 *
 * Ownership: what was read borrows from its struct sg_json_doc (json/read.h); what is written
 *            borrows from its maker.
 * Threads:   constant data.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* 2^53-1: beyond, readers that have doubles lose digits. */
#define SG_JSON_INT_MAX 9007199254740991

enum sg_json_kind {
	SG_JSON_TEXT = 1,
	SG_JSON_INT,
	SG_JSON_BOOL,
	SG_JSON_TIME,
	SG_JSON_HEX,
	SG_JSON_ENUM,
	SG_JSON_OBJECT,
	SG_JSON_LIST,
	SG_JSON_TEXTS,
};

enum sg_json_presence { SG_JSON_REQUIRED, SG_JSON_OPTIONAL, SG_JSON_NULLABLE };

/* A word of an enumeration; one without name ends the table. */
struct sg_json_word {
	const char *name;
	int value;
	const char *text; /* what it means, for the reference; NULL: the name says it */
};

struct sg_json_list {
	const void *item; /* n of them, one after the other */
	size_t n;
};

struct sg_json_schema;

struct sg_json_member {
	const char *name;
	enum sg_json_kind kind;
	enum sg_json_presence presence;
	size_t offset;				  /* in the struct */
	size_t has_offset;			  /* of has_NAME, unless it is required */
	int64_t min, max;			  /* of the value, the bytes, or the items */
	const struct sg_json_word *words;	  /* of an enumeration */
	const struct sg_json_schema *(*of)(void); /* of an object, or of a list's items */
	const char *text;
};

struct sg_json_schema {
	const char *tag;  /* "sg_api_disk" */
	const char *text; /* what it is */
	size_t size;	  /* of its struct */
	size_t n;
	const struct sg_json_member *member;
};

/* --- the struct --- */

#define SG_JSON_HAS_required(name)
#define SG_JSON_HAS_optional(name) bool has_##name;
#define SG_JSON_HAS_nullable(name) bool has_##name;
#define SG_JSON_C_text(name, ...) struct sg_slice name;
#define SG_JSON_C_int(name, ...) int64_t name;
#define SG_JSON_C_bool(name, ...) bool name;
#define SG_JSON_C_time(name, ...) int64_t name;
#define SG_JSON_C_hex(name, ...) struct sg_slice name;
#define SG_JSON_C_enum(name, ...) int name;
#define SG_JSON_C_object(name, tag) struct tag name;
#define SG_JSON_C_list(name, ...) struct sg_json_list name;
#define SG_JSON_C_texts(name, ...) struct sg_json_list name;
#define SG_JSON_UNPACK(...) __VA_ARGS__
#define SG_JSON_CALL(macro, ...) macro(__VA_ARGS__)
#define SG_JSON_C_MEMBER(T, kind, presence, name, bounds, text)                                    \
	SG_JSON_HAS_##presence(name) SG_JSON_CALL(SG_JSON_C_##kind, name, SG_JSON_UNPACK bounds)

#define SG_JSON_DECLARE(tag, ROWS)                                                                 \
	struct tag {                                                                               \
		ROWS(SG_JSON_C_MEMBER, tag)                                                        \
	};                                                                                         \
	extern const struct sg_json_schema tag##_schema;                                           \
	const struct sg_json_schema *tag##_of(void)

/* --- the table --- */

#define SG_JSON_AT_required(T, name) 0
#define SG_JSON_AT_optional(T, name) offsetof(struct T, has_##name)
#define SG_JSON_AT_nullable(T, name) offsetof(struct T, has_##name)
#define SG_JSON_P_required SG_JSON_REQUIRED
#define SG_JSON_P_optional SG_JSON_OPTIONAL
#define SG_JSON_P_nullable SG_JSON_NULLABLE
#define SG_JSON_K_text(least, most) .kind = SG_JSON_TEXT, .min = (least), .max = (most)
#define SG_JSON_K_int(least, most) .kind = SG_JSON_INT, .min = (least), .max = (most)
#define SG_JSON_K_bool() .kind = SG_JSON_BOOL
#define SG_JSON_K_time() .kind = SG_JSON_TIME
#define SG_JSON_K_hex(least, most) .kind = SG_JSON_HEX, .min = (least), .max = (most)
#define SG_JSON_K_enum(table) .kind = SG_JSON_ENUM, .words = (table)
#define SG_JSON_K_object(tag) .kind = SG_JSON_OBJECT, .of = tag##_of
#define SG_JSON_K_list(tag, least, most)                                                           \
	.kind = SG_JSON_LIST, .of = tag##_of, .min = (least), .max = (most)
#define SG_JSON_K_texts(least, most) .kind = SG_JSON_TEXTS, .min = (least), .max = (most)
#define SG_JSON_ROW(T, kind_, presence_, name_, bounds, text_)                                     \
	{.name = #name_,                                                                           \
	    .presence = SG_JSON_P_##presence_,                                                     \
	    .offset = offsetof(struct T, name_),                                                   \
	    .has_offset = SG_JSON_AT_##presence_(T, name_),                                        \
	    .text = text_,                                                                         \
	    SG_JSON_K_##kind_ bounds},

#define SG_JSON_DEFINE(tag_, ROWS, text_)                                                          \
	static const struct sg_json_member tag_##_member[] = {ROWS(SG_JSON_ROW, tag_)};            \
	const struct sg_json_schema tag_##_schema = {.tag = #tag_,                                 \
	    .text = text_,                                                                         \
	    .size = sizeof(struct tag_),                                                           \
	    .n = sizeof tag_##_member / sizeof tag_##_member[0],                                   \
	    .member = tag_##_member};                                                              \
	const struct sg_json_schema *tag_##_of(void)                                               \
	{                                                                                          \
		return &tag_##_schema;                                                             \
	}                                                                                          \
	_Static_assert(sizeof(struct tag_) > 0, "rows")

/* The word of a value; NULL: there is none. */
const char *
sg_json_word_of(const struct sg_json_word *words, int value);

/* The member is an integer that travels as a string of digits. */
bool
sg_json_is_digits(const struct sg_json_member *member);
