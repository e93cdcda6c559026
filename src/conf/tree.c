/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tree.c - the YAML text to a tree of nodes with their lines, with everything refused that a
 * configuration may not have; the first step of sg_conf_parse
 */

#include "conf/tree.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/utf8.h"

struct build {
	struct sg_conf_errors *errs;
	struct sg_conf_lines *out;
	struct sg_conf_node *stack[SG_CONF_DEPTH_MAX];
	bool section[SG_CONF_DEPTH_MAX]; /* what is open, whatever became of its kind */
	size_t depth;
	size_t nodes_n;
	unsigned documents;
	char *key; /* read, its value is next */
	unsigned key_line;
	bool key_broken; /* reported: its value is read but ignored */
	bool stop;
	bool nomem;
};

static void
free_nodes(struct sg_conf_node *node)
{
	while (node != NULL) {
		struct sg_conf_node *next = node->next;
		free_nodes(node->first); /* the depth is capped when it is built */
		sg_free(node->key);
		sg_free(node->text);
		sg_free(node);
		node = next;
	}
}

void
sg_conf_lines_free(struct sg_conf_lines **linesp)
{
	if (*linesp == NULL)
		return;
	free_nodes((*linesp)->root);
	sg_free(*linesp);
	*linesp = NULL;
}

/* The code point at p, which is well-formed UTF-8; its length goes to *ret_len. */
static uint32_t
code_point(const uint8_t *p, size_t *ret_len)
{
	*ret_len = 1;
	if (p[0] < 0x80)
		return p[0];
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t cp = p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		cp = cp << 6 | (p[i] & 0x3fu);
	*ret_len = len;
	return cp;
}

/* Characters that show nothing, move the cursor, end a line only for YAML, or reorder what
 * a person sees. */
static bool
is_bad_char(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x200e || cp == 0x200f ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff ||
	       cp == 0xfffe || cp == 0xffff;
}

/* One line: UTF-8, no control characters, no tab outside a comment. False: unreadable. */
static bool
scan_line(struct sg_conf_errors *errs, struct sg_slice s, unsigned line)
{
	if (!sg_utf8_is_valid(s)) {
		sg_conf_error_add(errs, line, "conf.utf8",
		    "expected UTF-8 text, found bytes that are not; save the file as UTF-8");
		return false;
	}
	bool comment = false;
	for (size_t i = 0, len; i < s.len; i += len) {
		uint32_t cp = code_point(s.p + i, &len);
		if (cp == '#' && (i == 0 || s.p[i - 1] == ' '))
			comment = true;
		if (cp == '\t') {
			if (comment)
				continue;
			sg_conf_error_add(errs, line, "conf.tab",
			    "expected spaces, found a tab at column %zu; indent with spaces",
			    i + 1);
			return false;
		}
		if (is_bad_char(cp)) {
			sg_conf_error_add(errs, line, "conf.control",
			    "expected printable text, found the character U+%04X at column %zu; "
			    "remove it",
			    (unsigned)cp, i + 1);
			return false;
		}
	}
	return true;
}

/* The whole text, before YAML sees it: libyaml's own messages on these are unhelpful. */
static bool
scan_text(struct sg_conf_errors *errs, struct sg_slice text)
{
	bool good = true;
	unsigned line = 1;
	for (size_t pos = 0; pos < text.len; line++) {
		const uint8_t *p = text.p + pos;
		const uint8_t *end = memchr(p, '\n', text.len - pos);
		size_t len = end != NULL ? (size_t)(end - p) : text.len - pos;
		pos += len + 1;
		if (len > 0 && end != NULL && p[len - 1] == '\r')
			len--;
		if (!scan_line(errs, sg_slice(p, len), line))
			good = false;
	}
	return good;
}

static struct sg_conf_node *
add_node(struct build *b, enum sg_conf_kind kind, unsigned line)
{
	if (++b->nodes_n > SG_CONF_NODES_MAX) {
		sg_conf_error_add(b->errs, line, "conf.limit",
		    "expected at most %u keys and values in all, found more; the rest was not "
		    "read",
		    SG_CONF_NODES_MAX);
		b->stop = true;
		return NULL;
	}
	struct sg_conf_node *node = sg_alloc(sizeof *node);
	if (node == NULL) {
		b->nomem = true;
		return NULL;
	}
	node->kind = b->key_broken ? SG_CONF_BROKEN : kind;
	node->line = b->key != NULL ? b->key_line : line;
	node->key = sg_steal(b->key);
	b->key_broken = false;
	if (b->depth == 0) {
		b->out->root = node;
		return node;
	}
	struct sg_conf_node *parent = b->stack[b->depth - 1];
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->children_n++;
	return node;
}

/* True when the next node is a key of the section that is open. */
static bool
want_key(const struct build *b)
{
	return b->depth > 0 && b->section[b->depth - 1] && b->key == NULL;
}

/* Anchors and tags: the schema knows the type of everything, and a value that stands
 * elsewhere is a value that a reviewer does not see. */
static bool
is_decorated(struct build *b, const yaml_char_t *anchor, const yaml_char_t *tag, unsigned line)
{
	if (anchor != NULL)
		sg_conf_error_add(b->errs, line, "conf.anchor",
		    "expected a plain value, found an anchor ('&'); write the value out, or put "
		    "it in quotes if it begins with '&'");
	if (tag != NULL)
		sg_conf_error_add(b->errs, line, "conf.tag",
		    "expected a plain value, found a tag ('!'); remove it, or put the value in "
		    "quotes if it begins with '!'");
	return anchor != NULL || tag != NULL;
}

/* A scalar's text is printable even after its escapes, and on one line. */
static bool
is_good_scalar(struct build *b, const yaml_event_t *e, unsigned line)
{
	struct sg_slice s = sg_slice(e->data.scalar.value, e->data.scalar.length);
	yaml_scalar_style_t style = e->data.scalar.style;
	if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE ||
	    e->start_mark.line != e->end_mark.line) {
		sg_conf_error_add(b->errs, line, "conf.multiline",
		    "expected a value on one line, found one over several; check the "
		    "indentation of the lines that follow");
		return false;
	}
	if (s.len > SG_CONF_VALUE_MAX) {
		sg_conf_error_add(b->errs, line, "conf.limit",
		    "expected at most %u bytes in a value, found %zu", SG_CONF_VALUE_MAX, s.len);
		return false;
	}
	for (size_t i = 0, len; i < s.len; i += len) {
		uint32_t cp = code_point(s.p + i, &len);
		if (is_bad_char(cp)) {
			sg_conf_error_add(b->errs, line, "conf.control",
			    "expected printable text, found the escaped character U+%04X; remove "
			    "it",
			    (unsigned)cp);
			return false;
		}
	}
	return true;
}

static void
read_key(struct build *b, const yaml_event_t *e, bool broken, unsigned line)
{
	b->key_line = line;
	b->key_broken = broken;
	b->key = broken ? sg_memdup("?", 1)
			: sg_memdup(e->data.scalar.value, e->data.scalar.length);
	if (b->key == NULL) {
		b->nomem = true;
		return;
	}
	if (broken)
		return;
	struct sg_conf_node *section = b->stack[b->depth - 1];
	if (strcmp(b->key, "<<") == 0) {
		sg_conf_error_add(b->errs, line, "conf.merge",
		    "expected the name of an option, found the merge key '<<'; write the options "
		    "out");
		b->key_broken = true;
		return;
	}
	/* Comparing with each of them is quadratic: the limit keeps it small. */
	if (section->children_n >= 2 * SG_CONF_SECTIONS_MAX) {
		sg_conf_error_add(b->errs, line, "conf.limit",
		    "expected at most %u keys in a section, found more; the rest was not read",
		    2 * SG_CONF_SECTIONS_MAX);
		b->stop = true;
		return;
	}
	const struct sg_conf_node *was = sg_conf_node_child(section, b->key);
	if (was == NULL)
		return;
	sg_buf_scoped name = {0};
	sg_escape_put(&name, sg_slice_str(b->key), 64);
	sg_conf_error_add(b->errs, line, "conf.duplicate",
	    "'%s': expected once in a section, found again (first on line %u); remove one of them",
	    sg_buf_text(&name), was->line);
	b->key_broken = true;
}

static void
read_scalar(struct build *b, const yaml_event_t *e, unsigned line)
{
	bool is_key = want_key(b);
	bool broken = is_decorated(b, e->data.scalar.anchor, e->data.scalar.tag, line);
	if (!broken)
		broken = !is_good_scalar(b, e, line);
	if (is_key) {
		read_key(b, e, broken, line);
		return;
	}
	struct sg_conf_node *node = add_node(b, broken ? SG_CONF_BROKEN : SG_CONF_SCALAR, line);
	if (node == NULL || node->kind == SG_CONF_BROKEN)
		return;
	node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text = sg_memdup(e->data.scalar.value, e->data.scalar.length);
	if (node->text == NULL)
		b->nomem = true;
}

static void
read_alias(struct build *b, const yaml_event_t *e, unsigned line)
{
	sg_conf_error_add(b->errs, line, "conf.alias",
	    "expected a value, found an alias ('*'); put a value that begins with '*' in quotes");
	if (want_key(b))
		read_key(b, e, true, line);
	else
		sg_ignore(add_node(b, SG_CONF_BROKEN, line) == NULL);
}

static void
open_container(struct build *b, bool is_section, bool flow, unsigned line)
{
	if (want_key(b)) {
		sg_conf_error_add(b->errs, line, "conf.key",
		    "expected the name of an option, found a %s; put a value that begins with a "
		    "bracket in quotes (\"[::1]:8080\"); the rest was not read",
		    is_section ? "section" : "list");
		b->stop = true;
		return;
	}
	if (b->depth == SG_CONF_DEPTH_MAX) {
		sg_conf_error_add(b->errs, line, "conf.depth",
		    "expected at most %u levels, found more; the rest was not read",
		    SG_CONF_DEPTH_MAX);
		b->stop = true;
		return;
	}
	struct sg_conf_node *node = add_node(b, is_section ? SG_CONF_SECTION : SG_CONF_LIST, line);
	if (node == NULL)
		return;
	node->flow = flow;
	b->section[b->depth] = is_section;
	b->stack[b->depth++] = node;
}

static void
start_document(struct build *b, const yaml_event_t *e, unsigned line)
{
	if (b->documents++ > 0) {
		sg_conf_error_add(b->errs, line, "conf.documents",
		    "expected one document, found another ('---'); the rest was not read");
		b->stop = true;
		return;
	}
	if (e->data.document_start.version_directive != NULL ||
	    e->data.document_start.tag_directives.start !=
		e->data.document_start.tag_directives.end)
		sg_conf_error_add(b->errs, line, "conf.directive",
		    "expected options, found a YAML directive ('%%'); remove that line");
}

static void
take_event(struct build *b, const yaml_event_t *e)
{
	unsigned line = (unsigned)e->start_mark.line + 1; /* UNSAFE: the text is 256 KiB at most */
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		start_document(b, e, line);
		return;
	case YAML_ALIAS_EVENT:
		read_alias(b, e, line);
		return;
	case YAML_SCALAR_EVENT:
		read_scalar(b, e, line);
		return;
	case YAML_SEQUENCE_START_EVENT:
		sg_ignore(is_decorated(
		    b, e->data.sequence_start.anchor, e->data.sequence_start.tag, line));
		open_container(
		    b, false, e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, line);
		return;
	case YAML_MAPPING_START_EVENT:
		sg_ignore(
		    is_decorated(b, e->data.mapping_start.anchor, e->data.mapping_start.tag, line));
		open_container(
		    b, true, e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE, line);
		return;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return;
	}
}

/* True when the line has the sequence of characters. */
static bool
line_has(struct sg_slice text, unsigned line, const char *what)
{
	const uint8_t *p = text.p;
	const uint8_t *end = text.p + text.len;
	for (; line > 1 && p < end; line--) {
		const uint8_t *feed = memchr(p, '\n', (size_t)(end - p));
		p = feed != NULL ? feed + 1 : end;
	}
	const uint8_t *feed = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	size_t len = (size_t)((feed != NULL ? feed : end) - p);
	return len > 0 && memmem(p, len, what, strlen(what)) != NULL;
}

/* libyaml stops at its first mistake; what it read before is kept. */
static void
syntax_error(struct build *b, const yaml_parser_t *yaml, struct sg_slice text)
{
	b->stop = true;
	if (yaml->error == YAML_MEMORY_ERROR) {
		b->nomem = true;
		return;
	}
	/* At the end of the text, what was opened and not closed is the place to look at. */
	const yaml_mark_t *at = &yaml->problem_mark;
	if (yaml->context != NULL && at->index >= text.len)
		at = &yaml->context_mark;
	unsigned line = (unsigned)at->line + 1;
	const char *context = yaml->context != NULL ? yaml->context : "";
	const char *todo = "check indentation, colons, brackets and quotes here and just above";
	if (line_has(text, line, "::") || line_has(text, line, "]:"))
		todo = "put an IPv6 address in quotes: \"[::1]:8080\"";
	else if (strstr(context, "alias") != NULL)
		todo = "put a value that begins with '*' in quotes";
	else if (strstr(context, "anchor") != NULL)
		todo = "put a value that begins with '&' in quotes";
	sg_conf_error_add(b->errs, line, "conf.syntax",
	    "expected YAML, found a mistake in its form at column %zu (%s%s%s); %s; the rest was "
	    "not read",
	    at->column + 1, context, *context != '\0' ? ", " : "",
	    yaml->problem != NULL ? yaml->problem : "unknown", todo);
}

/* What was still open is not complete: the schema would complain about what is missing. */
static void
break_open(struct build *b)
{
	while (b->depth > 0) {
		struct sg_conf_node *node = b->stack[--b->depth];
		if (node->kind == SG_CONF_LIST || node->first == NULL)
			node->kind = SG_CONF_BROKEN;
	}
}

static void
read_events(struct build *b, struct sg_slice text)
{
	yaml_parser_t yaml;
	if (yaml_parser_initialize(&yaml) != 1) {
		b->nomem = true;
		return;
	}
	yaml_parser_set_encoding(&yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&yaml, text.p, text.len);
	bool end = false;
	while (!end && !b->stop && !b->nomem) {
		yaml_event_t e;
		if (yaml_parser_parse(&yaml, &e) != 1) {
			syntax_error(b, &yaml, text);
			break;
		}
		end = e.type == YAML_STREAM_END_EVENT;
		take_event(b, &e);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&yaml);
}

SG_RC
sg_conf_tree_read(struct sg_slice text, struct sg_conf_lines **ret, struct sg_conf_errors *errs)
{
	sg_scoped(conf_lines) lines = sg_alloc(sizeof *lines);
	if (lines == NULL)
		return SG_E_NOMEM;
	/* Editors on Windows begin a file with a byte order mark. */
	if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = sg_slice(text.p + 3, text.len - 3);
	if (text.len > SG_CONF_TEXT_MAX) {
		sg_conf_error_add(errs, 0, "conf.size",
		    "expected at most %u bytes, found %zu; is this the right file?",
		    SG_CONF_TEXT_MAX, text.len);
		lines->partial = true;
	} else if (!scan_text(errs, text)) {
		lines->partial = true;
	} else {
		struct build b = {.errs = errs, .out = lines};
		read_events(&b, text);
		sg_free(b.key);
		if (b.stop)
			break_open(&b);
		lines->partial = b.stop;
		if (b.nomem)
			return SG_E_NOMEM;
	}
	*ret = sg_steal(lines);
	return SG_OK;
}

const struct sg_conf_node *
sg_conf_node_child(const struct sg_conf_node *section, const char *key)
{
	for (const struct sg_conf_node *n = section->first; n != NULL; n = n->next) {
		if (n->key != NULL && strcmp(n->key, key) == 0)
			return n;
	}
	return NULL;
}

/* The child that the beginning of *path names; names may have dots in them, so the longest
 * that fits is taken. *path moves past it. */
static const struct sg_conf_node *
step(const struct sg_conf_node *node, const char **path)
{
	const struct sg_conf_node *best = NULL;
	size_t best_len = 0;
	size_t index = 0;
	for (const struct sg_conf_node *n = node->first; n != NULL; n = n->next, index++) {
		char item[32];
		const char *key = n->key;
		if (key == NULL) {
			snprintf(item, sizeof item, "[%zu]", index);
			key = item;
		}
		size_t len = strlen(key);
		char after = strncmp(*path, key, len) == 0 ? (*path)[len] : 'x';
		if ((after == '\0' || after == '.' || after == '[') && len > best_len) {
			best = n;
			best_len = len;
		}
	}
	*path += best_len;
	if (**path == '.')
		(*path)++;
	return best;
}

const struct sg_conf_node *
sg_conf_tree_find(const struct sg_conf_lines *lines, const char *path, unsigned *ret_line)
{
	const struct sg_conf_node *node = lines->root;
	unsigned line = 1;
	while (node != NULL && *path != '\0') {
		node = step(node, &path);
		if (node != NULL)
			line = node->line;
	}
	if (ret_line != NULL)
		*ret_line = line;
	return node;
}
