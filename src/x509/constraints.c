/* SPDX-License-Identifier: Apache-2.0 */

/*
 * constraints.c - name constraints of a CA certificate, read and compared with names that an
 * endpoint would give
 */

#include "x509/constraints.h"

#include <arpa/inet.h>
#include <string.h>

#include "asn1/der.h"
#include "asn1/derw.h"
#include "asn1/oid.h"
#include "base/ascii.h"
#include "base/escape.h"
#include "x509/ext_private.h"
#include "x509/name.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

#define SHOWN_MAX 80u /* bytes of one subtree */

#define TAG_OTHER SG_DER_CTX_CONS(0)
#define TAG_EMAIL SG_DER_CTX(1)
#define TAG_DNS SG_DER_CTX(2)
#define TAG_DIRNAME SG_DER_CTX_CONS(4)
#define TAG_URI SG_DER_CTX(6)
#define TAG_IP SG_DER_CTX(7)
#define TAG_RID SG_DER_CTX(8)

/* ---- reading ---- */

/* The bases of GeneralSubtrees, one by one. Minimum and maximum are skipped: RFC 5280 gives them
 * one value each. */
static struct sg_tlv
next_base(struct sg_der *subtrees)
{
	struct sg_der seq = sg_der_enter(subtrees, SG_DER_SEQUENCE, "GeneralSubtree");
	struct sg_tlv base = sg_der_any(&seq, "base");

	sg_der_opt(&seq, SG_DER_CTX(0), "minimum");
	sg_der_opt(&seq, SG_DER_CTX(1), "maximum");
	sg_der_end(&seq, "GeneralSubtree");
	return base;
}

static void
check_subtrees(struct sg_der *d, struct sg_slice list)
{
	struct sg_der subtrees = sg_der_inside(d, list);

	while (sg_der_more(&subtrees)) {
		struct sg_tlv base = next_base(&subtrees);
		if (base.tag == TAG_IP && base.val.len != 8 && base.val.len != 32)
			sg_der_fail(d, SG_E_MALFORMED, "constraints",
			    "RFC 5280 4.2.1.10: nameConstraints: want 8 or 32 bytes for a network, "
			    "found %zu",
			    base.val.len);
		if (base.tag != TAG_DIRNAME)
			continue;
		struct sg_der inner = sg_der_inside(d, base.val);
		struct sg_slice name = sg_der_whole(&inner, SG_DER_SEQUENCE, "directoryName").raw;
		sg_der_try(d, sg_name_check_shape(name, sg_der_err(d)));
	}
}

static void
read_lists(struct sg_der *d, struct sg_slice value, struct sg_constraints *ret)
{
	struct sg_der whole = sg_der_inside(d, value);
	struct sg_der seq = sg_der_inside(
	    d, sg_der_whole(&whole, SG_DER_SEQUENCE, "nameConstraints").val);

	ret->permitted = sg_der_opt(&seq, SG_DER_CTX_CONS(0), "permittedSubtrees").val;
	ret->excluded = sg_der_opt(&seq, SG_DER_CTX_CONS(1), "excludedSubtrees").val;
	sg_der_end(&seq, "nameConstraints");
	check_subtrees(d, ret->permitted);
	check_subtrees(d, ret->excluded);
}

static bool
is_known(struct sg_slice oid)
{
	const struct sg_slice known[] = {SG_OID(basic_constraints), SG_OID(key_usage), SG_OID(eku),
	    SG_OID(san), SG_OID(aki), SG_OID(ski), SG_OID(cdp), SG_OID(aia), SG_OID(cert_policies),
	    SG_OID(policy_mappings), SG_OID(policy_constraints), SG_OID(inhibit_any_policy)};

	return sg_slice_among(known, sizeof known / sizeof known[0], oid);
}

SG_RC
sg_constraints_read(const struct sg_cert *cert, struct sg_constraints *ret,
    struct sg_slice *ret_critical, struct sg_err *err)
{
	struct sg_constraints c = {0};
	struct sg_slice critical = {0};
	struct sg_der d = sg_der_init(cert->tbs, err);

	*ret = c;
	*ret_critical = critical;
	if (!cert->has_exts)
		return SG_OK;
	struct sg_der tbs = sg_der_enter(&d, SG_DER_SEQUENCE, "TBSCertificate");
	while (sg_der_more(&tbs) && sg_der_peek(&tbs) != SG_DER_CTX_CONS(3))
		sg_der_any(&tbs, "field");
	struct sg_der outer = sg_der_enter(&tbs, SG_DER_CTX_CONS(3), "extensions");
	struct sg_der exts = sg_der_enter(&outer, SG_DER_SEQUENCE, "Extensions");
	while (sg_der_more(&exts)) {
		struct sg_ext ext = sg_ext_next(&exts);
		if (sg_slice_eq(ext.oid, SG_OID(name_constraints))) {
			read_lists(&d, ext.value, &c);
			c.critical = ext.critical;
		} else if (ext.critical && critical.len == 0 && !is_known(ext.oid)) {
			critical = ext.oid;
		}
	}
	if (!sg_der_ok(&d))
		return sg_der_status(&d);
	*ret = c;
	*ret_critical = critical;
	return SG_OK;
}

/* ---- comparing ---- */

static struct sg_slice
from(struct sg_slice s, size_t n)
{
	return sg_slice(s.p + n, s.len - n);
}

static bool
ends_with(struct sg_slice name, struct sg_slice tail)
{
	return name.len > tail.len && sg_ascii_same(from(name, name.len - tail.len), tail);
}

static bool
dns_is_in(struct sg_slice name, struct sg_slice base)
{
	if (base.len == 0 || sg_ascii_same(name, base))
		return true;
	return ends_with(name, base) &&
	       (base.p[0] == '.' || name.p[name.len - base.len - 1] == '.');
}

/* Of e-mail and URI: a host, or after a '.' those below it. */
static bool
host_is_in(struct sg_slice host, struct sg_slice base)
{
	if (base.len > 0 && base.p[0] == '.')
		return ends_with(host, base);
	return base.len == 0 || sg_ascii_same(host, base);
}

static bool
email_is_in(struct sg_slice name, struct sg_slice base)
{
	const uint8_t *at = name.len > 0 ? memrchr(name.p, '@', name.len) : NULL;
	const uint8_t *base_at = base.len > 0 ? memrchr(base.p, '@', base.len) : NULL;

	if (at == NULL)
		return false;
	size_t local = (size_t)(at - name.p);
	if (base_at == NULL)
		return host_is_in(from(name, local + 1), base);
	/* One mailbox: letter case counts before the '@'. */
	return (size_t)(base_at - base.p) == local && memcmp(name.p, base.p, local) == 0 &&
	       sg_ascii_same(from(name, local), from(base, local));
}

/* Between "//" and what follows the host; empty when there is none. */
static struct sg_slice
host_of(struct sg_slice uri)
{
	size_t start = 0, end;

	while (start + 2 <= uri.len && memcmp(uri.p + start, "//", 2) != 0)
		start++;
	if (start + 2 > uri.len)
		return sg_slice(uri.p, 0);
	for (start += 2, end = start; end < uri.len && strchr("/?#:", uri.p[end]) == NULL; end++)
		if (uri.p[end] == '@')
			start = end + 1;
	return sg_slice(uri.p + start, end - start);
}

static bool
uri_is_in(struct sg_slice name, struct sg_slice base)
{
	struct sg_slice host = host_of(name);

	return host.len > 0 && host_is_in(host, base);
}

static bool
ip_is_in(struct sg_slice name, struct sg_slice base)
{
	bool in = base.len == 2 * name.len;

	for (size_t n = 0; in && n < name.len; n++)
		in = ((name.p[n] ^ base.p[n]) & base.p[name.len + n]) == 0;
	return in;
}

/* The first RDNs of the name are those of the base. */
static bool
dirname_is_in(struct sg_slice name, struct sg_slice base_val)
{
	struct sg_der d = sg_der_init(base_val, NULL), e = sg_der_init(name, NULL);
	struct sg_tlv base = sg_der_whole(&d, SG_DER_SEQUENCE, "base");
	struct sg_der want = sg_der_inside(&d, base.val),
		      have = sg_der_enter(&e, SG_DER_SEQUENCE, "name");
	sg_buf_scoped begin = {0};
	size_t seq = sg_derw_begin(&begin, SG_DER_SEQUENCE);

	while (sg_der_more(&want)) {
		sg_der_any(&want, "RDN");
		sg_buf_put_slice(&begin, sg_der_any(&have, "RDN").raw);
	}
	sg_derw_end(&begin, seq);
	return sg_der_ok(&d) && sg_der_ok(&e) && sg_buf_check(&begin, NULL) == SG_OK &&
	       sg_name_equal(sg_buf_slice(&begin), base.raw);
}

static const struct kind {
	enum sg_san_type type;
	unsigned tag; /* of the base */
	bool (*is_in)(struct sg_slice name, struct sg_slice base);
} kinds[] = {
    {SG_SAN_DNS, TAG_DNS, dns_is_in},
    {SG_SAN_EMAIL, TAG_EMAIL, email_is_in},
    {SG_SAN_URI, TAG_URI, uri_is_in},
    {SG_SAN_IP, TAG_IP, ip_is_in},
    {SG_SAN_DIRNAME, TAG_DIRNAME, dirname_is_in},
    {SG_SAN_UPN, TAG_OTHER, NULL},
    {SG_SAN_OTHERNAME, TAG_OTHER, NULL},
    {SG_SAN_RID, TAG_RID, NULL},
};

/* NULL: no constraint is about such names. */
static const struct kind *
kind_of(enum sg_san_type type)
{
	for (size_t n = 0; n < sizeof kinds / sizeof kinds[0]; n++)
		if (kinds[n].type == type)
			return &kinds[n];
	return NULL;
}

/* How many subtrees of the kind the list has, and in how many of them the name is. */
static size_t
count(struct sg_slice list, const struct kind *kind, struct sg_slice name, size_t *ret_in)
{
	struct sg_der subtrees = sg_der_init(list, NULL);
	size_t n = 0;

	*ret_in = 0;
	while (sg_der_more(&subtrees)) {
		struct sg_tlv base = next_base(&subtrees);
		if (base.tag != kind->tag)
			continue;
		n++;
		*ret_in += name.len > 0 && kind->is_in != NULL && kind->is_in(name, base.val);
	}
	return n;
}

bool
sg_constraints_have(const struct sg_constraints *c, enum sg_san_type type)
{
	const struct kind *kind = kind_of(type);
	const struct sg_slice none = {0};
	size_t in;

	return kind != NULL &&
	       count(c->permitted, kind, none, &in) + count(c->excluded, kind, none, &in) > 0;
}

bool
sg_constraints_allow(const struct sg_constraints *c, const struct sg_san *name)
{
	const struct kind *kind = kind_of(name->type);
	size_t in, out;

	if (kind == NULL || (name->type == SG_SAN_DIRNAME && sg_name_is_empty(name->val)))
		return true;
	size_t permitted = count(c->permitted, kind, name->val, &in);
	size_t excluded = count(c->excluded, kind, name->val, &out);
	if (kind->is_in == NULL)
		return permitted + excluded == 0;
	return (permitted == 0 || in > 0) && out == 0;
}

/* ---- for people ---- */

static void
put_network(struct sg_buf *b, struct sg_slice base)
{
	char address[INET6_ADDRSTRLEN] = "", mask[INET6_ADDRSTRLEN] = "";
	int family = base.len == 8 ? AF_INET : AF_INET6;

	inet_ntop(family, base.p, address, sizeof address);
	inet_ntop(family, base.p + base.len / 2, mask, sizeof mask);
	sg_buf_printf(b, "ip:%s/%s", address, mask);
}

static void
put_base(struct sg_buf *b, const struct sg_tlv *base)
{
	const char *kind = base->tag == TAG_DNS	    ? "dns:"
			   : base->tag == TAG_EMAIL ? "email:"
			   : base->tag == TAG_URI   ? "uri:"
						    : NULL;

	if (kind != NULL && base->val.len == 0) {
		sg_buf_printf(b, "%s(all)", kind);
	} else if (kind != NULL) {
		sg_buf_puts(b, kind);
		sg_escape_put(b, base->val, SHOWN_MAX);
	} else if (base->tag == TAG_IP) {
		put_network(b, base->val);
	} else if (base->tag == TAG_DIRNAME) {
		sg_buf_puts(b, "subject:");
		sg_name_put_text(b, base->val);
	} else {
		sg_buf_puts(b, base->tag == TAG_OTHER ? "othername" : "another kind");
	}
}

static void
put_list(struct sg_buf *b, const char *word, struct sg_slice list)
{
	struct sg_der subtrees = sg_der_init(list, NULL);

	while (sg_der_more(&subtrees)) {
		struct sg_tlv base = next_base(&subtrees);
		sg_buf_puts(b, word);
		put_base(b, &base);
		word = ", ";
	}
}

void
sg_constraints_put_text(struct sg_buf *b, const struct sg_constraints *c)
{
	put_list(b, "only ", c->permitted);
	put_list(b, c->permitted.len > 0 ? "; not " : "not ", c->excluded);
}
