/* SPDX-License-Identifier: Apache-2.0 */

/*
 * csr_exts.c - the extensions of a request, read for what they ask: csr.c has found the list
 */

#include "x509/csr_exts_private.h"

#include <string.h>

#include "asn1/oid.h"
#include "x509/san_private.h"

#define BITS_OF_BITS (SG_DER_BIT_STRING | 0x20) /* constructed, as BER allows */

/* The next element in any encoding of BER; an indefinite one reaches to the end of what surrounds
 * it. False at the end, at end-of-contents, and where it cannot be read. */
static bool
next_loose(struct sg_slice *rest, struct sg_tlv *ret)
{
	struct sg_slice s = *rest;
	size_t head = 2, len = 0;

	if (s.len < 2 || s.p[0] == 0 || (s.p[0] & 0x1f) == 0x1f)
		return false;
	if (s.p[1] < 0x80) {
		len = s.p[1];
	} else if (s.p[1] == 0x80) {
		len = s.len - head;
	} else {
		size_t n = s.p[1] & 0x7f;
		if (n > s.len - head)
			return false;
		for (size_t i = 0; i < n; i++)
			len = len > s.len ? len : len << 8 | s.p[head + i];
		head += n;
	}
	if (len > s.len - head)
		return false;
	*rest = sg_slice(s.p + head + len, s.len - head - len);
	*ret = (struct sg_tlv){s.p[0], sg_slice(s.p, head + len), sg_slice(s.p + head, len)};
	return true;
}

/* A BIT STRING, or the first one inside a constructed one. */
static void
read_key_usage(struct sg_slice value, struct sg_exts *ret)
{
	struct sg_tlv bits = {0};

	while (next_loose(&value, &bits) && bits.tag == BITS_OF_BITS)
		value = bits.val;
	if (bits.tag != SG_DER_BIT_STRING || bits.val.len < 2 || bits.val.p[0] > 7)
		return;
	size_t n_max = (bits.val.len - 1) * 8 - bits.val.p[0];
	for (size_t n = 0; n <= 8 && n < n_max; n++)
		if ((bits.val.p[1 + n / 8] >> (7 - n % 8) & 1) != 0)
			ret->key_usage |= 1u << n;
	ret->has_key_usage = ret->key_usage != 0;
}

static void
read_basic(struct sg_slice value, struct sg_exts *ret)
{
	struct sg_tlv tlv;

	while (next_loose(&value, &tlv)) {
		if (tlv.tag == SG_DER_SEQUENCE) {
			ret->has_basic = true;
			value = tlv.val;
		}
		for (size_t i = 0; tlv.tag == SG_DER_BOOLEAN && i < tlv.val.len; i++)
			ret->ca = ret->ca || tlv.val.p[i] != 0;
	}
	ret->has_basic = ret->has_basic || ret->ca;
}

static void
read_eku(struct sg_slice value, struct sg_exts *ret)
{
	struct sg_tlv tlv;

	while (ret->eku_n < sizeof ret->eku / sizeof ret->eku[0] && next_loose(&value, &tlv)) {
		if (tlv.tag == SG_DER_SEQUENCE)
			value = tlv.val;
		if (tlv.tag != SG_DER_OID || tlv.val.len == 0 || tlv.val.len > SG_OID_MAX ||
		    sg_slice_among(ret->eku, ret->eku_n, tlv.val))
			continue;
		ret->eku[ret->eku_n++] = tlv.val;
	}
	ret->has_eku = ret->eku_n > 0;
}

static void
read_san(struct sg_der *d, struct sg_slice contents, struct sg_exts *ret)
{
	struct sg_der value = sg_der_inside(d, contents), empty = sg_der_init(contents, NULL);

	/* Without a name it asks for none. */
	if (sg_der_whole(&empty, SG_DER_SEQUENCE, "GeneralNames").val.len == 0 && sg_der_ok(&empty))
		return;
	sg_sans_read(&value, &ret->sans);
	if (!sg_der_ok(d))
		return;
	ret->has_san = true;
	sg_sans_unique_spelling(&ret->sans);
}

static bool
same_ekus(const struct sg_exts *a, const struct sg_exts *b)
{
	for (size_t i = 0; i < a->eku_n; i++)
		if (!sg_slice_among(b->eku, b->eku_n, a->eku[i]))
			return false;
	return a->eku_n == b->eku_n;
}

/* Add what one extension says to what those before it said; false when it contradicts them. */
static bool
add(struct sg_exts *ret, const struct sg_exts *one)
{
	if ((ret->has_san && one->has_san && !sg_sans_equal_spelling(&ret->sans, &one->sans)) ||
	    (ret->has_key_usage && one->has_key_usage && ret->key_usage != one->key_usage) ||
	    (ret->has_basic && one->has_basic && ret->ca != one->ca) ||
	    (ret->has_eku && one->has_eku && !same_ekus(ret, one)))
		return false;
	if (one->has_san) {
		ret->has_san = true;
		ret->sans = one->sans;
	}
	if (one->has_key_usage) {
		ret->has_key_usage = true;
		ret->key_usage = one->key_usage;
	}
	if (one->has_basic) {
		ret->has_basic = true;
		ret->ca = one->ca;
	}
	if (one->has_eku) {
		ret->has_eku = true;
		ret->eku_n = one->eku_n;
		memcpy(ret->eku, one->eku, sizeof ret->eku);
	}
	return true;
}

static void
read_one(struct sg_der *exts, size_t no, struct sg_exts *ret)
{
	struct sg_exts one = {.path_len = -1};
	struct sg_der seq = sg_der_enter(exts, SG_DER_SEQUENCE, "Extension");
	struct sg_slice oid = sg_der_oid(&seq, "extnID");
	sg_der_opt(&seq, SG_DER_BOOLEAN, "critical");
	struct sg_slice value = sg_der_get(&seq, SG_DER_OCTET_STRING, "extnValue").val;
	sg_der_end(&seq, "Extension");
	if (!sg_der_ok(exts))
		return;

	if (sg_slice_eq(oid, SG_OID(san)))
		read_san(exts, value, &one);
	else if (sg_slice_eq(oid, SG_OID(key_usage)))
		read_key_usage(value, &one);
	else if (sg_slice_eq(oid, SG_OID(basic_constraints)))
		read_basic(value, &one);
	else if (sg_slice_eq(oid, SG_OID(eku)))
		read_eku(value, &one);
	if (sg_der_ok(exts) && !add(ret, &one))
		sg_der_fail(exts, SG_E_MALFORMED, "csr.exts.twice",
		    "extension %zu of the request asks for something else than one of the same "
		    "kind before it",
		    no);
}

void
sg_csr_exts_read(struct sg_der *d, struct sg_exts *ret)
{
	struct sg_der exts = sg_der_inside(d, sg_der_whole(d, SG_DER_SEQUENCE, "Extensions").val);

	for (size_t n = 0; sg_der_more(&exts); n++) {
		if (n == SG_CERT_EXTS_MAX)
			sg_der_fail(d, SG_E_LIMIT, "ext.count",
			    "want at most %u extensions, a fixed limit", SG_CERT_EXTS_MAX);
		read_one(&exts, n + 1, ret);
	}
}

bool
sg_csr_exts_empty(const struct sg_exts *exts)
{
	return !exts->has_san && !exts->has_key_usage && !exts->has_eku && !exts->ca;
}

bool
sg_csr_exts_equal(const struct sg_exts *a, const struct sg_exts *b)
{
	return a->has_san == b->has_san && sg_sans_equal_spelling(&a->sans, &b->sans) &&
	       a->key_usage == b->key_usage && a->ca == b->ca && same_ekus(a, b);
}
