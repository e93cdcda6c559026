/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/signed.h - pieces of CMS (RFC 5652) that the files of scep/ share
 */

#include <stdbool.h>

#include "base/buf.h"
#include "asn1/der.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

/*
 * Open a ContentInfo of at most max bytes with nothing behind it and enter the SEQUENCE in
 * its content. want is the contentType that it must have. BER is made DER into own first.
 * SG_E_LIMIT ("scep.message.size"), SG_E_MALFORMED ("der", "ber...", "cms.type"),
 * SG_E_ALG ("cms.authenveloped", "cms.compressed").
 */
SG_RC
sg_cms_open(struct sg_slice message, size_t max, struct sg_slice want, const char *want_name,
    struct sg_buf *own, struct sg_der *ret, struct sg_err *err);

/* The fields version, digestAlgorithms and encapContentInfo of a SignedData, and its two
 * optional sets; the reader is left at signerInfos. */
struct sg_signed_data {
	struct sg_slice econtent_type;
	bool has_content;
	struct sg_slice content;
	bool has_certs, has_crls;
	struct sg_der certs, crls;
	struct sg_der signers;
};
SG_RC
sg_signed_data_read(struct sg_der *d, struct sg_signed_data *ret, struct sg_err *err);

/* Collect the elements of a set of certificates or CRLs, each a SEQUENCE, at most
 * SG_CMS_CERTS_MAX; rule is for one too many. */
SG_RC
sg_cms_collect(struct sg_der set, const char *what, const char *rule,
    struct sg_slice ret[SG_CMS_CERTS_MAX], size_t *ret_n, struct sg_err *err);

/* INTEGER version that is a or b. */
SG_RC
sg_cms_version(struct sg_der *d, unsigned a, unsigned b, const char *what, struct sg_err *err);

/* issuerAndSerialNumber as SEQUENCE, or [0] subjectKeyIdentifier: the others stay empty. */
struct sg_cms_id {
	struct sg_slice issuer, serial, ski;
};
SG_RC
sg_cms_id_read(struct sg_der *d, const char *what, struct sg_cms_id *ret, struct sg_err *err);

/* Issuer TLV and serial contents of a certificate without reading the rest. */
SG_RC
sg_cms_cert_id(struct sg_slice cert, struct sg_cms_id *ret, struct sg_err *err);

/* SEQUENCE { Name, INTEGER } from a TLV and contents. */
void
sg_cms_put_id(struct sg_buf *b, struct sg_slice issuer, struct sg_slice serial);

/* One Attribute with one value. */
void
sg_cms_put_attr(struct sg_buf *b, struct sg_slice oid, unsigned tag, struct sg_slice val);
