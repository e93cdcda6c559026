/* SPDX-License-Identifier: Apache-2.0 */

/*
 * show.c - names as they stand in the text of a refusal
 */

#include "policy/show.h"

#include <string.h>

#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"
#include "x509/stringprep.h"

const char *
sg_policy_show_name(struct sg_buf *b, struct sg_slice name)
{
	if (sg_name_is_empty(name))
		return "(no subject)";
	sg_name_put_text(b, name);
	return sg_buf_text(b);
}

const char *
sg_policy_show_sans(struct sg_buf *b, const struct sg_sans *sans)
{
	if (sans->n == 0)
		return "no names";
	for (size_t i = 0; i < sans->n; i++) {
		if (i > 0)
			sg_buf_puts(b, ", ");
		sg_san_put_text(b, &sans->item[i]);
	}
	return sg_buf_text(b);
}

#define SHOWN 170      /* bytes of a name: two and the rest fit into the text of a refusal */
#define POINTS_MAX 4u  /* code points of one name */
#define SPELLED_MAX 4u /* characters that another spelling has for one: ss for U+00DF */

static struct sg_chars
chars_of(const char *text)
{
	return sg_chars_init(SG_DER_UTF8, sg_slice_str(text));
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* As 0 and O, l and I do. */
static bool
differ_in_one(const char *a, const char *b)
{
	size_t len = strlen(a), n = 0;

	if (strlen(b) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		n += a[i] != b[i];
	return n == 1;
}

/* How many bytes of a text are shown: whole characters. */
static int
shown(const char *text)
{
	size_t n = strlen(text);

	if (n > SHOWN)
		n = SHOWN;
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

/* The first n characters of what s is at, between two letters: a space at the ends is one, then. */
static void
put_between(struct sg_buf *b, struct sg_chars s, size_t n)
{
	uint32_t c;

	sg_buf_reset(b);
	sg_buf_put_u8(b, 'x');
	for (size_t i = 0; i < n && sg_chars_next(&s, &c) == SG_CHARS_ONE; i++)
		sg_chars_put_utf8(b, c);
	sg_buf_put_u8(b, 'x');
}

/* Move both after what is the same in them, at least one character of one. False: they differ here,
 * or end. */
static bool
pass_same(struct sg_chars *a, struct sg_chars *b, size_t *ret_passed)
{
	sg_buf_scoped ba = {0}, bb = {0};
	uint32_t c;

	for (size_t n = 1; n < SPELLED_MAX * SPELLED_MAX; n++) {
		size_t na = n / SPELLED_MAX, nb = n % SPELLED_MAX;
		put_between(&ba, *a, na);
		put_between(&bb, *b, nb);
		struct sg_chars ca = sg_chars_init(SG_DER_UTF8, sg_buf_slice(&ba));
		struct sg_chars cb = sg_chars_init(SG_DER_UTF8, sg_buf_slice(&bb));
		if (sg_buf_check(&ba, NULL) != SG_OK || sg_buf_check(&bb, NULL) != SG_OK ||
		    !sg_stringprep_equal(ca, cb, SG_STRINGPREP_CASE_IGNORE))
			continue;
		size_t before = (size_t)(a->end - a->p) + (size_t)(b->end - b->p);
		for (size_t i = 0; i < na && sg_chars_next(a, &c) == SG_CHARS_ONE; i++)
			++*ret_passed;
		for (size_t i = 0; i < nb && sg_chars_next(b, &c) == SG_CHARS_ONE; i++)
			;
		if ((size_t)(a->end - a->p) + (size_t)(b->end - b->p) < before)
			return true;
	}
	return false;
}

static void
put_point(struct sg_buf *b, struct sg_chars s, const char *where)
{
	uint32_t c;

	if (sg_chars_next(&s, &c) == SG_CHARS_ONE)
		sg_buf_printf(b, "U+%04X %s", (unsigned)c, where);
	else
		sg_buf_printf(b, "the end %s", where);
}

/* Is one name the other from its end: the order in which LDAP writes them, and Windows? */
static bool
is_reversed(struct sg_slice a, struct sg_slice b)
{
	struct sg_slice rdn[SG_NAME_RDNS_MAX];
	sg_buf_scoped turned = {0};
	struct sg_der d = sg_der_init(a, NULL);
	struct sg_der rdns = sg_der_inside(&d, sg_der_whole(&d, SG_DER_SEQUENCE, "Name").val);
	size_t n = 0;

	while (sg_der_more(&rdns) && n < SG_NAME_RDNS_MAX)
		rdn[n++] = sg_der_any(&rdns, "RDN").raw;
	if (!sg_der_ok(&d) || sg_der_more(&rdns) || n < 2)
		return false;
	size_t seq = sg_derw_begin(&turned, SG_DER_SEQUENCE);
	while (n > 0)
		sg_buf_put_slice(&turned, rdn[--n]);
	sg_derw_end(&turned, seq);
	return sg_buf_check(&turned, NULL) == SG_OK && sg_name_equal(sg_buf_slice(&turned), b);
}

const char *
sg_policy_show_points(struct sg_buf *b, const char *text)
{
	struct sg_chars s = chars_of(text);
	size_t n = 0;
	uint32_t c;

	for (size_t at = 1; sg_chars_next(&s, &c) == SG_CHARS_ONE; at++) {
		if (c < 0x80)
			continue;
		if (n == POINTS_MAX) {
			sg_buf_puts(b, ", ...");
			break;
		}
		sg_buf_printf(
		    b, "%sU+%04X at character %zu", n == 0 ? " (" : ", ", (unsigned)c, at);
		n++;
	}
	if (n > 0)
		sg_buf_puts(b, ")");
	return sg_buf_text(b);
}

const char *
sg_policy_show_names(struct sg_buf *b, struct sg_slice there, struct sg_slice here)
{
	sg_buf_scoped bt = {0}, bh = {0};
	const char *t = sg_policy_show_name(&bt, there), *h = sg_policy_show_name(&bh, here);
	size_t passed = 0;

	sg_buf_printf(b, "\"%.*s\", the request asks for \"%.*s\"", shown(t), t, shown(h), h);
	if (is_reversed(there, here)) {
		sg_buf_puts(b, "; that is the other order: a name is written as it is encoded, "
			       "which LDAP and Windows write from its end");
		return sg_buf_text(b);
	}
	if (is_ascii(t) && is_ascii(h) && strncmp(t, h, SHOWN) != 0 && !differ_in_one(t, h))
		return sg_buf_text(b);
	struct sg_chars ct = chars_of(t), ch = chars_of(h);
	while (pass_same(&ct, &ch, &passed))
		;
	if (ct.p == ct.end && ch.p == ch.end) {
		sg_buf_puts(b, "; they differ in what is not shown");
	} else {
		sg_buf_printf(b, "; character %zu is ", passed + 1);
		put_point(b, ct, "there, ");
		put_point(b, ch, "here");
	}
	return sg_buf_text(b);
}

const char *
sg_policy_show_sets(struct sg_buf *b, const struct sg_sans *there, const struct sg_sans *here)
{
	sg_buf_scoped bt = {0}, bh = {0}, points = {0};
	const char *t = sg_policy_show_sans(&bt, there), *h = sg_policy_show_sans(&bh, here);

	sg_buf_printf(b, "%.*s%s", shown(t), t, sg_policy_show_points(&points, t));
	sg_buf_reset(&points);
	sg_buf_printf(
	    b, ", the request asks for %.*s%s", shown(h), h, sg_policy_show_points(&points, h));
	return sg_buf_text(b);
}
