/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn.h - DER from text for the tests, so that a bad vector is a good one with a word changed
 *
 *   30{ ... }      constructed, tag 30
 *   06:550403      primitive, contents in hexadecimal
 *   0c'dev1'       primitive, contents as they stand
 *   =30800000      raw bytes, not an element
 *   x80(...)       what is inside 80 times
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/err.h"
#include "lib/alloc_fail.h"

static inline unsigned
asn_nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	assert_true(c >= 'a' && c <= 'f');
	return (unsigned)(c - 'a') + 10;
}

static inline const char *
asn_hex(const char *p, struct sg_buf *out)
{
	while (*p != '\0' && strchr(" }),\n\t", *p) == NULL) {
		sg_buf_put_u8(out, asn_nibble(p[0]) << 4 | asn_nibble(p[1]));
		p += 2;
	}
	return p;
}

static inline const char *
asn_items(const char *p, struct sg_buf *out)
{
	for (;;) {
		while (*p == ' ' || *p == '\n' || *p == '\t')
			p++;
		if (*p == '\0' || *p == '}' || *p == ')')
			return p;
		if (*p == '=') {
			p = asn_hex(p + 1, out);
			continue;
		}
		if (*p == 'x') {
			char *from;
			long n = strtol(p + 1, &from, 10);
			assert_int_equal(*from, '(');
			for (; n > 0; n--)
				p = asn_items(from + 1, out);
			assert_int_equal(*p, ')');
			p++;
			continue;
		}
		size_t mark = sg_derw_begin(out, asn_nibble(p[0]) << 4 | asn_nibble(p[1]));
		p += 2;
		if (*p == '{') {
			p = asn_items(p + 1, out);
			assert_int_equal(*p, '}');
			p++;
		} else if (*p == '\'') {
			const char *end = strchr(p + 1, '\'');
			assert_non_null(end);
			sg_buf_put(out, p + 1, (size_t)(end - p) - 1);
			p = end + 1;
		} else {
			assert_int_equal(*p, ':');
			p = asn_hex(p + 1, out);
		}
		sg_derw_end(out, mark);
	}
}

/* The caller clears *out. */
static inline struct sg_slice
asn(struct sg_buf *out, const char *text)
{
	sg_buf_reset(out);
	assert_int_equal(*asn_items(text, out), '\0');
	assert_int_equal(out->failed, SG_OK);
	return sg_buf_slice(out);
}

/* As asn, with the first occurrence of from replaced by to. */
static inline struct sg_slice
asn_with(struct sg_buf *out, const char *text, const char *from, const char *to)
{
	sg_buf_scoped changed = {0};
	const char *at = strstr(text, from);
	if (at == NULL)
		fail_msg("\"%s\" is not in the good vector", from);
	sg_buf_put(&changed, text, (size_t)(at - text));
	sg_buf_puts(&changed, to);
	sg_buf_puts(&changed, at + strlen(from));
	return asn(out, sg_buf_text(&changed));
}

/* An exact copy on the heap, so that a sanitizer sees one byte too far. */
static inline uint8_t *
exact(struct sg_slice s)
{
	uint8_t *p = malloc(s.len == 0 ? 1 : s.len);
	assert_non_null(p);
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return p;
}

/* A good vector with one word changed, and the refusal that it deserves. */
struct bad_row {
	const char *from, *to;
	enum sg_code code;
	const char *rule;
};

typedef enum sg_code (*asn_parser)(struct sg_slice der, struct sg_err *err);

static inline void
expect_bad(asn_parser parse, const char *good, const struct bad_row *rows, size_t n)
{
	sg_buf_scoped b = {0};
	for (size_t i = 0; i < n; i++) {
		struct sg_err err = {0};
		struct sg_slice der = asn_with(&b, good, rows[i].from, rows[i].to);
		uint8_t *copy = exact(der);
		enum sg_code rc = parse(sg_slice(copy, der.len), &err);
		free(copy);
		if (rc != rows[i].code || strcmp(err.rule ? err.rule : "", rows[i].rule) != 0)
			fail_msg("row %zu: \"%s\" for \"%s\" gives %s, rule %s: %s", i, rows[i].to,
			    rows[i].from, sg_code_name(rc), err.rule ? err.rule : "-", err.text);
		assert_true(strlen(err.text) > 10);
		assert_null(strchr(err.text, '\n'));
	}
}

static inline void
expect_good(asn_parser parse, const char *good, const struct bad_row *rows, size_t n)
{
	sg_buf_scoped b = {0};
	for (size_t i = 0; i < n; i++) {
		struct sg_err err = {0};
		struct sg_slice der = asn_with(&b, good, rows[i].from, rows[i].to);
		uint8_t *copy = exact(der);
		enum sg_code rc = parse(sg_slice(copy, der.len), &err);
		free(copy);
		if (rc != SG_OK)
			fail_msg("row %zu: \"%s\" for \"%s\" gives %s: %s", i, rows[i].to,
			    rows[i].from, sg_code_name(rc), err.text);
	}
}

/* Every prefix and a trailing byte are refused; every changed byte is survived. */
static inline void
expect_whole(asn_parser parse, struct sg_slice good)
{
	struct sg_err err;
	for (size_t n = 0; n < good.len; n++) {
		uint8_t *copy = exact(sg_slice(good.p, n));
		assert_int_not_equal(parse(sg_slice(copy, n), &err), SG_OK);
		free(copy);
	}
	uint8_t *copy = malloc(good.len + 1);
	assert_non_null(copy);
	memcpy(copy, good.p, good.len);
	copy[good.len] = 0;
	assert_int_equal(parse(sg_slice(copy, good.len), &err), SG_OK);
	assert_int_not_equal(parse(sg_slice(copy, good.len + 1), &err), SG_OK);
	for (size_t n = 0; n < good.len; n++) {
		static const uint8_t with[] = {0x01, 0x80, 0x20, 0xff, 0x7f};
		for (size_t k = 0; k < sizeof with; k++) {
			copy[n] ^= with[k];
			sg_ignore(parse(sg_slice(copy, good.len), &err));
			copy[n] ^= with[k];
		}
	}
	free(copy);
}

/*
 * Each element in turn taken out, doubled, emptied, given another tag or a byte behind its
 * contents, the lengths around it put right. visit sees every result.
 */
enum asn_edit { ASN_DROP, ASN_DOUBLE, ASN_EMPTY, ASN_RETAG, ASN_EXTRA, ASN_EDITS };

static inline void
asn_copy_edited(struct sg_slice der, enum asn_edit edit, size_t *countdown, struct sg_buf *out)
{
	struct sg_der d = sg_der_init(der, NULL);
	while (sg_der_more(&d)) {
		struct sg_tlv tlv = sg_der_any(&d, "element");
		if (!sg_der_ok(&d)) {
			sg_buf_put_slice(out, d.rest);
			return;
		}
		bool here = (*countdown)-- == 0;
		if (here && edit == ASN_DROP)
			continue;
		if (here && edit == ASN_DOUBLE)
			sg_buf_put_slice(out, tlv.raw);
		size_t mark = sg_derw_begin(
		    out, here && edit == ASN_RETAG ? tlv.tag ^ 0x01 : tlv.tag);
		if (here && edit == ASN_EMPTY)
			;
		else if (tlv.tag & 0x20)
			asn_copy_edited(tlv.val, edit, countdown, out);
		else
			sg_buf_put_slice(out, tlv.val);
		if (here && edit == ASN_EXTRA)
			sg_buf_put_u8(out, 0x05);
		sg_derw_end(out, mark);
	}
}

static inline void
asn_each_edit(struct sg_slice good, void (*visit)(struct sg_slice der, enum asn_edit edit))
{
	for (int edit = 0; edit < ASN_EDITS; edit++) {
		for (size_t n = 0;; n++) {
			sg_buf_scoped out = {0};
			size_t countdown = n;
			asn_copy_edited(good, (enum asn_edit)edit, &countdown, &out);
			assert_int_equal(out.failed, SG_OK);
			if (countdown < n && countdown + 1 != 0 &&
			    sg_slice_eq(good, sg_buf_slice(&out)))
				break;
			uint8_t *copy = exact(sg_buf_slice(&out));
			visit(sg_slice(copy, out.len), (enum asn_edit)edit);
			free(copy);
			if (n > 2000)
				fail_msg("no end");
		}
	}
}

/* fn fails with SG_E_NOMEM for every n-th allocation until it needs no more. */
static inline void expect_nomem(enum sg_code (*fn)(void))
{
	for (unsigned long n = 1;; n++) {
		alloc_fail_at(n);
		enum sg_code rc = fn();
		alloc_fail_at(0);
		if (rc == SG_OK) {
			assert_true(n > 1);
			return;
		}
		assert_int_equal(rc, SG_E_NOMEM);
		assert_true(n < 1000);
	}
}

static inline void
assert_text(struct sg_buf *b, const char *want)
{
	assert_string_equal(sg_buf_text(b), want);
}
