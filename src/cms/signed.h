/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/signed.h - SignedData (RFC 5652 5.1) up to its signers
 */

#include <stdbool.h>

#include "base/buf.h"
#include "asn1/der.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

/* The fields of a SignedData; digestAlgorithms are not read. certs, crls and signers are to be read
 * on. */
struct sg_cms_signed {
	bool version_ok; /* 1 or 3 */
	struct sg_slice econtent_type;
	bool has_content;
	struct sg_slice content;
	struct sg_der certs, crls, signers;
};
struct sg_cms_signed
sg_cms_signed_read(struct sg_der *d);

/* Collect the certificates or CRLs of a set, at most SG_CMS_CERTS_MAX; rule is for one too many.
 * Other choices (attribute certificates, other formats), which are no SEQUENCE, are skipped. How
 * many there are. */
size_t
sg_cms_signed_collect(
    struct sg_der set, const char *what, const char *rule, struct sg_slice ret[SG_CMS_CERTS_MAX]);
