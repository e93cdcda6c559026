/* SPDX-License-Identifier: Apache-2.0 */

/*
 * write.c - a struct of a schema as JSON: the answers of routes and what commands print
 */

#include "json/write.h"

#include "base/date.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/utf8.h"

/* Our mistake: the schema cannot say what the struct has. */
static void
fail(struct sg_buf *b)
{
	if (b->failed == SG_OK)
		b->failed = SG_E_INTERNAL;
}

/* What a terminal would obey, or show in another order, where an answer is printed. */
static bool
is_bare(uint32_t cp)
{
	return cp >= 0x20 && cp != '"' && cp != '\\' && !(cp >= 0x7f && cp < 0xa0) &&
	       !(cp >= 0x200b && cp <= 0x200f) && !(cp >= 0x2028 && cp <= 0x202e) &&
	       !(cp >= 0x2060 && cp <= 0x206f) && cp != 0xfeff;
}

static void
put_quoted(struct sg_buf *b, struct sg_slice text)
{
	size_t from = 0, len;

	sg_buf_puts(b, "\"");
	for (size_t n = 0; n < text.len; n += len) {
		uint32_t cp = 0;
		len = sg_utf8_next(text.p + n, text.len - n, &cp);
		if (len == 0) {
			fail(b);
			return;
		}
		if (is_bare(cp))
			continue;
		sg_buf_put(b, text.p + from, n - from);
		if (cp == '"' || cp == '\\' || cp == '\n')
			sg_buf_printf(b, "\\%c", cp == '\n' ? 'n' : (int)cp);
		else
			sg_buf_printf(b, "\\u%04x", cp);
		from = n + len;
	}
	if (from < text.len)
		sg_buf_put(b, text.p + from, text.len - from);
	sg_buf_puts(b, "\"");
}

void
sg_json_put_string(struct sg_buf *b, struct sg_slice text)
{
	sg_buf_scoped escaped = {.max = b->max};

	if (sg_utf8_is_valid(text)) {
		put_quoted(b, text);
		return;
	}
	sg_escape_put(&escaped, text, SIZE_MAX);
	put_quoted(b, sg_buf_slice(&escaped));
	if (b->failed == SG_OK)
		b->failed = escaped.failed;
}

void
sg_json_put_time(struct sg_buf *b, int64_t us)
{
	static const int64_t first = -62135596800, after_last = 253402300800;
	int64_t at = us / 1000000 - (us % 1000000 < 0);

	if (at < first || at >= after_last)
		fail(b);
	else if (us % 1000000 != 0)
		sg_date_put_us(b, us);
	else
		sg_date_put(b, at);
}

static void
put_list(struct sg_buf *b, const struct sg_json_member *m, const struct sg_json_list *list)
{
	const struct sg_json_schema *of = m->kind == SG_JSON_LIST ? m->of() : NULL;
	size_t size = of == NULL ? sizeof(struct sg_slice) : of->size;
	const char *item = list->item;

	sg_buf_puts(b, "[");
	for (size_t n = 0; n < list->n; n++, item += size) {
		if (n > 0)
			sg_buf_puts(b, ",");
		if (of == NULL)
			sg_json_put_string(b, *(const struct sg_slice *)(const void *)item);
		else
			sg_json_put(b, of, item);
	}
	sg_buf_puts(b, "]");
}

/* The kinds that are one word. p is where the member is. */
static void
put_word(struct sg_buf *b, const struct sg_json_member *m, const void *p)
{
	const char *word = NULL;
	int64_t v = 0;

	switch (m->kind) {
	case SG_JSON_TEXT:
		sg_buf_put_slice(b, *(const struct sg_slice *)p);
		return;
	case SG_JSON_INT:
		v = *(const int64_t *)p;
		if (!sg_json_is_digits(m) && (v > SG_JSON_INT_MAX || v < -SG_JSON_INT_MAX))
			fail(b);
		sg_buf_printf(b, "%lld", (long long)v);
		return;
	case SG_JSON_BOOL:
		sg_buf_puts(b, *(const bool *)p ? "true" : "false");
		return;
	case SG_JSON_TIME:
		sg_json_put_time(b, *(const int64_t *)p);
		return;
	case SG_JSON_HEX:
		sg_hex_put(b, *(const struct sg_slice *)p);
		return;
	case SG_JSON_ENUM:
		word = sg_json_word_of(m->words, *(const int *)p);
		if (word == NULL)
			fail(b);
		else
			sg_buf_puts(b, word);
		return;
	case SG_JSON_OBJECT:
	case SG_JSON_LIST:
	case SG_JSON_TEXTS:
		break;
	}
	fail(b);
}

static void
put_value(struct sg_buf *b, const struct sg_json_member *m, const void *p)
{
	if (m->kind == SG_JSON_TEXT) {
		sg_json_put_string(b, *(const struct sg_slice *)p);
	} else if (m->kind == SG_JSON_OBJECT) {
		sg_json_put(b, m->of(), p);
	} else if (m->kind == SG_JSON_LIST || m->kind == SG_JSON_TEXTS) {
		put_list(b, m, p);
	} else {
		bool bare = m->kind == SG_JSON_BOOL ||
			    (m->kind == SG_JSON_INT && !sg_json_is_digits(m));
		sg_buf_puts(b, bare ? "" : "\"");
		put_word(b, m, p);
		sg_buf_puts(b, bare ? "" : "\"");
	}
}

void
sg_json_put(struct sg_buf *b, const struct sg_json_schema *schema, const void *value)
{
	const char *base = value;
	const char *between = "\"";

	sg_buf_puts(b, "{");
	for (const struct sg_json_member *m = schema->member; m < schema->member + schema->n; m++) {
		bool has = m->presence == SG_JSON_REQUIRED || *(const bool *)(base + m->has_offset);
		if (!has && m->presence == SG_JSON_OPTIONAL)
			continue;
		sg_buf_puts(b, between);
		sg_buf_puts(b, m->name);
		sg_buf_puts(b, "\":");
		between = ",\"";
		if (has)
			put_value(b, m, base + m->offset);
		else
			sg_buf_puts(b, "null");
	}
	sg_buf_puts(b, "}");
}

void
sg_json_put_text(struct sg_buf *b, const struct sg_json_member *member, const void *value)
{
	put_word(b, member, (const char *)value + member->offset);
}

/* Append one character of a string, the same in another spelling where a terminal would obey it.
 * Returns how long it was. */
static size_t
put_char(struct sg_buf *b, struct sg_slice text)
{
	uint32_t cp = 0;
	size_t len = text.p[0] < 0x7f ? 0 : sg_utf8_next(text.p, text.len, &cp);

	if (len == 0 || is_bare(cp))
		sg_buf_put(b, text.p, len = len == 0 ? 1 : len);
	else
		sg_buf_printf(b, "\\u%04x", cp);
	return len;
}

static void
put_line(struct sg_buf *b, size_t depth)
{
	sg_buf_puts(b, "\n");
	for (size_t n = 0; n < depth; n++)
		sg_buf_puts(b, "  ");
}

void
sg_json_put_indented(struct sg_buf *b, struct sg_slice text)
{
	bool in_string = false, escaped = false, opened = false;
	size_t depth = 0;

	for (size_t n = 0, len; n < text.len; n += len) {
		uint8_t c = text.p[n];
		bool closes = c == '}' || c == ']';
		if (in_string) {
			in_string = c != '"' || escaped;
			escaped = c == '\\' && !escaped;
			len = put_char(b, sg_slice(text.p + n, text.len - n));
			continue;
		}
		len = 1;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (closes && depth > 0)
			depth--;
		if (opened != closes) /* what is empty stays on its line */
			put_line(b, depth);
		opened = c == '{' || c == '[';
		in_string = c == '"';
		depth += opened;
		sg_buf_put_u8(b, c);
		if (c == ',')
			put_line(b, depth);
		else if (c == ':')
			sg_buf_puts(b, " ");
	}
	sg_buf_puts(b, "\n");
}
