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

/* The fields of a SignedData; certs, crls and signers are to be read on. */
struct sg_cms_signed {
	struct sg_slice econtent_type;
	bool has_content;
	struct sg_slice content;
	struct sg_der certs, crls, signers;
};
struct sg_cms_signed
sg_cms_signed_read(struct sg_der *d);

/* Collect the elements of a set of certificates or CRLs, each a SEQUENCE, at most
 * SG_CMS_CERTS_MAX; rule is for one too many. How many there are. */
size_t
sg_cms_signed_collect(
    struct sg_der set, const char *what, const char *rule, struct sg_slice ret[SG_CMS_CERTS_MAX]);
