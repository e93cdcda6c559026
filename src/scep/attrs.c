/* SPDX-License-Identifier: Apache-2.0 */

#include "scep/attrs_private.h"

#include "asn1/der.h"
#include "base/utf8.h"
#include "asn1/oid.h"
#include "scep/txid.h"

enum attr_id {
	ATTR_TXID,
	ATTR_TYPE,
	ATTR_STATUS,
	ATTR_FAIL,
	ATTR_SENDER_NONCE,
	ATTR_RECIPIENT_NONCE,
	ATTR_CONTENT_TYPE,
	ATTR_DIGEST,
	ATTR_TIME,
	ATTR_FAIL_TEXT,
	ATTR_HRESULT,
	ATTR_N,
};

static const struct {
	const struct sg_slice *oid;
	const char *name;
} known[ATTR_N] = {
    [ATTR_TXID] = {&SG_OID(transaction_id), "transactionID"},
    [ATTR_TYPE] = {&SG_OID(message_type), "messageType"},
    [ATTR_STATUS] = {&SG_OID(pki_status), "pkiStatus"},
    [ATTR_FAIL] = {&SG_OID(fail_info), "failInfo"},
    [ATTR_SENDER_NONCE] = {&SG_OID(sender_nonce), "senderNonce"},
    [ATTR_RECIPIENT_NONCE] = {&SG_OID(recipient_nonce), "recipientNonce"},
    [ATTR_CONTENT_TYPE] = {&SG_OID(content_type), "contentType"},
    [ATTR_DIGEST] = {&SG_OID(message_digest), "messageDigest"},
    [ATTR_TIME] = {&SG_OID(signing_time), "signingTime"},
    [ATTR_FAIL_TEXT] = {&SG_OID(fail_info_text), "failInfoText"},
    [ATTR_HRESULT] = {&SG_OID(ms_hresult), "HRESULT"},
};

void
sg_scep_put_off(struct sg_scep_msg *msg, const struct sg_err *err)
{
	if (msg->refused.code == SG_OK)
		msg->refused = *err;
}

static int
find(struct sg_slice oid)
{
	for (int i = 0; i < ATTR_N; i++)
		if (sg_slice_eq(oid, *known[i].oid))
			return i;
	return -1;
}

static enum sg_code
wrong_type(int id, unsigned tag, struct sg_err *err)
{
	return sg_fail(err, SG_E_MALFORMED, "scep.attr.type",
	    "RFC 8894 3.2.1: %s has a value with tag 0x%02x", known[id].name, tag);
}

static bool
is_text(unsigned tag)
{
	return tag == SG_DER_PRINTABLE || tag == SG_DER_UTF8;
}

static enum sg_code
read_txid(const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	if (!sg_scep_txid_ok(v->tag, v->val))
		return sg_fail(err, SG_E_MALFORMED, "scep.txid",
		    "RFC 8894 3.2.1.1: transactionID has tag 0x%02x and %zu bytes, want 1 to %u of "
		    "a PrintableString or UTF8String",
		    v->tag, v->val.len, SG_TXID_MAX);
	msg->txid = v->val;
	msg->txid_tag = v->tag;
	return SG_OK;
}

static enum sg_code
read_nonce(int id, const struct sg_tlv *v, struct sg_slice *ret, struct sg_err *err)
{
	if (v->tag != SG_DER_OCTET_STRING)
		return wrong_type(id, v->tag, err);
	if (v->val.len == 0 || v->val.len > SG_NONCE_MAX)
		return sg_fail(err, SG_E_MALFORMED, "scep.nonce",
		    "RFC 8894 3.2.1.5: %s has %zu bytes, want 1 to %u", known[id].name, v->val.len,
		    SG_NONCE_MAX);
	*ret = v->val;
	return SG_OK;
}

static enum sg_code
read_text(int id, const struct sg_tlv *v, struct sg_slice *ret, struct sg_err *err)
{
	if (!is_text(v->tag))
		return wrong_type(id, v->tag, err);
	*ret = v->val;
	return SG_OK;
}

static enum sg_code
read_type(const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	enum sg_code rc = read_text(ATTR_TYPE, v, &msg->type_text, err);
	if (rc != SG_OK)
		return rc;
	msg->has_type = true;
	msg->type = sg_scep_type_parse(v->val);
	return SG_OK;
}

static enum sg_code
read_content_type(const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	if (v->tag != SG_DER_OID)
		return wrong_type(ATTR_CONTENT_TYPE, v->tag, err);
	if (!sg_slice_eq(v->val, SG_OID(data)))
		return sg_fail(err, SG_E_MALFORMED, "cms.content.type",
		    "RFC 8894 3.2: the attribute contentType is not data");
	msg->has_content_type = true;
	return SG_OK;
}

static enum sg_code
read_digest(const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	if (v->tag != SG_DER_OCTET_STRING)
		return wrong_type(ATTR_DIGEST, v->tag, err);
	msg->digest = v->val;
	return SG_OK;
}

static enum sg_code
read_time(const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	struct sg_der d = sg_der_init(v->raw);

	enum sg_code rc = sg_der_time(&d, "signingTime", &msg->signing_time, err);
	msg->has_signing_time = rc == SG_OK;
	return rc;
}

static enum sg_code
read_fail_text(const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	if (v->tag != SG_DER_UTF8 || !sg_utf8_is_valid(v->val))
		return wrong_type(ATTR_FAIL_TEXT, v->tag, err);
	msg->fail_info_text = v->val;
	return SG_OK;
}

static enum sg_code
read_known(int id, const struct sg_tlv *v, struct sg_scep_msg *msg, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	switch (id) {
	case ATTR_TXID:
		return read_txid(v, msg, err);
	case ATTR_TYPE:
		return read_type(v, msg, err);
	case ATTR_STATUS:
		rc = read_text(id, v, &msg->status_text, err);
		msg->status = sg_scep_status_parse(msg->status_text);
		return rc;
	case ATTR_FAIL:
		rc = read_text(id, v, &msg->fail_text, err);
		msg->fail = sg_scep_fail_parse(msg->fail_text);
		return rc;
	case ATTR_SENDER_NONCE:
		return read_nonce(id, v, &msg->sender_nonce, err);
	case ATTR_RECIPIENT_NONCE:
		return read_nonce(id, v, &msg->recipient_nonce, err);
	case ATTR_CONTENT_TYPE:
		return read_content_type(v, msg, err);
	case ATTR_DIGEST:
		return read_digest(v, msg, err);
	case ATTR_TIME:
		return read_time(v, msg, err);
	case ATTR_FAIL_TEXT:
		return read_fail_text(v, msg, err);
	case ATTR_HRESULT:
		return read_text(id, v, &msg->hresult, err);
	default:
		return sg_fail(err, SG_E_INTERNAL, "scep.attr", "no attribute number %d", id);
	}
}

/* One known attribute: its SET has exactly one value. */
static enum sg_code
read_values(int id, struct sg_der *attr, struct sg_scep_msg *msg, struct sg_err *err)
{
	struct sg_der set = {0};
	struct sg_tlv value = {0};

	enum sg_code rc = sg_der_enter(attr, SG_DER_SET, known[id].name, &set, err);
	if (rc == SG_OK)
		rc = sg_der_end(attr, known[id].name, err);
	if (rc == SG_OK && !sg_der_more(&set))
		rc = sg_fail(err, SG_E_MALFORMED, "cms.attr.values",
		    "RFC 5652 11: %s has no value, want one", known[id].name);
	if (rc == SG_OK)
		rc = sg_der_any(&set, known[id].name, &value, err);
	if (rc == SG_OK && sg_der_more(&set))
		rc = sg_fail(err, SG_E_MALFORMED, "cms.attr.values",
		    "RFC 5652 11: %s has more than one value", known[id].name);
	if (rc == SG_OK)
		rc = read_known(id, &value, msg, err);
	return rc;
}

static enum sg_code
read_attr(struct sg_der *list, uint32_t *seen, struct sg_scep_msg *msg, struct sg_err *err)
{
	struct sg_der attr = {0};
	struct sg_slice oid = {0};
	struct sg_err late = {0};

	enum sg_code rc = sg_der_enter(list, SG_DER_SEQUENCE, "signed attribute", &attr, err);
	if (rc == SG_OK)
		rc = sg_der_oid(&attr, "attrType", &oid, err);
	if (rc != SG_OK)
		return rc;
	int id = find(oid);
	if (id < 0)
		return SG_OK; /* RFC 5652 5.3 allows others; clients send their own. */
	if (*seen & 1u << id)
		rc = sg_fail(&late, SG_E_MALFORMED, "cms.attr.duplicate",
		    "RFC 5652 5.3: %s is there twice", known[id].name);
	else
		rc = read_values(id, &attr, msg, &late);
	*seen |= 1u << id;
	if (rc == SG_OK)
		return SG_OK;
	if (id == ATTR_TXID) {
		if (err != NULL)
			*err = late;
		return rc;
	}
	sg_scep_put_off(msg, &late);
	return SG_OK;
}

enum sg_code
sg_scep_attrs_read(struct sg_slice contents, struct sg_scep_msg *msg, struct sg_err *err)
{
	struct sg_der list = sg_der_init(contents);
	uint32_t seen = 0;

	for (size_t n = 0; sg_der_more(&list); n++) {
		if (n == SG_CMS_ATTRS_MAX)
			return sg_fail(err, SG_E_LIMIT, "cms.attrs.count",
			    "RFC 5652 5.3: more than %u signed attributes", SG_CMS_ATTRS_MAX);
		enum sg_code rc = read_attr(&list, &seen, msg, err);
		if (rc != SG_OK)
			return rc;
	}
	if ((seen & 1u << ATTR_TXID) == 0)
		return sg_fail(err, SG_E_MALFORMED, "scep.txid.missing",
		    "RFC 8894 3.2.1.1: there is no transactionID");
	return SG_OK;
}
