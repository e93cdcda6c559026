/* SPDX-License-Identifier: Apache-2.0 */

/*
 * schema.c - what a row of a schema says, for the reader, the writer and the documentation
 */

#include "json/schema.h"

const char *
sg_json_word_of(const struct sg_json_word *words, int value)
{
	for (; words->name != NULL; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}

bool
sg_json_is_digits(const struct sg_json_member *member)
{
	return member->kind == SG_JSON_INT &&
	       (member->max > SG_JSON_INT_MAX || member->min < -SG_JSON_INT_MAX);
}
