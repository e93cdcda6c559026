/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attr.c - signed attributes, written
 */

#include "cms/attr.h"

#include "asn1/der.h"
#include "asn1/derw.h"
#include "asn1/oid.h"

void
sg_cms_attr_put(struct sg_buf *b, struct sg_slice oid, unsigned tag, struct sg_slice val)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, oid);
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_derw_tlv(b, tag, val);
	sg_derw_end(b, set);
	sg_derw_end(b, seq);
}

void
sg_cms_attr_put_common(struct sg_buf *b, struct sg_slice digest, int64_t signing_time)
{
	sg_cms_attr_put(b, SG_OID(content_type), SG_DER_OID, SG_OID(data));
	sg_cms_attr_put(b, SG_OID(message_digest), SG_DER_OCTET_STRING, digest);
	if (signing_time == 0)
		return;
	size_t attr = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_derw_oid(b, SG_OID(signing_time));
	size_t set = sg_derw_begin(b, SG_DER_SET);
	sg_derw_time(b, signing_time);
	sg_derw_end(b, set);
	sg_derw_end(b, attr);
}
