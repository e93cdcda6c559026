/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/pattern.h"

#include <string.h>

#include "base/alloc.h"
#include "base/der.h"
#include "base/limits.h"
#include "policy/show.h"
#include "x509/name.h"
#include "x509/oid.h"

/* Text with at most one '*': what is before and behind it. */
struct glob {
	bool star;
	struct sg_slice head, tail;
};

struct san_pattern {
	struct sg_san san; /* val borrows from text */
	uint8_t *text;
};

struct sg_patterns {
	size_t subject_n, san_n;
	struct sg_slice subject[SG_PATTERNS_MAX]; /* Name TLVs, owned */
	struct san_pattern san[SG_PATTERNS_MAX];
};

SG_RC
sg_patterns_new(struct sg_patterns **ret, struct sg_err *err)
{
	struct sg_patterns *p = sg_alloc(sizeof *p);

	if (p == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for patterns");
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

static size_t
count_stars(struct sg_slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '*';
	return n;
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

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool
same(struct sg_slice a, struct sg_slice b, bool fold)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold ? lower(a.p[i]) != lower(b.p[i]) : a.p[i] != b.p[i])
			return false;
	return true;
}

/* What '*' stands for in s, when head and tail fit around at least one byte of it. */
static bool
glob_middle(const struct glob *g, struct sg_slice s, bool fold, struct sg_slice *ret)
{
	if (s.len < g->head.len + g->tail.len + 1)
		return false;
	size_t mid = s.len - g->head.len - g->tail.len;
	if (!same(g->head, sg_slice(s.p, g->head.len), fold) ||
	    !same(g->tail, sg_slice(s.p + g->head.len + mid, g->tail.len), fold))
		return false;
	*ret = sg_slice(s.p + g->head.len, mid);
	return true;
}

static bool
is_alnum(uint8_t c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

static bool
only(struct sg_slice s, const char *more)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.p[i]) && (s.p[i] == 0 || strchr(more, s.p[i]) == NULL))
			return false;
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

static bool
next_rdn(struct sg_der *name, struct rdn *ret)
{
	struct sg_tlv set, attr, val;

	if (sg_der_get(name, SG_DER_SET, "RDN", &set, NULL) != SG_OK)
		return false;
	struct sg_der d = sg_der_init(set.val);
	if (sg_der_get(&d, SG_DER_SEQUENCE, "attribute", &attr, NULL) != SG_OK)
		return false;
	*ret = (struct rdn){.raw = set.raw, .single = !sg_der_more(&d)};
	d = sg_der_init(attr.val);
	if (sg_der_oid(&d, "type", &ret->type, NULL) != SG_OK ||
	    sg_der_any(&d, "value", &val, NULL) != SG_OK)
		return false;
	ret->tag = val.tag;
	ret->val = val.val;
	return true;
}

/* The contents of a Name; broken ones give an empty reader and false. */
static bool
enter_name(struct sg_slice name, struct sg_der *ret)
{
	struct sg_tlv seq;

	if (sg_der_whole(name, SG_DER_SEQUENCE, "Name", &seq, NULL) != SG_OK)
		return false;
	*ret = sg_der_init(seq.val);
	return true;
}

/* Values are compared as names are: runs of spaces are one, none at the ends. */
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
		return sg_name_equal(sg_buf_slice(&na), sg_buf_slice(&nb));
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
	struct glob g = split(sg_buf_slice(&want));
	if (rc == SG_OK && !g.star)
		return rdn_equal(pattern->raw, have->raw, ret_nomem);
	if (rc == SG_OK && have->single && sg_slice_eq(have->type, SG_OID(cn)))
		rc = folded(have, &value);
	else if (rc == SG_OK)
		return false;
	*ret_nomem = *ret_nomem || rc == SG_E_NOMEM;
	if (rc != SG_OK || !glob_middle(&g, sg_buf_slice(&value), true, &middle))
		return false;
	for (size_t i = 0; i < middle.len; i++)
		if (strchr(".@*/\\ ", middle.p[i]) != NULL) /* NUL fits here too: refused */
			return false;
	return true;
}

static bool
subject_fits(struct sg_slice pattern, struct sg_slice subject, bool *ret_nomem)
{
	struct sg_der want, have;
	struct rdn w, h;

	if (!enter_name(pattern, &want) || !enter_name(subject, &have))
		return false;
	while (sg_der_more(&want)) {
		if (!next_rdn(&want, &w) || !sg_der_more(&have) || !next_rdn(&have, &h) ||
		    !rdn_fits(&w, &h, ret_nomem))
			return false;
	}
	return !sg_der_more(&have);
}

/* The '*' in the values of one RDN (identifiers and lengths may hold the same byte). */
static size_t
rdn_stars(struct sg_slice set_raw)
{
	struct sg_tlv set, val;
	struct sg_der attr;
	struct sg_slice type;
	size_t n = 0;

	if (sg_der_whole(set_raw, SG_DER_SET, "RDN", &set, NULL) != SG_OK)
		return 0;
	struct sg_der d = sg_der_init(set.val);
	while (sg_der_enter(&d, SG_DER_SEQUENCE, "attribute", &attr, NULL) == SG_OK &&
	       sg_der_oid(&attr, "type", &type, NULL) == SG_OK &&
	       sg_der_any(&attr, "value", &val, NULL) == SG_OK)
		n += count_stars(val.val);
	return n;
}

/* Where '*' stands in a subject pattern, and whether anything else is in it. */
static enum sg_code
check_subject(struct sg_slice name, struct sg_slice text, struct sg_err *err)
{
	struct sg_der d;
	struct rdn rdn;
	bool free_name = true; /* a name of nothing, too */

	if (!enter_name(name, &d))
		return sg_fail(err, SG_E_INTERNAL, "pattern.subject", "cannot read our own name");
	while (sg_der_more(&d)) {
		sg_buf_scoped value = {0};
		if (!next_rdn(&d, &rdn))
			return sg_fail(
			    err, SG_E_INTERNAL, "pattern.subject", "cannot read our own name");
		size_t stars = rdn_stars(rdn.raw);
		bool cn = rdn.single && sg_slice_eq(rdn.type, SG_OID(cn));
		if (stars > 0 && !cn)
			return sg_fail(err, SG_E_CONF, "pattern.subject",
			    "subject pattern '%.*s': '*' is allowed in a CN of its own only",
			    (int)text.len, (const char *)text.p);
		if (stars > 1)
			return sg_fail(err, SG_E_CONF, "pattern.subject",
			    "subject pattern '%.*s': one '*' in a CN, not %zu", (int)text.len,
			    (const char *)text.p, stars);
		free_name = false;
		if (stars == 0)
			continue;
		/* Relying parties take the CN as who somebody is: part of it must be fixed. */
		if (folded(&rdn, &value) != SG_OK)
			return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a pattern");
		free_name = true;
		for (size_t i = 0; i < value.len; i++)
			if (is_alnum(value.p[i]) || value.p[i] >= 0x80)
				free_name = false;
		if (free_name)
			break;
	}
	if (free_name)
		return sg_fail(err, SG_E_CONF, "pattern.free",
		    "subject pattern '%.*s' fits any name: whoever knows the static challenge "
		    "could be anybody",
		    (int)text.len, (const char *)text.p);
	return SG_OK;
}

SG_RC
sg_patterns_add_subject(struct sg_patterns *p, struct sg_slice text, struct sg_err *err)
{
	if (p->subject_n == SG_PATTERNS_MAX)
		return sg_fail(err, SG_E_CONF, "pattern.count", "more than %u subject patterns",
		    SG_PATTERNS_MAX);
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
	rc = check_subject(sg_buf_slice(&name), text, err);
	if (rc != SG_OK)
		return rc;
	uint8_t *copy = sg_memdup(name.p, name.len);
	if (copy == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a pattern");
	p->subject[p->subject_n++] = sg_slice(copy, name.len);
	return SG_OK;
}

/* The part of a SAN's text that '*' must be, by its type; NULL when it is there. */
static const char *
star_misplaced(enum sg_san_type type, const struct glob *g)
{
	switch (type) {
	case SG_SAN_DNS:
		return g->head.len == 0 && g->tail.len > 1 && g->tail.p[0] == '.'
			   ? NULL
			   : "in dns: '*' is the whole first label";
	case SG_SAN_EMAIL:
	case SG_SAN_UPN:
		return g->head.len == 0 && g->tail.len > 1 && g->tail.p[0] == '@'
			   ? NULL
			   : "in email: and upn: '*' is the whole part before '@'";
	case SG_SAN_URI: {
		const uint8_t *colon = g->head.len > 0 ? memchr(g->head.p, ':', g->head.len) : NULL;
		return colon != NULL ? NULL : "in uri: '*' stands behind the scheme";
	}
	case SG_SAN_IP:
	case SG_SAN_DIRNAME:
	case SG_SAN_OTHER:
	default:
		return "'*' is not allowed in this type of name";
	}
}

/* Read "type:value"; a '*' in it is checked with an 'x' in its place. */
static enum sg_code
read_san(struct sg_slice text, struct san_pattern *sp, struct sg_err *err)
{
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_san plain;
	struct sg_err why = {.text = ""};
	size_t stars = count_stars(text);

	if (text.len == 0 || text.len > SG_SAN_LEN_MAX || stars > 1)
		return sg_fail(err, SG_E_CONF, "pattern.san",
		    "SAN pattern of %zu bytes with %zu '*': want 1 to %u bytes and at most one '*'",
		    text.len, stars, SG_SAN_LEN_MAX);
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
	struct glob g = split(val);
	const char *wrong = g.star ? star_misplaced(plain.type, &g) : "'*' stands in the type";
	if (wrong != NULL)
		return sg_fail(err, SG_E_CONF, "pattern.san", "SAN pattern '%.*s': %s",
		    (int)text.len, (const char *)text.p, wrong);
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
	enum sg_code rc = read_san(text, &sp, err);
	if (rc != SG_OK) {
		sg_free(sp.text);
		return rc;
	}
	p->san[p->san_n++] = sp;
	return SG_OK;
}

static bool
san_exact(const struct sg_san *a, const struct sg_san *b)
{
	struct sg_sans sa = {.n = 1}, sb = {.n = 1};

	sa.item[0] = *a;
	sb.item[0] = *b;
	return sg_sans_equal(&sa, &sb);
}

static bool
san_fits(const struct sg_san *pattern, const struct sg_san *have)
{
	struct glob g = split(pattern->val);
	struct sg_slice middle;

	if (pattern->type != have->type)
		return false;
	/* The bytes of an address may well be 0x2a. */
	if (!g.star || pattern->type == SG_SAN_IP)
		return san_exact(pattern, have);
	bool fold = pattern->type != SG_SAN_URI;
	if (!glob_middle(&g, have->val, fold, &middle))
		return false;
	switch (pattern->type) {
	case SG_SAN_DNS:
	case SG_SAN_URI:
		return only(middle, "-_");
	case SG_SAN_EMAIL:
	case SG_SAN_UPN:
		return only(middle, "._+-");
	case SG_SAN_IP:
	case SG_SAN_DIRNAME:
	case SG_SAN_OTHER:
	default:
		return false;
	}
}

SG_RC
sg_patterns_match(const struct sg_patterns *p, const struct sg_csr *csr, struct sg_err *err)
{
	bool fits = false, nomem = false;
	sg_buf_scoped text = {0};

	for (size_t i = 0; i < p->subject_n && !fits; i++)
		fits = subject_fits(p->subject[i], csr->subject, &nomem);
	if (!fits && nomem)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory to compare a subject");
	if (!fits)
		return sg_fail(err, SG_E_DENIED, "pattern.no-subject",
		    "subject \"%.300s\" fits none of the endpoint's %zu subject patterns",
		    sg_policy_show_name(&text, csr->subject), p->subject_n);
	for (size_t i = 0; i < csr->exts.sans.n; i++) {
		fits = false;
		for (size_t k = 0; k < p->san_n && !fits; k++)
			fits = san_fits(&p->san[k].san, &csr->exts.sans.item[i]);
		if (fits)
			continue;
		sg_san_put_text(&text, &csr->exts.sans.item[i]);
		return sg_fail(err, SG_E_DENIED, "pattern.no-san",
		    "%.300s fits none of the endpoint's %zu SAN patterns", sg_buf_text(&text),
		    p->san_n);
	}
	return SG_OK;
}
