/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * every.h - a schema that has every kind in every presence, for tests and the fuzz target
 */

#include "json/read.h"
#include "json/schema.h"
#include "json/write.h"

static const struct sg_json_word every_words[] = {
    {"red", 1, "stop"}, {"green", 2, NULL}, {"dark-blue", 7, NULL}, {NULL, 0, NULL}};

#define EVERY_INNER_ROWS(R, T)                                                                     \
	R(T, int, required, a, (0, 9), "a digit")                                                  \
	R(T, text, optional, b, (0, 4), "a short text")
SG_JSON_DECLARE(every_inner, EVERY_INNER_ROWS);
SG_JSON_DEFINE(every_inner, EVERY_INNER_ROWS, "what is inside");

/* P is the presence, X goes before the names. */
#define EVERY_KIND_ROWS(R, T, P, X)                                                                \
	R(T, text, P, X##text, (1, 8), "a text")                                                   \
	R(T, int, P, X##int, (-5, 100), "a number")                                                \
	R(T, int, P, X##digits, (INT64_MIN, INT64_MAX), "a large number")                          \
	R(T, bool, P, X##bool, (), "yes or no")                                                    \
	R(T, time, P, X##time, (), "a time")                                                       \
	R(T, hex, P, X##hex, (1, 4), "bytes")                                                      \
	R(T, enum, P, X##enum, (every_words), "a colour")                                          \
	R(T, object, P, X##object, (every_inner), "an object")                                     \
	R(T, list, P, X##list, (every_inner, 1, 3), "objects")                                     \
	R(T, texts, P, X##texts, (1, 3), "texts")

#define EVERY_REQUIRED_ROWS(R, T) EVERY_KIND_ROWS(R, T, required, r_)
#define EVERY_OPTIONAL_ROWS(R, T) EVERY_KIND_ROWS(R, T, optional, o_)
#define EVERY_NULLABLE_ROWS(R, T) EVERY_KIND_ROWS(R, T, nullable, n_)
SG_JSON_DECLARE(every_required, EVERY_REQUIRED_ROWS);
SG_JSON_DEFINE(every_required, EVERY_REQUIRED_ROWS, "all required");
SG_JSON_DECLARE(every_optional, EVERY_OPTIONAL_ROWS);
SG_JSON_DEFINE(every_optional, EVERY_OPTIONAL_ROWS, "all optional");
SG_JSON_DECLARE(every_nullable, EVERY_NULLABLE_ROWS);
SG_JSON_DEFINE(every_nullable, EVERY_NULLABLE_ROWS, "all nullable");

#define EVERY_ROWS(R, T)                                                                           \
	R(T, object, optional, required, (every_required), "all required")                         \
	R(T, object, required, optional, (every_optional), "all optional")                         \
	R(T, object, nullable, nullable, (every_nullable), "all nullable")
SG_JSON_DECLARE(every, EVERY_ROWS);
SG_JSON_DEFINE(every, EVERY_ROWS, "everything");
