/* SPDX-License-Identifier: Apache-2.0 */

/*
 * name.c - distinguished names: their shape and values checked, compared, written anew
 */

#include "x509/name.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "base/limits.h"
#include "x509/bounds.h"
#include "x509/chars.h"
#include "x509/name_private.h"
#include "x509/stringprep.h"
#include "asn1/oid.h"

/* One AttributeTypeAndValue; its place in the list says which RDN it belongs to. */
static void
read_attribute(struct sg_der *rdn, struct sg_name_list *list, size_t nth)
{
	if (list->n == SG_NAME_RDNS_MAX) {
		sg_der_fail(rdn, SG_E_LIMIT, "name.rdns",
		    "a name of more than %u attributes, a fixed limit", SG_NAME_RDNS_MAX);
		return;
	}
	struct sg_der atv = sg_der_enter(rdn, SG_DER_SEQUENCE, "AttributeTypeAndValue");
	struct sg_slice type = sg_der_oid(&atv, "attribute type");
	struct sg_tlv value = sg_der_any(&atv, "attribute value");
	sg_der_end(&atv, "AttributeTypeAndValue");
	for (size_t i = list->n; i > 0 && list->attr[i - 1].rdn == nth; i--)
		if (sg_slice_eq(list->attr[i - 1].type, type))
			sg_der_fail(rdn, SG_E_MALFORMED, "name.rdn.dup",
			    "X.501 9.3: want each type once in an RDN, RDN %zu has one twice",
			    nth + 1);
	list->attr[list->n++] = (struct sg_name_attr){nth, type, value.tag, value.val};
}

enum sg_code
sg_name_list(struct sg_slice name, struct sg_name_list *ret, struct sg_err *err)
{
	struct sg_der d = sg_der_init(name, err);
	struct sg_der rdns = sg_der_inside(&d, sg_der_whole(&d, SG_DER_SEQUENCE, "Name").val);
	ret->n = 0;
	for (size_t nth = 0; sg_der_more(&rdns); nth++) {
		struct sg_der rdn = sg_der_enter(&rdns, SG_DER_SET, "RelativeDistinguishedName");
		if (!sg_der_more(&rdn))
			sg_der_fail(&rdn, SG_E_MALFORMED, "name.rdn.empty",
			    "RFC 5280 4.1.2.4: RDN %zu has no attribute", nth + 1);
		while (sg_der_more(&rdn))
			read_attribute(&rdn, ret, nth);
	}
	return sg_der_status(&d);
}

static SG_RC
check_value(const struct sg_name_attr *a, struct sg_err *err)
{
	const struct sg_oid_entry *known = sg_oid_find(a->type);
	const char *type = known == NULL	 ? "another type"
			   : known->abbr != NULL ? known->abbr
						 : known->name;
	size_t nth = a->rdn + 1;

	if (!sg_chars_is_string(a->tag))
		return sg_fail(err, SG_E_MALFORMED, "name.value.type",
		    "RDN %zu (%s): want a DirectoryString or IA5String, found tag 0x%02x", nth,
		    type, a->tag);
	if (a->val.len > SG_NAME_VALUE_MAX)
		return sg_fail(err, SG_E_LIMIT, "name.value.long",
		    "RDN %zu (%s): want at most %u bytes, a fixed limit, found %zu", nth, type,
		    SG_NAME_VALUE_MAX, a->val.len);
	struct sg_chars chars = sg_chars_init(a->tag, a->val);
	enum sg_chars_step step;
	size_t n = 0;
	uint32_t c;
	while ((step = sg_chars_next(&chars, &c)) == SG_CHARS_ONE) {
		n++;
		if (sg_chars_is_control(c))
			return sg_fail(err, SG_E_MALFORMED, "name.value.control",
			    "RDN %zu (%s): character %zu is the control character U+%04X", nth,
			    type, n, (unsigned)c);
	}
	if (step == SG_CHARS_BROKEN)
		return sg_fail(err, SG_E_MALFORMED, "name.value.encoding",
		    "RDN %zu (%s): character %zu is none in the encoding of its type, %s", nth,
		    type, n + 1, sg_chars_type_name(a->tag));
	return SG_OK;
}

enum sg_code
sg_name_check_shape(struct sg_slice name, struct sg_err *err)
{
	struct sg_name_list list;
	return sg_name_list(name, &list, err);
}

static SG_RC
list_checked(struct sg_slice name, struct sg_name_list *ret, struct sg_err *err)
{
	enum sg_code rc = sg_name_list(name, ret, err);
	for (size_t i = 0; rc == SG_OK && i < ret->n; i++)
		rc = check_value(&ret->attr[i], err);
	return rc;
}

enum sg_code
sg_name_check(struct sg_slice name, struct sg_err *err)
{
	struct sg_name_list list;
	return list_checked(name, &list, err);
}

bool
sg_name_is_empty(struct sg_slice name)
{
	return name.len == 2 && name.p[0] == SG_DER_SEQUENCE && name.p[1] == 0;
}

typedef bool
equal_fn(struct sg_chars a, struct sg_chars b, enum sg_stringprep_case how);

/* The attribute of this type in the same RDN of list, or NULL. */
static const struct sg_name_attr *
find_attribute(const struct sg_name_list *list, const struct sg_name_attr *a)
{
	for (size_t i = 0; i < list->n && list->attr[i].rdn <= a->rdn; i++) {
		if (list->attr[i].rdn == a->rdn && sg_slice_eq(list->attr[i].type, a->type))
			return &list->attr[i];
	}
	return NULL;
}

static bool
has_attribute(const struct sg_name_list *list, const struct sg_name_attr *a, equal_fn *equal)
{
	const struct sg_name_attr *b = find_attribute(list, a);

	return b != NULL && sg_chars_is_string(a->tag) && sg_chars_is_string(b->tag) &&
	       equal(sg_chars_init(a->tag, a->val), sg_chars_init(b->tag, b->val),
		   SG_STRINGPREP_CASE_IGNORE);
}

static bool
names_equal(struct sg_slice a, struct sg_slice b, equal_fn *equal)
{
	struct sg_name_list la, lb;
	if (sg_name_list(a, &la, NULL) != SG_OK || sg_name_list(b, &lb, NULL) != SG_OK)
		return false;
	/* A type stands once in an RDN, so as many attributes, each found, means the same set. */
	if (la.n != lb.n)
		return false;
	for (size_t i = 0; i < la.n; i++) {
		if (!has_attribute(&lb, &la.attr[i], equal))
			return false;
	}
	return true;
}

bool
sg_name_equal(struct sg_slice a, struct sg_slice b)
{
	return names_equal(a, b, sg_stringprep_equal);
}

bool
sg_name_equal_ascii(struct sg_slice a, struct sg_slice b)
{
	return names_equal(a, b, sg_stringprep_equal_ascii);
}

enum sg_code
sg_name_get(struct sg_slice name, struct sg_slice type_oid, struct sg_buf *out, struct sg_err *err)
{
	struct sg_name_list list;
	enum sg_code rc = sg_name_list(name, &list, err);
	if (rc != SG_OK)
		return rc;
	for (size_t i = list.n; i > 0; i--) {
		if (sg_slice_eq(list.attr[i - 1].type, type_oid))
			return sg_string_to_utf8(
			    list.attr[i - 1].tag, list.attr[i - 1].val, out, err);
	}
	return sg_fail(
	    err, SG_E_NOTFOUND, "name.attribute", "the name has no attribute of that type");
}

void
sg_name_put_attr(struct sg_buf *b, struct sg_slice type, struct sg_slice utf8, unsigned asked)
{
	size_t atv = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, type);
	sg_derw_tlv(b, sg_name_tag_for(type, utf8, asked), utf8);
	sg_derw_end(b, atv);
}

static SG_RC
put_list(struct sg_buf *b, const struct sg_name_list *list, const struct sg_name_list *asked,
    struct sg_err *err)
{
	sg_buf_scoped utf8 = {0};
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	for (size_t i = 0; i < list->n;) {
		size_t set = sg_derw_begin(b, SG_DER_SET), first = i;
		for (; i < list->n && list->attr[i].rdn == list->attr[first].rdn; i++) {
			sg_buf_reset(&utf8);
			const struct sg_name_attr *a = &list->attr[i];
			const struct sg_name_attr *like = find_attribute(asked, a);
			enum sg_code rc = sg_string_to_utf8(a->tag, a->val, &utf8, err);
			if (rc != SG_OK)
				return rc;
			sg_name_put_attr(b, a->type, sg_buf_slice(&utf8), like ? like->tag : 0);
		}
		if (i - first > 1)
			sg_derw_sort(b, set);
		sg_derw_end(b, set);
	}
	sg_derw_end(b, seq);
	return sg_buf_check(b, err);
}

enum sg_code
sg_name_reencode(
    struct sg_slice name, struct sg_slice asked, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped b = {0};
	struct sg_name_list list, like = {.n = 0};
	enum sg_code rc = list_checked(name, &list, err);
	if (rc == SG_OK && asked.len > 0)
		rc = sg_name_list(asked, &like, err);
	if (rc == SG_OK)
		rc = put_list(&b, &list, &like, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_put_slice(out, sg_buf_slice(&b));
	return sg_buf_check(out, err);
}
