/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attrs.c - the signed attributes of a message that arrives, each once and with one value
 */

#include "scep/attrs_private.h"

#include "asn1/der.h"
#include "asn1/oid.h"
#include "scep/txid.h"

enum attr_id {
	ATTR_TXID,
	ATTR_TYPE,
	ATTR_STATUS,
	ATTR_SENDER_NONCE,
	ATTR_RECIPIENT_NONCE,
	ATTR_CONTENT_TYPE,
	ATTR_DIGEST,
	ATTR_TIME,
	ATTR_LOOSE, /* what follows is only shown */
	ATTR_FAIL = ATTR_LOOSE,
	ATTR_FAIL_TEXT,
	ATTR_HRESULT,
	ATTR_N,
};

static const struct {
	const struct sg_slice *oid;
	const char *name;
	bool informs; /* nothing is decided by it: a fault in it refuses nothing */
} known[ATTR_N] = {
    [ATTR_TXID] = {&SG_OID(transaction_id), "transactionID", false},
    [ATTR_TYPE] = {&SG_OID(message_type), "messageType", false},
    [ATTR_STATUS] = {&SG_OID(pki_status), "pkiStatus", false},
    [ATTR_FAIL] = {&SG_OID(fail_info), "failInfo", false},
    [ATTR_SENDER_NONCE] = {&SG_OID(sender_nonce), "senderNonce", false},
    [ATTR_RECIPIENT_NONCE] = {&SG_OID(recipient_nonce), "recipientNonce", false},
    [ATTR_CONTENT_TYPE] = {&SG_OID(content_type), "contentType", true},
    [ATTR_DIGEST] = {&SG_OID(message_digest), "messageDigest", false},
    [ATTR_TIME] = {&SG_OID(signing_time), "signingTime", true},
    [ATTR_FAIL_TEXT] = {&SG_OID(fail_info_text), "failInfoText", false},
    [ATTR_HRESULT] = {&SG_OID(ms_hresult), "HRESULT", false},
};

void
sg_scep_defer(struct sg_err *first, const struct sg_err *err)
{
	if (first->code == SG_OK && err->code != SG_OK)
		*first = *err;
}

static int
find(struct sg_slice oid)
{
	for (int i = 0; i < ATTR_N; i++)
		if (sg_slice_eq(oid, *known[i].oid))
			return i;
	return -1;
}

/* The value of an attribute that must have this tag; empty after a failure. */
static struct sg_slice
want(struct sg_der *d, int id, const struct sg_tlv *v, unsigned tag, const char *type)
{
	if (v->tag == tag)
		return v->val;
	sg_der_fail(d, SG_E_MALFORMED, "scep.attr.type", "%s: want %s, have tag 0x%02x",
	    known[id].name, type, v->tag);
	return sg_slice(NULL, 0);
}

static struct sg_slice
want_text(struct sg_der *d, int id, const struct sg_tlv *v)
{
	return want(
	    d, id, v, v->tag == SG_DER_UTF8 ? SG_DER_UTF8 : SG_DER_PRINTABLE, "a PrintableString");
}

static struct sg_slice
want_nonce(struct sg_der *d, int id, const struct sg_tlv *v)
{
	struct sg_slice nonce = want(d, id, v, SG_DER_OCTET_STRING, "an OCTET STRING");

	if (nonce.len > 0 && nonce.len <= SG_NONCE_MAX)
		return nonce;
	sg_der_fail(d, SG_E_MALFORMED, "scep.nonce", "%s has %zu bytes, want 1 to %u",
	    known[id].name, nonce.len, SG_NONCE_MAX);
	return sg_slice(NULL, 0);
}

/* What a known attribute says, into msg. */
static void
read_known(struct sg_der *d, int id, const struct sg_tlv *v, struct sg_scep_msg *msg)
{
	struct sg_der whole = sg_der_inside(d, v->raw);

	switch (id) {
	case ATTR_TXID:
		if (!sg_scep_txid_ok(v->tag, v->val))
			sg_der_fail(d, SG_E_MALFORMED, "scep.txid",
			    "transactionID has tag 0x%02x and %zu bytes, want 1 "
			    "to %u of a PrintableString or UTF8String",
			    v->tag, v->val.len, SG_TXID_MAX);
		msg->txid = v->val;
		msg->txid_tag = v->tag;
		break;
	case ATTR_TYPE:
		msg->type_text = want_text(d, id, v);
		msg->has_type = sg_der_ok(d);
		msg->type = sg_scep_type_parse(msg->type_text);
		break;
	case ATTR_STATUS:
		msg->status_text = want_text(d, id, v);
		msg->status = sg_scep_status_parse(msg->status_text);
		break;
	case ATTR_SENDER_NONCE:
		msg->sender_nonce = want_nonce(d, id, v);
		break;
	case ATTR_RECIPIENT_NONCE:
		msg->recipient_nonce = want_nonce(d, id, v);
		break;
	case ATTR_CONTENT_TYPE:
		if (!sg_slice_eq(want(d, id, v, SG_DER_OID, "an OBJECT IDENTIFIER"), SG_OID(data)))
			sg_der_fail(d, SG_E_MALFORMED, "cms.content.type",
			    "RFC 8894 3.2: the attribute contentType is not data");
		msg->has_content_type = sg_der_ok(d);
		break;
	case ATTR_DIGEST:
		msg->digest = want(d, id, v, SG_DER_OCTET_STRING, "an OCTET STRING");
		break;
	case ATTR_TIME:
		msg->signing_time = sg_der_time(&whole, "signingTime");
		msg->has_signing_time = sg_der_ok(d);
		break;
	default:
		break;
	}
}

/* One known attribute: its SET has exactly one value. */
static void
read_value(struct sg_der *attr, int id, struct sg_scep_msg *msg)
{
	struct sg_der set = sg_der_enter(attr, SG_DER_SET, known[id].name);

	sg_der_end(attr, known[id].name);
	if (!sg_der_more(&set))
		sg_der_fail(&set, SG_E_MALFORMED, "cms.attr.values", "%s has no value, want one",
		    known[id].name);
	struct sg_tlv value = sg_der_any(&set, known[id].name);
	if (sg_der_more(&set))
		sg_der_fail(&set, SG_E_MALFORMED, "cms.attr.values", "%s has more than one value",
		    known[id].name);
	if (sg_der_ok(&set))
		read_known(&set, id, &value, msg);
}

/* One that is only shown: its first value, whatever it is. */
static void
read_loose(struct sg_slice rest, bool again, struct sg_scep_loose *ret)
{
	struct sg_der attr = sg_der_init(rest, NULL);

	struct sg_der set = sg_der_enter(&attr, SG_DER_SET, "attrValues");
	sg_der_end(&attr, "attribute");
	struct sg_tlv value = sg_der_any(&set, "value");
	bool odd = again || sg_der_more(&set) || !sg_der_ok(&set);
	if (!again)
		*ret = (struct sg_scep_loose){.present = true, .tag = value.tag, .val = value.val};
	ret->odd = odd;
}

void
sg_scep_attrs_read(struct sg_der *list, struct sg_scep_msg *msg)
{
	uint32_t seen = 0;
	struct sg_err request = {0}, answer = {0}; /* in what only one of the two uses */

	for (size_t n = 0; sg_der_more(list); n++) {
		if (n == SG_CMS_ATTRS_MAX)
			sg_der_fail(list, SG_E_LIMIT, "cms.attrs.count",
			    "more than %u signed attributes", SG_CMS_ATTRS_MAX);
		struct sg_der attr = sg_der_enter(list, SG_DER_SEQUENCE, "signed attribute");
		int id = find(sg_der_get(&attr, SG_DER_OID, "attrType").val);
		if (id < 0 || !sg_der_ok(list))
			continue; /* RFC 5652 5.3 allows others; clients send their own. */
		if (id >= ATTR_LOOSE) {
			struct sg_scep_loose *const loose[] = {
			    &msg->fail_info, &msg->fail_info_text, &msg->hresult};
			read_loose(attr.rest, (seen & 1u << id) != 0, loose[id - ATTR_LOOSE]);
			seen |= 1u << id;
			continue;
		}
		/* Without a transactionID there is no answer; what else is wrong is told in one. */
		struct sg_err late = {0};
		struct sg_der deferred = sg_der_init(attr.rest, &late);
		if (id != ATTR_TXID)
			attr = deferred;
		if (seen & 1u << id)
			sg_der_fail(&attr, SG_E_MALFORMED, "cms.attr.duplicate",
			    "%s is there twice", known[id].name);
		seen |= 1u << id;
		read_value(&attr, id, msg);
		if (id == ATTR_SENDER_NONCE)
			sg_scep_defer(&request, &late);
		else if (id == ATTR_STATUS || id == ATTR_RECIPIENT_NONCE)
			sg_scep_defer(&answer, &late);
		else
			sg_scep_defer(known[id].informs ? &msg->fault : &msg->refused, &late);
	}
	/* The nonce of an answer is echoed by nobody, and a request reports on nothing. */
	sg_scep_defer(&msg->refused, msg->type == SG_SCEP_CERTREP ? &answer : &request);
	if ((seen & 1u << ATTR_TXID) == 0)
		sg_der_fail(list, SG_E_MALFORMED, "scep.txid.missing",
		    "RFC 8894 3.2.1.1: there is no transactionID");
}
