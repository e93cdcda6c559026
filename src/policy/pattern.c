/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pattern.c - the patterns of an endpoint with a static challenge: read once when registrar starts
 * (and by the check of a configuration), then compared with each request
 */

#include "policy/pattern.h"

#include <string.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "policy/pattern_syntax.h"
#include "policy/show.h"
#include "x509/bounds.h"
#include "x509/chars.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"
#include "asn1/oid.h"

/* Text with at most one '*': what is before and after it, and in a CN what stands between the
 * braces that may follow it. */
struct glob {
	bool star;
	struct sg_slice head, more, tail;
};

struct san_pattern {
	struct sg_san san; /* val borrows from text */
	uint8_t *text;
};

struct sg_patterns {
	enum sg_name_lengths lengths; /* of the template */
	size_t subject_n, san_n;
	struct sg_slice subject[SG_PATTERNS_MAX]; /* Name TLVs, owned */
	struct san_pattern san[SG_PATTERNS_MAX];
};

SG_RC
sg_patterns_new(enum sg_name_lengths lengths, struct sg_patterns **ret, struct sg_err *err)
{
	struct sg_patterns *p = sg_alloc(sizeof *p);

	if (p == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for patterns");
	p->lengths = lengths;
	*ret = p;
	return SG_OK;
}

static void
free_const(const uint8_t *p)
{
	/* Slices are read-only views; these are ours. */
	union {
		const uint8_t *c;
		void *v;
	} u = {.c = p};
	sg_free(u.v);
}

void
sg_patterns_free(struct sg_patterns **pp)
{
	struct sg_patterns *p = *pp;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->subject_n; i++)
		free_const(p->subject[i].p);
	for (size_t i = 0; i < p->san_n; i++)
		sg_free(p->san[i].text);
	sg_free(p);
	*pp = NULL;
}

static struct glob
split(struct sg_slice s)
{
	const uint8_t *star = s.len > 0 ? memchr(s.p, '*', s.len) : NULL;

	if (star == NULL)
		return (struct glob){.star = false, .head = s};
	size_t at = (size_t)(star - s.p);
	return (struct glob){
	    .star = true, .head = sg_slice(s.p, at), .tail = sg_slice(star + 1, s.len - at - 1)};
}

/* As split, for a CN: "*{.+}" is a '*' that stands for '.' and '+' as well. The braces are part of
 * the '*'; sg_pattern_subject_wrong has seen that there is a second one. */
static struct glob
split_cn(struct sg_slice s)
{
	struct glob g = split(s);
	const uint8_t *end = g.tail.len > 0 ? memchr(g.tail.p, '}', g.tail.len) : NULL;

	if (!g.star || end == NULL || g.tail.p[0] != '{')
		return g;
	size_t len = (size_t)(end - g.tail.p);
	g.more = sg_slice(g.tail.p + 1, len - 1);
	g.tail = sg_slice(end + 1, g.tail.len - len - 1);
	return g;
}

/* What '*' stands for in s, when head and tail fit around at least one byte of it. */
static bool
glob_middle(const struct glob *g, struct sg_slice s, bool fold, struct sg_slice *ret)
{
	if (s.len < g->head.len + g->tail.len + 1)
		return false;
	size_t mid = s.len - g->head.len - g->tail.len;
	bool (*same)(struct sg_slice, struct sg_slice) = fold ? sg_ascii_same : sg_slice_eq;
	if (!same(g->head, sg_slice(s.p, g->head.len)) ||
	    !same(g->tail, sg_slice(s.p + g->head.len + mid, g->tail.len)))
		return false;
	*ret = sg_slice(s.p + g->head.len, mid);
	return true;
}

static bool
only(struct sg_slice s, const char *more)
{
	for (size_t i = 0; i < s.len; i++)
		if (!sg_ascii_is_alnum(s.p[i]) && (s.p[i] == 0 || strchr(more, s.p[i]) == NULL))
			return false;
	return true;
}

/* The bytes of the UTF-8 character that s begins with; s is UTF-8 of a name. */
static size_t
char_len(struct sg_slice s)
{
	size_t n = s.p[0] < 0x80 ? 1 : s.p[0] < 0xe0 ? 2 : s.p[0] < 0xf0 ? 3 : 4;

	return n < s.len ? n : s.len;
}

static struct sg_slice
next_char(struct sg_slice *s)
{
	size_t n = char_len(*s);
	struct sg_slice c = sg_slice(s->p, n);

	*s = sg_slice(s->p + n, s->len - n);
	return c;
}

static bool
has_char(struct sg_slice set, struct sg_slice c)
{
	while (set.len > 0)
		if (sg_slice_eq(next_char(&set), c))
			return true;
	return false;
}

/* What '*' of a CN stands for: letters, digits, '-', '_' and what the braces add, compared byte
 * by byte. Everything else is refused: whatever splits a name in some program, or looks like
 * another character. */
static bool
cn_middle_fits(struct sg_slice middle, struct sg_slice more)
{
	while (middle.len > 0) {
		struct sg_slice c = next_char(&middle);
		if (!only(c, "-_") && !has_char(more, c))
			return false;
	}
	return true;
}

/* One attribute of an RDN that has no other: what a '*' may stand in. */
struct rdn {
	struct sg_slice raw; /* the SET */
	bool single;
	struct sg_slice type;
	unsigned tag;
	struct sg_slice val;
};

static struct rdn
next_rdn(struct sg_der *name)
{
	struct sg_tlv set = sg_der_get(name, SG_DER_SET, "RDN");
	struct sg_der in = sg_der_inside(name, set.val);
	struct sg_der attr = sg_der_enter(&in, SG_DER_SEQUENCE, "attribute");
	struct sg_slice type = sg_der_oid(&attr, "type");
	struct sg_tlv val = sg_der_any(&attr, "value");

	return (struct rdn){set.raw, !sg_der_more(&in), type, val.tag, val.val};
}

/* A reader of what is in the Name that der is. */
static struct sg_der
enter_name(struct sg_der *der)
{
	return sg_der_inside(der, sg_der_whole(der, SG_DER_SEQUENCE, "Name").val);
}

/* The text of a pattern: runs of spaces are one, none at the ends, as names are compared. */
static enum sg_code
folded(const struct rdn *rdn, struct sg_buf *out)
{
	sg_buf_scoped text = {0};

	enum sg_code rc = sg_string_to_utf8(rdn->tag, rdn->val, &text, NULL);
	if (rc != SG_OK)
		return rc;
	struct sg_slice s = sg_buf_slice(&text);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != ' ')
			sg_buf_put_u8(out, s.p[i]);
		else if (out->len > 0 && out->p[out->len - 1] != ' ')
			sg_buf_put_u8(out, ' ');
	}
	if (out->len > 0 && out->p[out->len - 1] == ' ')
		out->len--;
	return sg_buf_check(out, NULL);
}

/* What could not be compared for want of memory fits nothing, and is told apart. */
static bool
rdn_equal(struct sg_slice a, struct sg_slice b, bool *ret_nomem)
{
	sg_buf_scoped na = {0}, nb = {0};

	sg_derw_tlv(&na, SG_DER_SEQUENCE, a);
	sg_derw_tlv(&nb, SG_DER_SEQUENCE, b);
	if (sg_buf_check(&na, NULL) == SG_OK && sg_buf_check(&nb, NULL) == SG_OK)
		return sg_name_equal_ascii(sg_buf_slice(&na), sg_buf_slice(&nb));
	*ret_nomem = true;
	return false;
}

static bool
rdn_fits(const struct rdn *pattern, const struct rdn *have, bool *ret_nomem)
{
	if (!pattern->single || !sg_slice_eq(pattern->type, SG_OID(cn)))
		return rdn_equal(pattern->raw, have->raw, ret_nomem);
	sg_buf_scoped want = {0}, value = {0};
	struct sg_slice middle;
	enum sg_code rc = folded(pattern, &want);
	struct glob g = split_cn(sg_buf_slice(&want));
	if (rc == SG_OK && !g.star)
		return rdn_equal(pattern->raw, have->raw, ret_nomem);
	/* As it stands, for as it stands it is certified: spaces around it are not folded away. */
	if (rc == SG_OK && have->single && sg_slice_eq(have->type, SG_OID(cn)))
		rc = sg_string_to_utf8(have->tag, have->val, &value, NULL);
	else if (rc == SG_OK)
		return false;
	*ret_nomem = *ret_nomem || rc == SG_E_NOMEM;
	return rc == SG_OK && glob_middle(&g, sg_buf_slice(&value), true, &middle) &&
	       cn_middle_fits(middle, g.more);
}

static bool
subject_fits(struct sg_slice pattern, struct sg_slice subject, bool *ret_nomem)
{
	struct sg_der p = sg_der_init(pattern, NULL), s = sg_der_init(subject, NULL);
	struct sg_der want = enter_name(&p), have = enter_name(&s);

	while (sg_der_more(&want)) {
		struct rdn w = next_rdn(&want), h = next_rdn(&have);
		if (!sg_der_ok(&want) || !sg_der_ok(&have) || !rdn_fits(&w, &h, ret_nomem))
			return false;
	}
	return sg_der_ok(&want) && sg_der_ok(&have) && !sg_der_more(&have);
}

/* One RDN of a subject pattern as a name that could be certified, appended: without the braces
 * after a '*', which counts as one character. A '*' is in a CN of its own only
 * (sg_pattern_subject_wrong). */
static enum sg_code
put_plain(const struct rdn *rdn, struct sg_buf *plain, struct sg_err *err)
{
	sg_buf_scoped value = {0};

	if (folded(rdn, &value) != SG_OK)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a pattern");
	struct glob g = split_cn(sg_buf_slice(&value));
	if (!g.star) {
		sg_buf_put_slice(plain, rdn->raw);
		return sg_buf_check(plain, err);
	}
	size_t set = sg_derw_begin(plain, SG_DER_SET), attr = sg_derw_begin(plain, SG_DER_SEQUENCE);
	sg_derw_oid(plain, SG_OID(cn));
	size_t string = sg_derw_begin(plain, SG_DER_UTF8);
	sg_buf_put_slice(plain, g.head);
	sg_buf_put_u8(plain, '*');
	sg_buf_put_slice(plain, g.tail);
	sg_derw_end(plain, string);
	sg_derw_end(plain, attr);
	sg_derw_end(plain, set);
	return sg_buf_check(plain, err);
}

/* Could a name that fits be certified at all? */
static enum sg_code
check_subject(
    const struct sg_patterns *p, struct sg_slice name, struct sg_slice text, struct sg_err *err)
{
	struct sg_der d = sg_der_init(name, NULL), rdns = enter_name(&d);
	struct sg_err why = {.text = ""};
	sg_buf_scoped plain = {0};
	size_t seq = sg_derw_begin(&plain, SG_DER_SEQUENCE);

	while (sg_der_more(&rdns)) {
		struct rdn rdn = next_rdn(&rdns);
		enum sg_code rc = sg_der_ok(&rdns) ? put_plain(&rdn, &plain, err) : SG_OK;
		if (rc != SG_OK)
			return rc;
	}
	if (!sg_der_ok(&d))
		return sg_fail(err, SG_E_INTERNAL, "pattern.subject", "cannot read our own name");
	sg_derw_end(&plain, seq);
	enum sg_code rc = sg_buf_check(&plain, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_name_check_bounds(sg_buf_slice(&plain), p->lengths, &why);
	if (rc == SG_OK)
		return SG_OK;
	return sg_fail(err, rc == SG_E_NOMEM ? rc : SG_E_CONF, "pattern.subject",
	    "subject pattern '%.*s' fits no name that can be certified: %.200s", (int)text.len,
	    (const char *)text.p, why.text);
}

SG_RC
sg_patterns_add_subject(struct sg_patterns *p, struct sg_slice text, struct sg_err *err)
{
	if (p->subject_n == SG_PATTERNS_MAX)
		return sg_fail(err, SG_E_CONF, "pattern.count", "more than %u subject patterns",
		    SG_PATTERNS_MAX);
	const char *wrong = sg_pattern_subject_wrong(text);
	if (wrong != NULL)
		return sg_fail(err, SG_E_CONF, "pattern.subject", "subject pattern '%.*s' has %s",
		    (int)text.len, (const char *)text.p, wrong);
	sg_buf_scoped name = {0};
	enum sg_code rc = sg_name_from_text(text, &name, err);
	if (rc == SG_E_NOMEM)
		return rc;
	if (rc != SG_OK) {
		struct sg_err why = {.text = ""};
		if (err != NULL)
			why = *err;
		return sg_fail(err, SG_E_CONF, "pattern.subject", "subject pattern '%.*s': %.200s",
		    (int)text.len, (const char *)text.p, why.text);
	}
	if (sg_pattern_subject_is_free(text))
		return sg_fail(err, SG_E_CONF, "pattern.free",
		    "subject pattern '%.*s' fits any name: whoever knows the static challenge "
		    "could be anybody",
		    (int)text.len, (const char *)text.p);
	rc = check_subject(p, sg_buf_slice(&name), text, err);
	if (rc != SG_OK)
		return rc;
	uint8_t *copy = sg_memdup(name.p, name.len);
	if (copy == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a pattern");
	p->subject[p->subject_n++] = sg_slice(copy, name.len);
	return SG_OK;
}

/* Read "type:value"; a '*' in it is checked with an 'x' in its place. */
static enum sg_code
read_san(
    enum sg_name_lengths lengths, struct sg_slice text, struct san_pattern *sp, struct sg_err *err)
{
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_san plain;
	struct sg_err why = {.text = ""};
	if (text.len > SG_SAN_LEN_MAX)
		return sg_fail(err, SG_E_CONF, "pattern.san",
		    "SAN pattern of %zu bytes: want at most %u", text.len, SG_SAN_LEN_MAX);
	const char *wrong = sg_pattern_san_wrong(text);
	if (wrong != NULL)
		return sg_fail(err, SG_E_CONF, "pattern.san", "SAN pattern '%.*s' has %s",
		    (int)text.len, (const char *)text.p, wrong);
	sp->text = sg_memdup(text.p, text.len);
	if (sp->text == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a pattern");
	uint8_t *star = memchr(sp->text, '*', text.len);
	if (star != NULL)
		*star = 'x';
	enum sg_code rc = sg_san_from_text(sg_slice(sp->text, text.len), &plain, store, &why);
	if (rc != SG_OK)
		return sg_fail(err, rc == SG_E_NOMEM ? rc : SG_E_CONF, "pattern.san",
		    "SAN pattern '%.*s': %.200s", (int)text.len, (const char *)text.p, why.text);
	if (sg_san_check_bounds(&plain, lengths, &why) != SG_OK)
		return sg_fail(err, SG_E_CONF, "pattern.san",
		    "SAN pattern '%.*s' fits no name that can be certified: %.300s", (int)text.len,
		    (const char *)text.p, why.text);
	if (star == NULL) {
		sg_free(sp->text);
		sp->text = sg_memdup(plain.val.p, plain.val.len);
		sp->san = (struct sg_san){plain.type, sg_slice(sp->text, plain.val.len)};
		return sp->text != NULL
			   ? SG_OK
			   : sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a pattern");
	}
	*star = '*';
	const uint8_t *colon = memchr(sp->text, ':', text.len);
	size_t skip = colon == NULL ? 0 : (size_t)(colon - sp->text) + 1;
	struct sg_slice val = sg_slice(sp->text + skip, text.len - skip);
	sp->san = (struct sg_san){plain.type, val};
	return SG_OK;
}

SG_RC
sg_patterns_add_san(struct sg_patterns *p, struct sg_slice text, struct sg_err *err)
{
	if (p->san_n == SG_PATTERNS_MAX)
		return sg_fail(
		    err, SG_E_CONF, "pattern.count", "more than %u SAN patterns", SG_PATTERNS_MAX);
	struct san_pattern sp = {0};
	enum sg_code rc = read_san(p->lengths, text, &sp, err);
	if (rc != SG_OK) {
		sg_free(sp.text);
		return rc;
	}
	p->san[p->san_n++] = sp;
	return SG_OK;
}

/* Does the character stand between others only, as the dots of an address (RFC 5321 4.1.2)? */
static bool
divides(struct sg_slice s, uint8_t c)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == c && (i == 0 || i + 1 == s.len || s.p[i + 1] == c))
			return false;
	return true;
}

static bool
san_fits(const struct sg_san *pattern, const struct sg_san *have)
{
	struct glob g = split(pattern->val);
	struct sg_slice middle;

	if (pattern->type != have->type)
		return false;
	/* The bytes of an address may well be 0x2a. Of a UPN the device's spelling is certified. */
	if (!g.star || pattern->type == SG_SAN_IP)
		return sg_san_equal(pattern, have) &&
		       (pattern->type != SG_SAN_UPN || sg_ascii_same(pattern->val, have->val));
	bool fold = pattern->type != SG_SAN_URI;
	if (!glob_middle(&g, have->val, fold, &middle))
		return false;
	switch (pattern->type) {
	case SG_SAN_DNS:
	case SG_SAN_URI:
		return only(middle, "-_");
	case SG_SAN_EMAIL:
	case SG_SAN_UPN:
		return only(middle, "._+-") && divides(middle, '.');
	case SG_SAN_IP:
	case SG_SAN_DIRNAME:
	case SG_SAN_RID:
	case SG_SAN_OTHERNAME:
	case SG_SAN_OTHER:
	default:
		return false;
	}
}

#define LIST_LEN 120u /* bytes after which no further pattern is said */

/* Append a pattern, with its code points where a reader could take it for what was asked. False:
 * there is room for no more; says how many those are. */
static bool
put_pattern(struct sg_buf *b, const char *pattern, size_t left)
{
	sg_buf_scoped points = {0};

	sg_buf_printf(b, "%s\"%.120s\"%s", b->len > 0 ? ", " : "", pattern,
	    sg_policy_show_points(&points, pattern));
	if (left == 0 || b->len < LIST_LEN)
		return true;
	sg_buf_printf(b, " and %zu more", left);
	return false;
}

static enum sg_code
refuse_subject(const struct sg_patterns *p, struct sg_slice subject, struct sg_err *err)
{
	sg_buf_scoped text = {0}, points = {0}, list = {0};
	const char *shown = sg_policy_show_name(&text, subject);

	for (size_t i = 0; i < p->subject_n; i++) {
		sg_buf_scoped pattern = {0};
		sg_name_put_text(&pattern, p->subject[i]);
		if (!put_pattern(&list, sg_buf_text(&pattern), p->subject_n - i - 1))
			break;
	}
	return sg_fail(err, SG_E_DENIED, "pattern.no-subject",
	    "subject \"%.170s\"%s fits none of the endpoint's subject patterns: %s", shown,
	    sg_policy_show_points(&points, shown), sg_buf_text(&list));
}

static enum sg_code
refuse_san(const struct sg_patterns *p, const struct sg_san *san, struct sg_err *err)
{
	sg_buf_scoped text = {0}, points = {0}, list = {0};

	sg_san_put_text(&text, san);
	for (size_t i = 0; i < p->san_n; i++) {
		sg_buf_scoped pattern = {0};
		sg_san_put_text(&pattern, &p->san[i].san);
		if (!put_pattern(&list, sg_buf_text(&pattern), p->san_n - i - 1))
			break;
	}
	return sg_fail(err, SG_E_DENIED, "pattern.no-san", "\"%.170s\"%s fits %s%s",
	    sg_buf_text(&text), sg_policy_show_points(&points, sg_buf_text(&text)),
	    p->san_n > 0 ? "none of the endpoint's SAN patterns: "
			 : "no SAN pattern: the endpoint has none in its option 'sans'",
	    sg_buf_text(&list));
}

SG_RC
sg_patterns_match(const struct sg_patterns *p, const struct sg_csr *csr, struct sg_err *err)
{
	bool fits = false, nomem = false;

	for (size_t i = 0; i < p->subject_n && !fits; i++)
		fits = subject_fits(p->subject[i], csr->subject, &nomem);
	if (!fits && nomem)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory to compare a subject");
	if (!fits)
		return refuse_subject(p, csr->subject, err);
	for (size_t i = 0; i < csr->exts.sans.n; i++) {
		fits = false;
		for (size_t k = 0; k < p->san_n && !fits; k++)
			fits = san_fits(&p->san[k].san, &csr->exts.sans.item[i]);
		if (!fits)
			return refuse_san(p, &csr->exts.sans.item[i], err);
	}
	return SG_OK;
}
